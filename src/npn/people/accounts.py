"""The use cases of accounts: add, change, the one-time link, password and second factor. Each change is in the ledger.

Passwords come hashed already: hashing is slow, and no transaction waits for it.
"""

import builtins
import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from npn.db import Database
from npn.errors import ConflictError, InvalidInputError, NotFoundError, RefusedError, UnauthenticatedError
from npn.ledger import Ledger, Transaction
from npn.people import store
from npn.people.model import OF_ORGANISATIONS, Account, AccountRole, AccountState, account_name, checked_email
from npn.systems import store as systems_store
from npn.systems.model import OrganisationKind
from npn.wording import checked_name

LINK_DAYS = 7
RECOVERY_CODES = 10
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that is taken for another when read from paper


@dataclass(frozen=True, slots=True)
class Link:
    """A one-time link as it is handed over: only its hash is kept. `path` is where on the service it leads."""

    token: str
    expires_at: datetime

    @property
    def path(self) -> str:
        """Give the address on the service."""
        return f"/welcome/{self.token}"

    def __repr__(self) -> str:
        """Without the token."""
        return f"Link(expires_at={self.expires_at!r})"


@dataclass(frozen=True, slots=True)
class Accounts:
    """Everything that is done to accounts."""

    database: Database
    ledger: Ledger

    def add(
        self, *, by: str, email: str, name: str, role: AccountRole, organisation: str | None = None
    ) -> tuple[Account, Link]:
        """Add an account and make the link by which its holder chooses a password.

        `organisation`: the id of the region, owner or vendor. Raises InvalidInputError, ConflictError `account_exists`.
        """
        address, called = checked_email(email), checked_name(name, "name")
        with self.ledger.transaction() as tx:
            if store.by_email(tx.connection, address) is not None:
                raise ConflictError("there is an account with that address", code="account_exists", field="email")
            _check_organisation(tx, role, organisation)
            account_id = secrets.token_hex(6)
            values = {
                "id": account_id,
                "email": address,
                "name": called,
                "role": role.value,
                "organisation_id": organisation,
                "state": AccountState.ACTIVE.value,
                "totp_step": 0,
                "failures": 0,
                "created_at": tx.at,
            }
            store.add(tx.connection, values)
            data = {"account": account_id, "role": role.value, "organisation": organisation, "by": by}
            tx.append("account_added", data)
            return found(tx, account_id), _new_link(tx, account_id, by=by)

    def list(self) -> list[Account]:
        """Give every account, by name."""
        with self.database.read() as connection:
            return store.every(connection)

    def exist(self) -> bool:
        """Say whether there is an account at all."""
        with self.database.read() as connection:
            return store.any_account(connection)

    def get(self, account_id: str) -> Account:
        """Give one account. Raises NotFoundError."""
        with self.database.read() as connection:
            account = store.by_id(connection, account_id)
        if account is None:
            raise NotFoundError("there is no such account", field="account")
        return account

    def with_email(self, email: str) -> Account:
        """Give the account of an address. Raises NotFoundError."""
        with self.database.read() as connection:
            account = store.by_email(connection, checked_email(email))
        if account is None:
            raise NotFoundError(f"there is no account {email}", field="email", hint="npn admin account list")
        return account

    def change(
        self, account_id: str, *, by: str, name: str, role: AccountRole, organisation: str | None, state: AccountState
    ) -> Account:
        """Change who somebody is; whoever may no longer sign in, or may do something else, is signed out.

        Raises RefusedError `last_operator` where nobody would be left to run the service.
        """
        called = checked_name(name, "name")
        with self.ledger.transaction() as tx:
            before = found(tx, account_id)
            _check_organisation(tx, role, organisation)
            values = {"name": called, "role": role.value, "organisation_id": organisation, "state": state.value}
            store.update(tx.connection, account_id, values)
            if (before.role, before.organisation, before.state) != (role, organisation, state):
                store.end_sessions(tx.connection, account_id)
                data = {
                    "account": account_id,
                    "role": role.value,
                    "organisation": organisation,
                    "state": state.value,
                    "by": by,
                }
                tx.append("account_changed", data)
            if before.role is AccountRole.OPERATOR and not store.active_operators(tx.connection):
                raise RefusedError("nobody would be left to run the service", code="last_operator")
            return found(tx, account_id)

    def new_link(self, account_id: str, *, by: str) -> Link:
        """Make another one-time link: the password in force ends, the second factor too, and every session."""
        with self.ledger.transaction() as tx:
            found(tx, account_id)
            store.update(tx.connection, account_id, {"password": None, "totp_secret": None, "locked_until": None})
            store.set_recovery_codes(tx.connection, account_id, ())
            store.unbind_subjects(tx.connection, account_id)
            store.end_sessions(tx.connection, account_id)
            return _new_link(tx, account_id, by=by)

    def of_link(self, token: str) -> Account:
        """Give whose link it is. Raises NotFoundError `link_used` where it is none, was used, or is too old."""
        with self.database.read() as connection:
            account_id = store.link_of(connection, _digest(token), self.ledger.clock())
            account = None if account_id is None else store.by_id(connection, account_id)
        if account is None or account.state is not AccountState.ACTIVE:
            raise _no_link()
        return account

    def use_link(self, token: str, *, password: str) -> Account:
        """Set the password (hashed) that the link was made for. Raises NotFoundError `link_used`."""
        with self.ledger.transaction() as tx:
            account_id = store.link_of(tx.connection, _digest(token), tx.at)
            if account_id is None or found(tx, account_id).state is not AccountState.ACTIVE:
                raise _no_link()
            store.use_link(tx.connection, _digest(token), tx.at)
            _set_password(tx, account_id, password, by=str(account_name(account_id)))
            return found(tx, account_id)

    def use_link_for_subject(self, token: str, *, issuer: str, subject: str) -> Account:
        """Bind a provider's subject to the account that a one-time link was made for, and use the link up."""
        with self.ledger.transaction() as tx:
            account_id = store.link_of(tx.connection, _digest(token), tx.at)
            if account_id is None or found(tx, account_id).state is not AccountState.ACTIVE:
                raise _no_link()
            store.use_link(tx.connection, _digest(token), tx.at)
            _bind(tx, account_id, issuer=issuer, subject=subject, by=str(account_name(account_id)))
            return found(tx, account_id)

    def bind(self, account_id: str, *, issuer: str, subject: str) -> Account:
        """Bind a provider's subject to an account, whose holder asks for it. Raises ConflictError `openid_bound`."""
        with self.ledger.transaction() as tx:
            _bind(tx, account_id, issuer=issuer, subject=subject, by=str(account_name(account_id)))
            return found(tx, account_id)

    def of_subject(
        self, *, issuer: str, subject: str, email: str, name: str, bind_by_email: bool, new_role: str | None
    ) -> Account:
        """Give the account a provider's subject is bound to; bind or make one only where the settings say so.

        `email` is one that the provider has checked. Raises UnauthenticatedError `openid_unknown`.
        """
        with self.database.read() as connection:
            known = store.subject_of(connection, issuer, subject)
            account = None if known is None else store.by_id(connection, known)
            twin = store.by_email(connection, email) if known is None and email else None
        if account is None and twin is not None and bind_by_email:
            account = self.bind(twin.id, issuer=issuer, subject=subject)
        if account is None and twin is None and new_role and email:
            made, _ = self.add(by="openid", email=email, name=name or email, role=AccountRole(new_role))
            account = self.bind(made.id, issuer=issuer, subject=subject)
        if account is None or account.state is not AccountState.ACTIVE:
            raise UnauthenticatedError("the provider knows you, but you have no account here", code="openid_unknown")
        return account

    def issuers(self, account_id: str) -> builtins.list[str]:
        """Give the providers an account is bound to."""
        with self.database.read() as connection:
            return store.subjects_of(connection, account_id)

    def set_password(self, account_id: str, *, password: str, by: str, keep_session: str = "") -> None:
        """Set a password (hashed); every session but one ends."""
        with self.ledger.transaction() as tx:
            found(tx, account_id)
            _set_password(tx, account_id, password, by=by)
            store.end_sessions(tx.connection, account_id, but=keep_session)

    def set_second_factor(self, account_id: str, *, secret: str, step: int, by: str) -> builtins.list[str]:
        """Set the second factor, proved by a code of `step`; give new recovery codes, shown this once."""
        with self.ledger.transaction() as tx:
            found(tx, account_id)
            store.update(tx.connection, account_id, {"totp_secret": secret, "totp_step": step})
            _note(tx, account_id, "second_factor", by=by)
            return _new_codes(tx, account_id, by=by)

    def new_recovery_codes(self, account_id: str, *, by: str) -> builtins.list[str]:
        """Make new recovery codes in the place of all before; shown this once."""
        with self.ledger.transaction() as tx:
            found(tx, account_id)
            return _new_codes(tx, account_id, by=by)

    def recovery_codes_left(self, account_id: str) -> int:
        """Count the recovery codes still good."""
        with self.database.read() as connection:
            return store.recovery_codes_left(connection, account_id)


