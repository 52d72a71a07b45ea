"""A database in which every guarded table holds rows, and connections by hand to it."""

import datetime as dt
import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import sqlalchemy as sa

from drawing import add, caller, draw
from npn.config import Settings
from npn.db import Database
from npn.db.engine import SERVICE_ROLE
from npn.db.guards import GUARDS
from npn.db.types import Timestamp, metadata, rfc3339
from npn.people.model import AccountRole
from npn.registry.importing import ImportLine, import_ranges
from npn.wiring.assembly import build
from prepared import initialised

Row = dict[str, object]
NOW = dt.datetime(2026, 11, 1, 8, tzinfo=dt.UTC)
TABLES = {name: metadata.tables[name] for name in GUARDS}
FREE = 1_000_009_000  # where nothing lies


@dataclass
class Hand:
    """A connection by hand. `who`: sqlite, unchecked (SQLite with its checks off), owner, service."""

    who: str
    connection: sqlite3.Connection | psycopg.Connection

    @property
    def on_postgresql(self) -> bool:
        return self.who in ("owner", "service")


@contextmanager
def by_hand(who: str, settings: Settings) -> Iterator[Hand]:
    """Connect as somebody who has the driver's defaults, and nothing of ours."""
    if who in ("sqlite", "unchecked"):
        with closing(sqlite3.connect(settings.database.removeprefix("sqlite:///"))) as connection:
            connection.isolation_level = None
            if who == "unchecked":
                connection.execute("PRAGMA ignore_check_constraints = ON")
            yield Hand(who, connection)
        return
    with psycopg.connect(settings.database) as connection:
        if who == "service":
            connection.execute(f"SET ROLE {SERVICE_ROLE}")
            connection.commit()
        yield Hand(who, connection)


def fill(settings: Settings) -> None:
    """Make a database with series, an import, withheld ranges, a release, and two rows of all else that is guarded."""
    initialised(settings)
    service = build(settings)
    lab = add(service)
    add(service, name="Other lab")
    for name in ("anna", "bo"):
        service.accounts.add(by="admin:root", email=f"{name}@operator.example", name=name, role=AccountRole.OPERATOR)
    first = draw(service, lab, 1000, request_id="one")
    draw(service, lab, 1000, request_id="two")
    values = {"space": "production", "system": "labka-ii", "first": "1000003000", "last": "1000003999"}
    import_ranges(service.ledger, [ImportLine(2, {**values, "drawn_at": "2020-01-01"})], by="test")
    service.registry.release(first.id, by=caller(lab), from_text="1000000900")
    service.close()
    database = Database(settings.database, as_owner=True)
    with database.write() as connection:
        for number, start in enumerate((1_000_004_000, 1_000_005_000), 1):
            put(connection, "live_range", withheld(f"w{number}", start, start + 999))
        needed = {"agreement_proposal": [{"state": "open", "forum": "user_group", "decided_on": None}]}
        for table in metadata.sorted_tables:
            if table.name in GUARDS or table.name in needed:
                _two_rows(connection, table, needed.get(table.name, [{}, {}]), first.id)
    database.close()


def withheld(row_id: str, first: int, last: int) -> Row:
    """A whole row of live_range."""
    row: Row = dict.fromkeys(TABLES["live_range"].columns.keys())
    where = {"space": "production", "scheme_length": 10, "generation": 0, "first": first, "last": last, "usable": 1}
    return {**row, "id": row_id, "kind": "withheld", **where, "drawn_at": NOW, "ledger_seq": 99}


def put(connection: sa.Connection, table: str, row: Mapping[str, object]) -> None:
    connection.execute(sa.insert(metadata.tables[table]).values(dict(row)))


def _two_rows(connection: sa.Connection, table: sa.Table, special: list[Row], series: str) -> None:
    """Put rows made up from the columns' types, with the table's guards off."""
    if connection.scalar(sa.select(sa.func.count()).select_from(table)):
        return
    with unguarded(connection, table.name):
        for number, own in enumerate(special, 1):
            row = {column.name: _made_up(connection, column, number) for column in table.columns}
            put(connection, table.name, {**row, **_fitting(table.name, number, series), **own})


def _fitting(table: str, number: int, series: str) -> Row:
    """What rows must be that checks hold to more than their types."""
    if table == "approval":
        decided = {"state": "approved", "decided_by": "account:b", "decided_at": NOW}
        undecided = {"state": "open", "decided_by": None, "decided_at": None}
        return {"kind": "regrant", "proposed_by": "account:a", **(decided if number == 1 else undecided)}
    if table == "regrant":
        low = 1_000_000_900 + 50 * number
        return {
            "series_id": series,
            "scheme_length": 10,
            "generation": 1,
            "first": low,
            "last": low + 9,
            "cursor": low + 1,
        }
    if table == "account_vouch":
        return {"vouched_by": "admin:root"}
    if table == "account_tie":
        return {"kind": "made", "until": None}
    if table == "range_split":
        return {"scheme_length": 10, "generation": 0, "first": 7 * number, "last": 7 * number, "parts": "[]"}
    return {}


