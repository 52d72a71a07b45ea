"""The SQL of accounts and sessions, all of it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa

from npn.db.sealing import TOTP_SECRET, sealer_of
from npn.people.model import Account, AccountRole, AccountState
from npn.people.tables import account, account_link, openid_start, openid_subject, person_session, recovery_code
from npn.systems.organisation_store import NAMES

_accounts = sa.select(account, NAMES.c.name.label("organisation_name")).outerjoin(
    NAMES, account.c.organisation_id == NAMES.c.id
)


@dataclass(frozen=True, slots=True)
class Secrets:
    """What an account is let in by. `totp_step`: the last period whose code was used."""

    password: str | None
    totp_secret: str | None
    totp_step: int


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session as it is kept."""

    digest: str
    account_id: str
    step: str
    created_at: datetime
    seen_at: datetime


def _account(row: sa.Row[tuple[object, ...]]) -> Account:
    m = row._mapping  # noqa: SLF001  # SQLAlchemy's public name for a row as a mapping
    return Account(
        id=m["id"],
        email=m["email"],
        name=m["name"],
        role=AccountRole(m["role"]),
        organisation=m["organisation_id"],
        organisation_name=m["organisation_name"],
        state=AccountState(m["state"]),
        has_password=m["password"] is not None,
        has_second_factor=m["totp_secret"] is not None,
        created_at=m["created_at"],
        signed_in_at=m["signed_in_at"],
    )


def by_id(connection: sa.Connection, account_id: str) -> Account | None:
    """Return an account, or None."""
    row = connection.execute(_accounts.where(account.c.id == account_id)).one_or_none()
    return None if row is None else _account(row)


def by_email(connection: sa.Connection, email: str) -> Account | None:
    """Return the account of an address in lower case, or None."""
    row = connection.execute(_accounts.where(account.c.email == email)).one_or_none()
    return None if row is None else _account(row)


def every(connection: sa.Connection) -> list[Account]:
    """Return all accounts, by name."""
    return [_account(row) for row in connection.execute(_accounts.order_by(account.c.name, account.c.email))]


def active_ids(connection: sa.Connection, role: AccountRole, organisation: str | None) -> set[str]:
    """Return the ids of the accounts of a role, and of an organisation where one is given, that may sign in."""
    c = account.c
    mine = (c.state == AccountState.ACTIVE.value) & (c.role == role.value)
    theirs = c.organisation_id.is_(None) if organisation is None else c.organisation_id == organisation
    return set(connection.scalars(sa.select(c.id).where(mine, theirs)))


def any_account(connection: sa.Connection) -> bool:
    """Return whether there is one."""
    return connection.scalar(sa.select(sa.literal(1)).select_from(account).limit(1)) is not None


def active_operators(connection: sa.Connection) -> int:
    """Count the operators who may sign in."""
    operators = (account.c.role == AccountRole.OPERATOR.value) & (account.c.state == AccountState.ACTIVE.value)
    return connection.scalar(sa.select(sa.func.count()).select_from(account).where(operators)) or 0


def secrets_of(connection: sa.Connection, account_id: str) -> Secrets | None:
    """Return what an account is let in by, or None."""
    c = account.c
    query = sa.select(c.password, c.totp_secret, c.totp_step).where(c.id == account_id)
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    record = Secrets(*row)
    if record.totp_secret is None:
        return record
    return replace(record, totp_secret=sealer_of(connection).open(record.totp_secret, TOTP_SECRET, account_id))


def add(connection: sa.Connection, values: Mapping[str, object]) -> None:
    """Insert an account; `values` by column."""
    connection.execute(sa.insert(account).values(values))


def update(connection: sa.Connection, account_id: str, values: Mapping[str, object]) -> None:
    """Change an account's columns; the second factor's secret is kept encrypted."""
    secret = values.get("totp_secret")
    if secret is not None:
        values = {**values, "totp_secret": sealer_of(connection).seal(str(secret), TOTP_SECRET, account_id)}
    connection.execute(sa.update(account).where(account.c.id == account_id).values(values))


def move_accounts(connection: sa.Connection, organisation_id: str, into_id: str) -> None:
    """Have the accounts of one organisation act for another."""
    mine = account.c.organisation_id == organisation_id
    connection.execute(sa.update(account).where(mine).values(organisation_id=into_id))


def add_link(connection: sa.Connection, *, digest: str, account_id: str, expires_at: datetime) -> None:
    """Insert a one-time link; those before it end."""
    connection.execute(sa.delete(account_link).where(account_link.c.account_id == account_id))
    values = {"digest": digest, "account_id": account_id, "expires_at": expires_at}
    connection.execute(sa.insert(account_link).values(values))


def link_of(connection: sa.Connection, digest: str, at: datetime) -> str | None:
    """Return the account of a link that is still good, or None."""
    c = account_link.c
    query = sa.select(c.account_id).where(c.digest == digest, c.used_at.is_(None), c.expires_at > at)
    return connection.scalar(query)


def use_link(connection: sa.Connection, digest: str, at: datetime) -> None:
    """Use a link up."""
    connection.execute(sa.update(account_link).where(account_link.c.digest == digest).values(used_at=at))


