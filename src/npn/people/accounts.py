"""The use cases of accounts: add, change, the one-time link, password and second factor. Each change is in the ledger.

Passwords come hashed already: hashing is slow, and no transaction waits for it. What makes, promotes, resets or
re-activates an operator takes two people (`approval`: the proposal that was approved), or the shell; every change ties
the account to whoever made it (`npn.people.ties`).
"""

import builtins
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from npn.db import Database
from npn.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    RefusedError,
    UnauthenticatedError,
    check_all,
    codes,
    details,
)
from npn.ledger.service import Ledger, Transaction
from npn.people import attempts_store, emails, operator_acts, password_resets_store, store, ties, ties_store, two_people
from npn.people.codes import plain
from npn.people.emails import AccountNotice, Mailing
from npn.people.events import (
    AccountAdded,
    AccountChanged,
    AccountCredentialSet,
    AccountEmailChanged,
    AccountVouched,
    Credential,
)
from npn.people.model import (
    OF_ORGANISATIONS,
    Account,
    AccountDetails,
    AccountRole,
    AccountState,
    OrganisationRole,
    account_name,
    checked_email,
    checked_reason,
)
from npn.people.operator_acts import OperatorAct
from npn.people.ties import Tie
from npn.systems import organisation_store
from npn.systems.model import OrganisationKind
from npn.tokens import digest_of
from npn.wording import checked_name

LINK_DAYS = 7
BINDING_TIME = timedelta(minutes=10)  # from the present factor to the confirmation
RECOVERY_CODES = 10
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that is taken for another when read from paper


@dataclass(frozen=True, slots=True)
class Link:
    """A one-time link: only its hash is kept. `path` is where on the service it leads.

    `mailed`: it is on its way to the account's address, and nobody else needs to see it.
    """

    token: str
    expires_at: datetime
    mailed: bool = False

    @property
    def path(self) -> str:
        """Return the address on the service."""
        return f"/welcome/{self.token}"

    def __repr__(self) -> str:
        """Without the token."""
        return f"Link(expires_at={self.expires_at!r})"