def _made_up(connection: sa.Connection, column: sa.Column[object], number: int) -> object:
    for key in column.foreign_keys:
        return connection.scalar(sa.select(key.column).limit(1))
    if isinstance(column.type, Timestamp):
        return NOW
    if isinstance(column.type, sa.LargeBinary):
        return b"body"
    made: Mapping[type, object] = {str: f"{column.name}{number}", int: number, float: 1.0, bool: True}
    return {**made, dt.date: NOW.date()}[column.type.python_type]


@contextmanager
def unguarded(connection: sa.Connection, table: str) -> Iterator[None]:
    if connection.dialect.name == "sqlite":
        query = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?"
        triggers = connection.exec_driver_sql(query, (table,)).all()
        for name, _ in triggers:
            connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
        yield
        for _, sql in triggers:
            connection.exec_driver_sql(sql)
        return
    query = "SELECT tgname FROM pg_trigger WHERE tgrelid = '{}'::regclass AND NOT tgisinternal AND tgenabled = 'A'"
    names = list(connection.exec_driver_sql(query.format(table)).scalars())
    for name in names:
        connection.exec_driver_sql(f'ALTER TABLE {table} DISABLE TRIGGER "{name}"')
    yield
    connection.exec_driver_sql("SET CONSTRAINTS ALL IMMEDIATE")
    for name in names:
        connection.exec_driver_sql(f'ALTER TABLE {table} ENABLE ALWAYS TRIGGER "{name}"')


def fresh(hand: Hand, table: str, row: Row) -> Row:
    """A row beside the others that the database would take, made of one that is there."""
    keys = {name for key in keys_of(TABLES[table]) for name in key if name != "kind"}
    text = {name for name in keys if isinstance(row[name], str) and not TABLES[table].columns[name].foreign_keys}
    made = {**row, **{name: f"{row[name]}-new" for name in text}}
    if table in ("certificate_warning", "agreement_draft", "account_tie", "account_vouch"):
        made |= {name: 77 for name in keys if isinstance(row[name], int)}
    if table == "live_range":
        made |= {"first": FREE, "last": FREE + 9}
    elif table == "number_space":
        made |= {"length": 12, "is_default": False if hand.on_postgresql else 0}
    elif table == "release":
        query = "SELECT id, first, last FROM live_range WHERE first = 1000001000"
        ((series, first, last),) = hand.connection.execute(query).fetchall()
        made |= {"series_id": series, "first": first, "last": last}
    elif table == "ledger":
        ((length, head),) = hand.connection.execute("SELECT length, hash FROM ledger_head").fetchall()
        made |= {"seq": length + 1, "previous": head}
    elif table == "approval":
        made |= {"state": "open", "decided_by": None, "decided_at": None}
    elif table == "range_split":
        where = {"withheld": "w1", "space": "production", "scheme_length": 10, "generation": 0, "first": 1_000_004_000}
        made |= {**where, "last": 1_000_004_999, "parts": parts((4000, 4999))}
    return made


def parts(*bounds: tuple[int, int], **more: object) -> str:
    """What `range_split` takes, by the last digits of each part."""
    return json.dumps([
        {
            "id": f"part{n}", "kind": "withheld", "first": 1_000_000_000 + a, "last": 1_000_000_000 + b, "usable": 1,
            "drawn_at": rfc3339(NOW), **more,
        }
        for n, (a, b) in enumerate(bounds)
    ])  # fmt: skip


# No second row; none without a quarantine; one an account.
UNMAKEABLE = ("database_identity", "ledger_head", "quarantine_policy", "regrant", "operator_ever")


def keys_of(table: sa.Table) -> list[tuple[str, ...]]:
    """Every unique key, the primary one first."""
    unique = [c for c in table.constraints if isinstance(c, sa.UniqueConstraint)]
    indexes = [index for index in table.indexes if index.unique]
    others = sorted(tuple(column.name for column in each.columns) for each in (*unique, *indexes))
    return [tuple(column.name for column in table.primary_key.columns), *others]


def database_of(who: str, folder: Path, new_database: str | None) -> Settings:
    """Settings for a database of the engine that somebody comes to."""
    witness = str(folder / "npn.witness")
    if who in ("sqlite", "unchecked"):
        return Settings(database=f"sqlite:///{folder / 'npn.db'}", witness=witness)
    assert new_database is not None
    return Settings(database=new_database, witness=witness)
