"""Cases: opened by an operator, by those whose system it is, or by mail; answered on a private page and by mail.

What strangers cause (a mail, an answer on a private page) changes a case and nothing else, so it has no row in the
ledger; what an account does has one.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec
import sqlalchemy as sa

from npn.db import Database
from npn.errors import InvalidInputError, NotFoundError, codes, details
from npn.ledger.service import Ledger, Transaction
from npn.mail.incoming import Attachment
from npn.mail.model import LONGEST_SUBJECT, Email, Thread, address, one_line
from npn.mail.service import put
from npn.support import store
from npn.support.emails import written
from npn.support.events import CaseAct, CaseChanged, CaseOpened
from npn.support.links import CASE_LINK, new_token
from npn.support.model import LONGEST, Case, CaseEntry, CaseKind, CaseState, Direction, Requester
from npn.systems import store as systems_store
from npn.tokens import digest_of
from npn.wording import LONGEST_NAME, checked_line, checked_text


@dataclass(frozen=True, slots=True)
class CaseMessage:
    """Something to be put into a case."""

    text: str
    author: str
    direction: Direction = Direction.IN
    address: str = ""
    known: bool = True
    message_id: str = ""
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Cases:
    """Everything that is done to cases. `operator_mail`: where news is told, nowhere where it is empty."""

    database: Database
    ledger: Ledger
    public_url: str
    operator_mail: str = ""

    def open(
        self, *, by: str, subject: str, text: str, requester: Requester, system: str | None = None, tell: bool = True
    ) -> Case:
        """Open a case in somebody's name. `tell`: write to them that it is open. Raises InvalidInputError."""
        subject = checked_line(subject, "subject", most=LONGEST_SUBJECT)
        requester = replace(requester, name=checked_line(requester.name, "requester", least=0, most=LONGEST_NAME))
        with self.ledger.transaction() as tx:
            case = self.open_in(tx, by=by, kind=CaseKind.SUPPORT, subject=subject, requester=requester, system=system)
            add_said(tx, case.number, CaseMessage(checked_text(text, "text", most=LONGEST), requester.name or by))
            if tell:
                self.write_to(tx, case, "case_opened")
            else:
                self.tell_operator(tx, case, text)
            return found(store.one_case(tx.connection, case.number), case.number)

    def open_in(
        self, tx: Transaction, *, by: str, kind: CaseKind, subject: str, requester: Requester, system: str | None
    ) -> Case:
        """Open a case inside a transaction."""
        case = insert(tx, kind=kind, subject=subject, requester=requester, system=system)
        tx.append(CaseOpened(case=case.number, kind=kind, system=system, by=by))
        return case

    def reply(self, number: int, text: str, *, by: str, author: str) -> Case:
        """Answer: the requester gets it by mail, and it is their turn."""
        with self.ledger.transaction() as tx:
            case = found(store.one_case(tx.connection, number), number)
            add_said(tx, number, CaseMessage(checked_text(text, "text", most=LONGEST), author, Direction.OUT))
            self.write_to(tx, case, "case_answered", text=text)
            return changed(tx, case, "answered", by=by, values={"state": CaseState.WAITING.value, "closed_at": None})

    def note(self, number: int, text: str, *, by: str, author: str) -> Case:
        """Keep the operator's own note; nobody else sees it."""
        with self.ledger.transaction() as tx:
            case = found(store.one_case(tx.connection, number), number)
            add_said(tx, number, CaseMessage(checked_text(text, "text", most=LONGEST), author, Direction.NOTE))
            return changed(tx, case, "noted", by=by, values={})

    def answer(self, number: int, text: str, *, by: str, author: str) -> Case:
        """Take what somebody with an account, whose case it is, writes into it."""
        with self.ledger.transaction() as tx:
            case = found(store.one_case(tx.connection, number), number)
            add_said(tx, number, CaseMessage(checked_text(text, "text", most=LONGEST), author))
            self.tell_operator(tx, case, text)
            return changed(tx, case, "written_to", by=by, values={"state": CaseState.OPEN.value, "closed_at": None})

    def answer_by_link(self, token: str, text: str) -> Case:
        """Take what the requester writes on the private page: it is ours to answer. Raises NotFoundError."""
        with self.ledger.transaction() as tx:
            case = self.of_link_in(tx, token)
            checked = checked_text(text, "text", most=LONGEST)
            add_said(tx, case.number, CaseMessage(checked, case.requester.name, address=case.requester.email))
            store.change_case(tx.connection, case.number, turned(tx.at))
            self.tell_operator(tx, case, text)
            return found(store.one_case(tx.connection, case.number), case.number)

    def set_state(self, number: int, state: CaseState, *, by: str) -> Case:
        """Close a case, or open it again."""
        with self.ledger.transaction() as tx:
            case = found(store.one_case(tx.connection, number), number)
            closed = tx.at if state is CaseState.CLOSED else None
            what: CaseAct = "closed" if state is CaseState.CLOSED else "reopened"
            return changed(tx, case, what, by=by, values={"state": state.value, "closed_at": closed})

    def assign(self, number: int, to: str, *, by: str) -> Case:
        """Set who looks after a case; nobody where `to` is empty."""
        with self.ledger.transaction() as tx:
            case = found(store.one_case(tx.connection, number), number)
            return changed(tx, case, "assigned", by=by, values={"assigned": checked_line(to, "to", least=0, most=100)})

    def set_system(self, number: int, system: str | None, *, by: str) -> Case:
        """Set which system a case is about: its people then see it. Raises NotFoundError."""
        with self.ledger.transaction() as tx:
            case = found(store.one_case(tx.connection, number), number)
            return changed(tx, case, "linked", by=by, values={"system_id": known_system(tx, system)})

    def get(self, number: int) -> Case:
        """Return one case. Raises NotFoundError."""
        with self.database.read() as connection:
            return found(store.one_case(connection, number), number)

    def entries(self, number: int) -> list[CaseEntry]:
        """Return what was said in a case, oldest first."""
        with self.database.read() as connection:
            return store.entries(connection, number)

    def some(self, *, states: Collection[CaseState] = (), systems: Collection[str] | None = None) -> list[Case]:
        """Return cases, those that changed last first."""
        with self.database.read() as connection:
            return store.cases(connection, states=states, systems=systems)

    @staticmethod
    def is_waiting(connection: sa.Connection, number: int | None) -> bool:
        """Whether a case waits for the other side."""
        case = None if number is None else store.one_case(connection, number)
        return case is not None and case.state is CaseState.WAITING

    def counts(self) -> dict[str, int]:
        """Count the cases by state."""
        with self.database.read() as connection:
            return store.counts(connection)

    def of_link(self, token: str) -> Case:
        """Return the case a private link leads to. Raises NotFoundError where the link has ended, or never was."""
        with self.database.read() as connection:
            number = store.case_of_link(connection, digest_of(token), at=self.ledger.clock())
            return _led_to(None if number is None else store.one_case(connection, number))

    def of_link_in(self, tx: Transaction, token: str) -> Case:
        """Return it inside a transaction."""
        number = store.case_of_link(tx.connection, digest_of(token), at=tx.at)
        return _led_to(None if number is None else store.one_case(tx.connection, number))

    def new_link(self, tx: Transaction, number: int) -> str:
        """Make a private link to a case, to be sent and kept nowhere."""
        token = new_token()
        store.add_link(tx.connection, digest=digest_of(token), number=number, expires_at=tx.at + CASE_LINK)
        return f"{self.public_url}/case/{token}"

    def write_to(self, tx: Transaction, case: Case, email: str, *, text: str = "") -> None:
        """Write to whoever asked, with a new private link; not where nobody knows an address."""
        if not case.requester.email:
            return
        subject, body = written(
            email,
            case.requester.language,
            name=case.requester.name,
            subject=case.subject,
            number=case.number,
            text=text,
            link=self.new_link(tx, case.number),
        )
        put(tx.connection, Email(case.requester.email, subject, body, case.thread), at=tx.at)

    def tell_operator(self, tx: Transaction, case: Case, text: str) -> None:
        """Write to the operator that it is their turn."""
        if self.operator_mail:
            subject, body = written(
                "case_news",
                "da",
                number=case.number,
                subject=case.subject,
                name=case.requester.name or case.requester.email or "?",
                text=text[:2000],
                link=f"{self.public_url}/cases/{case.number}",
            )
            put(tx.connection, Email(self.operator_mail, subject, body), at=tx.at)

    def forget(self, clock: Callable[[], datetime] | None = None) -> int:
        """Remove the links that have ended."""
        with self.database.write() as connection:
            return store.forget_links(connection, before=(clock or self.ledger.clock)())


