"""The SQL of spaces, ranges and releases, all of it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any  # a row's columns are typed by the query, which mypy can't carry this far

import sqlalchemy as sa

from npn.db.exchange import Exchange, QueryReply, Row, Statement, among, instant, texts
from npn.db.rows import insert_rows
from npn.numbers.digits import format_digits
from npn.numbers.scheme import NumberScheme
from npn.pools.model import Suspect
from npn.registry.model import DrawSummary, LiveRange, RangeKind, Release, Series, Space, StoredAnswer
from npn.registry.tables import (
    live_range,
    number_space,
    regrant,
    release,
    stored_answer,
)
from npn.systems.model import Environment

_released_from = (
    sa.select(sa.func.min(release.c.first))
    .where(release.c.series_id == live_range.c.id)
    .correlate(live_range)
    .scalar_subquery()
    .label("released_from")
)
whole_series = sa.select(  # in the order of Series' members
    *(live_range.c[name] for name in ("id", "space", "scheme_length", "first", "last", "usable", "system_id")),
    *(live_range.c[name] for name in ("purpose", "request_id", "drawn_at", "ledger_seq")),
    _released_from,
)
_series = whole_series.where(live_range.c.kind == RangeKind.GRANTED.value)
_ranges = sa.select(
    live_range.c.id,
    live_range.c.kind,
    live_range.c.space,
    live_range.c.scheme_length,
    live_range.c.generation,
    live_range.c.first,
    live_range.c.last,
    live_range.c.system_id,
    live_range.c.drawn_at,
    live_range.c.ledger_seq,
)
_all_spaces = sa.select(number_space).order_by(number_space.c.name)
_lock_spaces = Statement(_all_spaces.with_for_update())
_cursors = Statement(sa.select(number_space.c.name, number_space.c.cursor))
_set_cursor = Statement(
    sa.update(number_space)
    .where(number_space.c.name == sa.bindparam("space_name"))
    .values(cursor=sa.bindparam("new_cursor"))
)
_under = whole_series.add_columns(live_range.c.channel, live_range.c.request_digest)
_requests = among((_under, live_range.c.request_id), name="request_ids")


def _space(row: Row | sa.Row[*tuple[Any, ...]]) -> Space:
    name, environment, scheme, length, weights, modulus, remainder, first, last, cursor, _, default, is_open = row
    number_scheme = _scheme_of(scheme, length, weights, modulus=modulus, remainder=remainder)
    return Space(name, Environment(environment), number_scheme, first, last, cursor, bool(default), bool(is_open))


@cache
def _scheme_of(name: str, length: int, weights: str, *, modulus: int, remainder: int) -> NumberScheme:
    """Return the one scheme of these values, so that its tables are computed once in a process."""
    digits = tuple(int(weight) for weight in weights.split(","))
    return NumberScheme(name, length, digits, modulus=modulus, remainder=remainder)


def spaces(connection: sa.Connection) -> list[Space]:
    """Return every space, by name."""
    return [_space(row) for row in connection.execute(_all_spaces)]


def rows_of_spaces(connection: sa.Connection, names: Collection[str]) -> sa.CursorResult[*tuple[Any, ...]]:
    """Return the rows of the spaces so named, in columns that every schema since the first one has."""
    columns = ("name", "scheme", "length", "weights", "modulus", "remainder", "first", "last")
    return connection.execute(
        sa.select(*(number_space.c[name] for name in columns)).where(number_space.c.name.in_(names))
    )


def lock_spaces(exchange: Exchange) -> QueryReply:
    """Lock every space's row until the commit: before the ledger's head, always."""
    return exchange.ask(_lock_spaces)


def locked(reply: QueryReply) -> list[Space]:
    """Return every space, by name, as `lock_spaces` found them."""
    return [_space(row) for row in reply.rows]


def ask_cursors(exchange: Exchange) -> QueryReply:
    """Ask for each space's name and cursor."""
    return exchange.ask(_cursors)


