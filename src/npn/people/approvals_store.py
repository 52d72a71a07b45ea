"""The SQL of proposals and decisions, all of it."""

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa

from npn.people.model import NamedAccount
from npn.people.tables import approval, approval_comment, operator_wish

_MOST = 500


def add(connection: sa.Connection, values: Mapping[str, object]) -> None:
    """Insert a proposal; `values` by column."""
    connection.execute(sa.insert(approval).values(values))


def open_twin(connection: sa.Connection, kind: str, wish: str) -> bool:
    """Return whether the same is proposed and not decided yet."""
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
    """Return a proposal's row, or None."""
    row = connection.execute(sa.select(approval).where(approval.c.id == approval_id)).mappings().one_or_none()
    return None if row is None else dict(row)


def every(connection: sa.Connection) -> list[Mapping[str, object]]:
    """Return the rows, the open ones first, then the newest."""
    order = (approval.c.state != "open", approval.c.proposed_at.desc())
    return [dict(row) for row in connection.execute(sa.select(approval).order_by(*order).limit(_MOST)).mappings()]


def add_comment(connection: sa.Connection, approval_id: str, text: str) -> None:
    """Keep what whoever decided said of it."""
    connection.execute(sa.insert(approval_comment).values(approval_id=approval_id, text=text))


def comment(connection: sa.Connection, approval_id: str) -> str:
    """Return what whoever decided said of it; empty where nothing was."""
    c = approval_comment.c
    return connection.scalar(sa.select(c.text).where(c.approval_id == approval_id)) or ""


def add_named(connection: sa.Connection, approval_id: str, named: NamedAccount) -> None:
    """Keep whom a proposal is about."""
    values = {"approval_id": approval_id, "name": named.name, "email": named.email}
    connection.execute(sa.insert(operator_wish).values(values))


def named(connection: sa.Connection, approval_id: str) -> NamedAccount | None:
    """Return whom a proposal is about, or None."""
    c = operator_wish.c
    row = connection.execute(sa.select(c.name, c.email).where(c.approval_id == approval_id)).one_or_none()
    return None if row is None else NamedAccount(row.name, row.email)


def forget_named(connection: sa.Connection, approval_id: str) -> None:
    """Forget whom a proposal was about."""
    connection.execute(sa.delete(operator_wish).where(operator_wish.c.approval_id == approval_id))


def open_wish_for(connection: sa.Connection, email: str) -> bool:
    """Return whether an operator of that address is proposed and not decided yet."""
    query = (
        sa.select(sa.literal(1))
        .join(approval, approval.c.id == operator_wish.c.approval_id)
        .where(operator_wish.c.email == email, approval.c.state == "open")
    )
    return connection.scalar(query.limit(1)) is not None
