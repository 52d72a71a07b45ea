"""The SQL of what is policy: the quarantine, default and closed spaces."""

from datetime import datetime

import sqlalchemy as sa

from npn.registry.model import Space
from npn.registry.tables import number_space, quarantine_policy


def quarantine_days(connection: sa.Connection) -> int | None:
    """Return the days of the policy set last, or None."""
    newest = sa.select(quarantine_policy.c.days).order_by(quarantine_policy.c.ledger_seq.desc()).limit(1)
    return connection.scalar(newest)


def has_quarantine_approval(connection: sa.Connection, approval: str) -> bool:
    """Whether a policy was set by that approval."""
    query = sa.select(sa.literal(1)).where(quarantine_policy.c.approval == approval)
    return connection.scalar(query) is not None


def add_quarantine(connection: sa.Connection, *, seq: int, days: int, at: datetime, approval: str | None) -> None:
    """Insert a policy; one of less than a year is refused by the database."""
    values = {"ledger_seq": seq, "days": days, "at": at, "approval": approval}
    connection.execute(sa.insert(quarantine_policy).values(values))


def set_default(connection: sa.Connection, space: Space) -> None:
    """Let draws of the space's environment go there that name none."""
    of_environment = sa.update(number_space).where(number_space.c.environment == space.environment.value)
    connection.execute(of_environment.where(number_space.c.is_default).values(is_default=False))
    connection.execute(sa.update(number_space).where(number_space.c.name == space.name).values(is_default=True))


def set_open(connection: sa.Connection, name: str, *, is_open: bool) -> None:
    """Open or close a space."""
    connection.execute(sa.update(number_space).where(number_space.c.name == name).values(is_open=is_open))
