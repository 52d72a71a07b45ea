"""The outbox: e-mails put in with what causes them, sent once the change is committed, until a server has them.

An e-mail is taken by one sender at a time (a lease, so that a sender that was killed holds nobody up). A sender killed
after the server took the e-mail and before that was written down sends it again: with the same Message-ID.
"""

import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from npn.db import Database
from npn.errors import ConflictError, InvalidInputError, NotFoundError, codes
from npn.mail import store
from npn.mail.model import LONGEST_TEXT, Email, MailEnvelope, MailQueue, MailState, OutgoingEmail, address, one_line
from npn.mail.smtp import PermanentError, Smtp, TemporaryError

LONGEST_WAIT = timedelta(hours=4)
GIVE_UP = timedelta(days=5)
KEPT = timedelta(days=90)  # how long a settled e-mail's envelope is kept
_BATCH = 20


@dataclass(frozen=True, slots=True)
class SendingResult:
    """What one round of sending did."""

    sent: int = 0
    postponed: int = 0
    failed: int = 0


def put(connection: sa.Connection, email: Email, *, at: datetime) -> str:
    """Put an e-mail into the outbox, in the transaction of what causes it; give its id. Raises InvalidInputError."""
    mail_id = secrets.token_hex(10)
    store.add(
        connection,
        {
            "id": mail_id,
            "to_address": address(email.to),
            "subject": one_line(email.subject),
            "text": email.text[:LONGEST_TEXT],
            "thread": str(email.thread) if email.thread else None,
            "automatic": email.automatic,
            "state": MailState.WAITING.value,
            "attempts": 0,
            "created_at": at,
            "due_at": at,
            "settled_at": None,
            "error": "",
        },
    )
    return mail_id


def put_if_valid(connection: sa.Connection, email: Email, *, at: datetime) -> bool:
    """Put an e-mail into the outbox; False, and nothing is sent, where no mail server takes its address."""
    with suppress(InvalidInputError):
        put(connection, email, at=at)
        return True
    return False


@dataclass(frozen=True, slots=True)
class Outbox:
    """What is done with e-mails once they are in. `smtp` is None where no mail server is named: they wait."""

    database: Database
    clock: Callable[[], datetime]
    smtp: Smtp | None
    first_wait: timedelta = timedelta(minutes=1)

    def send_due(self) -> SendingResult:
        """Send what is due; what a server does not take now waits, longer each time. Never raises for one e-mail."""
        total = SendingResult()
        while self.smtp is not None:
            with self.database.read() as connection:
                ids = store.due(connection, self.clock(), limit=_BATCH)
            if not ids:
                break
            outcome = self._send(self.smtp, ids)
            total = SendingResult(
                total.sent + outcome.sent, total.postponed + outcome.postponed, total.failed + outcome.failed
            )
            if outcome.postponed:
                break  # the server has trouble; the rest is due again when it is asked next
        return total

    def emails(self, *, state: MailState | None = None, limit: int = 200) -> list[OutgoingEmail]:
        """Return e-mails, newest first."""
        with self.database.read() as connection:
            return store.newest(connection, state=state, limit=limit)

    def envelopes(self, *, limit: int) -> list[MailEnvelope]:
        """Return e-mails without their texts, newest first."""
        with self.database.read() as connection:
            return store.newest_envelopes(connection, limit=limit)

    def counts(self) -> dict[str, int]:
        """Count the e-mails by state."""
        with self.database.read() as connection:
            return store.counts(connection)

    def queue(self, *, failed_since: datetime) -> MailQueue:
        """Return what waits to be sent, and how many were given up since then."""
        with self.database.read() as connection:
            return store.queue(connection, failed_since=failed_since)

    def retry(self, mail_id: str) -> OutgoingEmail:
        """Send an e-mail that waits, or was given up, as soon as can be. Raises NotFoundError, ConflictError."""
        now = self.clock()
        with self.database.write() as connection:
            mail = store.one(connection, mail_id)
            if mail is None:
                raise NotFoundError(f"there is no e-mail {mail_id!r}", field="mail", hint="npn admin mail list")
            if mail.state is MailState.SENT:
                raise ConflictError("the e-mail was sent", code=codes.MAIL_SENT, field="mail")
            again: dict[str, object] = {"state": MailState.WAITING.value, "due_at": now, "settled_at": None}
            if mail.state is MailState.FAILED:
                again["created_at"] = now  # or it would be given up again at once
            store.change(connection, mail_id, again)
            mail_after = store.one(connection, mail_id)
        if mail_after is None:
            raise AssertionError("an e-mail that was changed is there")
        return mail_after

    def forget(self) -> int:
        """Remove what was settled long ago; give how many e-mails."""
        with self.database.write() as connection:
            return store.forget_settled(connection, before=self.clock() - KEPT)

    def _send(self, smtp: Smtp, ids: list[str]) -> SendingResult:
        claimed = [email for email in (self._claim(mail_id, smtp) for mail_id in ids) if email is not None]
        sent = postponed = failed = 0
        trouble: TemporaryError | None = None
        with smtp.session() as session:
            for email in claimed:
                try:
                    if trouble is not None and trouble.of_server:
                        raise trouble
                    session.send(email)
                except PermanentError as error:
                    self._settle(email, MailState.FAILED, str(error))
                    failed += 1
                except TemporaryError as error:
                    trouble = error
                    given_up = not self._postpone(email, str(error))
                    postponed, failed = postponed + (not given_up), failed + given_up
                else:
                    self._settle(email, MailState.SENT, "")
                    sent += 1
        return SendingResult(sent, postponed, failed)

    def _claim(self, mail_id: str, smtp: Smtp) -> OutgoingEmail | None:
        now = self.clock()
        with self.database.write() as connection:
            return store.claim(connection, mail_id, at=now, until=now + smtp.lease)

    def _postpone(self, email: OutgoingEmail, reason: str) -> bool:
        """Try an e-mail again later; False where it was given up because it is too old."""
        now = self.clock()
        if now - email.created_at >= GIVE_UP:
            self._settle(email, MailState.FAILED, f"given up after five days: {reason}")
            return False
        wait = min(self.first_wait * 2 ** min(email.attempts - 1, 20), LONGEST_WAIT)
        wait *= 0.8 + secrets.randbelow(400) / 1000  # so that all that failed together does not come back together
        with self.database.write() as connection:
            store.change(connection, email.id, {"due_at": now + wait, "error": one_line(reason)})
        return True

    def _settle(self, email: OutgoingEmail, state: MailState, reason: str) -> None:
        values: dict[str, object] = {"state": state.value, "settled_at": self.clock(), "error": one_line(reason)}
        if state is MailState.SENT:
            values["text"] = ""  # it may hold a link that lets its reader in
        with self.database.write() as connection:
            store.change(connection, email.id, values)
