"""Who else works on a database: what a step that older programs can't work with must wait for."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import sqlalchemy as sa

from npn.db.engine import SERVICE_ROLE, Database, sqlite_uri
from npn.errors import ConfigurationError, codes

_BUSY_WAIT_SECONDS = 0.5
_SHOWN = 5
# Sessions of whoever may be the service: members of its role and this login; without the role, everybody. A session
# whose kind this login may not see counts.
_SESSIONS = sa.text("""
    SELECT a.pid, a.usename, coalesce(host(a.client_addr), 'this machine') FROM pg_stat_activity a
    WHERE a.datname = current_database() AND a.usesysid IS NOT NULL
      AND coalesce(a.backend_type, 'client backend') = 'client backend' AND NOT a.pid = ANY(:own)
      AND (a.usename = session_user OR NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = :role)
        OR EXISTS (SELECT 1 FROM pg_roles WHERE rolname = :role AND pg_has_role(a.usesysid, oid, 'MEMBER')))
    ORDER BY a.pid""")


def refuse_others(database: Database, *, what: str) -> None:
    """Raise ConfigurationError `servers_running` where anybody else works on the database; `what` they can't survive.

    On SQLite this program's own connections are closed for it.
    """
    working = _sessions(database) if database.path is None else _processes(database, database.path)
    if not working:
        return
    names = ", ".join(working[:_SHOWN]) + (", …" if len(working) > _SHOWN else "")
    raise ConfigurationError(
        f"{what}, and somebody still works on the database: {names}",
        code=codes.SERVERS_RUNNING,
        hint="stop every server and command first; if they are stopped: npn admin init --servers-are-stopped",
    )


def _sessions(database: Database) -> list[str]:
    with database.read() as reader, database.write() as writer:
        own = [connection.scalar(sa.text("SELECT pg_backend_pid()")) for connection in (reader, writer)]
        rows = writer.execute(_SESSIONS, {"own": own, "role": SERVICE_ROLE}).all()
    return [f"{user} from {host} (process {pid})" for pid, user, host in rows]


def _processes(database: Database, path: Path) -> list[str]:
    """Name the processes that have the file open, and ask SQLite, which knows of those that can't be seen."""
    if not path.exists():
        return []
    with database.alone():
        named = [f"process {pid} ({name})" for pid, name in _openers(path)]
        return named or ([] if _is_free(path) else ["a process that this user may not see"])


def _is_free(path: Path) -> bool:
    """Ask for the file as a whole, which SQLite refuses while another connection has it open."""
    with closing(sqlite3.connect(sqlite_uri(path, "rw"), uri=True, timeout=_BUSY_WAIT_SECONDS)) as connection:
        connection.isolation_level = None
        try:
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("ROLLBACK")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
                return False
            raise
    return True


def _openers(path: Path) -> Iterator[tuple[int, str]]:
    """Every other process that has the file open under whatever name, where the system shows it."""
    wanted = path.stat()
    for folder in Path("/proc").glob("[0-9]*"):
        if int(folder.name) == os.getpid():
            continue
        with suppress(OSError):  # another user's, or it has just ended
            if any(_is_open(descriptor, wanted) for descriptor in (folder / "fd").iterdir()):
                yield int(folder.name), (folder / "comm").read_text("utf-8", "replace").strip()


def _is_open(descriptor: Path, wanted: os.stat_result) -> bool:
    try:
        there = descriptor.stat()
    except OSError:
        return False
    return (there.st_dev, there.st_ino) == (wanted.st_dev, wanted.st_ino)
