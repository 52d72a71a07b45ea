"""Signing in, and the sessions that follow: kept hashed, ended by idleness, by age and by signing out.

Steps: `code` (the password was right, the second factor is still asked for), `enrol` (a second factor must be set up
first), `in`. After some wrong attempts on an address, whether anybody has an account under it or not, password and code
are asked for together and judged as one; nobody is locked out by others (docs/adr/0055-sign-in.md).
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from npn.db import Database
from npn.errors import RefusedError, UnauthenticatedError, codes
from npn.ledger.service import Ledger
from npn.people import attempts_store, passwords, store, totp
from npn.people import codes as recovery_codes
from npn.people.accounts import recovery_digest
from npn.people.attempts import FREE_FAILURES, AttemptAllowance, SignInAttempt
from npn.people.model import (
    SEES_EVERY_SYSTEM,
    Account,
    AccountRole,
    AccountState,
    Person,
)
from npn.systems import store as systems_store
from npn.systems.model import Environment
from npn.tokens import digest_of

_SEEN_EVERY = timedelta(minutes=1)
_FRESH = timedelta(minutes=10)


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
    """Who a session belongs to. `stale`: its use should be noted. `fresh`: it began a moment ago.

    `ends_at`: the end if its holder does nothing; `latest_end`: the end whatever its holder does.
    """

    person: Person
    step: str
    digest: str
    has_second_factor: bool
    has_password: bool
    stale: bool
    fresh: bool
    ends_at: datetime
    latest_end: datetime


@dataclass(frozen=True, slots=True)
class Attempt:
    """Somebody wants to sign in: whose address it is, the hash to try the password on, what a failure counts for.

    `limited`: too much failed lately, so that a code must come with the password. `known_device`: the account signed in
    on this device before.
    """

    account: Account | None
    kept: str | None
    tried: SignInAttempt
    limited: bool
    known_device: bool = False

    def fits(self, password: str) -> bool:
        """Try the password; slow, and as slow where there is no such account."""
        return passwords.verified(self.kept, password)

    @property
    def is_outdated(self) -> bool:
        """Whether the hash was made with other costs than today's."""
        return self.kept is not None and passwords.is_outdated(self.kept)

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

    def attempt(self, email: str, device: str = "") -> Attempt:
        """Begin a sign-in from the pages. `device`: the token that its browser was given, where it has one."""
        at, digest = self.ledger.clock(), digest_of(device) if device else ""
        with self.database.read() as connection:
            account = store.by_email(connection, email.strip().lower())
            stored = None if account is None else store.secrets_of(connection, account.id)
            password = None if stored is None else stored.password
            if account is not None and digest and attempts_store.knows_device(connection, digest, account.id):
                attempt = SignInAttempt.device(digest, account.id)
                if attempts_store.failures(connection, attempt, at) < FREE_FAILURES:
                    return Attempt(account, password, attempt, limited=False, known_device=True)
            attempt = SignInAttempt.address(email)
            limited = attempts_store.failures(connection, attempt, at) >= FREE_FAILURES
        return Attempt(account, password, attempt, limited)

    def wait_in(self, tried: SignInAttempt, allowance: AttemptAllowance) -> int:
        """Return the seconds until an allowance has an attempt left; 0 where it has one now."""
        with self.database.read() as connection:
            return attempts_store.wait_in(connection, tried, self.ledger.clock(), allowance=allowance)

    def take(self, tried: SignInAttempt, allowance: AttemptAllowance) -> int:
        """Use one attempt of an allowance and return 0; else return the seconds until there is one again."""
        with self.database.write() as connection:
            return attempts_store.take(connection, tried, self.ledger.clock(), allowance=allowance)

    def shell_attempt(self, email: str) -> Attempt:
        """Begin a proof of who somebody is at the shell. Raises RefusedError `sign_in_locked`."""
        attempt = SignInAttempt.shell(email)
        with self.database.read() as connection:
            wait_for(connection, attempt, self.ledger.clock())
            account = store.by_email(connection, email.strip().lower())
            stored = None if account is None else store.secrets_of(connection, account.id)
        return Attempt(account, None if stored is None else stored.password, attempt, limited=False)

    def settle(self, attempt: Attempt, *, right: bool, code: str | None = None) -> Session:
        """End a sign-in: a new session where password, and code where one is given, are right.

        What was right alone is not told. Raises UnauthenticatedError `sign_in_failed`.
        """
        account = attempt.account
        fits = right and account is not None and account.state is AccountState.ACTIVE
        with self.database.write() as connection:
            at = self.ledger.clock()
            if fits and account is not None and code is not None:
                fits = not account.has_second_factor or uses_code(connection, account.id, code, at=at)
            if not fits:
                attempts_store.count(connection, attempt.tried, at)
        if not fits or account is None:
            raise _failed()
        return self.begin(account, proved=code is not None and account.has_second_factor, tried=attempt.tried)

    def check_present(self, account: Account, *, right: bool, code: str | None) -> None:
        """Prove that who is signed in is the account's holder: by the password (`right`), the factor's code, or both.

        Counted apart from what strangers try. Raises UnauthenticatedError `code_wrong`, `password_wrong`; RefusedError
        `sign_in_locked`.
        """
        attempt, at = SignInAttempt.present(account.id), self.ledger.clock()
        with self.database.write() as connection:
            wait_for(connection, attempt, at)
            coded = right and (code is None or uses_code(connection, account.id, code, at=at))
            if coded:
                attempts_store.forget(connection, attempt)
            else:
                attempts_store.count(connection, attempt, at)
        if not right:
            raise UnauthenticatedError("that is not the present password", code=codes.PASSWORD_WRONG)
        if not coded:
            raise _code_wrong()

    def renew_hash(self, attempt: Attempt, password: str) -> None:
        """Store a new hash of the password that an attempt was right with, unless it was changed meanwhile."""
        account = attempt.account
        with self.database.write() as connection:
            stored = None if account is None else store.secrets_of(connection, account.id)
            if account is not None and stored is not None and stored.password == attempt.kept:
                store.update(connection, account.id, {"password": password})

    def trust_device(self, account_id: str, device: str) -> None:
        """Note that an account signed in on a device, so that others' failures don't count there."""
        with self.database.write() as connection:
            attempts_store.trust_device(connection, digest_of(device), account_id, at=self.ledger.clock())

    def begin(self, account: Account, *, proved: bool = False, tried: SignInAttempt | None = None) -> Session:
        """Start a session after the password was right; `proved`: the second factor was seen to as well."""
        step = "in" if proved else self._step(account)
        session = Session(secrets.token_urlsafe(32), step)
        with self.database.write() as connection:
            at = self.ledger.clock()
            store.forget_old_sessions(connection, seen_before=at - self.idle, made_before=at - self.longest)
            store.add_session(connection, store.SessionRow(digest_of(session.token), account.id, step, at, at))
            if step == "in":
                _welcome(connection, account.id, at)
                if tried is not None:
                    attempts_store.forget(connection, tried)
        return session

    def prove(self, visitor: Visitor, code: str, *, device: str = "", limited: bool = False) -> Session:
        """Take the second factor's code, or a recovery code; give a new session that is in.

        `limited`: too many attempts came from the visitor's network address. Raises UnauthenticatedError `code_wrong`;
        RefusedError `ask_together` where too much failed meanwhile: the session is over then, and password and code
        are asked for together.
        """
        attempt = self.attempt(visitor.person.email, device)
        if attempt.limited or (limited and not attempt.known_device):
            self.end(visitor.digest)
            raise RefusedError("too many wrong attempts", code=codes.ASK_TOGETHER)
        self.check_code(visitor.person.id, code, tried=attempt.tried)
        with self.database.write() as connection:
            return self._renew(connection, visitor, self.ledger.clock())

    def check_code(self, account_id: str, code: str, *, tried: SignInAttempt) -> None:
        """Use up a code of the second factor, or a recovery code. Raises UnauthenticatedError `code_wrong`."""
        with self.database.write() as connection:
            at = self.ledger.clock()
            if uses_code(connection, account_id, code, at=at):
                attempts_store.forget(connection, tried)
                return
            attempts_store.count(connection, tried, at)
        raise _code_wrong()

    def enrolled(self, visitor: Visitor) -> Session:
        """Return a new session that is in, now that there is a second factor."""
        with self.database.write() as connection:
            return self._renew(connection, visitor, self.ledger.clock())

    def _renew(self, connection: sa.Connection, visitor: Visitor, at: datetime) -> Session:
        session = Session(secrets.token_urlsafe(32), "in")
        store.end_session(connection, visitor.digest)
        row = store.SessionRow(digest_of(session.token), visitor.person.id, "in", at, at)
        store.add_session(connection, row)
        _welcome(connection, visitor.person.id, at)
        return session

    def end(self, digest: str) -> None:
        """Sign out."""
        with self.database.write() as connection:
            store.end_session(connection, digest)

    def see(self, digest: str) -> None:
        """Note that a session was used."""
        with self.database.write() as connection:
            store.see_session(connection, digest, self.ledger.clock())

    def visitor(self, token: str) -> Visitor | None:
        """Return who holds a session, with the systems that are theirs; None where it is over or never was."""
        at, digest = self.ledger.clock(), digest_of(token)
        with self.database.read() as connection:
            row = store.session(connection, digest)
            if row is None or at - row.seen_at > self.idle or at - row.created_at > self.longest:
                return None
            account = store.by_id(connection, row.account_id)
            if account is None or account.state is not AccountState.ACTIVE:
                return None
            systems = {} if account.organisation is None else systems_store.systems_of(connection, account.organisation)
        stale, latest_end = at - row.seen_at > _SEEN_EVERY, row.created_at + self.longest
        return Visitor(
            person_of(account, systems),
            row.step,
            digest,
            has_second_factor=account.has_second_factor,
            has_password=account.has_password,
            stale=stale,
            fresh=at - row.created_at < _FRESH,
            ends_at=min((at if stale else row.seen_at) + self.idle, latest_end),
            latest_end=latest_end,
        )

    def _step(self, account: Account) -> str:
        if account.has_second_factor:
            return "code"
        needed = self.second_factor == "all" or (
            self.second_factor == "operators" and account.role is AccountRole.OPERATOR
        )
        return "enrol" if needed else "in"


