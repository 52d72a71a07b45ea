"""Contacts kept current: a yearly question with a private page to answer it on, and the list of those in doubt."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from npn.db import Database
from npn.errors import ConflictError, InvalidInputError, NotFoundError, check_all, codes, details
from npn.ledger.service import Ledger, Transaction
from npn.mail import store as mail_store
from npn.mail.model import Email, address
from npn.mail.service import put
from npn.support import store
from npn.support.emails import KINDS, LANGUAGES, written
from npn.support.events import ContactsAsked, ContactsConfirmed
from npn.support.links import CONTACT_LINK, new_token
from npn.support.model import ContactCheck, StaleContacts
from npn.systems import store as systems_store
from npn.systems.events import SystemContactSet
from npn.systems.model import ConnectedSystem, ContactKind, contact_kind
from npn.tokens import digest_of
from npn.wording import checked_name, checked_telephone

KIND_ORDER = tuple(kind.value for kind in ContactKind)
YEAR = timedelta(days=365)
REMINDER = timedelta(days=21)
UNANSWERED = timedelta(days=30)
ASK_AT_MOST = 50  # systems in one round, so that a mail server isn't flooded


@dataclass(frozen=True, slots=True)
class Contact:
    """One contact as the page shows it; an empty name where there is none."""

    kind: str
    name: str = ""
    email: str = ""
    telephone: str = ""

    @property
    def is_filled_in(self) -> bool:
        """Whether anything of it was given."""
        return any(part.strip() for part in (self.name, self.email, self.telephone))

    @property
    def _is_called_only(self) -> bool:
        return self.kind == ContactKind.ON_CALL and not self.email.strip() and bool(self.telephone.strip())

    def checked(self) -> "Contact":
        """Return it tidied. Raises InvalidInputError for every part that is wrong, named `<kind>_<part>`.

        Whoever is on call may be reached by telephone alone.
        """
        if self.kind not in KIND_ORDER:
            raise InvalidInputError(details.NO_SUCH_CONTACT_KIND, field="contacts")
        name, email, telephone = check_all(
            lambda: checked_name(self.name, f"{self.kind}_name"),
            lambda: "" if self._is_called_only else address(self.email, f"{self.kind}_email"),
            lambda: checked_telephone(self.telephone, f"{self.kind}_telephone"),
        )
        return Contact(self.kind, name, email, telephone)


@dataclass(frozen=True, slots=True)
class Question:
    """What a private link asks: are these the contacts of this system? `answered_at`: it was answered already."""

    system: ConnectedSystem
    contacts: tuple[Contact, ...]
    language: str
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class Contacts:
    """Everything that keeps contacts current."""

    database: Database
    ledger: Ledger
    public_url: str

    def ask(self, system_id: str, *, by: str, language: str = "da") -> list[str]:
        """Ask now; give the addresses written to. Raises NotFoundError, ConflictError where there is no address."""
        with self.ledger.transaction() as tx:
            system = systems_store.get(tx.connection, system_id)
            kinds = self._ask(tx, system, reminder=False, language=language, by=by)
        if not kinds:
            hint = "npn admin system set-contact"
            raise ConflictError("the system has no contact with an address", code=codes.NO_CONTACT, hint=hint)
        return kinds

    def ask_due(self) -> int:
        """Ask where a year has passed, and once more where three weeks brought no answer; give how many systems."""
        with self.database.read() as connection:
            due = [s.id for s, answers in _known_of_all(connection) if _due(answers, self.ledger.clock())]
        for system_id in due[:ASK_AT_MOST]:
            with self.ledger.transaction() as tx:
                system = systems_store.system(tx.connection, system_id)
                due_now = _due(_known(tx.connection, system_id), tx.at)  # another server may have asked meanwhile
                if system is not None and due_now:
                    self._ask(tx, system, reminder=due_now == "again", language="da", by="service")
        return len(due[:ASK_AT_MOST])

    def question(self, token: str) -> Question:
        """Return what a link asks. Raises NotFoundError `link_ended`."""
        with self.database.read() as connection:
            return _question(connection, token, self.ledger.clock())

    def confirm(self, token: str) -> ConnectedSystem:
        """Take the answer that all is still right. Raises NotFoundError `link_ended`."""
        with self.ledger.transaction() as tx:
            question = _question(tx.connection, token, tx.at)
            store.answer_checks(tx.connection, question.system.id, at=tx.at, answer="right")
            tx.append(ContactsConfirmed(system=question.system.id, by="contact"))
            return question.system

    def change(self, token: str, contacts: tuple[Contact, ...]) -> ConnectedSystem:
        """Take contacts as they are now: all of them, in the place of what was there. Raises InvalidInputError."""
        with self.ledger.transaction() as tx:
            question = _question(tx.connection, token, tx.at)
            put_contacts(tx, question.system.id, contacts, by="contact")
            store.answer_checks(tx.connection, question.system.id, at=tx.at, answer="changed")
            return question.system

    def of(self, system_id: str) -> tuple[Contact, ...]:
        """Return a system's contacts in their order, an empty one where there is none. Raises NotFoundError."""
        with self.database.read() as connection:
            return contacts_of(connection, systems_store.get(connection, system_id).id)

    def replace(self, system_id: str, contacts: Sequence[Contact], *, by: str) -> None:
        """Put contacts in the place of a system's; what nothing was given of is removed. Raises InvalidInputError."""
        with self.ledger.transaction() as tx:
            put_contacts(tx, systems_store.get(tx.connection, system_id).id, contacts, by=by)

    def stale(self) -> list[StaleContacts]:
        """Return the systems whose contacts are in doubt, and why."""
        now = self.ledger.clock()
        with self.database.read() as connection:
            bounced = mail_store.failed_addresses(connection)
            judged = [_judged(system, facts, bounced=bounced, at=now) for system, facts in _known_of_all(connection)]
        return [judgement for judgement in judged if judgement.reasons]

    def _ask(self, tx: Transaction, system: ConnectedSystem, *, reminder: bool, language: str, by: str) -> list[str]:
        contacts = contacts_of(tx.connection, system.id)
        order = (ContactKind.ADMINISTRATIVE, ContactKind.TECHNICAL, ContactKind.ON_CALL)
        reachable = [c for kind in order for c in contacts if c.kind == kind and c.email]
        wanted = list({c.email: c for c in reachable}.values())
        for contact in wanted if reminder else wanted[:1]:
            token = new_token()
            values: dict[str, object] = {
                "digest": digest_of(token),
                "system_id": system.id,
                "sent_to": contact.email,
                "language": language,
                "sent_at": tx.at,
                "expires_at": tx.at + CONTACT_LINK,
            }
            store.add_check(tx.connection, values)
            subject, text = written(
                "contacts",
                language,
                system=system.name,
                name=contact.name,
                text=listed(contacts, language),
                link=f"{self.public_url}/contacts/{token}",
            )
            put(tx.connection, Email(contact.email, subject, text), at=tx.at)
        if wanted:
            tx.append(ContactsAsked(system=system.id, by=by))
        return [c.email for c in (wanted if reminder else wanted[:1])]


