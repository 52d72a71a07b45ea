"""What must never break is a constraint of the database: SQL written by hand against every guard, on both engines.

The attacker has its own connection with the driver's defaults: none of the platform's code or settings help.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from drawing import add, caller, draw
from npn.config import Settings
from npn.db.engine import SERVICE_ROLE
from npn.errors import NpnError
from npn.registry.importing import ImportLine, import_ranges
from npn.wiring.assembly import build
from npn.wiring.service import Service
from npn.wiring.setup import initialise
from postgres import Cluster

TABLES = (
    "api_key",
    "connected_system",
    "database_identity",
    "ledger",
    "ledger_head",
    "live_range",
    "number_space",
    "organisation",
    "release",
    "signing_key",
)
REFUSED = (sqlite3.IntegrityError, psycopg.errors.IntegrityError, psycopg.errors.InsufficientPrivilege)


@dataclass
class Attacker:
    """A connection by hand. `who`: sqlite, owner, service."""

    who: str
    connection: sqlite3.Connection | psycopg.Connection

    @property
    def on_postgresql(self) -> bool:
        return self.who != "sqlite"

    def run(self, statement: str) -> None:
        try:
            self.connection.execute(statement)
            self.connection.commit()
        finally:
            self.connection.rollback()

    def everything(self) -> dict[str, list[tuple[object, ...]]]:
        found = {name: sorted(self.connection.execute(f"SELECT * FROM {name}"), key=repr) for name in TABLES}
        self.connection.rollback()
        return found


@pytest.fixture(params=["sqlite", "owner", "service"], scope="module")
def attacker(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attacker]:
    """An attacker on a database with a series, an import, a withheld range and a release."""
    folder = tmp_path_factory.mktemp("guards")
    if request.param == "sqlite":
        settings = Settings(database=f"sqlite:///{folder / 'npn.db'}")
        connect = sqlite3.connect(folder / "npn.db")
    else:
        url = request.getfixturevalue("postgres").new_database()
        settings = Settings(database=url, witness=str(folder / "npn.witness"))
    initialise(settings)
    fill(settings)
    if request.param == "sqlite":
        with closing(connect):
            yield Attacker("sqlite", connect)
        return
    with psycopg.connect(url) as connection:
        if request.param == "service":
            connection.execute(f"SET ROLE {SERVICE_ROLE}")
            connection.commit()
        yield Attacker(request.param, connection)


def fill(settings: Settings) -> None:
    service = build(settings)
    lab = add(service)
    first = draw(service, lab, 1000)
    values = {"space": "production", "system": "labka-ii", "first": "1000002000", "last": "1000002999"}
    import_ranges(service.ledger, [ImportLine(2, {**values, "drawn_at": "2020-01-01"})], by="test")
    service.registry.release(first.id, by=caller(lab), from_text="1000000900")
    row = row_of(first="1000004000", last="1000004999", kind="withheld", id="w1", request="NULL")
    with service.database.write() as connection:
        connection.execute(sa.text(f"INSERT INTO live_range VALUES ({row})"))
    service.close()


def row_of(
    *,
    first: str,
    last: str,
    kind: str = "granted",
    id: str = "new",  # noqa: A002  # the column's name
    request: str = "'r-new'",
) -> str:
    """Return a whole row of live_range as SQL."""
    whole = f"'labka-ii', 'rest', {request}, 'digest'" if kind == "granted" else "NULL, NULL, NULL, NULL"
    return (
        f"'{id}', '{kind}', 'production', 10, {first}, {last}, 1, {whole}, NULL, '2026-11-23T08:00:00.000000Z', 99, 0"
    )


def refuses(attacker: Attacker, statement: str) -> None:
    before = attacker.everything()
    with pytest.raises(REFUSED):
        attacker.run(statement)
    assert attacker.everything() == before


@pytest.mark.parametrize("kind", ["granted", "imported", "withheld"])
@pytest.mark.parametrize("held", [1000000000, 1000002000, 1000004000], ids=["series", "import", "withheld"])
@pytest.mark.parametrize(
    "part",
    [(0, 999), (0, 0), (999, 999), (10, 20), (-500, 0), (999, 1500), (-5, 1005)],
    ids=["the same", "its first", "its last", "inside", "from below", "from above", "around"],
)
def test_no_range_overlaps_another(attacker: Attacker, kind: str, held: int, part: tuple[int, int]) -> None:
    first, last = part
    low = max(held + first, 1000000000)
    refuses(attacker, f"INSERT INTO live_range VALUES ({row_of(first=str(low), last=str(held + last), kind=kind)})")


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("999999999", "999999999"),
        ("8999999999", "9000000000"),
        ("9000000000", "9000000009"),
        ("1000009000", "1000008999"),
    ],
    ids=["before its space", "out of its space", "in another space", "backwards"],
)
def test_no_range_leaves_its_space(attacker: Attacker, first: str, last: str) -> None:
    refuses(attacker, f"INSERT INTO live_range VALUES ({row_of(first=first, last=last)})")


FREE = row_of(first="1000009000", last="1000009001")


@pytest.mark.parametrize(
    "statement",
    [
        f"INSERT INTO live_range VALUES ({FREE.replace(', 10,', ', 11,')})",
        f"INSERT INTO live_range VALUES ({FREE.replace('production', 'moon')})",
        f"INSERT INTO live_range VALUES ({FREE.replace('granted', 'lent')})",
        (
            "INSERT INTO live_range SELECT 'n2', kind, space, scheme_length, 1000009000, 1000009000, 0,"
            " system_id, channel,"
            " request_id, request_digest, purpose, drawn_at, ledger_seq, 0 FROM live_range WHERE kind = 'granted'"
        ),
        "UPDATE live_range SET last = last + 1",
        "UPDATE live_range SET kind = 'withheld' WHERE kind = 'granted'",
        "UPDATE live_range SET system_id = NULL",
        "UPDATE live_range SET first = first WHERE kind = 'withheld'",
        "DELETE FROM live_range WHERE kind = 'granted'",
        "DELETE FROM live_range WHERE kind = 'imported'",
        "DELETE FROM live_range WHERE kind = 'withheld'",
        "DELETE FROM live_range WHERE id = 'w1'",
        "DELETE FROM live_range",
        f"INSERT INTO live_range VALUES ({FREE}) , ({FREE.replace('new', 'newer')})",
        (
            "INSERT INTO live_range SELECT * FROM live_range WHERE kind = 'granted' "
            "ON CONFLICT (id) DO UPDATE SET last = excluded.last + 10"
        ),
    ],
)
def test_a_live_range_is_what_it_was(attacker: Attacker, statement: str) -> None:
    refuses(attacker, statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE number_space SET cursor = cursor - 1 WHERE name = 'production'",
        "UPDATE number_space SET cursor = first",
        "UPDATE number_space SET cursor = last + 2 WHERE name = 'production'",
        "UPDATE number_space SET name = 'p2' WHERE name = 'test'",
        "UPDATE number_space SET environment = 'test' WHERE name = 'production'",
        "UPDATE number_space SET scheme = 'other'",
        "UPDATE number_space SET length = 11",
        "UPDATE number_space SET weights = '1,1,1,1,1,1,1,1,1,1'",
        "UPDATE number_space SET modulus = 7",
        "UPDATE number_space SET remainder = 1",
        "UPDATE number_space SET first = first - 1 WHERE name = 'production'",
        "UPDATE number_space SET last = last - 1",
        "DELETE FROM number_space WHERE name = 'test'",
        (
            "INSERT INTO number_space SELECT 'third', environment, scheme, length, weights, modulus,"
            " remainder, 5000000000,"
            " 5000000001, 5000000000, created_at, is_default, is_open FROM number_space WHERE name = 'test'"
        ),
    ],
)
def test_a_space_never_changes_and_its_cursor_never_moves_back(attacker: Attacker, statement: str) -> None:
    refuses(attacker, statement)


NEXT = "(SELECT max(seq) FROM ledger)"
HEAD = f"(SELECT hash FROM ledger WHERE seq = {NEXT})"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger SET data = '{}'",
        "UPDATE ledger SET at = at WHERE seq = 1",
        "DELETE FROM ledger WHERE seq = 1",
        f"DELETE FROM ledger WHERE seq = {NEXT}",
        "DELETE FROM ledger",
        f"INSERT INTO ledger VALUES ({NEXT} + 2, 'now', 't', '{{}}', {HEAD}, 'h')",
        f"INSERT INTO ledger VALUES ({NEXT}, 'now', 't', '{{}}', {HEAD}, 'h')",
        "INSERT INTO ledger VALUES (0, 'now', 't', '{}', 'p', 'h')",
        f"INSERT INTO ledger VALUES ({NEXT} + 1, 'now', 't', '{{}}', 'somewhere else', 'h')",
        f"INSERT INTO ledger VALUES ({NEXT} + 1, 'now', 't', '{{}}', (SELECT hash FROM ledger WHERE seq = 3), 'h')",
        f"INSERT INTO ledger VALUES ({NEXT} + 1, 'now', 't', '{{}}', {'0' * 64!r}, 'h')",
        f"INSERT INTO ledger VALUES ({NEXT} + 1, 'now', 't', '{{}}', {HEAD}, (SELECT hash FROM ledger WHERE seq = 2))",
        f"INSERT INTO ledger VALUES ({NEXT} + 1, 'now', 't', '{{}}', {HEAD}, NULL)",
        "DELETE FROM ledger_head",
        "INSERT INTO ledger_head (one, length, hash) VALUES (2, 0, 'h')",
        "UPDATE database_identity SET id = 'another'",
        "DELETE FROM database_identity",
    ],
)
def test_the_ledger_is_only_appended_to_and_never_forks(attacker: Attacker, statement: str) -> None:
    refuses(attacker, statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE release SET first = first + 1",
        "DELETE FROM release",
        "INSERT INTO release SELECT series_id, 1000000800, 1000001000, at, quarantine_until, 99 FROM release",
        "INSERT INTO release SELECT 'w1', 1000004000, 1000004999, at, quarantine_until, 99 FROM release",
        "INSERT INTO release SELECT 'nothing', first, last, at, quarantine_until, 99 FROM release",
        "DELETE FROM connected_system",
        "DELETE FROM organisation",
        "DELETE FROM api_key",
        "DELETE FROM signing_key",
    ],
)
def test_what_was_released_or_connected_stays_on_record(attacker: Attacker, statement: str) -> None:
    refuses(attacker, statement)


@pytest.mark.parametrize("table", TABLES)
def test_truncating_is_refused(attacker: Attacker, table: str) -> None:
    if not attacker.on_postgresql:
        refuses(attacker, f"DELETE FROM {table}")
        return
    refuses(attacker, f"TRUNCATE {table} CASCADE")


REPLACING = [
    f"INSERT OR REPLACE INTO live_range VALUES ({row_of(first='1000000000', last='1000000000')})",
    f"INSERT OR REPLACE INTO live_range VALUES ({row_of(first='1000009000', last='1000009000', id='w1')})",
    (
        "INSERT OR REPLACE INTO live_range SELECT 'n', kind, space, scheme_length, 1000009000, 1000009000, 0,"
        " system_id,"
        " channel, request_id, request_digest, purpose, drawn_at, 9, 0 FROM live_range WHERE kind = 'granted'"
    ),
    "REPLACE INTO ledger SELECT seq, at, type, '{}', previous, hash FROM ledger WHERE seq = 2",
    f"REPLACE INTO ledger VALUES ({NEXT} + 1, 'now', 't', '{{}}', {HEAD}, (SELECT hash FROM ledger WHERE seq = 2))",
    (
        "REPLACE INTO number_space SELECT name, environment, scheme, length, weights, modulus, remainder,"
        " first, last, first, created_at, is_default, is_open FROM number_space"
    ),
    "REPLACE INTO release SELECT series_id, first, last, at, at, 1 FROM release",
    "REPLACE INTO ledger_head (one, length, hash) VALUES (1, 0, '')",
    "REPLACE INTO database_identity VALUES (1, 'another', 'now')",
    "REPLACE INTO connected_system SELECT * FROM connected_system",
    "REPLACE INTO api_key SELECT * FROM api_key",
    "REPLACE INTO signing_key SELECT * FROM signing_key",
    "REPLACE INTO organisation SELECT * FROM organisation",
    "UPDATE OR REPLACE live_range SET id = 'w1'",
    "UPDATE OR REPLACE ledger SET seq = 1",
    "UPDATE OR REPLACE number_space SET name = 'production'",
]


@pytest.mark.parametrize("attacker", ["sqlite"], indirect=True)
@pytest.mark.parametrize("statement", REPLACING)
def test_nothing_is_replaced_on_sqlite(attacker: Attacker, statement: str) -> None:
    refuses(attacker, statement)


GUARDS_OFF = [
    "ALTER TABLE live_range DISABLE TRIGGER ALL",
    "ALTER TABLE live_range DROP CONSTRAINT ex_live_range_overlap",
    "DROP TRIGGER ledger_kept ON ledger",
    "DROP TABLE release",
    "CREATE OR REPLACE FUNCTION npn_refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    "SET session_replication_role = replica",
    "ALTER TABLE ledger OWNER TO npn_service",
    "CREATE TABLE public.mine (a int)",
    "COPY ledger FROM PROGRAM 'true'",
]


@pytest.mark.parametrize("attacker", ["service"], indirect=True)
@pytest.mark.parametrize("statement", GUARDS_OFF)
def test_the_services_role_can_not_take_the_guards_away(attacker: Attacker, statement: str) -> None:
    with pytest.raises((*REFUSED, psycopg.errors.Error)) as caught:
        attacker.run(statement)
    assert caught.value.sqlstate == "42501"  # insufficient_privilege


def test_the_services_role_owns_nothing(postgres: Cluster, tmp_path: Path) -> None:
    settings = Settings(database=postgres.new_database(), witness=str(tmp_path / "w"))
    initialise(settings)
    service = build(settings)
    try:
        with service.database.read() as connection:
            assert connection.scalar(sa.text("SELECT current_user")) == SERVICE_ROLE
            owners = set(connection.scalars(sa.text("SELECT tableowner FROM pg_tables WHERE schemaname = 'public'")))
            routines = set(
                connection.scalars(sa.text("SELECT pg_get_userbyid(proowner) FROM pg_proc WHERE proname LIKE 'npn%'"))
            )
        assert owners == routines == {"postgres"}
        draw(service, add(service), 10)
    finally:
        service.close()


def test_guards_hold_with_replication_triggers_off(postgres: Cluster, tmp_path: Path) -> None:
    """The owner sets session_replication_role, as a restore tool does: the guards are there always."""
    url = postgres.new_database()
    settings = Settings(database=url, witness=str(tmp_path / "w"))
    initialise(settings)
    fill(settings)
    with psycopg.connect(url) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.commit()
        overlapping = row_of(first="1000000500", last="1000000500")
        for statement in (
            "DELETE FROM ledger",
            "UPDATE number_space SET cursor = first",
            "TRUNCATE release",
            "DELETE FROM live_run",
            "UPDATE connected_system SET id = 'x' || id",
            f"INSERT INTO live_range VALUES ({overlapping})",
            f"INSERT INTO live_range VALUES ({FREE.replace('labka-ii', 'nobody')})",
        ):
            with pytest.raises(psycopg.errors.IntegrityError):
                connection.execute(statement)
            connection.rollback()


def test_a_head_is_not_set_back_by_hand(service: Service) -> None:
    lab = add(service)
    series = draw(service, lab, 10)
    back = sa.text("UPDATE ledger_head SET length = 3, hash = (SELECT hash FROM ledger WHERE seq = 3)")
    with pytest.raises((IntegrityError, NpnError)), service.database.write() as connection:
        connection.execute(back)

    assert draw(service, lab, 10).first == series.last + 1
