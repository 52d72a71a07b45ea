"""The schema's version: bring it up to date, or refuse to work on another one.

A revision is named by the number its file in `migrations/versions` begins with; the highest is the newest. So the
question "is the schema this program's?", which every command asks, is answered without loading Alembic.

Servers are upgraded one by one, so an older program must be able to work on a newer schema: the schema says since which
revision's program that is so (`compatible_since`). A migration that only adds declares it in its file; one that
declares nothing ends the work of all older programs.
"""

import re
from functools import cache
from pathlib import Path

import sqlalchemy as sa

from npn.db import guards
from npn.db.engine import Database
from npn.db.errors import translated
from npn.db.types import metadata
from npn.errors import ConfigurationError, UnavailableError, codes

_MIGRATIONS = Path(__file__).with_name("migrations")
_ADVISORY_LOCK = 0x4E504E  # "NPN": two migrations at once wait for each other
_WAIT_FOR_LOCK = "10s"  # whoever waits for a table's lock holds up all who come after
_REVISION = sa.text("SELECT version_num FROM alembic_version")

compatibility = sa.Table(
    "schema_compatibility",
    metadata,
    sa.Column("one", sa.Integer, primary_key=True),
    sa.Column("compatible_since", sa.Text, nullable=False),
    sa.CheckConstraint("one = 1", name="one"),
)


def revisions() -> list[str]:
    """Return every revision this program knows, oldest first."""
    return sorted(file.name.partition("_")[0] for file in (_MIGRATIONS / "versions").glob("[0-9]*_*.py"))


@cache
def newest() -> str:
    """Return the revision this program was made for."""
    return revisions()[-1]


@cache
def oldest_able() -> str:
    """Return the oldest revision whose programs can work on the newest schema."""
    return max(_declared(file) for file in (_MIGRATIONS / "versions").glob("[0-9]*_*.py"))


def _declared(file: Path) -> str:
    declared = re.search(r'^compatible_since = "([0-9]+)"', file.read_text("utf-8"), re.MULTILINE)
    return declared[1] if declared else file.name.partition("_")[0]


def ends_older_programs(before: str | None) -> bool:
    """Return whether bringing this revision up to date ends the work of the programs that were made for it."""
    return before is not None and before < oldest_able()


def current(database: Database) -> str | None:
    """Return the database's revision, or None where it holds no schema."""
    with database.read() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return None
        revision = connection.scalar(_REVISION)
        return None if revision is None else str(revision)


def upgrade(database: Database, revision: str = "head") -> None:
    """Run the migrations that are missing, all in one transaction; servers may go on working meanwhile.

    Where older programs can't work on the new one, no change of theirs is under way when it is made, and none comes
    after it: on PostgreSQL by locks that are taken in the order in which every change takes them.

    Raises UnavailableError where a lock is not to be had in time: it gives way rather than hold up draws.
    """
    from alembic import command  # noqa: PLC0415  # half a second, which only a migration should cost
    from alembic.config import Config  # noqa: PLC0415  # the same
    from alembic.script import ScriptDirectory  # noqa: PLC0415  # the same

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    with translated(), database.write() as connection:
        if database.dialect == "postgresql":
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
            connection.execute(sa.text("SET LOCAL statement_timeout = 0"))
            connection.execute(sa.text(f"SET LOCAL lock_timeout = '{_WAIT_FOR_LOCK}'"))
            _hold_up_changes(connection)
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        if sa.inspect(connection).has_table("range_split"):  # since when there are guards
            guards.apply(connection)
        if sa.inspect(connection).has_table(compatibility.name):
            applied = ScriptDirectory.from_config(config).iterate_revisions(revision, "base")
            since = max(getattr(migration.module, "compatible_since", migration.revision) for migration in applied)
            connection.execute(sa.update(compatibility).values(compatible_since=since))


def _hold_up_changes(connection: sa.Connection) -> None:
    inspector = sa.inspect(connection)
    if inspector.has_table("alembic_version") and ends_older_programs(connection.scalar(_REVISION)):
        for table in ("number_space", "ledger_head"):
            connection.execute(sa.text(f"LOCK TABLE {table} IN EXCLUSIVE MODE"))


def is_workable(database: Database) -> bool:
    """Return whether this program may work on the schema: its own, or a newer one that says so."""
    revision = current(database)
    return revision == newest() or (revision is not None and revision not in revisions() and _is_compatible(database))


def _is_compatible(database: Database) -> bool:
    with database.read() as connection:
        if not sa.inspect(connection).has_table(compatibility.name):
            return False
        since = connection.scalar(sa.select(compatibility.c.compatible_since))
    return since is not None and str(since) <= newest()


def schema_outdated() -> UnavailableError:
    """Return the error of a program that runs on a schema which it may not write any more."""
    return UnavailableError(
        "the schema was changed since this program started, and is not its own any more",
        code=codes.SCHEMA_OUTDATED,
        hint="restart the service in the version that changed the schema; nothing was changed",
        retry_after=60,
    )


def require_workable(database: Database) -> None:
    """Raise ConfigurationError, naming the command that helps, unless this program may work on the schema."""
    if is_workable(database):
        return
    revision = current(database)
    if revision is None:
        raise ConfigurationError("the database holds no schema", hint="run `npn admin init` on it")
    require_known(revision)
    raise ConfigurationError(
        f"the database's schema is older ({revision}) than this program's ({newest()})",
        hint="back it up, then run `npn admin init` on it: it migrates and changes nothing else",
    )


def require_known(found: str | None) -> None:
    """Raise ConfigurationError for the revision of a newer program; an older one, or none, can be migrated."""
    if found is not None and found not in revisions():
        raise ConfigurationError(
            f"the database's schema ({found[:40]}) is newer than this program",
            hint="install the version of npn-platform that made it: `pip install --upgrade npn-platform`",
        )