def set_recovery_codes(connection: sa.Connection, account_id: str, digests: Collection[str]) -> None:
    """Put new recovery codes in the place of all before."""
    connection.execute(sa.delete(recovery_code).where(recovery_code.c.account_id == account_id))
    if digests:
        rows = [{"digest": digest, "account_id": account_id} for digest in digests]
        connection.execute(sa.insert(recovery_code), rows)


def use_recovery_code(connection: sa.Connection, account_id: str, digest: str, *, at: datetime) -> bool:
    """Use a code up; say whether it was one."""
    c = recovery_code.c
    mine = (c.digest == digest) & (c.account_id == account_id) & c.used_at.is_(None)
    return connection.execute(sa.update(recovery_code).where(mine).values(used_at=at)).rowcount == 1


def recovery_codes_left(connection: sa.Connection, account_id: str) -> int:
    """Count the codes that are still good."""
    c = recovery_code.c
    query = sa.select(sa.func.count()).select_from(recovery_code).where(c.account_id == account_id, c.used_at.is_(None))
    return connection.scalar(query) or 0


def subject_of(connection: sa.Connection, issuer: str, subject: str) -> str | None:
    """Return the account that a provider's subject is bound to, or None."""
    c = openid_subject.c
    return connection.scalar(sa.select(c.account_id).where(c.issuer == issuer, c.subject == subject))


def subjects_of(connection: sa.Connection, account_id: str) -> list[str]:
    """Return the issuers an account is bound to."""
    c = openid_subject.c
    return list(connection.scalars(sa.select(c.issuer).where(c.account_id == account_id).order_by(c.issuer)))


def bind_subject(connection: sa.Connection, *, issuer: str, subject: str, account_id: str, at: datetime) -> None:
    """Bind a provider's subject to an account."""
    values = {"issuer": issuer, "subject": subject, "account_id": account_id, "bound_at": at}
    connection.execute(sa.insert(openid_subject).values(values))


def unbind_subjects(connection: sa.Connection, account_id: str) -> None:
    """Forget every provider's subject of an account."""
    connection.execute(sa.delete(openid_subject).where(openid_subject.c.account_id == account_id))


def add_openid_start(
    connection: sa.Connection, digest: str, *, account_id: str, at: datetime, expires_at: datetime
) -> None:
    """Insert a binding under way; those that are over are forgotten."""
    connection.execute(sa.delete(openid_start).where(openid_start.c.expires_at <= at))
    values = {"digest": digest, "account_id": account_id, "expires_at": expires_at}
    connection.execute(sa.insert(openid_start).values(values))


def name_openid_identity(  # the parts of an identity, and whose binding it is
    connection: sa.Connection, digest: str, *, account_id: str, at: datetime, issuer: str, subject: str
) -> bool:
    """Note the identity of a binding under way; say whether there is one that has none yet."""
    c = openid_start.c
    mine = (c.digest == digest) & (c.account_id == account_id) & (c.expires_at > at) & c.subject.is_(None)
    return connection.execute(sa.update(openid_start).where(mine).values(issuer=issuer, subject=subject)).rowcount == 1


def take_openid_start(
    connection: sa.Connection, digest: str, *, account_id: str, at: datetime
) -> tuple[str, str] | None:
    """Return issuer and subject of a binding under way, once; None where there is none with an identity."""
    c = openid_start.c
    mine = (c.digest == digest) & (c.account_id == account_id)
    named = mine & (c.expires_at > at) & c.subject.is_not(None)
    row = connection.execute(sa.select(c.issuer, c.subject).where(named)).one_or_none()
    connection.execute(sa.delete(openid_start).where(mine))
    return None if row is None else (str(row.issuer), str(row.subject))


def add_session(connection: sa.Connection, row: SessionRow) -> None:
    """Insert a session."""
    connection.execute(
        sa.insert(person_session).values(
            digest=row.digest,
            account_id=row.account_id,
            step=row.step,
            created_at=row.created_at,
            seen_at=row.seen_at,
        )
    )


def session(connection: sa.Connection, digest: str) -> SessionRow | None:
    """Return a session, or None."""
    row = connection.execute(sa.select(person_session).where(person_session.c.digest == digest)).one_or_none()
    return None if row is None else SessionRow(row.digest, row.account_id, row.step, row.created_at, row.seen_at)


def see_session(connection: sa.Connection, digest: str, at: datetime) -> None:
    """Note that a session was used."""
    connection.execute(sa.update(person_session).where(person_session.c.digest == digest).values(seen_at=at))


def end_session(connection: sa.Connection, digest: str) -> None:
    """Forget a session."""
    connection.execute(sa.delete(person_session).where(person_session.c.digest == digest))


def end_sessions(connection: sa.Connection, account_id: str, *, but: str = "") -> None:
    """Forget an account's sessions, `but` one by its digest."""
    c = person_session.c
    connection.execute(sa.delete(person_session).where(c.account_id == account_id, c.digest != but))


def forget_old_sessions(connection: sa.Connection, *, seen_before: datetime, made_before: datetime) -> None:
    """Forget the sessions that are over."""
    c = person_session.c
    connection.execute(sa.delete(person_session).where((c.seen_at < seen_before) | (c.created_at < made_before)))
