"""Forms that were sent after their session had ended: kept for an hour, sealed, for the person whose session it was.

Every form carries a mark that says for whom its page was made. It is sealed with the service's key, so nobody makes one
for another; only a form with a person's own mark is kept, and it is shown to nobody else. Passwords, codes and keys are
left out before anything is kept.
"""

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
import sqlalchemy as sa

from npn.db import Database
from npn.db.sealing import SealedPlace, UnreadableError, sealer_of
from npn.people import kept_forms_store as store
from npn.tokens import digest_of

KEPT_FOR = timedelta(hours=1)
MARK_VALID_FOR = timedelta(days=7)
MAX_KEPT = 5  # of one account; the oldest goes
MAX_KEPT_BYTES = 1_500_000
_MARK = SealedPlace("form", "mark", "")
_FORM = SealedPlace("kept_form", "sealed_form", "digest")
_KEY = re.compile(r"npn_[a-z0-9-]+_[A-Za-z0-9_-]{16,}|-----BEGIN [A-Z0-9 ]*PRIVATE KEY", re.ASCII)


class FormMark(msgspec.Struct, frozen=True):
    """For whom a page with a form was made, and when (seconds since 1970). `account` is empty for nobody signed in."""

    account: str
    at: int


class KeptForm(msgspec.Struct, frozen=True):
    """A form as it was sent, without its secrets; `token` finds it."""

    token: str
    path: str
    fields: dict[str, str]


@dataclass(frozen=True, slots=True)
class UnsentForm:
    """A kept form as its owner's list shows it: where it was sent to, what finds it, and until when it is kept."""

    path: str
    token: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class KeptForms:
    """The forms that are kept, and the marks that say whose they are."""

    database: Database
    clock: Callable[[], datetime]

    def mark(self, account: str) -> str:
        """Return the mark of a page that is made for an account now; `account` is empty for nobody."""
        text = msgspec.json.encode(FormMark(account, int(self.clock().timestamp()))).decode()
        return self.database.sealer.seal(text, _MARK, "")

    def owner(self, mark: str) -> str | None:
        """Return for whom a page was made: an account, empty for nobody; None where the mark is invalid or too old."""
        try:
            content = msgspec.json.decode(self.database.sealer.open(mark, _MARK, ""), type=FormMark)
        except (UnreadableError, msgspec.DecodeError):
            return None
        age = self.clock().timestamp() - content.at
        return content.account if age <= MARK_VALID_FOR.total_seconds() else None

    def keep(self, account: str, path: str, fields: Mapping[str, str]) -> str:
        """Keep a form for an account; return the token that finds it, empty where it is too large to be kept."""
        token, at = secrets.token_urlsafe(16), self.clock()
        text, digest = msgspec.json.encode(KeptForm(token, path, without_keys(fields))), digest_of(token)
        if len(text) > MAX_KEPT_BYTES:
            return ""
        with self.database.write() as connection:
            store.forget_expired(connection, at)
            if not store.account_is_there(connection, account):
                return ""
            sealed = sealer_of(connection).seal(text.decode(), _FORM, digest)
            store.add(connection, digest, account_id=account, sealed_form=sealed, expires_at=at + KEPT_FOR)
            store.keep_newest(connection, account, MAX_KEPT)
        return token

    def fields(self, account: str, path: str, token: str) -> dict[str, str] | None:
        """Return what an account sent to a path; None where nothing is kept of it for that account."""
        with self.database.read() as connection:
            form = self._form(connection, account, digest_of(token))
        return form.fields if form is not None and form.path == path else None

    def unsent(self, account: str) -> list[UnsentForm]:
        """Return what is kept for an account, the newest first."""
        with self.database.read() as connection:
            rows = store.of_account(connection, account, at=self.clock())
            forms = [(self._form(connection, account, digest), expires_at) for digest, expires_at in rows]
        return [UnsentForm(form.path, form.token, at) for form, at in forms if form is not None]

    def forget(self, account: str, path: str, token: str) -> None:
        """Forget a form that was sent after all."""
        with self.database.write() as connection:
            form = self._form(connection, account, digest_of(token))
            if form is not None and form.path == path:
                store.forget(connection, digest_of(token))

    def forget_expired(self) -> None:
        """Forget all forms that are kept no longer."""
        with self.database.write() as connection:
            store.forget_expired(connection, self.clock())

    def _form(self, connection: sa.Connection, account: str, digest: str) -> KeptForm | None:
        sealed = store.sealed_form(connection, digest, account_id=account, at=self.clock())
        if sealed is None:
            return None
        try:
            return msgspec.json.decode(sealer_of(connection).open(sealed, _FORM, digest), type=KeptForm)
        except (UnreadableError, msgspec.DecodeError):  # under a key that is gone: it is an hour's convenience
            return None


def without_keys(fields: Mapping[str, str]) -> dict[str, str]:
    """Return the fields, those that hold an API key or a private key emptied."""
    return {name: "" if _KEY.search(value) else value for name, value in fields.items()}