def add_space(connection: sa.Connection, space: Space, at: datetime) -> None:
    """Insert a space; one that overlaps another of its length is refused by the database."""
    scheme = space.scheme
    connection.execute(
        sa.insert(number_space).values(
            name=space.name,
            environment=space.environment.value,
            scheme=scheme.name,
            length=scheme.length,
            weights=",".join(map(str, scheme.weights)),
            modulus=scheme.modulus,
            remainder=scheme.remainder,
            first=space.first,
            last=space.last,
            cursor=space.cursor,
            created_at=at,
            is_default=space.is_default,
        )
    )


def set_cursors(exchange: Exchange, moved: Mapping[str, int]) -> None:
    """Move cursors; backwards is refused by the database."""
    for name, cursor in moved.items():
        exchange.ask(_set_cursor, {"space_name": name, "new_cursor": cursor})


def one_series(row: Row | sa.Row[*tuple[Any, ...]]) -> Series:
    """Return a row of `whole_series` as a series."""
    series_id, space, length, first, last, usable, system, purpose, request_id, drawn_at, seq, released_from = row[:12]
    return Series(
        id=series_id,
        space=space,
        length=length,
        first=first,
        last=last,
        usable=usable,
        system=system,
        purpose=purpose,
        request_id=request_id,
        drawn_at=instant(drawn_at),
        seq=seq,
        released_from=released_from,
    )


def _one_range(row: sa.Row[*tuple[Any, ...]]) -> LiveRange:
    m = row._mapping  # noqa: SLF001  # SQLAlchemy's public name for a row as a mapping
    return LiveRange(
        id=m["id"],
        kind=RangeKind(m["kind"]),
        space=m["space"],
        length=m["scheme_length"],
        first=m["first"],
        last=m["last"],
        system=m["system_id"],
        at=m["drawn_at"],
        seq=m["ledger_seq"],
        generation=m["generation"],
    )


def series(connection: sa.Connection, series_id: str) -> Series | None:
    """Return one series, or None."""
    row = connection.execute(_series.where(live_range.c.id == series_id)).one_or_none()
    return None if row is None else one_series(row)


def suspect_series(connection: sa.Connection, ids: sa.Select[tuple[str]]) -> list[Suspect]:
    """Return the series of these ids, in order of number, as a contested pool names them."""
    columns = (live_range.c.id, live_range.c.space, live_range.c.scheme_length, live_range.c.first, live_range.c.last)
    query = sa.select(*columns).where(live_range.c.id.in_(ids)).order_by(live_range.c.first)
    return [
        Suspect(series_id, space, format_digits(first, length), format_digits(last, length))
        for series_id, space, length, first, last in connection.execute(query)
    ]


def request_digest(connection: sa.Connection, series_id: str) -> tuple[str, str] | None:
    """Return the channel a series was asked for on and the digest of the wish, or None."""
    query = sa.select(live_range.c.channel, live_range.c.request_digest).where(live_range.c.id == series_id)
    row = connection.execute(query).one_or_none()
    return None if row is None else (row.channel, row.request_digest)


