"""Agreements as the ledger tells them: what was published, accepted and decided, and in which order that can be."""

from dataclasses import dataclass, field

from npn.agreements.events import (
    AgreementAcceptanceEnded,
    AgreementAccepted,
    AgreementChangeCommented,
    AgreementChangeDecided,
    AgreementChangeNeedSaid,
    AgreementChangeProposed,
    AgreementDatesSet,
    AgreementPublished,
    AgreementRespiteGranted,
    OtherNumbersEnded,
    OtherNumbersNoted,
    RequirementExempted,
    RequirementShown,
)
from npn.proof.parties import Parties
from npn.proof.wrong import WrongError

_Number = tuple[int, int]


@dataclass(slots=True)
class AgreementChange:
    """A proposal at one point of the ledger: `drafts` counts its texts, the last of them with these digests."""

    agreement: str
    version: str
    forum: str
    drafts: int
    digests: tuple[str, str]
    state: str = "open"
    effective_from: str | None = None


@dataclass(slots=True)
class AgreementProof:
    """Versions, acceptances and proposals so far."""

    parties: Parties
    _versions: dict[str, dict[_Number, AgreementPublished]] = field(default_factory=dict)
    _acceptances: dict[str, tuple[str, bool]] = field(default_factory=dict)  # its id to its system, and in force
    _places: dict[str, tuple[str, bool]] = field(default_factory=dict)
    _proposals: dict[str, AgreementChange] = field(default_factory=dict)

    def published(self, event: AgreementPublished) -> None:
        """Each version is later than those before, in number and in effect; an adopted one is what was adopted."""
        versions = self._versions.setdefault(event.agreement, {})
        number = _number(event.version)
        if versions:
            latest = max(versions)
            if number <= latest:
                raise WrongError(f"version {event.version} of {event.agreement} is not later than those before")
            if event.effective_from < versions[latest].effective_from:
                raise WrongError(f"version {event.version} takes effect before the one it follows")
        if event.proposal is not None:
            self._check_adopted(event, event.proposal)
        versions[number] = event

    def accepted(self, event: AgreementAccepted) -> None:
        """What is accepted was published with this text, and an acceptance has its own id."""
        self.parties.known(event.system)
        if self._version(event.agreement, event.version).digest_da != event.digest_da:
            raise WrongError(f"another text was accepted than version {event.version} of {event.agreement}")
        if event.acceptance in self._acceptances:
            raise WrongError(f"the acceptance {event.acceptance} is there already")
        self._acceptances[event.acceptance] = (event.system, True)

    def acceptance_ended(self, event: AgreementAcceptanceEnded) -> None:
        """Only what is in force can end."""
        if self._acceptances.get(event.acceptance) != (event.system, True):
            raise WrongError(f"the acceptance {event.acceptance} of {event.system} is not in force")
        self._acceptances[event.acceptance] = (event.system, False)

    def dates_set(self, event: AgreementDatesSet) -> None:
        """The stages follow one another, and nobody is refused before the version takes effect."""
        version = self._version(event.agreement, event.version)
        stages = [day for day in (event.inform_from, event.warn_from, event.refuse_from) if day is not None]
        if stages != sorted(stages):
            raise WrongError("a later stage begins before an earlier one")
        if event.refuse_from is not None and event.refuse_from < version.effective_from:
            raise WrongError(f"version {event.version} refuses before it takes effect")

    def respite_granted(self, event: AgreementRespiteGranted) -> None:
        """Hold the system and the agreement to be known."""
        self.parties.known(event.system)
        if event.agreement not in self._versions:
            raise WrongError(f"the agreement {event.agreement} was never published")

    def requirement_shown(self, event: RequirementShown) -> None:
        """Hold the system to be known."""
        self.parties.known(event.system)

    def requirement_exempted(self, event: RequirementExempted) -> None:
        """Hold the system to be known."""
        self.parties.known(event.system)

    def other_numbers_noted(self, event: OtherNumbersNoted) -> None:
        """Each place is noted once."""
        self.parties.known(event.system)
        if event.place in self._places:
            raise WrongError(f"the place {event.place} is noted already")
        self._places[event.place] = (event.system, True)

    def other_numbers_ended(self, event: OtherNumbersEnded) -> None:
        """Only what is noted can end."""
        if self._places.get(event.place) != (event.system, True):
            raise WrongError(f"the place {event.place} of {event.system} is not noted, or has ended")
        self._places[event.place] = (event.system, False)

    def proposed(self, event: AgreementChangeProposed) -> None:
        """A proposal's drafts are counted from 1, and none comes after the decision."""
        proposal = self._proposals.get(event.proposal)
        digests = (event.digest_da, event.digest_en)
        if proposal is None:
            if event.revision != 1:
                raise WrongError(f"the proposal {event.proposal} begins with draft {event.revision}")
            self._proposals[event.proposal] = AgreementChange(event.agreement, event.version, event.forum, 1, digests)
            return
        same = (proposal.agreement, proposal.forum) == (event.agreement, event.forum)
        if proposal.state != "open" or event.revision != proposal.drafts + 1 or not same:
            raise WrongError(f"the proposal {event.proposal} can't have this draft")
        proposal.version, proposal.drafts, proposal.digests = event.version, event.revision, digests

    def commented(self, event: AgreementChangeCommented) -> None:
        """Comments are made on what is open."""
        self._open(event.proposal)

    def need_said(self, event: AgreementChangeNeedSaid) -> None:
        """Needs are said about what is open."""
        self.parties.known(event.system)
        self._open(event.proposal)

    def decided(self, event: AgreementChangeDecided) -> None:
        """A proposal is decided once, and takes effect only where it is adopted."""
        proposal = self._open(event.proposal)
        if (event.outcome == "adopted") != (event.effective_from is not None):
            raise WrongError(f"the proposal {event.proposal} is {event.outcome}, which does not fit its date of effect")
        proposal.state, proposal.effective_from = event.outcome, event.effective_from

    def _check_adopted(self, event: AgreementPublished, proposal: str) -> None:
        state = self._proposals.get(proposal)
        what = (event.agreement, event.version, (event.digest_da, event.digest_en), event.effective_from)
        if (
            state is None
            or state.state != "adopted"
            or (state.agreement, state.version, state.digests, state.effective_from) != what
        ):
            raise WrongError(f"version {event.version} is not what the proposal {proposal} was adopted as")

    def _open(self, proposal: str) -> AgreementChange:
        state = self._proposals.get(proposal)
        if state is None or state.state != "open":
            raise WrongError(f"the proposal {proposal} is not open")
        return state

    def _version(self, agreement: str, version: str) -> AgreementPublished:
        published = self._versions.get(agreement, {}).get(_number(version))
        if published is None:
            raise WrongError(f"version {version} of the agreement {agreement} was never published")
        return published


def _number(version: str) -> _Number:
    major, _, minor = version.partition(".")
    return int(major), int(minor)
