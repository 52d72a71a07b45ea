"""What is answered by a link to a step: the owner accepts the agreement, the contact sends the certificate."""

from dataclasses import dataclass

import sqlalchemy as sa

from npn.agreements import store as agreements_store
from npn.agreements.model import Acceptance, Evidence, Language, Signatory, Version, VersionNumber
from npn.agreements.service import Agreements
from npn.db import Database
from npn.errors import InvalidInputError, NotFoundError, codes
from npn.instants import time_in
from npn.ledger.service import Ledger, Transaction
from npn.mail.model import Email
from npn.mail.service import put
from npn.onboarding import store
from npn.onboarding.emails import ACCEPTED_FOR_BOTH, ACCEPTED_NEWS, CERTIFICATE_NEWS, HOW_ACCEPTED, spoken, written
from npn.onboarding.links import StepLinks
from npn.onboarding.model import Request, Step, StepLink, StepName
from npn.onboarding.progress import Progress
from npn.support.model import Direction
from npn.support.service import CaseMessage, Cases, add_said
from npn.systems import store as systems_store
from npn.systems.model import ConnectedSystem
from npn.systems.reading import read_certificate

LARGEST_CERTIFICATE = 20_000  # characters


@dataclass(frozen=True, slots=True)
class OpenedLink:
    """What a link's page shows. `acceptance`: what was answered by it; `step` None: the request has no such step."""

    link: StepLink
    request: Request
    step: Step | None
    is_open: bool
    acceptance: Acceptance | None


@dataclass(frozen=True, slots=True)
class StepAnswers:
    """Takes the answers."""

    database: Database
    ledger: Ledger
    agreements: Agreements
    cases: Cases
    links: StepLinks
    progress: Progress

    def opened(self, token: str) -> OpenedLink:
        """Return what a link leads to; looking does nothing. Raises NotFoundError `link_ended`."""
        now = self.ledger.clock()
        with self.database.read() as connection:
            link, request = self.links.led_to(connection, token, at=now)
            steps = self.progress.observer.steps(connection, request)
            acceptance = _accepted_by(connection, request, link.digest)
        step = next((step for step in steps if step.name is link.step), None)
        return OpenedLink(link, request, step, link.is_open(now), acceptance)

    def accept(self, token: str, *, accepted_by: str, capacity: str, number: VersionNumber) -> Acceptance:
        """Accept the agreement by a link, for the owner of the request's systems; copies go to all concerned.

        Raises NotFoundError `link_ended`, InvalidInputError, RefusedError `version_superseded`.
        """
        version = self.agreements.version(number)
        with self.ledger.transaction() as tx:
            link, request = self.links.use_in(tx, token, StepName.AGREEMENT)
            language = spoken(request.language)
            evidence = Evidence(HOW_ACCEPTED[language].format(to=link.sent_to), link.digest)
            signatory = Signatory(accepted_by, capacity)
            systems = [system for system in (request.test_system, request.production_system) if system is not None]
            if not systems:
                raise NotFoundError("no access was given yet", field="request")
            accept = self.agreements.accept_in
            acceptance = [accept(tx, s, version, signatory=signatory, by="owner", evidence=evidence) for s in systems][
                -1
            ]
            text = ACCEPTED_NEWS[language].format(
                version=number, who=acceptance.accepted_by, capacity=acceptance.capacity
            )
            _say(tx, request, text)
            self._copy(tx, request, version, link=link, acceptance=acceptance)
            self.progress.settle(tx, request.id, by_operator=False)
            return acceptance

    def carry_over(self, tx: Transaction, request: Request, system: ConnectedSystem, *, by: str) -> None:
        """Let what the owner accepted by a link for the test system hold for the production system beside it."""
        test = request.test_system
        accepted = [] if test is None else agreements_store.acceptances(tx.connection, system=test)
        by_link = {link.digest for link in store.step_links(tx.connection, request.id)}
        newest = next((a for a in accepted if a.evidence is not None and a.evidence.digest in by_link), None)
        if newest is None or newest.evidence is None:
            return
        version = next(
            v for v in agreements_store.versions(tx.connection, newest.agreement) if v.number == newest.number
        )
        text = ACCEPTED_FOR_BOTH.format(test=test, acceptance=newest.id)
        self.agreements.accept_in(
            tx,
            system.id,
            version,
            signatory=Signatory(newest.accepted_by, newest.capacity),
            by=by,
            evidence=Evidence(text, newest.evidence.digest),
        )

    def send_certificate(self, token: str, pem: str) -> Request:
        """Take a certificate by a link to its step; the operator links it to the system.

        Raises NotFoundError `link_ended`, and as `read_certificate` does.
        """
        require_certificate(pem)
        with self.ledger.transaction() as tx:
            _link, request = self.links.use_in(tx, token, StepName.CERTIFICATE)
            return self.propose_in(tx, request, pem)

    def propose_in(self, tx: Transaction, request: Request, pem: str) -> Request:
        """Keep a certificate that waits to be linked, inside a transaction."""
        store.change_request(tx.connection, request.id, {"proposed_certificate": pem.strip()})
        _say(tx, request, CERTIFICATE_NEWS[spoken(request.language)])
        self.progress.settle(tx, request.id, by_operator=False)
        return store.one_request(tx.connection, request.id) or request

    def _copy(
        self, tx: Transaction, request: Request, version: Version, *, link: StepLink, acceptance: Acceptance
    ) -> None:
        """Send what was accepted to whoever had the link, whoever asked, and the operator."""
        language = spoken(request.language)
        system = systems_store.get(tx.connection, acceptance.system)
        subject, text = written(
            "accepted",
            language,
            system=request.asked.system,
            id=system.id,
            owner=system.owner,
            version=version.number,
            accepted_by=acceptance.accepted_by,
            capacity=acceptance.capacity,
            at=time_in(language, acceptance.accepted_at),
            evidence="" if acceptance.evidence is None else acceptance.evidence.text,
            acceptance=acceptance.id,
            digest=version.digests[Language.DANISH],
            link=f"{self.cases.public_url}/agreement?version={version.number}",
        )
        for to in dict.fromkeys((link.sent_to, request.requester_email, self.cases.operator_mail)):
            if to:
                put(tx.connection, Email(to, subject, text), at=tx.at)


def require_certificate(pem: str) -> None:
    """Accept a text that is one certificate. Raises as `read_certificate` does."""
    if len(pem) > LARGEST_CERTIFICATE:
        raise InvalidInputError("that is too long for a certificate", code=codes.NOT_A_CERTIFICATE, field="certificate")
    read_certificate(pem.encode("utf-8", "replace"))


def _say(tx: Transaction, request: Request, text: str) -> None:
    if request.case is not None:
        add_said(tx, request.case, CaseMessage(text, "NPN", Direction.EVENT))


def _accepted_by(connection: sa.Connection, request: Request, digest: str) -> Acceptance | None:
    """Return the acceptance that was given by a link."""
    systems = [system for system in (request.production_system, request.test_system) if system is not None]
    acceptances = [a for s in systems for a in agreements_store.acceptances(connection, system=s, ended=True)]
    return next((a for a in acceptances if a.evidence is not None and a.evidence.digest == digest), None)