def found(tx: Transaction, account_id: str) -> Account:
    """Give an account inside a transaction. Raises NotFoundError."""
    account = store.by_id(tx.connection, account_id)
    if account is None:
        raise NotFoundError("there is no such account", field="account")
    return account


def recovery_digest(account_id: str, code: str) -> str:
    """Hash a recovery code as it is kept; spaces and case don't matter."""
    plain = "".join(code.lower().split()).replace("-", "")
    return hashlib.sha256(f"{account_id}:{plain}".encode("utf-8", "surrogatepass")).hexdigest()


def _no_link() -> NotFoundError:
    return NotFoundError(
        "the link is not good any more",
        code="link_used",
        hint="it works once, and for a week: ask the operator for another",
    )


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _new_link(tx: Transaction, account_id: str, *, by: str) -> Link:
    made = Link(secrets.token_urlsafe(32), tx.at + timedelta(days=LINK_DAYS))
    store.add_link(tx.connection, digest=_digest(made.token), account_id=account_id, expires_at=made.expires_at)
    _note(tx, account_id, "link", by=by)
    return made


def _bind(tx: Transaction, account_id: str, *, issuer: str, subject: str, by: str) -> None:
    holder = store.subject_of(tx.connection, issuer, subject)
    if holder == account_id:
        return
    if holder is not None:
        raise ConflictError("the provider's account is another's here", code="openid_bound")
    store.bind_subject(tx.connection, issuer=issuer, subject=subject, account_id=account_id, at=tx.at)
    _note(tx, account_id, "openid", by=by)


