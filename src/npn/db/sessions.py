"""What every session on PostgreSQL is told, since guarantees rest on it; and whether a session keeps what it is told.

Behind a pooler that hands out a server's session for one transaction, what is SET in one may be another's in the next.
So each new connection proves itself: one transaction sets a value, a second reads it back, and both run in the very
server process that greeted this connection. Where they don't, everything is set in each transaction again, and nothing
is prepared. A direct connection pays for the proof once, and nothing for a transaction.
"""

import secrets
from dataclasses import dataclass, field

import structlog

SERVICE_ROLE = "npn_service"
_log = structlog.get_logger("npn.db")

SETTINGS = {
    "synchronous_commit": "on",
    "statement_timeout": "15s",
    "lock_timeout": "0",
    "idle_in_transaction_session_timeout": "60s",
    "TimeZone": "UTC",
    "DateStyle": "ISO, YMD",
    "IntervalStyle": "postgres",
    "bytea_output": "hex",
    "extra_float_digits": "1",
    "standard_conforming_strings": "on",
    "search_path": "public, pg_temp",
    "enable_sort": "off",  # where an index has the order, walk it, statistics or not
    "jit": "off",  # the price that a sort has then is that of a large query, and every small one would be compiled
}
# Writes look up single rows by index: no plan of theirs may hang on statistics, stale on a table that grows. A plan
# made while the table was empty is kept by the connection, so it must be right from the start.
FOR_WRITES = {
    "enable_seqscan": "off",
    "enable_bitmapscan": "off",
    "plan_cache_mode": "force_generic_plan",
}
_PROOF = "npn.session"
_MEMBER = f"""SELECT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '{SERVICE_ROLE}'
  AND pg_has_role(session_user, oid, CASE WHEN current_setting('server_version_num')::int < 160000 THEN 'MEMBER'
    ELSE 'SET' END))"""


@dataclass(slots=True)
class DatabaseSessions:
    """How the connections of one engine are made ready. `pooled` is known once there was one."""

    writes: bool
    as_owner: bool
    pooled: bool = False
    _role: bool = field(default=False)

    def prepare(self, connection: object) -> str | None:
        """Make a new DBAPI connection ready; return the statement each of its transactions begins with, if any."""
        cursor = connection.cursor()  # type: ignore[attr-defined]  # a DBAPI connection
        try:
            cursor.execute(
                f"SELECT {_MEMBER[7:]}, pg_backend_pid(), set_config('{_PROOF}', %s, false)", (token := _token(),)
            )
            member, process, _ = cursor.fetchone()
            connection.commit()  # type: ignore[attr-defined]  # the same
            settings = self._settings(role=bool(member) and not self.as_owner)
            cursor.execute(f"SELECT current_setting('{_PROOF}', true), pg_backend_pid()")
            prepared, again = cursor.fetchone()
            greeted = connection.info.backend_pid  # type: ignore[attr-defined]  # psycopg's
            if prepared == token and process == again == greeted:
                cursor.execute(_written(settings, local=False))
                connection.commit()  # type: ignore[attr-defined]  # the same
                return None
            connection.commit()  # type: ignore[attr-defined]  # the same
        finally:
            cursor.close()
        connection.prepare_threshold = None  # type: ignore[attr-defined]  # psycopg's: nothing is prepared
        if not self.pooled:
            self.pooled = True
            _log.info("database_pooled", hint="a pooler shares sessions: settings are set in each transaction")
        return _written(settings, local=True)

    def _settings(self, *, role: bool) -> dict[str, str]:
        more = FOR_WRITES if self.writes else {}
        return {**SETTINGS, **more, **({"role": SERVICE_ROLE} if role else {})}


def _token() -> str:
    return secrets.token_hex(8)


def _written(settings: dict[str, str], *, local: bool) -> str:
    """Write them as one statement, the role last: what it may not set is set by then."""
    call = (f"set_config('{name}', '{value}', {str(local).lower()})" for name, value in settings.items())
    return f"SELECT {', '.join(call)}"
