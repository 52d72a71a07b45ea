"""The schema's version: bring it up to date, or refuse to work on another one.

A revision is named by the number its file in `migrations/versions` begins with; the highest is the newest. So the
question "is the schema this program's?", which every command asks, is answered without loading Alembic.
"""

from pathlib import Path

import sqlalchemy as sa

from npn.db.engine import Database
from npn.db.errors import translated
from npn.errors import ConfigurationError

_MIGRATIONS = Path(__file__).with_name("migrations")
_ADVISORY_LOCK = 0x4E504E  # "NPN": two migrations at once wait for each other
_REVISION = sa.text("SELECT version_num FROM alembic_version")


def revisions() -> list[str]:
    """Give every revision this program knows, oldest first."""
    return sorted(file.name.partition("_")[0] for file in (_MIGRATIONS / "versions").glob("[0-9]*_*.py"))


def newest() -> str:
    """Give the revision this program was made for."""
    return revisions()[-1]


def current(database: Database) -> str | None:
    """Give the database's revision, or None where it holds no schema."""
    with database.read() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return None
        found = connection.scalar(_REVISION)
        return None if found is None else str(found)


def upgrade(database: Database, revision: str = "head") -> None:
    """Run the migrations that are missing, all in one transaction."""
    from alembic import command  # noqa: PLC0415  # half a second, which only a migration should cost
    from alembic.config import Config  # noqa: PLC0415  # the same

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    with translated(), database.write() as connection:
        if database.dialect == "postgresql":
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
            connection.execute(sa.text("SET LOCAL statement_timeout = 0"))
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def require_current(database: Database) -> None:
    """Raise ConfigurationError, naming the command that helps, unless the schema is this program's."""
    found = current(database)
    if found == newest():
        return
    if found is None:
        raise ConfigurationError("the database holds no schema", hint="run `npn admin init` on it")
    require_known(found)
    raise ConfigurationError(
        f"the database's schema is older ({found}) than this program's ({newest()})",
        hint="back it up, then run `npn admin init` on it: it migrates and changes nothing else",
    )


def require_known(found: str | None) -> None:
    """Raise ConfigurationError for the revision of a newer program; an older one, or none, can be migrated."""
    if found is not None and found not in revisions():
        raise ConfigurationError(
            f"the database's schema ({found[:40]}) is newer than this program",
            hint="install the version of npn-platform that made it: `pip install --upgrade npn-platform`",
        )
