"""The SQL of what was drawn and released, summed and streamed for figures of stock and use."""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

import sqlalchemy as sa

from npn.registry.model import DrawSummary, RangeKind
from npn.registry.tables import live_range, number_space, regrant, release

_drawn_ever = sa.select(
    live_range.c.system_id,
    sa.func.sum(live_range.c.usable).label("usable"),
    sa.func.max(live_range.c.drawn_at, type_=live_range.c.drawn_at.type).label("latest"),
).group_by(live_range.c.system_id)


def drawn_ever(connection: sa.Connection, systems: Collection[str]) -> dict[str, tuple[int, datetime]]:
    """Return, by system, the usable numbers it ever got, imported ones included, and when it last got some."""
    return _by_holder(connection.execute(_drawn_ever.where(live_range.c.system_id.in_(systems))))


def drawn_beyond(connection: sa.Connection, seq: int) -> dict[str, tuple[int, datetime]]:
    """Return the same of every system, of what was recorded after the ledger's entry `seq`."""
    new = _drawn_ever.where(live_range.c.ledger_seq > seq, live_range.c.system_id.is_not(None))
    return _by_holder(connection.execute(new))


def _by_holder(rows: sa.CursorResult[tuple[str, int, datetime]]) -> dict[str, tuple[int, datetime]]:
    return {row.system_id: (int(row.usable), row.latest) for row in rows}


def drawn_from(connection: sa.Connection, *, space: str, since: datetime) -> Iterator[tuple[datetime, int, int]]:
    """Stream when, how many numbers and how many usable ones were drawn from a space since then."""
    size = (live_range.c.last - live_range.c.first + 1).label("size")
    query = sa.select(live_range.c.drawn_at, size, live_range.c.usable).where(
        live_range.c.space == space, live_range.c.kind == RangeKind.GRANTED.value, live_range.c.drawn_at >= since
    )
    for row in connection.execution_options(yield_per=1000).execute(query):
        yield row.drawn_at, row.size, row.usable


def first_drawn_at(connection: sa.Connection, *, space: str) -> datetime | None:
    """Return when a space was first drawn from, or None."""
    query = sa.select(live_range.c.drawn_at).where(
        live_range.c.space == space, live_range.c.kind == RangeKind.GRANTED.value
    )
    return connection.scalar(query.order_by(live_range.c.ledger_seq).limit(1))


def totals(connection: sa.Connection) -> dict[str, tuple[int, int, int]]:
    """Return, by space, how many series were granted, their numbers and their usable numbers."""
    query = (
        sa.select(
            live_range.c.space,
            sa.func.count().label("series"),
            sa.func.sum(live_range.c.last - live_range.c.first + 1).label("numbers"),
            sa.func.sum(live_range.c.usable).label("usable"),
        )
        .where(live_range.c.kind == RangeKind.GRANTED.value)
        .group_by(live_range.c.space)
    )
    return {row.space: (int(row.series), int(row.numbers), int(row.usable)) for row in connection.execute(query)}


def drawn_after(connection: sa.Connection, *, from_seq: int) -> Iterator[tuple[str, str, datetime, int, int]]:
    """Stream draws whose ledger entry is `from_seq` or later, in order: system, space, when, numbers, usable."""
    size = (live_range.c.last - live_range.c.first + 1).label("size")
    columns = (live_range.c.system_id, live_range.c.space, live_range.c.drawn_at, size, live_range.c.usable)
    query = sa.select(*columns).where(live_range.c.ledger_seq >= from_seq, live_range.c.kind == RangeKind.GRANTED.value)
    rows = connection.execution_options(yield_per=1000).execute(query.order_by(live_range.c.ledger_seq))
    for row in rows:
        yield row.system_id, row.space, row.drawn_at, row.size, row.usable


def draw_summary(
    connection: sa.Connection, *, system: str, from_seq: int, burst: timedelta, since: datetime | None
) -> DrawSummary:
    """Sum one system's draws whose ledger entry is `from_seq` or later, in the database: there may be thousands.

    `burst`: draws so close together count as one; `since`: draws after it are summed too.
    """
    at, usable = live_range.c.drawn_at, live_range.c.usable
    of_system = sa.and_(
        live_range.c.system_id == system,
        live_range.c.ledger_seq >= from_seq,
        live_range.c.kind == RangeKind.GRANTED.value,
    )
    query = sa.select(sa.func.count(), sa.func.min(at, type_=at.type), sa.func.max(at, type_=at.type))
    count, first_at, last_at = connection.execute(query.where(of_system)).one()
    if not count:
        return DrawSummary()
    conditions = (at > first_at + burst, at >= last_at - burst, sa.false() if since is None else at > since)
    sums = (sa.func.sum(sa.case((condition, usable), else_=0)) for condition in conditions)
    after_first, last, since_then = (int(n) for n in connection.execute(sa.select(*sums).where(of_system)).one())
    return DrawSummary(count, first_at, last_at, after_first, last, since_then)


def released_after(
    connection: sa.Connection, *, from_seq: int, system: str | None = None
) -> Iterator[tuple[str, str, datetime, int, int]]:
    """Stream releases whose ledger entry is `from_seq` or later: system, space, when, first, last.

    Those of one system, or of all.
    """
    columns = (live_range.c.system_id, live_range.c.space, release.c.at, release.c.first, release.c.last)
    query = sa.select(*columns).join(live_range, live_range.c.id == release.c.series_id)
    if system is not None:
        query = query.where(live_range.c.system_id == system)
    for row in connection.execute(query.where(release.c.ledger_seq >= from_seq)):
        yield row.system_id, row.space, row.at, row.first, row.last


def lines(connection: sa.Connection, *, system: str, bins: int) -> dict[str, dict[int, int]]:
    """Count a system's numbers, by space, in equal parts of the space's used part, by where a range begins.

    A partially overlapped part is listed with zero numbers. What was granted again is its new holder's.
    """
    c = number_space.c
    span = sa.case((c.cursor > c.first, c.cursor - c.first), else_=1)
    part = ((live_range.c.first - c.first) * bins // span).label("part")
    until = sa.func.max((live_range.c.last - c.first) * bins // span).label("until")
    regranted = sa.select(regrant.c.series_id, sa.func.sum(regrant.c.cursor - regrant.c.first).label("size"))
    again = regranted.group_by(regrant.c.series_id).subquery("again")
    size = live_range.c.last - live_range.c.first + 1 - sa.func.coalesce(again.c.size, 0)
    of_spaces = live_range.join(number_space, c.name == live_range.c.space)
    query = (
        sa.select(live_range.c.space, part, until, sa.func.sum(size).label("size"))
        .select_from(of_spaces.outerjoin(again, again.c.series_id == live_range.c.id))
        .where(live_range.c.system_id == system, size > 0)
        .group_by(live_range.c.space, sa.literal_column("part"))
    )
    by_space: dict[str, dict[int, int]] = {}
    for row in connection.execute(query):
        by_part = by_space.setdefault(row.space, {})
        begins = min(int(row.part), bins - 1)
        by_part[begins] = by_part.get(begins, 0) + int(row.size)
        for reached in range(begins + 1, min(int(row.until), bins - 1) + 1):
            by_part.setdefault(reached, 0)
    return by_space