def person_of(account: Account, systems: dict[str, Environment]) -> Person:
    """Return the person of an account; `systems` are those of its organisation."""
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


def _welcome(connection: sa.Connection, account_id: str, at: datetime) -> None:
    store.update(connection, account_id, {"signed_in_at": at})


def uses_code(connection: sa.Connection, account_id: str, code: str, *, at: datetime) -> bool:
    """Use up a code of the second factor, or a recovery code; say whether it was one."""
    stored = store.secrets_of(connection, account_id)
    if stored is None or stored.totp_secret is None:
        return False
    plain = recovery_codes.plain(code)
    step = totp.step_of(stored.totp_secret, plain, seconds=at.timestamp(), after=stored.totp_step)
    if step is None:
        return store.use_recovery_code(connection, account_id, recovery_digest(account_id, plain), at=at)
    store.update(connection, account_id, {"totp_step": step})
    return True


def wait_for(connection: sa.Connection, tried: SignInAttempt, at: datetime) -> None:
    """Raise RefusedError `sign_in_locked` where too much failed lately."""
    seconds = attempts_store.wait(connection, tried, at)
    if seconds:
        raise RefusedError("too many wrong attempts", code=codes.SIGN_IN_LOCKED, retry_after=seconds)


def _failed() -> UnauthenticatedError:
    return UnauthenticatedError("the address, the password or the code is not right", code=codes.SIGN_IN_FAILED)


def _code_wrong() -> UnauthenticatedError:
    return UnauthenticatedError("that code is not right", code=codes.CODE_WRONG)