def insert(tx: Transaction, *, kind: CaseKind, subject: str, requester: Requester, system: str | None) -> Case:
    """Insert a case. Raises InvalidInputError, NotFoundError."""
    line = one_line(subject)
    if not line:
        raise InvalidInputError(details.NO_SUBJECT, field="subject")
    number = store.next_number(tx.connection)
    thread = Thread.make(number)
    store.add_case(
        tx.connection,
        {
            "number": number,
            "kind": kind.value,
            "subject": line,
            "state": CaseState.OPEN.value,
            "system_id": known_system(tx, system),
            "requester_name": one_line(requester.name, 100),
            "requester_email": address(requester.email) if requester.email else "",
            "language": requester.language,
            "assigned": "",
            "token": thread.token,
            "opened_at": tx.at,
            "changed_at": tx.at,
            "closed_at": None,
        },
    )
    return found(store.one_case(tx.connection, number), number)


def add_said(tx: Transaction, number: int, said: CaseMessage) -> None:
    """Put something into a case."""
    values: dict[str, object] = {
        "at": tx.at,
        "direction": said.direction.value,
        "author": one_line(said.author, 100),
        "address": said.address,
        "text": said.text[:LONGEST],
        "known": said.known,
        "message_id": said.message_id or None,
        "attachments": msgspec.json.encode(said.attachments).decode(),
    }
    store.add_entry(tx.connection, number, values)


def changed(tx: Transaction, case: Case, what: CaseAct, *, by: str, values: dict[str, object]) -> Case:
    """Change a case, with its row in the ledger."""
    store.change_case(tx.connection, case.number, {**values, "changed_at": tx.at})
    tx.append(CaseChanged(case=case.number, what=what, by=by))
    return found(store.one_case(tx.connection, case.number), case.number)


def turned(at: datetime) -> dict[str, object]:
    """Return what makes a case ours to answer."""
    return {"state": CaseState.OPEN.value, "closed_at": None, "changed_at": at}


def known_system(tx: Transaction, system: str | None) -> str | None:
    """Hold a system to be one of ours; None stays None."""
    return None if system is None else systems_store.get(tx.connection, system).id


def found(case: Case | None, number: int) -> Case:
    """Return the case, or raise NotFoundError."""
    if case is None:
        raise NotFoundError(f"there is no case {number}", field="case", hint="npn admin case list")
    return case


def _led_to(case: Case | None) -> Case:
    if case is None:
        raise NotFoundError("the link has ended, or leads nowhere", code=codes.LINK_ENDED, hint="ask for a new one")
    return case
