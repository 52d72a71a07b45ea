"""The SQL of the forms that are kept for a while, all of it."""

from datetime import datetime

import sqlalchemy as sa

from npn.people.tables import account, kept_form


def add(connection: sa.Connection, digest: str, *, account_id: str, sealed_form: str, expires_at: datetime) -> None:
    """Insert a form."""
    values = {"digest": digest, "account_id": account_id, "sealed_form": sealed_form, "expires_at": expires_at}
    connection.execute(sa.insert(kept_form).values(values))


def account_is_there(connection: sa.Connection, account_id: str) -> bool:
    """Return whether there is such an account."""
    return connection.scalar(sa.select(sa.literal(1)).where(account.c.id == account_id)) is not None


def keep_newest(connection: sa.Connection, account_id: str, most: int) -> None:
    """Remove all but the newest forms of an account."""
    c = kept_form.c
    newest = sa.select(c.digest).where(c.account_id == account_id).order_by(c.expires_at.desc(), c.digest).limit(most)
    digests = list(connection.scalars(newest))
    connection.execute(sa.delete(kept_form).where(c.account_id == account_id, c.digest.not_in(digests)))


def sealed_form(connection: sa.Connection, digest: str, *, account_id: str, at: datetime) -> str | None:
    """Return an account's form, sealed; None where it is not there, another's, or too old."""
    c = kept_form.c
    query = sa.select(c.sealed_form).where(c.digest == digest, c.account_id == account_id, c.expires_at > at)
    return connection.scalar(query)


def of_account(connection: sa.Connection, account_id: str, *, at: datetime) -> list[tuple[str, datetime]]:
    """Return the digests of an account's forms and until when they are kept, the newest first."""
    c = kept_form.c
    query = sa.select(c.digest, c.expires_at).where(c.account_id == account_id, c.expires_at > at)
    return [(str(row.digest), row.expires_at) for row in connection.execute(query.order_by(c.expires_at.desc()))]


def forget(connection: sa.Connection, digest: str) -> None:
    """Remove a form."""
    connection.execute(sa.delete(kept_form).where(kept_form.c.digest == digest))


def forget_expired(connection: sa.Connection, at: datetime) -> None:
    """Remove the forms that are too old."""
    connection.execute(sa.delete(kept_form).where(kept_form.c.expires_at <= at))