def contacts_of(connection: sa.Connection, system_id: str) -> tuple[Contact, ...]:
    """Return a system's contacts in their order, an empty one where there is none."""
    return _in_order(systems_store.contacts_of(connection, system_id))


def _in_order(rows: Sequence[Mapping[str, object]]) -> tuple[Contact, ...]:
    by_kind = {str(row["kind"]): row for row in rows}
    return tuple(
        Contact(kind, *(str(by_kind[kind][part]) for part in ("name", "email", "telephone")))
        if kind in by_kind
        else Contact(kind)
        for kind in KIND_ORDER
    )


def put_contacts(tx: Transaction, system_id: str, contacts: Sequence[Contact], *, by: str) -> None:
    """Put contacts in the place of a system's; what nothing was given of is removed. Raises InvalidInputError.

    Whoever gives them says of all of them that they are right, also of those that did not change.
    """
    wanted = {contact.kind: contact for contact in checked_contacts(contacts)}
    for before in contacts_of(tx.connection, system_id):
        contact = wanted.get(before.kind)
        if contact is None:
            systems_store.remove_contact(tx.connection, system_id, before.kind)
            continue
        values: dict[str, object] = {
            "system_id": system_id,
            "kind": contact.kind,
            "name": contact.name,
            "email": contact.email,
            "telephone": contact.telephone,
            "updated_at": tx.at,
        }
        systems_store.set_contact(tx.connection, values)
        tx.append(SystemContactSet(system=system_id, kind=contact_kind(contact.kind), by=by))


