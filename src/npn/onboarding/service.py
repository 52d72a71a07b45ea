"""The operator's side of a request: test access, certificate, production access, or no. And what can be seen of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import cast

import msgspec

from npn.db import Database
from npn.errors import ConflictError, InvalidInputError, NotFoundError, RefusedError, codes, details
from npn.ledger.service import Ledger, Transaction
from npn.mail.model import Email, one_line
from npn.mail.service import put
from npn.onboarding import store
from npn.onboarding.answers import StepAnswers, require_certificate
from npn.onboarding.asking import RequestIntake, known
from npn.onboarding.emails import NEWS, WRITTEN_TO, spoken, written
from npn.onboarding.events import ProductionAccessGiven, RequestRefused, StepTag, StepWaived, TestAccessGiven
from npn.onboarding.evidence import StepObserver
from npn.onboarding.handover import Handovers
from npn.onboarding.links import StepLinks, reader_of
from npn.onboarding.model import WAIVABLE, Request, State, Step, StepLink, StepName
from npn.onboarding.progress import Progress
from npn.onboarding.steps import Turn, ready, turn
from npn.support import store as support_store
from npn.support.contacts import Contact, contacts_of, put_contacts
from npn.support.model import CaseState, Direction
from npn.support.service import CaseMessage, Cases, add_said
from npn.systems import store as systems_store
from npn.systems.certificates import Certificates
from npn.systems.model import ConnectedSystem, ContactKind, Environment, OrganisationKind
from npn.systems.organisations import organisation_in
from npn.systems.service import NewSystem, add_system
from npn.wording import checked_name


@dataclass(frozen=True, slots=True)
class Onboarding:
    """Everything that is done to a request once it is confirmed."""

    database: Database
    ledger: Ledger
    cases: Cases
    asking: RequestIntake
    handovers: Handovers
    certificates: Certificates
    observer: StepObserver
    links: StepLinks
    progress: Progress
    answers: StepAnswers

    def requests(self, *, all_: bool = False) -> list[Request]:
        """Return the requests under way, newest first; all of them, the unconfirmed too, where it is asked for."""
        with self.database.read() as connection:
            return store.requests(connection, list(State) if all_ else [State.UNDER_WAY, State.CONNECTED])

    def get(self, request_id: str) -> Request:
        """Return one request. Raises NotFoundError."""
        with self.database.read() as connection:
            return known(store.one_request(connection, request_id), request_id)

    def of_case(self, number: int) -> Request | None:
        """Return the request a case is about, or None."""
        with self.database.read() as connection:
            return store.request_of_case(connection, number)

    def steps(self, request: Request) -> list[Step]:
        """Judge the steps by what there is to see now."""
        with self.database.read() as connection:
            return self.observer.steps(connection, request)

    def turn(self, request: Request) -> Turn:
        """Return whose turn it is in a request."""
        with self.database.read() as connection:
            case = None if request.case is None else support_store.one_case(connection, request.case)
            return turn(self.observer.steps(connection, request), None if case is None else case.state)

    def readers(self, request: Request) -> dict[StepName, Contact]:
        """Return who is written to about each step."""
        with self.database.read() as connection:
            return {name: reader_of(connection, request, name) for name in StepName}

    def set_organisations(self, request_id: str, *, vendor: str, owner: str, by: str) -> Request:
        """Set which organisations a request means, in place of the names that were typed; new ones are made.

        Whoever calls has asked about names that are near.
        """
        with self.ledger.transaction() as tx:
            request = _under_way(tx, request_id)
            if request.test_system is not None:
                raise ConflictError("there is a test system", code=codes.ACCESS_GIVEN, field="request")
            names = {"vendor": (OrganisationKind.VENDOR, vendor), "owner": (OrganisationKind.OWNER, owner)}
            settled = {
                field: organisation_in(tx, kind, checked_name(name, field), is_meant=True).name
                for field, (kind, name) in names.items()
            }
            before, wishes = request.asked, msgspec.structs.replace(request.asked, **settled)
            store.change_request(tx.connection, request.id, {"asked": msgspec.json.encode(wishes).decode()})
            if request.case is not None and before != wishes:
                note = f"{before.vendor} → {wishes.vendor}, {before.owner} → {wishes.owner}"
                add_said(tx, request.case, CaseMessage(note, by, Direction.NOTE))
            return known(store.one_request(tx.connection, request.id), request.id)

    def give_test(self, request_id: str, *, by: str) -> Request:
        """Make the test system and send its key's link to the technical contact. Raises ConflictError."""
        with self.ledger.transaction() as tx:
            request = _under_way(tx, request_id)
            if request.test_system is not None:
                raise ConflictError("there is a test system", code=codes.ACCESS_GIVEN, field="request")
            name = f"{request.asked.system} (test)"
            system = self._connect(
                tx, request, name, environment=Environment.TEST, contacts=request.asked.contacts, by=by
            )
            store.change_request(tx.connection, request.id, {"test_system": system.id})
            if request.case is not None:
                support_store.change_case(tx.connection, request.case, {"system_id": system.id})
            tx.append(TestAccessGiven(request=request.id, system=system.id, by=by))
            self._news(tx, request, "test")
            self.progress.settle(tx, request.id, by_operator=True)
            return known(store.one_request(tx.connection, request.id), request.id)

    def give_production(self, request_id: str, *, by: str, despite: str = "") -> Request:
        """Make the production system beside the test one and send its key's link.

        Raises RefusedError `steps_missing` unless every step before is done; `despite` says why it is given anyway.
        """
        with self.ledger.transaction() as tx:
            request = _under_way(tx, request_id)
            if request.production_system is not None:
                raise ConflictError("there is a production system", code=codes.ACCESS_GIVEN, field="request")
            steps = self.observer.steps(tx.connection, request)
            missing = [s.name.value for s in steps[: list(StepName).index(StepName.PRODUCTION)] if not s.done]
            if request.test_system is None or (missing and not despite.strip()):
                hint = "wait for them, or say with `despite` why it is given anyway"
                message = f"not done yet: {', '.join(missing)}"
                raise RefusedError(message, code=codes.STEPS_MISSING, field="despite", hint=hint)
            contacts = tuple(c for c in contacts_of(tx.connection, request.test_system) if c.name)
            system = self._connect(
                tx, request, request.asked.system, environment=Environment.PRODUCTION, contacts=contacts, by=by
            )
            values: dict[str, object] = {
                "production_system": system.id,
                "state": State.CONNECTED.value,
                "settled_at": tx.at,
                "reason": one_line(despite),
            }
            store.change_request(tx.connection, request.id, values)
            tx.append(
                ProductionAccessGiven(
                    request=request.id,
                    system=system.id,
                    test=request.test_system,
                    missing=cast("list[StepTag]", missing),
                    by=by,
                )
            )
            self.answers.carry_over(tx, request, system, by=by)
            self._news(tx, request, "production")
            self.progress.settle(tx, request.id, by_operator=True)
            return known(store.one_request(tx.connection, request.id), request.id)

    def offer_key(self, request_id: str, *, by: str) -> datetime:
        """Send a new link for the key that is due: production's where there is one. Gives until when it works."""
        with self.ledger.transaction() as tx:
            request = known(store.one_request(tx.connection, request_id), request_id)
            system = _system(tx, request.production_system or request.test_system)
            until = self._offer(tx, request, system, contacts=contacts_of(tx.connection, system.id), by=by)
            self.progress.settle(tx, request.id, by_operator=True)
            return until

    def propose_certificate(self, token: str, pem: str) -> Request:
        """Take a certificate from the private page; the operator binds it. Raises InvalidInputError, NotFoundError."""
        require_certificate(pem)
        with self.ledger.transaction() as tx:
            case = self.cases.of_link_in(tx, token)
            request = store.request_of_case(tx.connection, case.number)
            if request is None or request.test_system is None or request.state is not State.UNDER_WAY:
                raise NotFoundError("no certificate is waited for", code=codes.NOT_FOUND, field="certificate")
            return self.answers.propose_in(tx, request, pem)

    def send_link(self, request_id: str, step: StepName, *, name: str, email: str, by: str) -> StepLink:
        """Send a new link to a step that waits, to whom the operator says; the one before it ends.

        Raises InvalidInputError, ConflictError `step_not_due`.
        """
        del by  # a link is no authority: what is answered by it is in the ledger
        with self.ledger.transaction() as tx:
            request = known(store.one_request(tx.connection, request_id), request_id)
            waiting = next((s for s in ready(self.observer.steps(tx.connection, request)) if s.name is step), None)
            if waiting is None or waiting.todo not in WRITTEN_TO:
                raise ConflictError(f"{step.value} waits for nobody", code=codes.STEP_NOT_DUE, field="step")
            return self.links.send_in(tx, request, waiting.todo, step=step, to=Contact("", name, email))

    def bind_proposed(self, request_id: str, *, by: str) -> Request:
        """Bind the certificate that was sent to the test system; production's is bound when it is there."""
        request = self.get(request_id)
        if request.test_system is None or not request.proposed_certificate:
            raise NotFoundError("no certificate was sent", field="certificate")
        self.certificates.bind(request.test_system, request.proposed_certificate.encode(), by=by)
        with self.ledger.transaction() as tx:
            store.change_request(tx.connection, request.id, {"proposed_certificate": ""})
            self._news(tx, request, "certificate")
            self.progress.settle(tx, request.id, by_operator=True)
            return known(store.one_request(tx.connection, request.id), request.id)

    def waive(self, request_id: str, step: StepName, *, reason: str, by: str) -> Request:
        """Go on without a step, for a reason that is kept in the ledger. Raises InvalidInputError."""
        if step not in WAIVABLE:
            raise InvalidInputError(details.STEP_NEEDED, field="step")
        if not reason.strip():
            raise InvalidInputError("say why", code=codes.REASON_MISSING, field="reason")
        with self.ledger.transaction() as tx:
            request = _under_way(tx, request_id)
            waived = " ".join(sorted({*(waivable.value for waivable in request.waived), step.value}))
            store.change_request(tx.connection, request.id, {"waived": waived})
            tx.append(StepWaived(request=request.id, step=step.value, reason=one_line(reason), by=by))
            self.progress.settle(tx, request.id, by_operator=True)
            return known(store.one_request(tx.connection, request.id), request.id)

    def refuse(self, request_id: str, *, reason: str, by: str) -> Request:
        """Refuse a request, with the reason in a mail to whoever asked; its test system, where there is one, stays."""
        if not reason.strip():
            raise InvalidInputError("say why", code=codes.REASON_MISSING, field="reason")
        with self.ledger.transaction() as tx:
            request = _under_way(tx, request_id)
            values: dict[str, object] = {"state": State.REFUSED.value, "settled_at": tx.at, "reason": one_line(reason)}
            store.change_request(tx.connection, request.id, values)
            tx.append(RequestRefused(request=request.id, by=by, reason=one_line(reason)))
            self._write(tx, request, "refused", text=reason.strip())
            if request.case is not None:
                closed: dict[str, object] = {
                    "state": CaseState.CLOSED.value,
                    "closed_at": tx.at,
                    "changed_at": tx.at,
                }
                support_store.change_case(tx.connection, request.case, closed)
            return known(store.one_request(tx.connection, request.id), request.id)

    def _connect(
        self,
        tx: Transaction,
        request: Request,
        name: str,
        *,
        environment: Environment,
        contacts: tuple[Contact, ...],
        by: str,
    ) -> ConnectedSystem:
        wishes = request.asked
        wanted = NewSystem(name, wishes.vendor, wishes.owner, environment, wishes.system_type)
        system_id = add_system(tx, wanted, by=by)
        put_contacts(tx, system_id, contacts, by=by)
        system = _system(tx, system_id)
        self._offer(tx, request, system, contacts=contacts, by=by)
        return system

    def _offer(
        self, tx: Transaction, request: Request, system: ConnectedSystem, *, contacts: tuple[Contact, ...], by: str
    ) -> datetime:
        technical = next((c for c in contacts if c.kind == ContactKind.TECHNICAL and c.email), None)
        to, name = (technical.email, technical.name) if technical else (request.requester_email, request.requester_name)
        return self.handovers.offer_in(tx, system, to=to, name=name, by=by, language=request.language)

    def _news(self, tx: Transaction, request: Request, news: str) -> None:
        text = NEWS[news][spoken(request.language)]
        self._write(tx, request, "step", text=text)
        if request.case is not None:
            add_said(tx, request.case, CaseMessage(text, "NPN", Direction.EVENT))
            support_store.change_case(tx.connection, request.case, {"changed_at": tx.at})

    def _write(self, tx: Transaction, request: Request, email: str, *, text: str) -> None:
        case = None if request.case is None else support_store.one_case(tx.connection, request.case)
        if case is None:
            return
        subject, body = written(
            email,
            request.language,
            system=request.asked.system,
            name=request.requester_name,
            text=text,
            link=self.cases.new_link(tx, case.number),
        )
        put(tx.connection, Email(request.requester_email, subject, body, case.thread), at=tx.at)


def _under_way(tx: Transaction, request_id: str) -> Request:
    request = known(store.one_request(tx.connection, request_id), request_id)
    if request.state is not State.UNDER_WAY:
        raise ConflictError(f"the request is {request.state.value}", code=codes.NOT_UNDER_WAY, field="request")
    return request


def _system(tx: Transaction, system_id: str | None) -> ConnectedSystem:
    system = None if system_id is None else systems_store.system(tx.connection, system_id)
    if system is None:
        raise NotFoundError("no access was given yet", field="request")
    return system
