"""The schema's version: bring it up to date, or refuse to work on another one."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from npn.db.engine import Database
from npn.db.errors import translated
from npn.errors import ConfigurationError

_MIGRATIONS = Path(__file__).with_name("migrations")
_ADVISORY_LOCK = 0x4E504E  # "NPN": two migrations at once wait for each other


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    return config


def newest() -> str:
    """Give the revision this program was made for."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def current(database: Database) -> str | None:
    """Give the database's revision, or None where it holds no schema."""
    with database.read() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def upgrade(database: Database, revision: str = "head") -> None:
    """Run the migrations that are missing, all in one transaction."""
    config = _config()
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
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    if found is not None and found not in known:
        raise ConfigurationError(
            f"the database's schema ({found[:40]}) is newer than this program",
            hint="install the version of npn-platform that made it: `pip install --upgrade npn-platform`",
        )
