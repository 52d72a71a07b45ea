"""Signing in, and the sessions that follow: kept hashed, ended by idleness, by age and by signing out.

Steps: `code` (the password was right, the second factor is still asked for), `enrol` (a second factor must be set up
first), `in`. Wrong passwords and codes lock an account for a while that doubles; who it is tried on is told nothing.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from npn.db import Database
from npn.errors import RefusedError, UnauthenticatedError
from npn.ledger import Ledger
from npn.people import passwords, store, totp
from npn.people.accounts import recovery_digest
from npn.people.model import (
    SEES_EVERY_SYSTEM,
    Account,
    AccountRole,
    AccountState,
    Person,
)
from npn.systems import store as systems_store
from npn.systems.model import Environment

FREE_FAILURES = 5
_LONGEST_LOCK = timedelta(hours=1)
_SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Session:
    """A session as its holder's browser has it. `token` goes into the cookie; its hash is what is kept."""

    token: str
    step: str

    def __repr__(self) -> str:
        """Without the token."""
        return f"Session({self.step!r})"


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who a session belongs to. `stale`: its use should be noted."""

    person: Person
    step: str
    digest: str
    has_second_factor: bool
    stale: bool


@dataclass(frozen=True, slots=True)
class Attempt:
    """Somebody wants to sign in: whose address it is, and the hash to try the password on."""

    account: Account | None
    kept: str | None

    def fits(self, password: str) -> bool:
        """Try the password; slow, and as slow where there is no such account."""
        return passwords.verified(self.kept, password)

    def __repr__(self) -> str:
        """Without the hash."""
        return f"Attempt({self.account!r})"


@dataclass(frozen=True, slots=True)
class Sessions:
    """Everything about signing in. `second_factor`: who needs one, `all`, `operators` or `optional`."""

    database: Database
    ledger: Ledger
    idle: timedelta
    longest: timedelta
    second_factor: str

    def attempt(self, email: str) -> "Attempt":
        """Begin a sign-in. Raises RefusedError `sign_in_locked`."""
        with self.database.read() as connection:
            account = store.by_email(connection, email.strip().lower())
            kept = None if account is None else store.secrets_of(connection, account.id)
        if kept is not None and _locked(kept, self.ledger.clock()):
            raise _locked_out(kept, self.ledger.clock())
        return Attempt(account, None if kept is None else kept.password)

    def settle(self, attempt: "Attempt", *, right: bool) -> Session:
        """End a sign-in: a new session where the password was right. Raises UnauthenticatedError `sign_in_failed`."""
        if attempt.account is None or not right or attempt.account.state is not AccountState.ACTIVE:
            if attempt.account is not None and not right:
                self.failed(attempt.account.id)
            raise _failed()
        return self.begin(attempt.account)

    def failed(self, account_id: str) -> None:
        """Count a failure; after some the account is locked for a while that doubles."""
        with self.database.write() as connection:
            kept = store.secrets_of(connection, account_id)
            if kept is None:
                return
            over = kept.failures + 1 - FREE_FAILURES
            values: dict[str, object] = {"failures": kept.failures + 1}
            if over >= 0:
                wait = min(timedelta(minutes=1) * 2 ** min(over, 10), _LONGEST_LOCK)
                values["locked_until"] = self.ledger.clock() + wait
            store.update(connection, account_id, values)

    def begin(self, account: Account, *, proved: bool = False) -> Session:
        """Start a session after the password was right; `proved`: a provider has seen to the second factor."""
        step = "in" if proved else self._step(account)
        made = Session(secrets.token_urlsafe(32), step)
        with self.database.write() as connection:
            at = self.ledger.clock()
            store.forget_old_sessions(connection, seen_before=at - self.idle, made_before=at - self.longest)
            store.add_session(connection, store.SessionRow(digest_of(made.token), account.id, step, at, at))
            if step == "in":
                _welcome(connection, account.id, at)
        return made

    def prove(self, visitor: Visitor, code: str) -> Session:
        """Take the second factor's code, or a recovery code; give a new session that is in.

        Raises UnauthenticatedError `code_wrong`, RefusedError `sign_in_locked`.
        """
        self.check_code(visitor.person.id, code)
        with self.database.write() as connection:
            return self._renew(connection, visitor, self.ledger.clock())

    def check_code(self, account_id: str, code: str) -> None:
        """Use up a code of the second factor, or a recovery code. Raises as `prove` does."""
        at = self.ledger.clock()
        with self.database.write() as connection:
            kept = store.secrets_of(connection, account_id)
            if kept is None or kept.totp_secret is None:
                raise _failed()
            if _locked(kept, at):
                raise _locked_out(kept, at)
            plain = "".join(code.split())
            step = totp.step_of(kept.totp_secret, plain, seconds=at.timestamp(), after=kept.totp_step)
            if step is not None:
                store.update(connection, account_id, {"totp_step": step})
                return
            if store.use_recovery_code(connection, account_id, recovery_digest(account_id, code), at):
                return
        self.failed(account_id)
        raise UnauthenticatedError("that code is not right", code="code_wrong")

    def enrolled(self, visitor: Visitor) -> Session:
        """Give a new session that is in, now that there is a second factor."""
        with self.database.write() as connection:
            return self._renew(connection, visitor, self.ledger.clock())

    def _renew(self, connection: sa.Connection, visitor: Visitor, at: datetime) -> Session:
        made = Session(secrets.token_urlsafe(32), "in")
        store.end_session(connection, visitor.digest)
        row = store.SessionRow(digest_of(made.token), visitor.person.id, "in", at, at)
        store.add_session(connection, row)
        _welcome(connection, visitor.person.id, at)
        return made

    def end(self, digest: str) -> None:
        """Sign out."""
        with self.database.write() as connection:
            store.end_session(connection, digest)

    def see(self, digest: str) -> None:
        """Note that a session was used."""
        with self.database.write() as connection:
            store.see_session(connection, digest, self.ledger.clock())

    def visitor(self, token: str) -> Visitor | None:
        """Give who holds a session, with the systems that are theirs; None where it is over or never was."""
        at, digest = self.ledger.clock(), digest_of(token)
        with self.database.read() as connection:
            row = store.session(connection, digest)
            if row is None or at - row.seen_at > self.idle or at - row.created_at > self.longest:
                return None
            account = store.by_id(connection, row.account_id)
            if account is None or account.state is not AccountState.ACTIVE:
                return None
            systems = {} if account.organisation is None else systems_store.systems_of(connection, account.organisation)
        stale = at - row.seen_at > _SEEN_EVERY
        return Visitor(person_of(account, systems), row.step, digest, account.has_second_factor, stale)

    def _step(self, account: Account) -> str:
        if account.has_second_factor:
            return "code"
        needed = self.second_factor == "all" or (
            self.second_factor == "operators" and account.role is AccountRole.OPERATOR
        )
        return "enrol" if needed else "in"


def person_of(account: Account, systems: dict[str, Environment]) -> Person:
    """Give the person of an account; `systems` are those of its organisation."""
    mine = frozenset(systems)
    acts_for: frozenset[str] | None = mine
    if account.role is AccountRole.OPERATOR:
        acts_for = None
    elif account.role is AccountRole.VENDOR:
        acts_for = frozenset(i for i, environment in systems.items() if environment is Environment.TEST)
    return Person(
        id=account.id,
        name=account.name,
        email=account.email,
        role=account.role,
        organisation=account.organisation,
        organisation_name=account.organisation_name,
        sees=None if account.role in SEES_EVERY_SYSTEM else mine,
        acts_for=acts_for,
    )


def digest_of(token: str) -> str:
    """Hash a session's token: 256 random bits, so no salt is needed."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _welcome(connection: sa.Connection, account_id: str, at: datetime) -> None:
    values = {"failures": 0, "locked_until": None, "signed_in_at": at}
    store.update(connection, account_id, values)


def _locked(kept: store.Secrets, at: datetime) -> bool:
    return kept.locked_until is not None and kept.locked_until > at


def _locked_out(kept: store.Secrets, at: datetime) -> RefusedError:
    seconds = 60 if kept.locked_until is None else int((kept.locked_until - at).total_seconds()) + 1
    return RefusedError("too many wrong attempts", code="sign_in_locked", retry_after=seconds)


def _failed() -> UnauthenticatedError:
    return UnauthenticatedError("the address or the password is not right", code="sign_in_failed")
