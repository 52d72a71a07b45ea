"""Regions' units, cases and requests to be connected, as the ledger tells of them: by number, never by name."""

from npn.onboarding.events import (
    KeyOffered,
    ProductionAccessGiven,
    RequestConfirmed,
    RequestRefused,
    StepWaived,
    TestAccessGiven,
)
from npn.proof.parties import Parties
from npn.proof.wrong import WrongError
from npn.regions.events import SystemCareSet, UnitSet
from npn.support.events import (
    CaseChanged,
    CaseOpened,
    ContactsAsked,
    ContactsConfirmed,
    StandardAnswerRetired,
    StandardAnswerSet,
)


class Support:
    """What was asked for and answered; it touches nobody's numbers, and is held to be whole anyway."""

    def __init__(self, parties: Parties) -> None:
        """`parties` know the systems and the regions."""
        self._parties = parties
        self._units: dict[str, str] = {}
        self._cases: set[int] = set()
        self._requests: set[str] = set()
        self._retired_answers: set[str] = set()

    def unit_set(self, event: UnitSet) -> None:
        """A unit stays its region's."""
        organisations = self._parties.organisations
        organisations.required(event.region, "region")
        if organisations.now(self._units.setdefault(event.unit, event.region)) != event.region:
            raise WrongError(f"the unit {event.unit} belongs to another region")

    def system_care_set(self, event: SystemCareSet) -> None:
        """Hold the system and the unit to be known."""
        self._parties.known(event.system)
        if event.unit is not None and event.unit not in self._units:
            raise WrongError(f"the unit {event.unit} was never added")

    def about_system(self, event: ContactsAsked | ContactsConfirmed | KeyOffered) -> None:
        """Hold the system to be known."""
        self._parties.known(event.system)

    def case_opened(self, event: CaseOpened) -> None:
        """Hold its number to be new."""
        if event.case in self._cases:
            raise WrongError(f"the case {event.case} was opened before")
        if event.system is not None:
            self._parties.known(event.system)
        self._cases.add(event.case)

    def case_changed(self, event: CaseChanged) -> None:
        """A case that mail opened has no entry of its opening: any number may be changed."""
        self._cases.add(event.case)

    def standard_answer_set(self, event: StandardAnswerSet) -> None:
        """An answer that is set is in use; a shipped one has no entry of its beginning."""
        self._retired_answers.discard(event.answer)

    def standard_answer_retired(self, event: StandardAnswerRetired) -> None:
        """Hold it to have been in use."""
        if event.answer in self._retired_answers:
            raise WrongError(f"the standard answer {event.answer} was retired before")
        self._retired_answers.add(event.answer)

    def request_confirmed(self, event: RequestConfirmed) -> None:
        """A request is confirmed once, and its case was opened."""
        if event.request in self._requests or event.case not in self._cases:
            raise WrongError(f"the request {event.request} was confirmed before, or its case never opened")
        self._requests.add(event.request)

    def test_access_given(self, event: TestAccessGiven) -> None:
        """Hold request and system to be known, the system to be one of test."""
        self._environment(event.request, event.system, "test")

    def production_access_given(self, event: ProductionAccessGiven) -> None:
        """Hold request and both systems to be known, each of its environment."""
        self._environment(event.request, event.test, "test")
        self._environment(event.request, event.system, "production")

    def about_request(self, event: StepWaived | RequestRefused) -> None:
        """Hold the request to be known."""
        self._known(event.request)

    def _known(self, request: str) -> None:
        if request not in self._requests:
            raise WrongError(f"the request {request} was never confirmed")

    def _environment(self, request: str, system: str, environment: str) -> None:
        self._known(request)
        if self._parties.known(system).environment != environment:
            raise WrongError(f"{system} is not a system of {environment}")
