"""The schema is all migrations, no more; an old database comes along with its data; another schema is refused."""

import re
import sqlite3
import sys
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import IntegrityError

from command import npn, one_line_error
from drawing import add, draw
from npn.config import Settings
from npn.db import Database
from npn.db.migrate import current, is_workable, newest, revisions, upgrade
from npn.db.types import metadata
from npn.errors import ConfigurationError
from npn.ledger.export import export
from npn.proof.verify import verify
from npn.wiring import assembly
from npn.wiring.assembly import build
from npn.wiring.setup import initialise
from older import at_revision
from postgres import Cluster

ROOMS = Path(assembly.__file__).parent.parent


def test_the_schema_is_all_migrations(settings: Settings) -> None:
    initialise(settings)
    database = Database(settings.database, as_owner=True)
    with database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "target_metadata": metadata})
        differences = [d for d in compare_metadata(context, metadata) if not kept_otherwise(d)]
    database.close()

    for tables in ROOMS.glob("*/tables.py"):
        assert f"npn.{tables.parent.name}.tables" in sys.modules  # else its tables would not be compared
    assert differences == []


def kept_otherwise(difference: object) -> bool:
    """What PostgreSQL keeps by triggers instead of what the tables say (migration 0012), and what guards look up by."""
    if not isinstance(difference, tuple) or not isinstance(difference[1], sa.Table | sa.Constraint | sa.Index):
        return False
    return (difference[0], difference[1].name) in {
        ("remove_table", "live_run"),
        ("remove_index", "ix_ledger_approval"),
        ("add_fk", "fk_live_range_space"),
        ("add_fk", "fk_live_range_system_id"),
    }


def test_the_files_are_numbered_as_their_revisions_follow_one_another() -> None:
    config = Config()
    config.set_main_option("script_location", str(ROOMS / "db" / "migrations"))
    chain = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
    assert list(reversed(chain)) == revisions()


def test_an_old_database_with_data_is_upgraded_and_still_right(settings: Settings) -> None:
    lab = at_revision(settings, "0001")
    done = initialise(settings)

    assert (done.created, done.migrated_from, done.operator_key) == (False, "0001", None)
    service = build(settings)
    try:
        assert service.systems.get("labka-ii").space == "production"  # of its first draw
        assert [(space.name, space.is_default, space.is_open) for space in service.registry.spaces()] == [
            ("production", True, True),
            ("test", True, True),
        ]
        assert service.quarantine.days() == 3650
        series = draw(service, lab, 10)
        assert series.first == 1000001000
        service.stock.report(by="labka-ii", free=9, used_per_day=1.0, as_of=series.drawn_at)
        lines: list[bytes] = []
        export(service.database, lines.append)
        assert verify(lines).totals.granted == 1010
        with pytest.raises(IntegrityError), service.database.write() as connection:  # in what it held before
            connection.execute(
                sa.text(
                    "INSERT INTO live_range SELECT 'x', kind, space, scheme_length, first + 500, last + 5000, 1,"
                    " system_id, channel, 'x', request_digest, purpose, drawn_at, 99, 0 FROM live_range"
                    " WHERE first = 1000000000"
                )
            )
    finally:
        service.close()


def test_every_step_of_the_way_can_be_the_last(settings: Settings) -> None:
    database = Database(settings.database, as_owner=True, create=True)
    for revision in ("0001", "0002", "0003"):
        upgrade(database, revision)
        assert current(database) == revision
    database.close()


def at(settings: Settings, revision: str) -> None:
    """Write by hand that the schema is another."""
    statements = (
        f"UPDATE alembic_version SET version_num = '{revision}'",
        f"UPDATE schema_compatibility SET compatible_since = '{revision}'",
    )
    if settings.database.startswith("sqlite"):
        with sqlite3.connect(settings.database.removeprefix("sqlite:///")) as connection:
            for statement in statements:
                connection.execute(statement)
        connection.close()
    else:
        with psycopg.connect(settings.database) as other:
            for statement in statements:
                other.execute(statement)


@pytest.mark.parametrize(
    ("revision", "words"), [("0001", "npn admin init"), ("9999", "pip install --upgrade npn-platform")]
)
def test_a_program_of_another_schema_refuses_and_says_what_helps(settings: Settings, revision: str, words: str) -> None:
    initialise(settings)
    at(settings, revision)

    with pytest.raises(ConfigurationError) as caught:
        build(settings)
    assert words in caught.value.hint

    ran = npn("admin", "system", "list", on=settings)
    assert ran.status == 2
    assert revision in one_line_error(ran)
    assert words in ran.err


def test_init_leaves_a_newer_schema_alone(settings: Settings) -> None:
    initialise(settings)
    at(settings, "9999")

    ran = npn("admin", "init", on=settings)

    assert ran.status == 2
    assert "newer" in one_line_error(ran)


def test_a_program_works_on_a_newer_schema_that_says_it_may(settings: Settings) -> None:
    initialise(settings)
    at(settings, "9999")
    database = Database(settings.database, as_owner=True, create=True)
    with database.write() as connection:
        connection.execute(sa.text(f"UPDATE schema_compatibility SET compatible_since = '{newest()}'"))
    service = build(settings)
    try:
        assert draw(service, add(service), 10).size == 10
        assert is_workable(service.database)
        with database.write() as connection:
            connection.execute(sa.text("UPDATE schema_compatibility SET compatible_since = '9999'"))
        assert not is_workable(service.database)
    finally:
        service.close()
        database.close()
    assert npn("admin", "init", on=settings).status == 2, "an older program migrates nothing"


def test_a_migration_that_takes_something_away_never_says_that_older_programs_may_go_on() -> None:
    for file in (ROOMS / "db" / "migrations" / "versions").glob("[0-9]*_*.py"):
        text = file.read_text("utf-8")
        declared = re.search(r'^compatible_since = "([0-9]+)"', text, re.MULTILINE)
        if declared and declared[1] < file.name[:4]:
            # A guard that goes is nothing that a program uses; what refuses in its place is tried by hand.
            taken = r"op\.(drop|alter|rename)_|nullable=False\)\)|DROP (?!CONSTRAINT|TRIGGER)|RENAME "
            assert not re.search(taken, text), file.name


def test_a_program_that_knows_no_regrants_refuses_a_schema_that_has_them(settings: Settings) -> None:
    initialise(settings)
    database = Database(settings.database, as_owner=True)
    with database.read() as connection:
        since = connection.scalar(sa.text("SELECT compatible_since FROM schema_compatibility"))
    database.close()
    assert since >= "0014", "its recovery would leave them open"


def test_a_database_without_schema_names_init(settings: Settings, tmp_path: Path) -> None:
    if settings.database.startswith("sqlite"):
        Path(settings.database.removeprefix("sqlite:///")).touch()

    ran = npn("admin", "system", "list", on=settings)

    assert ran.status == 2
    assert "npn admin init" in ran.err


def test_a_postgresql_in_another_encoding_is_refused(postgres: Cluster, tmp_path: Path) -> None:
    postgres.run("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0")
    settings = Settings(database=postgres.url("latin"), witness=str(tmp_path / "w"))

    with pytest.raises(ConfigurationError, match="LATIN1"):
        initialise(settings)


def test_the_newest_revision_is_the_last_file() -> None:
    assert newest() == max(path.name[:4] for path in (ROOMS / "db/migrations/versions").glob("0*.py"))