@dataclass(frozen=True, slots=True)
class Accounts:
    """Everything that is done to accounts."""

    database: Database
    ledger: Ledger
    mailing: Mailing = field(default_factory=Mailing)

    def add(  # the parts of an account, and who agreed to it
        self,
        *,
        by: str,
        email: str,
        name: str,
        role: AccountRole,
        organisation: str | None = None,
        account_id: str | None = None,
        approval: str | None = None,
    ) -> tuple[Account, Link]:
        """Add an account and make the link by which its holder chooses a password; it is mailed where mail works.

        `organisation`: the id of the region, owner or vendor. `account_id`: the one that was agreed on.
        Raises InvalidInputError, ConflictError `account_exists`, RefusedError `two_people_needed`.
        """
        address, called = check_all(lambda: checked_email(email), lambda: checked_name(name, "name"))
        account_id = account_id or secrets.token_hex(6)
        with self.ledger.transaction() as tx:
            check_all(
                lambda: _check_address(tx.connection, address),
                lambda: _check_organisation(tx.connection, role, organisation),
            )
            if role is AccountRole.OPERATOR:
                operator_acts.require_two(tx.connection, account_id, OperatorAct.MAKE, by=by, approval=approval)
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
            added = AccountAdded(account=account_id, role=role, organisation=organisation, by=by, approval=approval)
            _record(tx, added, Tie.MADE)
            account = found(tx, account_id)
            if role is AccountRole.OPERATOR:
                emails.of_shell(tx.connection, account, AccountNotice.MADE, by=by, at=tx.at)
            return account, self._new_link(tx, account, by=by, approval=approval)

    def check(self, *, email: str | None, acts_for: OrganisationRole | None, account_id: str = "") -> None:
        """Hold the address and the organisation of an account to be to what is there; None: left out.

        `account_id`: whose address it may be already. Raises InvalidInputError, ConflictError `account_exists`, all
        of them at once.
        """
        checks: builtins.list[Callable[[], object]] = []
        with self.database.read() as connection:
            if email is not None:
                checks.append(lambda: _check_address(connection, checked_email(email), but=account_id))
            if acts_for is not None:
                checks.append(lambda: _check_organisation(connection, acts_for.role, acts_for.organisation))
            check_all(*checks)

    def list(self) -> list[Account]:
        """Return every account, by name."""
        with self.database.read() as connection:
            return store.every(connection)

    def exist(self) -> bool:
        """Return whether there is an account at all."""
        with self.database.read() as connection:
            return store.any_account(connection)

    def has_two_operators(self) -> bool:
        """Whether two operators are active, so that two people can agree."""
        with self.database.read() as connection:
            return store.active_operators(connection) > 1

    def get(self, account_id: str) -> Account:
        """Return one account. Raises NotFoundError."""
        with self.database.read() as connection:
            account = store.by_id(connection, account_id)
        if account is None:
            raise NotFoundError("there is no such account", field="account")
        return account

    def with_email(self, email: str) -> Account:
        """Return the account of an address. Raises NotFoundError."""
        with self.database.read() as connection:
            account = store.by_email(connection, checked_email(email))
        if account is None:
            raise NotFoundError(f"there is no account {email}", field="email", hint="npn admin account list")
        return account

    def change(
        self,
        account_id: str,
        details: AccountDetails,
        *,
        by: str,
        email: str | None = None,
        approval: str | None = None,
    ) -> Account:
        """Change who somebody is; whoever may no longer sign in, or may do something else, is signed out.

        `email`: another address; None leaves it. Raises RefusedError `last_operator` where nobody would be left to run
        the service, `two_people_needed` where it makes an operator; ConflictError `account_exists`.
        """
        name, role = checked_name(details.name, "name"), details.role
        organisation, state = details.organisation, details.state
        with self.ledger.transaction() as tx:
            before = found(tx, account_id)
            _check_organisation(tx.connection, role, organisation)
            act = operator_acts.act_of(before, role, state)
            if act is not None:
                operator_acts.require_two(tx.connection, account_id, act, by=by, approval=approval)
            values = {"name": name, "role": role.value, "organisation_id": organisation, "state": state.value}
            store.update(tx.connection, account_id, values)
            if (before.role, before.organisation, before.state) != (role, organisation, state):
                store.end_sessions(tx.connection, account_id)
                changed = AccountChanged(
                    account=account_id, role=role, organisation=organisation, state=state, by=by, approval=approval
                )
                _record(tx, changed, Tie.PROMOTED if act is OperatorAct.PROMOTE else Tie.CHANGED)
                emails.of_change(tx.connection, before, found(tx, account_id), by=by, at=tx.at)
            if email is not None:
                _set_email(tx, before, email, by=by)
            if before.role is AccountRole.OPERATOR and not store.active_operators(tx.connection):
                raise RefusedError("nobody would be left to run the service", code=codes.LAST_OPERATOR)
            return found(tx, account_id)

    def new_link(self, account_id: str, *, by: str, approval: str | None = None) -> Link:
        """Make another one-time link: the password in force ends, the second factor too, and every session.

        Raises RefusedError `two_people_needed` for an operator's account.
        """
        with self.ledger.transaction() as tx:
            account = found(tx, account_id)
            is_active_operator = (account.role, account.state) == (AccountRole.OPERATOR, AccountState.ACTIVE)
            if approval is not None and not is_active_operator:
                raise ConflictError("the account is not an active operator's any more", code=codes.NOTHING_TO_CHANGE)
            if account.role is AccountRole.OPERATOR:
                operator_acts.require_two(tx.connection, account_id, OperatorAct.RESET, by=by, approval=approval)
                emails.of_shell(tx.connection, account, AccountNotice.RESET, by=by, at=tx.at)
            store.update(tx.connection, account_id, {"password": None, "totp_secret": None})
            store.set_recovery_codes(tx.connection, account_id, ())
            store.unbind_subjects(tx.connection, account_id)
            store.end_sessions(tx.connection, account_id)
            attempts_store.forget_devices(tx.connection, account_id)
            password_resets_store.forget(tx.connection, account_id)
            return self._new_link(tx, account, by=by, approval=approval, tie=Tie.RESET)

    def vouch(self, account_id: str, *, by: str, reason: str) -> Account:
        """Vouch that an account belongs to a separate person: what it was tied to before ties it no longer.

        Raises RefusedError `not_operator`, `people_tied` where whoever vouches may be part of it.
        """
        why = checked_reason(reason)
        with self.ledger.transaction() as tx:
            account = found(tx, account_id)
            if not ties.is_shell(by):
                two_people.hold_apart(tx.connection, proposed_by=account.by, approved_by=by, at=tx.at)
            entry = tx.append(AccountVouched(account=account_id, reason=why, by=by))
            ties_store.vouch(tx.connection, account_id, by=by, entry=entry)
            emails.of_shell(tx.connection, account, AccountNotice.VOUCHED, by=by, reason=why, at=tx.at)
            return account

    def tied_to(self, account_id: str) -> builtins.list[ties.TieRow]:
        """Return whom an account is tied to now."""
        with self.database.read() as connection:
            return list(ties_store.of(connection, account_id, at=self.ledger.clock()))

    def of_link(self, token: str) -> Account:
        """Return whose link it is. Raises NotFoundError `link_used` where it is unknown, used or too old."""
        with self.database.read() as connection:
            account_id = store.link_of(connection, digest_of(token), self.ledger.clock())
            account = None if account_id is None else store.by_id(connection, account_id)
        if account is None or account.state is not AccountState.ACTIVE:
            raise _no_link()
        return account

    def use_link(self, token: str, *, password: str) -> Account:
        """Set the password (hashed) that the link was made for. Raises NotFoundError `link_used`."""
        with self.ledger.transaction() as tx:
            account_id = store.link_of(tx.connection, digest_of(token), tx.at)
            if account_id is None or found(tx, account_id).state is not AccountState.ACTIVE:
                raise _no_link()
            store.use_link(tx.connection, digest_of(token), tx.at)
            _set_password(tx, account_id, password, by=str(account_name(account_id)))
            return found(tx, account_id)

    def use_link_for_subject(self, token: str, *, issuer: str, subject: str) -> Account:
        """Bind a provider's subject to the account that a one-time link was made for, and use the link up."""
        with self.ledger.transaction() as tx:
            account_id = store.link_of(tx.connection, digest_of(token), tx.at)
            if account_id is None or found(tx, account_id).state is not AccountState.ACTIVE:
                raise _no_link()
            store.use_link(tx.connection, digest_of(token), tx.at)
            _bind(tx, account_id, issuer=issuer, subject=subject, by=str(account_name(account_id)))
            return found(tx, account_id)

    def bind(self, account_id: str, *, issuer: str, subject: str) -> Account:
        """Bind a provider's subject to an account, whose holder asks for it. Raises ConflictError `openid_bound`."""
        with self.ledger.transaction() as tx:
            _bind(tx, account_id, issuer=issuer, subject=subject, by=str(account_name(account_id)))
            return found(tx, account_id)

    def begin_binding(self, account_id: str, state: str) -> None:
        """Note that an account's holder, who has proved it, is on the way to the provider with this state."""
        with self.database.write() as connection:
            at = self.ledger.clock()
            store.add_openid_start(
                connection, digest_of(state), account_id=account_id, at=at, expires_at=at + BINDING_TIME
            )

    def name_identity(self, account_id: str, state: str, *, issuer: str, subject: str) -> None:
        """Note which identity the provider answered with, until its holder confirms. Raises UnauthenticatedError."""
        with self.database.write() as connection:
            digest, at = digest_of(state), self.ledger.clock()
            if not store.name_openid_identity(
                connection, digest, account_id=account_id, at=at, issuer=issuer, subject=subject
            ):
                raise _not_begun()

    def finish_binding(self, account_id: str, state: str) -> Account:
        """Bind the identity that was noted. Raises UnauthenticatedError `openid_failed`, ConflictError."""
        with self.ledger.transaction() as tx:
            named = store.take_openid_start(tx.connection, digest_of(state), account_id=account_id, at=tx.at)
            if named is None:
                raise _not_begun()
            _bind(tx, account_id, issuer=named[0], subject=named[1], by=f"account:{account_id}")
            return found(tx, account_id)

    def of_subject(
        self, *, issuer: str, subject: str, email: str, name: str, bind_by_email: bool, new_role: str | None
    ) -> Account:
        """Return the account that a provider's subject is bound to; bind or make one only where the settings say so.

        `email` is one that the provider has checked. It never binds to an operator's account: that would be a reset
        that nobody agreed to. Raises UnauthenticatedError `openid_unknown`.
        """
        with self.database.read() as connection:
            account_id = store.subject_of(connection, issuer, subject)
            account = None if account_id is None else store.by_id(connection, account_id)
            twin = store.by_email(connection, email) if account_id is None and email else None
        if account is None and twin is not None and bind_by_email and twin.role is not AccountRole.OPERATOR:
            account = self.bind(twin.id, issuer=issuer, subject=subject)
        if account is None and twin is None and new_role and email:
            new_account, _ = self.add(by="openid", email=email, name=name or email, role=AccountRole(new_role))
            account = self.bind(new_account.id, issuer=issuer, subject=subject)
        if account is None or account.state is not AccountState.ACTIVE:
            raise UnauthenticatedError(
                "the provider knows you, but you have no account here", code=codes.OPENID_UNKNOWN
            )
        return account

    def issuers(self, account_id: str) -> builtins.list[str]:
        """Return the providers an account is bound to."""
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
            emails.to_holder(tx.connection, found(tx, account_id), AccountNotice.SECOND_FACTOR, at=tx.at)
            return _new_codes(tx, account_id, by=by)

    def new_recovery_codes(self, account_id: str, *, by: str) -> builtins.list[str]:
        """Make new recovery codes in the place of all before; shown this once."""
        with self.ledger.transaction() as tx:
            emails.to_holder(tx.connection, found(tx, account_id), AccountNotice.RECOVERY_CODES, at=tx.at)
            return _new_codes(tx, account_id, by=by)

    def _new_link(
        self, tx: Transaction, account: Account, *, by: str, approval: str | None, tie: Tie | None = None
    ) -> Link:
        """Make a link in the place of all before, and mail it to the account's address where mail works."""
        link = Link(secrets.token_urlsafe(32), tx.at + timedelta(days=LINK_DAYS))
        store.add_link(tx.connection, digest=digest_of(link.token), account_id=account.id, expires_at=link.expires_at)
        _record(tx, AccountCredentialSet(account=account.id, credential="link", by=by, approval=approval), tie)
        mailed = self.mailing.send_link(tx.connection, account, link.path, expires_at=link.expires_at, at=tx.at)
        return replace(link, mailed=mailed)

    def recovery_codes_left(self, account_id: str) -> int:
        """Count the recovery codes still good."""
        with self.database.read() as connection:
            return store.recovery_codes_left(connection, account_id)


