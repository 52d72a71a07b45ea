"""A forgotten password is replaced by whoever reads the account's mail and has its second factor, if it has one.

Only the password changes; all sessions end, and the holder is written to. What strangers ask for leaves no trace in the
ledger, and the same trace in the answer: none. Why it is so, and against what: docs/adr/0086-password-reset.md.
"""

import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from npn.db import Database
from npn.errors import InvalidInputError, NotFoundError, UnauthenticatedError, codes
from npn.ledger.service import Ledger
from npn.people import attempts_store, emails, store, ties, ties_store
from npn.people import password_resets_store as resets_store
from npn.people.attempts import SignInAttempt
from npn.people.emails import AccountNotice, Mailing
from npn.people.events import AccountCredentialSet
from npn.people.model import Account, AccountRole, AccountState, checked_email
from npn.people.sessions import uses_code, wait_for
from npn.tokens import digest_of

LINK_VALID_FOR = timedelta(minutes=30)
MAX_LINKS = 3  # of an account at once; the oldest goes


@dataclass(frozen=True, slots=True)
class ForgottenPasswords:
    """Everything that is done to replace a forgotten password."""

    database: Database
    ledger: Ledger
    mailing: Mailing

    def ask(self, email: str) -> None:
        """Mail a link to an address, where there is an account that it may reset; else say there what else to do.

        Nothing is said to who asks. An account that may not sign in, and an address without one, get no mail.
        """
        at, address = self.ledger.clock(), ""
        with suppress(InvalidInputError):
            address = checked_email(email)
        with self.database.write() as connection:
            resets_store.forget_expired(connection, at)
            account = store.by_email(connection, address)
            if account is None or account.state is not AccountState.ACTIVE:
                return
            if not _may_reset(connection, account, at=at):
                self.mailing.send_no_reset(connection, account, at=at)
                return
            token, expires_at = secrets.token_urlsafe(32), at + LINK_VALID_FOR
            resets_store.add(connection, digest_of(token), account_id=account.id, expires_at=expires_at)
            resets_store.keep_newest(connection, account.id, MAX_LINKS)
            self.mailing.send_reset(connection, account, f"/reset/{token}", expires_at=expires_at, at=at)

    def account(self, token: str) -> Account:
        """Return whose link it is. Raises NotFoundError `reset_link_used` where it is unknown, used or too old."""
        at = self.ledger.clock()
        with self.database.read() as connection:
            return _account_of(connection, token, at=at)

    def use(self, token: str, *, password: str, code: str | None) -> Account:
        """Set the password (hashed) by a link, and with the second factor's code where the account has one.

        Raises NotFoundError `reset_link_used`; UnauthenticatedError `code_wrong`; RefusedError `sign_in_locked` after
        five wrong codes in an hour.
        """
        with self.database.write() as connection:
            at = self.ledger.clock()
            account = _account_of(connection, token, at=at)
            attempt = SignInAttempt.reset(account.id)
            wait_for(connection, attempt, at)
            right = not account.has_second_factor or uses_code(connection, account.id, code or "", at=at)
            if right:
                attempts_store.forget(connection, attempt)
            else:
                attempts_store.count(connection, attempt, at)
        if not right:
            raise UnauthenticatedError("that code is not right", code=codes.CODE_WRONG, field="code")
        with self.ledger.transaction() as tx:
            account = _account_of(tx.connection, token, at=tx.at)
            resets_store.forget(tx.connection, account.id)
            store.update(tx.connection, account.id, {"password": password, "password_reset_at": tx.at})
            tx.append(AccountCredentialSet(account=account.id, credential="password_reset", by=account.by))
            store.end_sessions(tx.connection, account.id)
            attempts_store.forget_devices(tx.connection, account.id)
            emails.to_holder(tx.connection, account, AccountNotice.PASSWORD_RESET, at=tx.at)
            return account


def _account_of(connection: sa.Connection, token: str, *, at: datetime) -> Account:
    account_id = resets_store.account_of(connection, digest_of(token), at)
    account = None if account_id is None else store.by_id(connection, account_id)
    if account is None or account.state is not AccountState.ACTIVE or not _may_reset(connection, account, at=at):
        raise NotFoundError("the link has expired or was already used", code=codes.RESET_LINK_USED)
    return account


def _may_reset(connection: sa.Connection, account: Account, *, at: datetime) -> bool:
    """Whether mail, and the second factor where there is one, may set the account's password.

    There must be one to set. An operator's mail alone is not enough, and another operator may just have changed where
    it goes: setting an operator's password by that would be a reset by one person.
    """
    if account.role is not AccountRole.OPERATOR:
        return account.has_password
    moved = any(tie.kind is ties.Tie.CHANGED for tie in ties_store.of(connection, account.id, at=at))
    return account.has_password and account.has_second_factor and not moved
