"""Every form of statement by hand, on every guarded table and every column of it: what is protected stays as it was.

The statements are made from the schema's own description, so that a new table or column joins by itself.
"""

import itertools
import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from typing import LiteralString, cast

import psycopg
import pytest
import sqlalchemy as sa

from guarded import TABLES, UNMAKEABLE, Hand, Row, by_hand, database_of, fill, fresh, keys_of, parts
from npn.config import Settings
from npn.db import Database
from npn.db.guards import GUARDS, OPEN
from npn.db.types import metadata

KEPT_BY_THE_DATABASE = {"alembic_version", "live_run"}
WHO = ("sqlite", "unchecked", "owner", "service")
HIDDEN = ("rowid", "_rowid_", "oid")
Statement = tuple[str, list[object]]


@pytest.fixture(params=WHO, scope="module")
def hand(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hand]:
    """Somebody with a connection by hand to a database in which every guarded table holds rows."""
    on_postgresql = request.param in ("owner", "service")
    url = request.getfixturevalue("postgres").new_database() if on_postgresql else None
    settings = database_of(request.param, tmp_path_factory.mktemp("guarded"), url)
    fill(settings)
    with by_hand(request.param, settings) as made:
        yield made


def test_every_table_is_either_guarded_or_said_to_be_open(settings: Settings) -> None:
    fill(settings)
    database = Database(settings.database, as_owner=True)
    with database.read() as connection:
        there = set(sa.inspect(connection).get_table_names())
    database.close()
    assert not set(GUARDS) & OPEN
    assert set(GUARDS) | OPEN == there - KEPT_BY_THE_DATABASE


def test_every_row_that_names_its_entry_of_the_ledger_is_guarded() -> None:
    assert {table.name for table in metadata.tables.values() if "ledger_seq" in table.columns} <= set(GUARDS)


# --- what is protected -------------------------------------------------------------------------------------------


def rows_of(hand: Hand, table: str) -> list[Row]:
    columns = list(TABLES[table].columns.keys())
    hidden = [] if hand.on_postgresql else ["rowid"]
    if not hand.on_postgresql:
        hidden += [f'typeof("{name}")' for name in columns]
    query = f"SELECT {', '.join([*(_quoted(columns)), *hidden])} FROM {table}"
    names = [*columns, *hidden]
    return [dict(zip(names, row, strict=True)) for row in _run(hand, query, [])]


def kept(hand: Hand, table: str, before: list[Row]) -> None:
    """Assert that no row is gone and that of what it says only the columns that may change did, the way they may."""
    guard, key = GUARDS[table], keys_of(TABLES[table])[0]
    after = {tuple(row[name] for name in key): row for row in rows_of(hand, table)}
    for row in before:
        now = after.get(tuple(row[name] for name in key))
        assert now is not None, f"a row of {table} is gone"
        for name, value in row.items():
            if name in guard.forward:
                assert isinstance(now[name], int)
                assert value <= now[name] <= row["last"] + 1  # type: ignore[operator]
            elif name in guard.lasting:
                assert value is None or now[name] is not None
            elif name not in guard.changes and name.removeprefix('typeof("').removesuffix('")') not in guard.changes:
                assert (now[name], type(now[name])) == (value, type(value)), f"{table}.{name}"
    if not hand.on_postgresql:
        types = {name: _stored(column) for name, column in TABLES[table].columns.items()}
        for row in after.values():
            wrong = {name for name, allowed in types.items() if row[f'typeof("{name}")'] not in allowed}
            assert not wrong, f"{table} holds what is none of its type: {wrong}"


def _stored(column: sa.Column[object]) -> set[str]:
    null = {"null"} if column.nullable else set()
    if isinstance(column.type, sa.LargeBinary):
        return {"blob"} | null
    return ({"integer"} if isinstance(column.type, sa.Integer | sa.Boolean) else {"text"}) | null


def _run(hand: Hand, statement: str, values: list[object]) -> list[tuple[object, ...]]:
    if hand.on_postgresql:
        assert isinstance(hand.connection, psycopg.Connection)
        cursor = hand.connection.execute(cast("LiteralString", statement.replace("?", "%s")), values)
        return cursor.fetchall() if cursor.description else []
    return list(hand.connection.execute(statement, values))


def holds(hand: Hand, table: str, statements: Iterator[Statement]) -> int:
    """Run each in a transaction that is rolled back; what is protected must be the same before that, error or not."""
    before, ranges, number = rows_of(hand, table), rows_of(hand, "live_range"), 0
    for statement, values in statements:
        number += 1
        begin(hand)
        try:
            _run(hand, statement, values)
            if hand.on_postgresql:
                hand.connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
        except psycopg.Error:  # where a statement that fails has done nothing
            hand.connection.rollback()
            continue
        except sqlite3.Error:
            pass
        try:
            kept(hand, table, before)
        except AssertionError as error:
            raise AssertionError(f"{statement} {values}") from error
    hand.connection.rollback()
    assert rows_of(hand, table) == before
    assert rows_of(hand, "live_range") == ranges
    hand.connection.rollback()
    return number