def found(tx: Transaction, account_id: str) -> Account:
    """Return an account inside a transaction. Raises NotFoundError."""
    account = store.by_id(tx.connection, account_id)
    if account is None:
        raise NotFoundError("there is no such account", field="account")
    return account


def recovery_digest(account_id: str, code: str) -> str:
    """Hash a recovery code as it is kept; spaces, dashes, case and width don't matter."""
    return digest_of(f"{account_id}:{plain(code)}")


def _no_link() -> NotFoundError:
    return NotFoundError(
        "the link has expired or was already used",
        code=codes.LINK_USED,
        hint="it works once, and for a week: ask the operator for another",
    )


def _not_begun() -> UnauthenticatedError:
    return UnauthenticatedError("the answer is to no binding that this account began", code=codes.OPENID_FAILED)


def _record(
    tx: Transaction, event: AccountAdded | AccountChanged | AccountCredentialSet | AccountEmailChanged, tie: Tie | None
) -> None:
    """Append an event about an account, and tie the account to whoever caused it."""
    entry = tx.append(event)
    if tie is not None:
        approval = None if isinstance(event, AccountEmailChanged) else event.approval
        ties_store.tie(tx.connection, event.account, tie, by=event.by, entry=entry, approval=approval)
    account = found(tx, event.account)
    if (account.role, account.state) == (AccountRole.OPERATOR, AccountState.ACTIVE):
        ties_store.note_operator(tx.connection, event.account, tx.at)


