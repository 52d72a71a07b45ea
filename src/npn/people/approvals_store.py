"""The SQL of proposals and decisions, all of it."""

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa

from npn.people.tables import approval

_MOST = 500


def add(connection: sa.Connection, values: Mapping[str, object]) -> None:
    """Insert a proposal; `values` by column."""
    connection.execute(sa.insert(approval).values(values))


def open_twin(connection: sa.Connection, kind: str, wish: str) -> bool:
    """Say whether the same is proposed and not decided yet."""
    c = approval.c
    query = sa.select(sa.literal(1)).where(c.kind == kind, c.wish == wish, c.state == "open")
    return connection.scalar(query.limit(1)) is not None


def decide(connection: sa.Connection, approval_id: str, state: str, *, by: str, at: datetime) -> bool:
    """Decide an open proposal; say whether it was open."""
    c = approval.c
    change = sa.update(approval).where(c.id == approval_id, c.state == "open")
    return connection.execute(change.values(state=state, decided_by=by, decided_at=at)).rowcount == 1


def set_outcome(connection: sa.Connection, approval_id: str, outcome: str) -> None:
    """Keep what came of it."""
    connection.execute(sa.update(approval).where(approval.c.id == approval_id).values(outcome=outcome))


def one(connection: sa.Connection, approval_id: str) -> Mapping[str, object] | None:
    """Give a proposal's row, or None."""
    row = connection.execute(sa.select(approval).where(approval.c.id == approval_id)).mappings().one_or_none()
    return None if row is None else dict(row)


def every(connection: sa.Connection) -> list[Mapping[str, object]]:
    """Give the rows, the open ones first, then the newest."""
    order = (approval.c.state != "open", approval.c.proposed_at.desc())
    return [dict(row) for row in connection.execute(sa.select(approval).order_by(*order).limit(_MOST)).mappings()]