def checked_contacts(contacts: Sequence[Contact]) -> list[Contact]:
    """Accept the contacts of a system: one at least. Raises InvalidInputError, for all that is wrong at once."""
    wanted = [contact for contact in contacts if contact.is_filled_in]
    if not wanted:
        raise InvalidInputError("a system has at least one contact", field="technical_name", code=codes.NO_CONTACT_LEFT)
    return check_all(*(contact.checked for contact in wanted))


def listed(contacts: tuple[Contact, ...], language: str) -> str:
    """Write contacts for an e-mail."""
    words = KINDS[language if language in LANGUAGES else "da"]
    rows = (
        f"  {words[c.kind]}: {', '.join(part for part in (c.name, c.email, c.telephone) if part) or '-'}"
        for c in contacts
    )
    return "\n".join(rows)


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of one system's contacts: their rows, and the questions to them, newest first."""

    contacts: Sequence[Mapping[str, object]]
    checks: Sequence[ContactCheck]

    @property
    def fresh_at(self) -> datetime | None:
        """Return when somebody last said that the contacts are right: set them, or answered the question."""
        set_at = [row["updated_at"] for row in self.contacts]
        answered = [check.answered_at for check in self.checks]
        instants = [at for at in (*set_at, *answered) if isinstance(at, datetime)]
        return max(instants, default=None)


def _known(connection: sa.Connection, system_id: str) -> _Known:
    checks = store.checks(connection, system_id).get(system_id, [])
    return _Known(systems_store.contacts_of(connection, system_id), checks)


def _known_of_all(connection: sa.Connection) -> list[tuple[ConnectedSystem, _Known]]:
    """Return every system with what is known, in three questions however many there are."""
    contacts, checks = systems_store.contacts_by_system(connection), store.checks(connection)
    systems = systems_store.systems(connection)
    return [(owner, _Known(contacts.get(owner.id, []), checks.get(owner.id, []))) for owner in systems]


def _due(known: _Known, at: datetime) -> str:
    """Return whether to ask: `first`, `again` or not at all."""
    if known.fresh_at is None or at - known.fresh_at < YEAR:
        return ""
    checks = [check for check in known.checks if at - check.sent_at < YEAR]
    if not checks:
        return "first"
    reminded = max(check.sent_at for check in checks) - min(check.sent_at for check in checks) > timedelta(days=1)
    return "again" if not reminded and at - checks[0].sent_at >= REMINDER else ""


def _question(connection: sa.Connection, token: str, at: datetime) -> Question:
    row = store.check(connection, digest_of(token))
    system = None if row is None else systems_store.system(connection, row.system_id)
    if row is None or system is None or row.expires_at <= at:
        raise NotFoundError("the link has ended, or leads nowhere", code=codes.LINK_ENDED, hint="ask for a new one")
    return Question(system, contacts_of(connection, system.id), row.language, row.answered_at)


def _judged(system: ConnectedSystem, known: _Known, *, bounced: set[str], at: datetime) -> StaleContacts:
    contacts, fresh = _in_order(known.contacts), known.fresh_at
    open_checks = [check for check in known.checks if check.answered_at is None]
    reasons = [f"missing:{c.kind}" for c in contacts if not c.name]
    if fresh is not None and at - fresh > YEAR:
        reasons.append("old")
    if open_checks and at - max(check.sent_at for check in open_checks) > UNANSWERED:
        reasons.append("unanswered")
    if any(c.email in bounced for c in contacts if c.email):
        reasons.append("bounced")
    return StaleContacts(system.id, system.name, tuple(reasons), fresh)
