"""The SQL of failures to sign in, and of the devices that accounts signed in on (`npn.people.attempts`)."""

import math
from datetime import datetime

import sqlalchemy as sa

from npn.db.types import Timestamp
from npn.people.attempts import FREE_FAILURES, REMEMBERED, AttemptAllowance, SignInAttempt
from npn.people.tables import account_device, sign_in_failure

MAX_DEVICES = 20  # of an account; the one used longest ago goes

_COUNT = sa.text(
    "INSERT INTO sign_in_failure (tried, failures, last_at) VALUES (:tried, 1, :at)"
    " ON CONFLICT (tried) DO UPDATE SET last_at = :at,"
    " failures = CASE WHEN sign_in_failure.last_at > :since THEN sign_in_failure.failures + 1 ELSE 1 END"
).bindparams(sa.bindparam("at", type_=Timestamp), sa.bindparam("since", type_=Timestamp))

_FIRST = sa.text(
    "INSERT INTO sign_in_failure (tried, failures, last_at) VALUES (:tried, 0, :at) ON CONFLICT (tried) DO NOTHING"
).bindparams(sa.bindparam("at", type_=Timestamp))


def failures(connection: sa.Connection, tried: SignInAttempt, at: datetime) -> int:
    """Count the failures that are still remembered."""
    c = sign_in_failure.c
    query = sa.select(c.failures).where(c.tried == tried.key, c.last_at > at - REMEMBERED)
    return connection.scalar(query) or 0


def wait(connection: sa.Connection, tried: SignInAttempt, at: datetime) -> int:
    """Return the seconds until it may be tried again; 0 where it may be tried now."""
    c = sign_in_failure.c
    query = sa.select(c.failures, c.last_at).where(c.tried == tried.key, c.last_at > at - REMEMBERED)
    row = connection.execute(query).one_or_none()
    if row is None or row.failures < FREE_FAILURES:
        return 0
    return int((row.last_at + REMEMBERED - at).total_seconds()) + 1


def wait_in(connection: sa.Connection, tried: SignInAttempt, at: datetime, *, allowance: AttemptAllowance) -> int:
    """Return the seconds until an allowance has an attempt left; 0 where it has one now."""
    return _wait(_full_at(connection, tried), at, allowance)


def take(connection: sa.Connection, tried: SignInAttempt, at: datetime, *, allowance: AttemptAllowance) -> int:
    """Use one attempt of an allowance and return 0; else return the seconds until there is one again.

    `last_at` of the row is when all attempts are there again. It is changed only as it was read, so that servers which
    judge at the same time don't use one attempt twice.
    """
    c = sign_in_failure.c
    while True:
        full_at = _full_at(connection, tried)
        seconds = _wait(full_at, at, allowance)
        if seconds:
            return seconds
        after = max(full_at or at, at) + allowance.each
        if full_at is None:
            row = connection.execute(_FIRST, {"tried": tried.key, "at": after})
        else:
            change = sa.update(sign_in_failure).where(c.tried == tried.key, c.last_at == full_at)
            row = connection.execute(change.values(last_at=after))
        if row.rowcount:
            return 0


def count(connection: sa.Connection, tried: SignInAttempt, at: datetime) -> None:
    """Count a failure; forget those that are remembered no longer."""
    since = at - REMEMBERED
    connection.execute(sa.delete(sign_in_failure).where(sign_in_failure.c.last_at <= since))
    connection.execute(_COUNT, {"tried": tried.key, "at": at, "since": since})


def forget(connection: sa.Connection, tried: SignInAttempt) -> None:
    """Forget the failures, since it was right."""
    connection.execute(sa.delete(sign_in_failure).where(sign_in_failure.c.tried == tried.key))


def knows_device(connection: sa.Connection, digest: str, account_id: str) -> bool:
    """Return whether an account signed in on a device before."""
    c = account_device.c
    query = sa.select(sa.literal(1)).where(c.digest == digest, c.account_id == account_id)
    return connection.scalar(query) is not None


def trust_device(connection: sa.Connection, digest: str, account_id: str, *, at: datetime) -> None:
    """Note that an account signed in on a device, now."""
    c = account_device.c
    connection.execute(sa.delete(account_device).where(c.digest == digest, c.account_id == account_id))
    connection.execute(sa.insert(account_device).values(digest=digest, account_id=account_id, seen_at=at))
    newest = sa.select(c.digest).where(c.account_id == account_id).order_by(c.seen_at.desc()).limit(MAX_DEVICES)
    devices = list(connection.scalars(newest))
    connection.execute(sa.delete(account_device).where(c.account_id == account_id, c.digest.not_in(devices)))


def forget_devices(connection: sa.Connection, account_id: str) -> None:
    """Forget on which devices an account signed in."""
    connection.execute(sa.delete(account_device).where(account_device.c.account_id == account_id))


def _full_at(connection: sa.Connection, tried: SignInAttempt) -> datetime | None:
    return connection.scalar(sa.select(sign_in_failure.c.last_at).where(sign_in_failure.c.tried == tried.key))


def _wait(full_at: datetime | None, at: datetime, allowance: AttemptAllowance) -> int:
    too_soon = max(full_at or at, at) + allowance.each - at - allowance.within
    return max(0, math.ceil(too_soon.total_seconds()))