def _set_email(tx: Transaction, before: Account, email: str, *, by: str) -> None:
    """Change an account's address; both addresses are written to. Raises ConflictError `account_exists`."""
    address = checked_email(email)
    if address == before.email:
        return
    _check_address(tx.connection, address)
    store.update(tx.connection, before.id, {"email": address})
    password_resets_store.forget(tx.connection, before.id)
    _record(tx, AccountEmailChanged(account=before.id, by=by), Tie.CHANGED)
    account = found(tx, before.id)
    for to in (before.email, address):
        emails.to_holder(tx.connection, account, AccountNotice.EMAIL, at=tx.at, to=to)
    if account.role is AccountRole.OPERATOR:
        emails.of_shell(tx.connection, account, AccountNotice.EMAIL, by=by, at=tx.at)


def _bind(tx: Transaction, account_id: str, *, issuer: str, subject: str, by: str) -> None:
    holder = store.subject_of(tx.connection, issuer, subject)
    if holder == account_id:
        return
    if holder is not None:
        raise ConflictError("the provider's account is another's here", code=codes.OPENID_BOUND)
    store.bind_subject(tx.connection, issuer=issuer, subject=subject, account_id=account_id, at=tx.at)
    ties_store.bound(tx.connection, issuer=issuer, subject=subject, account_id=account_id, at=tx.at)
    _note(tx, account_id, "openid", by=by)
    emails.to_holder(tx.connection, found(tx, account_id), AccountNotice.OPENID, at=tx.at)


