"""Mail that came in, put into its case: by the mark it carries, else into a new one. It is never an authority.

Whatever a mail says, it adds words to a case and makes it the operator's turn. It closes nothing, grants nothing, and
its sender's address is shown as what it is: said by the mail.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

import sqlalchemy as sa

from npn.errors import RefusedError, codes
from npn.ledger.service import Transaction
from npn.mail.incoming import IncomingEmail
from npn.mail.model import one_line
from npn.private_keys import without_private_keys
from npn.support import store
from npn.support.model import Case, CaseKind, Requester
from npn.support.service import CaseMessage, Cases, add_said, insert, turned
from npn.systems import store as systems_store

KEY_REMOVED = (
    "[Her stod en privat nøgle. Den er ikke gemt, men skal anses for kompromitteret: Lav et nyt nøglepar, få udstedt "
    "et nyt certifikat, og send kun certifikatet. / A private key stood here. It was not stored, but must be taken as "
    "compromised: make a new key pair, have a new certificate issued, and send the certificate alone.]"
)
MOST_AN_HOUR = 20  # from one address
MOST_A_DAY = 500  # from all of them: three people can't read more


class ReceivingOutcome(StrEnum):
    """What became of a mail."""

    ADDED = "added"
    OPENED = "opened"
    REPEATED = "repeated"  # it came in before
    AUTOMATIC = "automatic"  # a machine's, in no case: nobody needs to see it


@dataclass(frozen=True, slots=True)
class ReceivedEmail:
    """What became of a mail, and the case it is in."""

    outcome: ReceivingOutcome
    case: int | None


def receive(cases: Cases, mail: IncomingEmail) -> ReceivedEmail:
    """Put a mail into its case. Raises RefusedError `too_much_mail`."""
    with cases.ledger.transaction() as tx:
        if store.is_known_message(tx.connection, mail.message_id):
            return ReceivedEmail(ReceivingOutcome.REPEATED, None)
        case = _case_of(tx, mail)
        if case is None and mail.automatic:
            return ReceivedEmail(ReceivingOutcome.AUTOMATIC, None)
        _refuse_flood(tx, mail)
        text = _text(mail)
        outcome = ReceivingOutcome.OPENED if case is None else ReceivingOutcome.ADDED
        if case is None:
            case = _opened(tx, mail)
        is_sender_known = is_known(tx.connection, case, mail.sender, existed=outcome is ReceivingOutcome.ADDED)
        entry = CaseMessage(
            text,
            mail.sender_name or mail.sender or "?",
            address=mail.sender,
            known=is_sender_known,
            message_id=mail.message_id,
            attachments=mail.attachments,
        )
        add_said(tx, case.number, entry)
        if not mail.automatic:  # an absence note is no answer
            store.change_case(tx.connection, case.number, turned(tx.at))
            cases.tell_operator(tx, case, text)
        if outcome is ReceivingOutcome.OPENED and is_sender_known:  # who wrote from nowhere we know is not written to
            cases.write_to(tx, case, "case_opened")
        return ReceivedEmail(outcome, case.number)


def is_known(connection: sa.Connection, case: Case, address: str, *, existed: bool) -> bool:
    """Return whether an address is the requester's, or a contact's of the case's system; it proves nothing."""
    if not address:
        return False
    if existed and case.requester.email.lower() == address.lower():
        return True
    systems = systems_store.contacts_with_email(connection, address)
    return case.system in systems if case.system is not None else bool(systems)


def _case_of(tx: Transaction, mail: IncomingEmail) -> Case | None:
    """Return the case whose mark the mail carries, whole: a number alone leads nowhere."""
    if mail.thread is None:
        return None
    case = store.one_case(tx.connection, mail.thread.number)
    return case if case is not None and case.thread == mail.thread else None


def _opened(tx: Transaction, mail: IncomingEmail) -> Case:
    """Open a case; where the address is a contact of one system alone, the case is about that, as the mail says."""
    systems = systems_store.contacts_with_email(tx.connection, mail.sender) if mail.sender else set()
    return insert(
        tx,
        kind=CaseKind.SUPPORT,
        subject=_subject(mail) or "(uden emne)",
        requester=Requester(mail.sender_name or mail.sender, mail.sender),
        system=next(iter(systems)) if len(systems) == 1 else None,
    )


def _text(mail: IncomingEmail) -> str:
    """Return what the mail says, a private key in it never."""
    return without_private_keys(mail.text, KEY_REMOVED) or _subject(mail) or "-"


def _subject(mail: IncomingEmail) -> str:
    return without_private_keys(one_line(mail.subject), "[…]")


def _refuse_flood(tx: Transaction, mail: IncomingEmail) -> None:
    hour, day = tx.at - timedelta(hours=1), tx.at - timedelta(days=1)
    if (
        store.cases_from(tx.connection, mail.sender, since=hour) >= MOST_AN_HOUR
        or store.came_in(tx.connection, since=day) >= MOST_A_DAY
    ):
        raise RefusedError("more mail than anybody reads", code=codes.TOO_MUCH_MAIL, retry_after=3600)
