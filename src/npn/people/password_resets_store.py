"""The SQL of the links by which a forgotten password is replaced, all of it."""

from datetime import datetime

import sqlalchemy as sa

from npn.people.tables import password_reset

_c = password_reset.c


def add(connection: sa.Connection, digest: str, *, account_id: str, expires_at: datetime) -> None:
    """Insert a link."""
    values = {"digest": digest, "account_id": account_id, "expires_at": expires_at}
    connection.execute(sa.insert(password_reset).values(values))


def keep_newest(connection: sa.Connection, account_id: str, most: int) -> None:
    """Remove all but the newest links of an account."""
    newest = sa.select(_c.digest).where(_c.account_id == account_id).order_by(_c.expires_at.desc()).limit(most)
    digests = list(connection.scalars(newest))
    connection.execute(sa.delete(password_reset).where(_c.account_id == account_id, _c.digest.not_in(digests)))


def account_of(connection: sa.Connection, digest: str, at: datetime) -> str | None:
    """Return the account of a link that is still good, or None."""
    return connection.scalar(sa.select(_c.account_id).where(_c.digest == digest, _c.expires_at > at))


def forget(connection: sa.Connection, account_id: str) -> None:
    """Remove every link of an account."""
    connection.execute(sa.delete(password_reset).where(_c.account_id == account_id))


def forget_expired(connection: sa.Connection, at: datetime) -> None:
    """Remove the links that are too old."""
    connection.execute(sa.delete(password_reset).where(_c.expires_at <= at))