def _quoted(names: object) -> list[str]:
    return [f'"{name}"' for name in names]  # type: ignore[attr-defined]


def _where(key: tuple[str, ...], row: Row) -> tuple[str, list[object]]:
    return " AND ".join(f'"{name}" = ?' for name in key), [row[name] for name in key]


# --- the statements ----------------------------------------------------------------------------------------------


def values_for(hand: Hand, table: str, name: str, other: Row) -> list[str]:
    """Write what a column may be set to by somebody who means ill."""
    literal = ["NULL", "1.5", "'text'", "''", f'"{name}"']
    literal += ["-1", "9223372036854775807", "0"]
    literal += ["x'00ff'", "CAST('x' AS blob)"] if not hand.on_postgresql else ["'\\x00ff'::bytea"]
    column = TABLES[table].columns.get(name)
    if column is None or isinstance(column.type, sa.Integer):
        literal += [f'"{name}" + {step}' for step in ("1", "-1", "0.5", "1e3", "1000000")] if column is not None else []
        literal += [f"{name} + 1000000", f"{name} + 0.5"] if column is None else []
    if name in other:
        literal.append("?")
    return literal


def updates(hand: Hand, table: str) -> Iterator[Statement]:
    """Every column, the hidden ones too, to every value, with every way to meet a conflict."""
    rows = rows_of(hand, table)
    orders = (
        ("",)
        if hand.on_postgresql
        else ("", *(f"OR {how} " for how in ("REPLACE", "IGNORE", "FAIL", "ABORT", "ROLLBACK")))
    )
    columns = [*TABLES[table].columns.keys(), *(() if hand.on_postgresql else HIDDEN)]
    victim, other = rows[0], {**rows[-1], **dict.fromkeys(HIDDEN, rows[-1].get("rowid"))}
    key = keys_of(TABLES[table])[0]
    where, named = _where(key, victim)
    for name in columns:
        shown = name if name in HIDDEN else f'"{name}"'
        for value, how in itertools.product(values_for(hand, table, name, other), orders):
            given = [other[name]] if value == "?" else []
            yield f"UPDATE {how}{table} SET {shown} = {value}", given
            yield f"UPDATE {how}{table} SET {shown} = {value} WHERE {where}", [*given, *named]
    for unique in keys_of(TABLES[table]):  # a whole key at once: another row's
        wanted = ", ".join(f'"{name}" = ?' for name in unique)
        for how in orders:
            yield f"UPDATE {how}{table} SET {wanted} WHERE {where}", [*(other[name] for name in unique), *named]


def deletions(hand: Hand, table: str) -> Iterator[Statement]:
    """Every way to have a row gone."""
    yield f"DELETE FROM {table}", []
    yield f"WITH gone AS (SELECT 1 AS one) DELETE FROM {table} WHERE (SELECT one FROM gone) = 1", []
    yield f"DELETE FROM {table} RETURNING *", []
    for row in rows_of(hand, table)[:5]:
        for key in keys_of(TABLES[table]):
            where, named = _where(key, row)
            yield f"DELETE FROM {table} WHERE {where}", named
        for name in () if hand.on_postgresql else HIDDEN:
            yield f"DELETE FROM {table} WHERE {name} = ?", [row["rowid"]]
    if hand.on_postgresql:
        yield f"TRUNCATE {table}", []
        yield f"TRUNCATE {table} CASCADE", []
        yield f"DELETE FROM {table} USING ledger_head", []
        yield f"WITH gone AS (DELETE FROM {table} RETURNING *) SELECT count(*) FROM gone", []
        yield f"MERGE INTO {table} AS t USING (SELECT 1) AS s ON true WHEN MATCHED THEN DELETE", []


