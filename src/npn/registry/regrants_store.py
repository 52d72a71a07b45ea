"""The SQL of released numbers that are granted again, all of it."""

from collections.abc import Mapping
from typing import Any  # a row's columns are typed by the query, which mypy can't carry this far

import sqlalchemy as sa

from npn.db.exchange import Exchange, QueryReply, Row, Statement, instant
from npn.registry import store
from npn.registry.model import LiveRange, RangeKind, Regrant, ReleasedNumbers, Series
from npn.registry.tables import live_range, regrant, release

_every = sa.select(regrant).order_by(regrant.c.ledger_seq)
_unused = Statement(_every.where(regrant.c.cursor <= regrant.c.last))
_move = Statement(
    sa.update(regrant).where(regrant.c.id == sa.bindparam("regrant_id")).values(cursor=sa.bindparam("new_cursor"))
)


def _regrant(row: Row | sa.Row[*tuple[Any, ...]]) -> Regrant:
    regrant_id, series, space, length, generation, first, last, cursor, holders, approval, at, seq = row
    return Regrant(
        id=regrant_id,
        series=series,
        space=space,
        length=length,
        generation=generation,
        first=first,
        last=last,
        cursor=cursor,
        holders=tuple(holders.split()),
        approval=approval,
        at=instant(at),
        seq=seq,
    )


def ask_unused(exchange: Exchange) -> QueryReply:
    """Ask for the regrants of which some numbers are left, in the order they were made."""
    return exchange.ask(_unused)


def unused(reply: QueryReply) -> list[Regrant]:
    """Return what `ask_unused` found."""
    return [_regrant(row) for row in reply.rows]


def move(exchange: Exchange, moved: Mapping[str, int]) -> None:
    """Move cursors; backwards is refused by the database."""
    for regrant_id, cursor in moved.items():
        exchange.ask(_move, {"regrant_id": regrant_id, "new_cursor": cursor})


def every(connection: sa.Connection) -> list[Regrant]:
    """Return all, in the order they were made."""
    return [_regrant(row) for row in connection.execute(_every)]


def of_series(connection: sa.Connection, series_id: str) -> list[Regrant]:
    """Return those of one series."""
    return [_regrant(row) for row in connection.execute(_every.where(regrant.c.series_id == series_id))]


def of_approval(connection: sa.Connection, approval_id: str) -> Regrant | None:
    """Return what one approval gave free, or None."""
    row = connection.execute(_every.where(regrant.c.approval == approval_id)).one_or_none()
    return None if row is None else _regrant(row)


def add(connection: sa.Connection, made: Regrant) -> None:
    """Insert one; what was not released, or is in quarantine, is refused by the database."""
    same = ("id", "space", "generation", "first", "last", "cursor", "approval", "at")
    values = {name: getattr(made, name) for name in same}
    renamed = {"series_id": made.series, "scheme_length": made.length, "ledger_seq": made.seq}
    connection.execute(sa.insert(regrant).values({**values, **renamed, "holders": " ".join(made.holders)}))


def times_granted(connection: sa.Connection, *, length: int) -> int:
    """Return how often numbers of a length were granted again at most; 0 nearly everywhere."""
    highest = sa.select(sa.func.max(regrant.c.generation)).where(regrant.c.scheme_length == length)
    return int(connection.scalar(highest) or 0)


def history(connection: sa.Connection, *, length: int, number: int) -> list[LiveRange]:
    """Return every live range that a number has lain in, the first one first."""
    holders = (
        store.holding(connection, length=length, number=number, generation=generation)
        for generation in range(times_granted(connection, length=length) + 1)
    )
    return [holder for holder in holders if holder is not None]


def holding(connection: sa.Connection, *, length: int, number: int) -> LiveRange | None:
    """Return the live range that a number lies in now, or None."""
    holders = history(connection, length=length, number=number)
    return holders[-1] if holders else None


def holding_series(connection: sa.Connection, *, length: int, number: int) -> Series | None:
    """Return the series a number was last granted in, or None."""
    holder = holding(connection, length=length, number=number)
    return None if holder is None or holder.kind is not RangeKind.GRANTED else store.series(connection, holder.id)


def generation_of(connection: sa.Connection, series_id: str) -> int:
    """Return how often a series' numbers were granted before it."""
    return int(connection.scalar(sa.select(live_range.c.generation).where(live_range.c.id == series_id)) or 0)


def released(connection: sa.Connection) -> list[ReleasedNumbers]:
    """Return every release, newest first, with its series.

    At most a thousand: a country has some dozens.
    """
    columns = (live_range.c.id, live_range.c.system_id, live_range.c.space, live_range.c.scheme_length)
    times = (live_range.c.drawn_at, release.c.at, release.c.quarantine_until)
    query = sa.select(*columns, *times, release.c.first, release.c.last)  # in the order of ReleasedNumbers' members
    query = query.join(live_range, live_range.c.id == release.c.series_id)
    rows = connection.execute(query.order_by(release.c.ledger_seq.desc()).limit(1000))
    return [ReleasedNumbers(*row) for row in rows]
