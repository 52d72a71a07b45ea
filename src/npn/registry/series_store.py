"""The series of a system as a list asks for them: filtered, ordered and cut by the database. SQL alone."""

from collections.abc import Iterator, Sequence

import sqlalchemy as sa

from npn.registry import store
from npn.registry.model import RangeKind, Series, SeriesQuery
from npn.registry.tables import live_range, release

_ROWS = 500  # read at a time
_first_released = (
    sa.select(sa.func.min(release.c.first)).where(release.c.series_id == live_range.c.id).correlate(live_range)
).scalar_subquery()
_state = sa.case(
    (_first_released.is_(None), "granted"),
    (_first_released == live_range.c.first, "released"),
    else_="partly_released",
)
_ORDERS = {
    "first": live_range.c.first,
    "last": live_range.c.last,
    "drawn": live_range.c.ledger_seq,
    "size": live_range.c.last - live_range.c.first,
    "usable": live_range.c.usable,
    "state": _state,
    "purpose": sa.func.lower(live_range.c.purpose),
}
ORDERS = frozenset(_ORDERS)


def _fitting(query: SeriesQuery) -> sa.ColumnElement[bool]:
    fits = sa.and_(live_range.c.system_id == query.system, live_range.c.kind == RangeKind.GRANTED.value)
    return sa.and_(fits, _state == query.state) if query.state else fits


def _ordered(query: SeriesQuery) -> sa.Select[tuple[object, ...]]:
    column = _ORDERS[query.order.removeprefix("-")]
    direction = column.desc() if query.order.startswith("-") else column.asc()
    return store.whole_series.where(_fitting(query)).order_by(direction.nulls_last(), live_range.c.ledger_seq.desc())


def count(connection: sa.Connection, query: SeriesQuery) -> int:
    """Count the series that fit."""
    return connection.execute(sa.select(sa.func.count()).select_from(live_range).where(_fitting(query))).scalar_one()


def cut(connection: sa.Connection, query: SeriesQuery, *, offset: int, limit: int) -> list[Series]:
    """Return `limit` of the series that fit, in their order, from the one at `offset` on."""
    return [store.one_series(row) for row in connection.execute(_ordered(query).offset(offset).limit(limit))]


def batches(connection: sa.Connection, query: SeriesQuery) -> Iterator[Sequence[Series]]:
    """Yield every series that fits, in their order, some hundred at a time; no more than those are in memory."""
    rows = connection.execution_options(yield_per=_ROWS).execute(_ordered(query))
    for part in rows.partitions():
        yield [store.one_series(row) for row in part]
