"""A database of the schema before generations is upgraded with every range, and to the same schema as a new one."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
import sqlalchemy.exc as sa_exc

from drawing import add, draw
from guarded import unguarded
from npn.config import Settings
from npn.db import Database
from npn.db.migrate import current, newest, upgrade
from npn.db.roles import make_role
from npn.errors import UnavailableError
from npn.registry.regrants_store import every, history
from npn.wiring.assembly import build
from npn.wiring.setup import initialise
from older import at_revision

COPY = (
    "INSERT INTO live_range (id, kind, space, scheme_length, generation, first, last, usable, drawn_at, ledger_seq) "
    "SELECT 'copy', 'withheld', space, scheme_length, {generation}, {first}, {last}, 0, drawn_at, ledger_seq "
    "FROM live_range WHERE id = :id"
)


@contextmanager
def owner(settings: Settings) -> Iterator[Database]:
    database = Database(settings.database, as_owner=True)
    try:
        yield database
    finally:
        database.close()


RELEASE = "INSERT INTO release SELECT id, first + 500, last, drawn_at, drawn_at, 1 FROM live_range WHERE first = {low}"
REGRANT = (
    "INSERT INTO regrant (id, series_id, space, scheme_length, first, last, cursor, holders, approval, at, ledger_seq) "
    "SELECT 'r00000000000000000001', id, space, 110, first + 500, last, first + 600, system_id, 'a1', drawn_at, 1 "
    "FROM live_range WHERE first = {low}"
)
GRANTED = (
    "INSERT INTO live_range SELECT 's1', kind, space, 110, first + 500, first + 599, 90, system_id, channel, "
    "'again', request_digest, purpose, drawn_at, 99 FROM live_range WHERE first = {low}"
)
SPLIT = (
    "INSERT INTO range_split (withheld, space, scheme_length, first, last, parts, at, ledger_seq) "
    "SELECT 'gone', space, 110, first, last, '[]', drawn_at, 1 FROM live_range WHERE first = {low}"
)
LOW = 1_000_000_000


def test_an_upgrade_keeps_every_range_with_its_length_and_generation(settings: Settings) -> None:
    lab = at_revision(settings, "0018")
    with owner(settings) as database, database.write() as connection:
        for table, statement in (("release", RELEASE), ("regrant", REGRANT), ("range_split", SPLIT)):
            with unguarded(connection, table):
                connection.execute(sa.text(statement.format(low=LOW)))
        connection.execute(sa.text(GRANTED.format(low=LOW)))
    with owner(settings) as database:
        before = ranges(database, "scheme_length % 100", "scheme_length / 100")

    assert initialise(settings).migrated_from == "0018"

    with owner(settings) as database:
        assert current(database) == newest()
        assert ranges(database, "scheme_length", "generation") == before
        with database.read() as connection:
            (regrant,) = every(connection)
            assert (regrant.length, regrant.generation, regrant.cursor) == (10, 1, LOW + 600)
            held = history(connection, length=10, number=LOW + 550)
            assert [(each.id == "s1", each.generation) for each in held] == [(False, 0), (True, 1)]
            splits = connection.execute(sa.text("SELECT scheme_length, generation FROM range_split")).all()
            assert splits == [(10, 1)]
            parents = connection.scalar(
                sa.text("SELECT count(*) FROM release r JOIN live_range s ON s.id = r.series_id")
            )
            assert parents == 1
            if connection.dialect.name == "sqlite":
                assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
    service = build(settings)
    try:
        other = add(service, "Other")
        rest = draw(service, other, 400)
        assert (rest.first, rest.last) == (LOW + 600, LOW + 999), "what is left of the regrant"
        assert draw(service, lab, 10).first == LOW + 1000
        statement = sa.text(COPY.format(generation=1, first="first + 599", last="first + 599"))
        with pytest.raises((sa_exc.DBAPIError, UnavailableError)), service.database.write() as connection:
            connection.execute(statement, {"id": held[0].id})
    finally:
        service.close()


def ranges(database: Database, length: str, generation: str) -> list[tuple[object, ...]]:
    """Every range of every table that holds some, with its length and generation."""
    rows: list[tuple[object, ...]] = []
    with database.read() as connection:
        tables = ["live_range", "regrant", "range_split"]
        tables += ["live_run"] if database.dialect == "postgresql" else []
        for table in tables:
            query = f"SELECT '{table}', {length}, {generation}, first, last FROM {table} ORDER BY 2, 3, 4"
            rows += [tuple(row) for row in connection.execute(sa.text(query))]
    return rows


def test_an_upgraded_schema_is_the_same_as_a_new_one(settings: Settings) -> None:
    database = Database(settings.database, as_owner=True, create=True)
    if database.dialect == "postgresql":
        make_role(database)
    upgrade(database)
    new = schema(database)
    database.close()
    with emptied(settings) as database:
        for revision in ("0015", "0020", "head"):
            upgrade(database, revision)
        assert schema(database) == new


@contextmanager
def emptied(settings: Settings) -> Iterator[Database]:
    with owner(settings) as database, database.write() as connection:
        if database.dialect == "postgresql":
            connection.execute(sa.text("DROP SCHEMA public CASCADE"))
            connection.execute(sa.text("CREATE SCHEMA public"))
        else:
            connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
            names = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'").scalars()
            for name in [each for each in names if not each.startswith("sqlite_")]:
                connection.exec_driver_sql(f'DROP TABLE "{name}"')
    with owner(settings) as database:
        yield database


CATALOGUE = {
    "sqlite": ("SELECT type || ' ' || name || ' ' || COALESCE(sql, '') FROM sqlite_master",),
    "postgresql": (
        """SELECT concat_ws(' ', table_name, ordinal_position, column_name, data_type, is_nullable, column_default)
        FROM information_schema.columns WHERE table_schema = 'public'""",
        """SELECT conrelid::regclass::text || ' ' || conname::text || ' ' || pg_get_constraintdef(oid)
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace""",
        "SELECT pg_get_triggerdef(oid) || tgenabled::text FROM pg_trigger WHERE NOT tgisinternal",
        """SELECT pg_get_functiondef(oid) || COALESCE(proacl::text, '') FROM pg_proc
        WHERE starts_with(proname, 'npn_')""",
        "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'",
        "SELECT relname::text || COALESCE(relacl::text, '') FROM pg_class WHERE relnamespace = 'public'::regnamespace",
    ),
}


def schema(database: Database) -> set[str]:
    """Everything that the catalogue says of tables, constraints, triggers and functions."""
    queries = CATALOGUE[database.dialect]
    with database.read() as connection:
        return {str(row[0]) for query in queries for row in connection.exec_driver_sql(query)}
