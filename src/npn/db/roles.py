"""The service's role on PostgreSQL, step by step; on SQLite, where nobody logs in, nothing of it."""

from collections.abc import Sequence

from npn.db import grants
from npn.db.engine import Database
from npn.errors import ConfigurationError


def make_role(database: Database) -> None:
    """Make the role that serves and owns nothing, where this login may."""
    if database.dialect == "postgresql":
        with database.write() as connection:
            grants.make_role(connection)


def grant(database: Database, service_logins: Sequence[str]) -> list[str]:
    """Return the service's role what it needs, and try it; return what this login may not do, and whoever may must."""
    if database.dialect != "postgresql":
        if service_logins:
            raise ConfigurationError("an SQLite database has no logins", field="service-login", hint="leave it out")
        return []
    with database.write() as connection:
        advice = [grants.logins(connection).advice, *grants.apply(connection, service_logins)]
    with database.write() as connection:
        if grants.logins(connection).may_be_role:
            grants.prove(connection)
    wanted = " ".join(line for line in advice if line)
    if not wanted:
        return []
    return [f"this login may not do all of it; have an administrator run: {wanted} Then run npn admin init again"]


def require_grants(database: Database) -> None:
    """Raise UnavailableError `database_grants_missing` where whoever serves lacks a right."""
    if database.dialect == "postgresql":
        with database.read() as connection:
            grants.require(connection)


def repair_grants(url: str) -> None:
    """After a restore: give the service's role its rights again, where it has none and this login may."""
    database = Database(url, as_owner=True)
    try:
        if database.dialect == "postgresql":
            with database.write() as connection:
                grants.repair(connection)
    finally:
        database.close()
