"""Which PostgreSQL a connection leads to: two addresses may be one server, and one address several in turn."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import exc as sa_exc

_UNDEFINED_TABLE = "42P01"
_MAY_ASK = "SELECT has_function_privilege('pg_catalog.pg_control_system()', 'execute')"
_IDENTIFIER = "SELECT system_identifier::text FROM pg_catalog.pg_control_system()"
_STARTED = "SELECT extract(epoch FROM pg_catalog.pg_postmaster_start_time())::text"


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What tells clusters apart: the identifier that each is made with; where it may not be asked, its start."""

    identifier: str | None
    started: str

    def is_same_as(self, other: "Fingerprint") -> bool:
        """Return whether both are of one cluster, its standbys included where both identifiers are known."""
        if self.identifier is not None and other.identifier is not None:
            return self.identifier == other.identifier
        return self.started == other.started


def fingerprint(connection: object) -> Fingerprint:
    """Ask a DBAPI connection of PostgreSQL. No right is needed."""
    cursor = connection.cursor()  # type: ignore[attr-defined]  # a DBAPI connection
    try:
        cursor.execute(_STARTED)
        started = str(cursor.fetchone()[0])
        cursor.execute(_MAY_ASK)
        if not cursor.fetchone()[0]:
            return Fingerprint(None, started)
        cursor.execute(_IDENTIFIER)
        return Fingerprint(str(cursor.fetchone()[0]), started)
    finally:
        cursor.close()


def fingerprint_of(connection: sa.Connection) -> Fingerprint:
    """Return the cluster that a connection of ours leads to."""
    return fingerprint(connection.connection.dbapi_connection)


def is_absent(error: BaseException | None) -> bool:
    """Return whether a statement failed because its table does not exist."""
    return isinstance(error, sa_exc.DBAPIError) and getattr(error.orig, "sqlstate", None) == _UNDEFINED_TABLE