def insertions(hand: Hand, table: str) -> Iterator[Statement]:
    """Rows in the place of others: by every unique key, by hidden row id, with whatever in each column."""
    rows = [rows_of(hand, table)[place] for place in (0, -1)]
    names = list(TABLES[table].columns.keys())
    new = fresh(hand, table, {name: rows[0][name] for name in names})
    verbs = ["INSERT"]
    if not hand.on_postgresql:
        verbs += ["REPLACE", *(f"INSERT OR {how}" for how in ("REPLACE", "IGNORE", "FAIL", "ABORT", "ROLLBACK"))]
    tails = ["", " ON CONFLICT DO NOTHING", *_upserts(table)]
    into = f"INTO {table} ({', '.join(_quoted(names))})"
    places = ", ".join("?" for _ in names)
    for verb, tail, row in itertools.product(verbs, tails, rows):
        if tail and verb not in ("INSERT", "INSERT OR REPLACE"):
            continue
        for key in keys_of(TABLES[table]):
            taken = {**new, **{name: row[name] for name in key}}
            yield f"{verb} {into} VALUES ({places}){tail}", list(taken.values())
        yield f"{verb} {into} SELECT {', '.join(_quoted(names))} FROM {table} WHERE true{tail}", []
        for hidden in () if hand.on_postgresql else HIDDEN:
            given = f"INTO {table} ({hidden}, {', '.join(_quoted(names))})"
            yield f"{verb} {given} VALUES (?, {places}){tail}", [row["rowid"], *new.values()]
            yield f"{verb} {given} VALUES (?, {places}){tail}", [str(row["rowid"]), *new.values()]
            yield f"{verb} {given} VALUES (-1, {places}){tail}", list(new.values())
    blob = "x'00ff'" if not hand.on_postgresql else "'\\x00ff'::bytea"
    for verb, name, value in itertools.product(verbs, names, ("NULL", "1.5", "'text'", "''", blob, "-1", "1e300")):
        given = ", ".join(value if each == name else "?" for each in names)
        yield f"{verb} {into} VALUES ({given})", [new[each] for each in names if each != name]


def _upserts(table: str) -> Iterator[str]:
    for key in keys_of(TABLES[table]):
        target = ", ".join(_quoted(key))
        for name, column in TABLES[table].columns.items():
            yield f' ON CONFLICT ({target}) DO UPDATE SET "{name}" = excluded."{name}"'
            if isinstance(column.type, sa.Integer):
                yield f' ON CONFLICT ({target}) DO UPDATE SET "{name}" = {table}."{name}" - 1'


def merges(table: str) -> Iterator[Statement]:
    """PostgreSQL's MERGE: each column of what is there, and rows that take others' places."""
    names = list(TABLES[table].columns.keys())
    own = ", ".join(_quoted(names))
    for name in names:
        for value in ("NULL", f't."{name}"', f's."{name}"', "DEFAULT"):
            yield (
                (
                    f"MERGE INTO {table} AS t USING (SELECT * FROM {table} LIMIT 1) AS s ON true"
                    f' WHEN MATCHED THEN UPDATE SET "{name}" = {value}'
                ),
                [],
            )
    yield (
        (
            f"MERGE INTO {table} AS t USING {table} AS s ON false"
            f" WHEN NOT MATCHED THEN INSERT ({own}) VALUES ({', '.join(f's.{name}' for name in own.split(', '))})"
        ),
        [],
    )


@pytest.mark.parametrize("table", sorted(GUARDS))
def test_no_statement_changes_what_is_protected(hand: Hand, table: str) -> None:
    held = sum(holds(hand, table, made(hand, table)) for made in (updates, deletions, insertions))
    assert held > 50
    if hand.on_postgresql:
        holds(hand, table, merges(table))


def copied(connection: psycopg.Connection, table: str, row: Row, names: list[str]) -> None:
    into = cast("LiteralString", f"COPY {table} ({', '.join(_quoted(names))}) FROM STDIN")
    with connection.cursor().copy(into) as copy:
        copy.write_row([row[name] for name in names])
    connection.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.parametrize("hand", ["owner", "service"], indirect=True)
@pytest.mark.parametrize("table", sorted(GUARDS))
def test_nothing_is_copied_over_what_is_there(hand: Hand, table: str) -> None:
    assert isinstance(hand.connection, psycopg.Connection)
    before = rows_of(hand, table)
    names = list(TABLES[table].columns.keys())
    for row in before:
        with pytest.raises(psycopg.Error):
            copied(hand.connection, table, row, names)
        hand.connection.rollback()
    kept(hand, table, before)


@pytest.mark.parametrize("hand", ["sqlite", "unchecked"], indirect=True)
@pytest.mark.parametrize("table", sorted(set(GUARDS) - set(UNMAKEABLE)))
def test_the_rows_tried_are_such_as_the_database_takes_in_a_place_of_their_own(hand: Hand, table: str) -> None:
    """Else what was refused above would say nothing of why."""
    names = list(TABLES[table].columns.keys())
    row = fresh(hand, table, {name: rows_of(hand, table)[0][name] for name in names})
    begin(hand)
    places = ", ".join("?" for _ in names)
    _run(hand, f"INSERT INTO {table} ({', '.join(_quoted(names))}) VALUES ({places})", list(row.values()))
    hand.connection.rollback()


# --- withheld ranges ---------------------------------------------------------------------------------------------