def _set_password(tx: Transaction, account_id: str, password: str, *, by: str) -> None:
    store.update(tx.connection, account_id, {"password": password, "failures": 0, "locked_until": None})
    _note(tx, account_id, "password", by=by)


def _new_codes(tx: Transaction, account_id: str, *, by: str) -> list[str]:
    codes = [
        "-".join("".join(secrets.choice(_ALPHABET) for _ in range(5)) for _ in range(3)) for _ in range(RECOVERY_CODES)
    ]
    store.set_recovery_codes(tx.connection, account_id, [recovery_digest(account_id, code) for code in codes])
    _note(tx, account_id, "recovery_codes", by=by)
    return codes


def _note(tx: Transaction, account_id: str, credential: str, *, by: str) -> None:
    tx.append("account_credential_set", {"account": account_id, "credential": credential, "by": by})


def _check_organisation(tx: Transaction, role: AccountRole, organisation: str | None) -> None:
    """Hold the organisation to be one of the role's kind, and to be there where the role needs one."""
    if role not in OF_ORGANISATIONS:
        if organisation is not None:
            raise InvalidInputError("this role belongs to no organisation", field="organisation")
        return
    known = None if organisation is None else systems_store.organisation_named(tx.connection, organisation)
    if known is None or known[1] is not OrganisationKind(role.value):
        raise InvalidInputError(f"the role needs an organisation: a known {role.value}", field="organisation")
