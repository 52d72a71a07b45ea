"""The SQL of spaces, ranges and releases, all of it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any  # a row's columns are typed by the query, which mypy can't carry this far

import sqlalchemy as sa

from npn.db.exchange import Exchange, QueryReply, Row, Statement, among, instant, texts
from npn.db.rows import insert_rows
from npn.numbers.digits import format_digits
from npn.numbers.scheme import NumberScheme
from npn.pools.model import Suspect
from npn.registry.model import LiveRange, RangeKind, Release, Series, Space, StoredAnswer
from npn.registry.tables import (
    live_range,
    number_space,
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


def occupied_ahead(connection: sa.Connection, space: Space) -> int:
    """Count the numbers of a space at or after its cursor that are live already."""
    query = sa.select(sa.func.sum(live_range.c.last - live_range.c.first + 1)).where(
        live_range.c.scheme_length == space.scheme.length,
        _first_granted,
        live_range.c.first >= space.cursor,
        live_range.c.first <= space.last,
    )
    return int(connection.scalar(query) or 0)


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