def split(hand: Hand, said: str, verb: str = "INSERT", **changed: object) -> None:
    row: Row = {
        "withheld": "w1", "space": "production", "scheme_length": 10, "generation": 0,
        "first": 1_000_004_000, "last": 1_000_004_999, "parts": said,
        "at": "2026-11-01T08:00:00.000000Z", "ledger_seq": 99, **changed,
    }  # fmt: skip
    places = ", ".join("?" for _ in row)
    _run(hand, f"{verb} INTO range_split ({', '.join(_quoted(row))}) VALUES ({places})", list(row.values()))


@pytest.mark.parametrize(
    "bounds", [[(4000, 4999)], [(4000, 4099), (4100, 4999)], [(4500, 4999), (4001, 4499), (4000, 4000)]]
)
def test_a_withheld_range_is_split_into_what_is_exactly_it(hand: Hand, bounds: list[tuple[int, int]]) -> None:
    begin(hand)
    split(hand, parts(*bounds))
    held = _run(hand, "SELECT first, last FROM live_range WHERE first BETWEEN 1000004000 AND 1000004999", [])
    assert set(held) == {(1_000_000_000 + a, 1_000_000_000 + b) for a, b in bounds}
    hand.connection.rollback()


@pytest.mark.parametrize(
    "bounds",
    [
        [],
        [(4000, 4998)],
        [(4001, 4999)],
        [(4000, 4400), (4402, 4999)],
        [(4000, 4400), (4400, 4999)],
        [(4000, 4999), (4000, 4999)],
        [(4000, 4999), (4200, 4300)],
        [(4000, 5000)],
        [(3999, 4999)],
        [(4000, 4999), (6000, 6001)],
        [(4000, 5999)],
        [(4000, 4999), (5000, 4999)],
        [(4000, 4300), (4301, 4300), (4301, 4999)],
    ],
)
def test_parts_that_do_not_cover_it_exactly_are_refused(hand: Hand, bounds: list[tuple[int, int]]) -> None:
    refused(hand, parts(*bounds))


@pytest.mark.parametrize(
    "said",
    [
        "",
        "null",
        "{}",
        "7",
        "[7]",
        "[[]]",
        '{"a": {"id": "p", "kind": "withheld", "first": 1000004000, "last": 1000004999, "usable": 1}}',
        parts((4000, 4999)).replace("1000004000", "1000004000.0"),
        parts((4000, 4999)).replace("1000004000", '"x"'),
        parts((4000, 4999)).replace("1000004999", "null"),
        parts((4000, 4999), usable=0.5).replace("0.5", "null"),
        parts((4000, 4999), kind="imported"),
        parts((4000, 4999), kind="granted"),
        parts((4000, 4999), kind=None),
        parts((4000, 4999), id=None),
        parts((4000, 4999), id="w2"),
        parts((4000, 4499), (4500, 4999), id="the same"),
        parts((4000, 4999), drawn_at=None),
    ],
)
def test_parts_that_are_no_ranges_are_refused(hand: Hand, said: str) -> None:
    if hand.on_postgresql and "4000.0" in said:
        pytest.skip("a whole number to PostgreSQL")
    refused(hand, said)


@pytest.mark.parametrize(
    "changed",
    [
        {"withheld": "w2"},
        {"withheld": "nothing"},
        {"space": "test"},
        {"scheme_length": 11},
        {"generation": 1},
        {"first": 1_000_004_001},
        {"last": 1_000_004_998},
        {"ledger_seq": None},
        {"at": None},
    ],
)
def test_only_a_withheld_range_as_it_is_makes_place(hand: Hand, changed: Row) -> None:
    refused(hand, parts((4000, 4999)), **changed)


def test_neither_a_series_nor_an_import_makes_place(hand: Hand) -> None:
    for row in rows_of(hand, "live_range"):
        if row["kind"] != "withheld":
            where = {"withheld": row["id"], "first": row["first"], "last": row["last"]}
            whole = parts((0, 0)).replace('"first": 1000000000', f'"first": {row["first"]}')
            refused(hand, whole.replace('"last": 1000000000', f'"last": {row["last"]}'), **where)


def begin(hand: Hand) -> None:
    hand.connection.rollback()
    if not hand.on_postgresql:
        hand.connection.execute("BEGIN")


def refused(hand: Hand, said: str, **changed: object) -> None:
    """By every way to meet a conflict: nothing of the ranges is another before the transaction is rolled back."""
    before = rows_of(hand, "live_range"), rows_of(hand, "range_split")
    orders = ("",) if hand.on_postgresql else ("", "OR REPLACE", "OR IGNORE", "OR FAIL", "OR ABORT")
    for how in orders:
        begin(hand)
        with pytest.raises((psycopg.Error, sqlite3.Error)) if how != "OR IGNORE" else suppress(sqlite3.Error):
            split(hand, said, f"INSERT {how}", **changed)
        if hand.on_postgresql:
            hand.connection.rollback()
        assert (rows_of(hand, "live_range"), rows_of(hand, "range_split")) == before
        hand.connection.rollback()