def _set_password(tx: Transaction, account_id: str, password: str, *, by: str) -> None:
    store.update(tx.connection, account_id, {"password": password})
    password_resets_store.forget(tx.connection, account_id)
    _note(tx, account_id, "password", by=by)
    emails.to_holder(tx.connection, found(tx, account_id), AccountNotice.PASSWORD, at=tx.at)


def _new_codes(tx: Transaction, account_id: str, *, by: str) -> list[str]:
    codes = [
        "-".join("".join(secrets.choice(_ALPHABET) for _ in range(5)) for _ in range(3)) for _ in range(RECOVERY_CODES)
    ]
    store.set_recovery_codes(tx.connection, account_id, [recovery_digest(account_id, code) for code in codes])
    _note(tx, account_id, "recovery_codes", by=by)
    return codes


def _note(tx: Transaction, account_id: str, credential: Credential, *, by: str) -> None:
    tx.append(AccountCredentialSet(account=account_id, credential=credential, by=by))


def _check_address(connection: sa.Connection, address: str, *, but: str = "") -> None:
    """Hold an address to be nobody's, or that of one account. Raises ConflictError `account_exists`."""
    holder = store.by_email(connection, address)
    if holder is not None and holder.id != but:
        raise ConflictError("there is an account with that address", code=codes.ACCOUNT_EXISTS, field="email")


def _check_organisation(connection: sa.Connection, role: AccountRole, organisation: str | None) -> None:
    """Hold the organisation to be one of the role's kind, and to be there where the role needs one."""
    if role not in OF_ORGANISATIONS:
        if organisation is not None:
            raise InvalidInputError(details.NO_ORGANISATION_FOR_ROLE, field="organisation")
        return
    record = None if organisation is None else organisation_store.one_organisation(connection, organisation)
    if record is None or record.merged_into is not None or record.kind is not OrganisationKind(role.value):
        kind = details.ORGANISATION_KINDS[role.value]
        raise InvalidInputError(details.ORGANISATION_NEEDED.of(kind=kind), field="organisation")