def series_of_request(connection: sa.Connection, *, system: str, channel: str, request_id: str) -> Series | None:
    """Return the series that a system was granted under a request id of a channel, or None."""
    query = _series.where(
        live_range.c.system_id == system, live_range.c.channel == channel, live_range.c.request_id == request_id
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else one_series(row)


def series_page(connection: sa.Connection, *, system: str | None, before: int | None, limit: int) -> list[Series]:
    """Return up to `limit` series, newest first, of one system or of all, older than the entry `before`."""
    query = _series.order_by(live_range.c.ledger_seq.desc()).limit(limit)
    if system is not None:
        query = query.where(live_range.c.system_id == system)
    if before is not None:
        query = query.where(live_range.c.ledger_seq < before)
    return [one_series(row) for row in connection.execute(query)]


def ask_requests(exchange: Exchange, request_ids: Collection[str]) -> QueryReply:
    """Ask what was granted under these request ids."""
    return exchange.ask(_requests, {"request_ids": texts(request_ids)})


def requests(reply: QueryReply) -> dict[tuple[str, str, str], tuple[str, Series]]:
    """Return what `ask_requests` found: (system, channel, request id) to (digest, series)."""
    rows = ((row[-1], row[-2], one_series(row)) for row in reply.rows)
    return {(series.system, channel, series.request_id): (digest, series) for digest, channel, series in rows}


def _written(number: int) -> sa.ColumnElement[int]:
    """Write a number into the statement: of a limit that is a parameter PostgreSQL expects a tenth of the table."""
    return sa.literal_column(str(number), sa.Integer)


# Ordered by the columns of the index on (scheme_length, generation, first), so that no plan can do but walk it:
# max(first) may be computed from every range of the length, as PostgreSQL did while it had no statistics yet.
_length, _at = sa.bindparam("length", type_=sa.SmallInteger), sa.bindparam("at", type_=sa.BigInteger)
_until, _most = sa.bindparam("until", type_=sa.BigInteger), 16
_generation = sa.bindparam("generation", type_=sa.Integer)
_going_up = (live_range.c.scheme_length, live_range.c.generation, live_range.c.first)
_going_down = tuple(column.desc() for column in _going_up)
_first_granted = live_range.c.generation == _written(0)
_start_at_or_before = (
    sa.select(live_range.c.first)
    .where(live_range.c.scheme_length == _length, _first_granted, live_range.c.first <= _at)
    .order_by(*_going_down)
    .limit(_written(1))
    .scalar_subquery()
)
_before = live_range.alias("before")
_from_there = sa.and_(
    live_range.c.scheme_length == _length,
    _first_granted,
    live_range.c.first >= sa.func.coalesce(_start_at_or_before, _at),
)
_occupied = (
    sa.select(live_range.c.first, live_range.c.last).where(_from_there).order_by(*_going_up).limit(_written(_most))
)
_start_at_or_before_cursor = (
    sa.select(_before.c.first)
    .where(
        _before.c.scheme_length == number_space.c.length,
        _before.c.generation == _written(0),
        _before.c.first <= number_space.c.cursor,
    )
    .order_by(_before.c.scheme_length.desc(), _before.c.generation.desc(), _before.c.first.desc())
    .limit(_written(1))
    .correlate(number_space)
    .scalar_subquery()
)
_from_cursor = sa.and_(
    live_range.c.scheme_length == number_space.c.length,
    _first_granted,
    live_range.c.first >= sa.func.coalesce(_start_at_or_before_cursor, number_space.c.cursor),
)
_next_few = (  # what `_occupied` tells, of every space at its cursor
    sa.select(live_range.c.first, live_range.c.last)
    .where(_from_cursor)
    .order_by(*_going_up)
    .limit(_written(_most))
    .correlate(number_space)
    .lateral("next_few")
)
_ahead = Statement(
    sa.select(number_space.c.name, _next_few.c.first, _next_few.c.last)
    .select_from(number_space.join(_next_few, sa.true()))
    .order_by(number_space.c.name)
)
_overlapping = _ranges.where(_from_there, live_range.c.first <= _until).order_by(*_going_up)
_holding = (
    _ranges.where(
        live_range.c.scheme_length == _length, live_range.c.generation == _generation, live_range.c.first <= _at
    )
    .order_by(*_going_down)
    .limit(_written(1))
)


def occupied(connection: sa.Connection, *, length: int, at: int) -> tuple[list[tuple[int, int]], bool]:
    """Return the next live ranges that hold `at` or lie after it, in order, and whether these are all of them."""
    rows = connection.execute(_occupied, {"length": length, "at": at}).all()
    return seen([(row.first, row.last) for row in rows], at=at)


def seen(rows: Sequence[tuple[int, int]], *, at: int) -> tuple[list[tuple[int, int]], bool]:
    """Leave out the range that ends before `at`; fewer rows than were asked for are all there are."""
    return [(first, last) for first, last in rows if last >= at], len(rows) < _most


def ask_ahead(exchange: Exchange) -> QueryReply | None:
    """Ask what `occupied` tells of every space at its cursor; None on SQLite, where nothing is saved by it."""
    return exchange.ask(_ahead) if exchange.connection.dialect.name == "postgresql" else None


def ahead(reply: QueryReply | None) -> dict[str, list[tuple[int, int]]] | None:
    """Return what `ask_ahead` found, by space; a space that is not there has nothing ahead. None: nothing was asked."""
    if reply is None:
        return None
    by_space: dict[str, list[tuple[int, int]]] = {}
    for name, first, last in reply.rows:
        by_space.setdefault(name, []).append((first, last))
    return by_space


_in_use = Statement(
    sa.select(number_space.c.name, live_range.c.first, live_range.c.last)
    .select_from(number_space.join(live_range, _from_cursor))
    .where(live_range.c.first <= number_space.c.last, live_range.c.last >= number_space.c.cursor)
    .order_by(number_space.c.name, live_range.c.first)
)


def ask_in_use(exchange: Exchange) -> QueryReply:
    """Ask for every range that is live at or ahead of its space's cursor, by space and in order."""
    return exchange.ask(_in_use)


def overlapping(connection: sa.Connection, *, length: int, first: int, last: int) -> list[LiveRange]:
    """Return the live ranges that share a number with `first` to `last`, in order."""
    rows = connection.execute(_overlapping, {"length": length, "at": first, "until": last})
    return [_one_range(row) for row in rows if row.last >= first]


def holding(connection: sa.Connection, *, length: int, number: int, generation: int = 0) -> LiveRange | None:
    """Return the live range of one generation that a number lies in, or None."""
    row = connection.execute(_holding, {"length": length, "generation": generation, "at": number}).one_or_none()
    return _one_range(row) if row is not None and row.last >= number else None


def add_ranges(exchange: Exchange, rows: Sequence[Mapping[str, object]]) -> None:
    """Insert live ranges, `rows` by column; one that overlaps another is refused by the database."""
    insert_rows(exchange, live_range, rows)


def releases(connection: sa.Connection, series_id: str) -> list[Release]:
    """Return what was released of a series, in order of time."""
    query = sa.select(release).where(release.c.series_id == series_id).order_by(release.c.ledger_seq)
    return [
        Release(row.first, row.last, row.at, row.quarantine_until, row.ledger_seq) for row in connection.execute(query)
    ]


def add_release(connection: sa.Connection, series_id: str, released: Release) -> None:
    """Insert a release."""
    connection.execute(
        sa.insert(release).values(
            series_id=series_id,
            first=released.first,
            last=released.last,
            at=released.at,
            quarantine_until=released.quarantine_until,
            ledger_seq=released.seq,
        )
    )


def drawn_since(connection: sa.Connection, *, system: str, since: datetime) -> list[tuple[datetime, int]]:
    """Return when and how many numbers a system drew after `since`, oldest first."""
    query = (
        sa.select(live_range.c.drawn_at, (live_range.c.last - live_range.c.first + 1).label("size"))
        .where(
            live_range.c.system_id == system,
            live_range.c.kind == RangeKind.GRANTED.value,
            live_range.c.drawn_at > since,
        )
        .order_by(live_range.c.ledger_seq)
    )
    return [(row.drawn_at, row.size) for row in connection.execute(query)]


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


def occupied_ahead(connection: sa.Connection, space: Space) -> int:
    """Count the numbers of a space at or after its cursor that are live already."""
    query = sa.select(sa.func.sum(live_range.c.last - live_range.c.first + 1)).where(
        live_range.c.scheme_length == space.scheme.length,
        _first_granted,
        live_range.c.first >= space.cursor,
        live_range.c.first <= space.last,
    )
    return int(connection.scalar(query) or 0)


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


def stored_answers(
    connection: sa.Connection, *, channel: str, request_ids: Collection[str]
) -> dict[tuple[str, str, str], StoredAnswer]:
    """Return the answers kept under these request ids, by (system, channel, request id)."""
    query = sa.select(stored_answer).where(
        stored_answer.c.request_id.in_(list(request_ids)), stored_answer.c.channel == channel
    )
    rows = (
        StoredAnswer(r.system_id, r.channel, r.request_id, r.digest, r.media_type, r.body, r.at)
        for r in connection.execute(query)
    )
    return {(a.system, a.channel, a.request_id): a for a in rows}


def add_answers(connection: sa.Connection, answers: Sequence[StoredAnswer]) -> None:
    """Insert answers; a second one under the same request id is refused by the database."""
    if answers:
        columns = ("channel", "request_id", "digest", "media_type", "body", "at")
        rows = [{"system_id": a.system, **{name: getattr(a, name) for name in columns}} for a in answers]
        connection.execute(sa.insert(stored_answer), rows)


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
