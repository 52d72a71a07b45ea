"""One database on either engine: how connections are made, and what a transaction is.

SQLite: WAL, `synchronous=FULL`, `BEGIN IMMEDIATE` for every write. Versions with the fault in resetting the
WAL (see `wal_fault`) get one lock between processes around every write and checkpoint, and our own
checkpoints. PostgreSQL: `synchronous_commit=on`, and never with `fsync=off`.
"""

import errno
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress
from functools import partial
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import exc as sa_exc
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from npn.chores import Rounds
from npn.db import hosts
from npn.db.errors import AWAY, GRANTS_MISSING, RIGHTS_MISSING, kind_of, made, translated, unavailable
from npn.db.liveness import UnconfirmedError, Watch, confirmed, hear
from npn.db.locks import FileLock
from npn.db.replaced import OpenFile, refuse_linked
from npn.db.sealing import Sealer, attach
from npn.db.sessions import SERVICE_ROLE as SERVICE_ROLE  # noqa: PLC0414  # where everybody looks for it
from npn.db.sessions import DatabaseSessions
from npn.db.unreached import UnreachedHosts
from npn.errors import ConfigurationError, UnavailableError, codes
from npn.ownership import LooseFile, create_private, tighten_all, with_sqlite_files
from npn.shortage import shortage

CHECKPOINT_EVERY = 32  # transactions of this process
_SURE_FOR = 1.0  # seconds after its use that a connection is taken to stand still
_FIRST = "npn_begins_with"  # where a connection keeps what each of its transactions says first
_FIXED = ((3, 51, 3), (3, 50, 7), (3, 44, 6))


def wal_fault(version: tuple[int, ...]) -> bool:
    """Whether this SQLite can lose commits when several connections write (fixed in 3.51.3, 3.50.7, 3.44.6)."""
    return not (version >= _FIXED[0] or any(version[:2] == f[:2] and version >= f for f in _FIXED[1:]))


class _NothingToKeepError(Exception):
    """Ends a trial transaction."""


class Database:
    """Where everything is kept. `read()` and `write()` are the only ways to a connection."""

    def __init__(self, url: str, *, as_owner: bool = False, create: bool = False, standby: bool = False) -> None:
        """`url`: `sqlite:///path` or `postgresql://…`. `create`: make a missing SQLite file (`admin init` alone).

        `standby`: of several hosts, a standby is preferred; nothing may be written.
        """
        self.url, self._arguments = _parsed(url, wanted="prefer-standby" if standby else "read-write")
        self.dialect = self.url.get_backend_name()
        self._as_owner = as_owner
        self._create = create
        self._replacing = threading.Lock()
        self._since_checkpoint = 0
        self.path = Path(self.url.database or "").resolve() if self.dialect == "sqlite" else None
        if self.path is not None:
            refuse_linked(self.path)
        # before SQLite gives its WAL the same rights
        self.loose: list[LooseFile] = [] if self.path is None else tighten_all(with_sqlite_files(self.path))
        self._file = None if self.path is None or create else OpenFile(self.path)
        guarded = self.path is not None and wal_fault(sqlite3.sqlite_version_info)
        self._lock = FileLock(Path(f"{self.path}.lock")) if guarded else None
        self._unreached = UnreachedHosts(self.url, self._arguments) if self.path is None else None
        self._sessions: list[DatabaseSessions] = []
        self.rounds = Rounds()
        self._watch = Watch(rounds=self.rounds)
        self.is_open = False  # whether anybody has asked it anything since it was made or closed
        self.sealer = Sealer()
        self._reader = self._engine(writes=False)
        self._writer = self._engine(writes=True)

    def __repr__(self) -> str:
        """Without the password."""
        return f"Database({self.url.render_as_string(hide_password=True)})"

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A connection that sees one consistent state and can't change it."""
        self._notice_replacement()
        self.is_open = True
        with translated(tell=self._tell), self._reader.connect() as connection, self._watched(connection):
            yield connection

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """Run one transaction: committed when the block ends, rolled back when it raises.

        Raises UnavailableError `outcome_unknown` where the commit itself failed: the change may have been
        made or not, and only asking again tells.
        """
        with translated(nothing_done=True, tell=self._tell), self._locked():
            self._notice_replacement(locked=True)
            self.is_open = True
            with self._writer.connect() as connection:
                with self._watched(connection):
                    transaction = _begun(connection)
                    try:
                        yield connection
                    except BaseException as error:
                        _roll_back(connection, transaction)
                        if isinstance(error, sa_exc.DBAPIError) and unavailable(error).code == codes.DATABASE_READ_ONLY:
                            connection.invalidate()  # a standby now: the next connection finds the primary
                        raise
                    _commit(connection, transaction)
                self._checkpoint(connection)

    @property
    def pooled(self) -> bool:
        """Return whether a pooler between here and PostgreSQL was noticed: sessions are not kept."""
        return any(session.pooled for session in self._sessions)

    def close(self) -> None:
        """Close every connection; on SQLite the last one to close folds the WAL into the file."""
        with suppress(UnavailableError), translated(), self._locked():
            self._dispose()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Close every connection of this process; until the block ends nobody of this program opens the file."""
        with self._locked():
            self._dispose()
            yield

    def share_sealer(self, other: "Database") -> None:
        """Open what is sealed with the keys of another database's sealer: this is a copy of that one."""
        self.sealer = other.sealer
        attach(self._reader, self.sealer)
        attach(self._writer, self.sealer)

    def compact(self, *tables: str) -> None:
        """Rewrite tables (SQLite: the whole file), so that nothing of what was overwritten stays in free space."""
        with translated(), self._locked(), self._writer.connect() as connection:
            raw = connection.connection.dbapi_connection
            assert raw is not None  # noqa: S101  # it was connected just now
            if self.path is not None:
                raw.cursor().execute("VACUUM")
                raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
                return
            raw.rollback()
            raw.autocommit = True
            for table in tables:
                raw.cursor().execute(f"VACUUM FULL {table}")
            connection.invalidate()

    def check_integrity(self) -> None:
        """Refuse an SQLite file whose pages contradict each other, as a file put under another's WAL would."""
        if self.dialect == "sqlite":
            with self.read() as connection:
                if connection.scalar(sa.text("PRAGMA integrity_check(1)")) != "ok":
                    raise UnavailableError(
                        "the database file is damaged",
                        code=codes.DATABASE_CORRUPT,
                        hint="stop every server, remove its -wal and -shm files, put the backup in place again",
                    )

    def check_durability(self) -> None:
        """Refuse a PostgreSQL that would acknowledge what it has not written, or could not write every text."""
        if self.dialect == "postgresql":
            with self.read() as connection:
                if connection.scalar(sa.text("SHOW fsync")) != "on":
                    raise ConfigurationError(
                        "PostgreSQL runs with fsync=off: an acknowledged draw could be lost",
                        hint="set fsync=on in postgresql.conf and restart it",
                    )
                encoding = connection.scalar(sa.text("SHOW server_encoding"))
                if encoding != "UTF8":
                    raise ConfigurationError(
                        f"the database's encoding is {encoding}: it can't hold every name",
                        hint="make it with CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0",
                    )

    def check_writable(self) -> None:
        """Raise UnavailableError unless a row can be written now; it is written as it was, and rolled back."""
        with suppress(_NothingToKeepError), self.write() as connection:
            connection.execute(sa.text("UPDATE ledger_head SET length = length"))
            raise _NothingToKeepError

    def _engine(self, *, writes: bool) -> sa.Engine:
        if self.path is not None:
            mode = "rwc" if self._create else "rw"
            url = sa.URL.create("sqlite", database=f"file:{_uri_path(self.path)}", query={"mode": mode, "uri": "true"})
            engine = sa.create_engine(
                url,
                poolclass=sa.QueuePool,
                hide_parameters=True,  # an error that is logged whole must not tell purposes, numbers, digests
                pool_size=1 if writes else 8,
                max_overflow=0 if writes else 8,
                connect_args={"check_same_thread": False, "timeout": 10.0},
            )
            attach(engine, self.sealer)
            if self._create:
                sa.event.listen(engine, "do_connect", partial(_create_private, self.path))
            sa.event.listen(engine, "connect", _prepare_sqlite_writer if writes else _prepare_sqlite_reader)
            sa.event.listen(engine, "begin", _begin_immediate if writes else _begin)
            return engine
        engine = sa.create_engine(
            self.url,
            pool_size=2 if writes else 8,
            max_overflow=4,
            hide_parameters=True,
            isolation_level="READ COMMITTED" if writes else "REPEATABLE READ",
            connect_args=self._arguments,
        )
        attach(engine, self.sealer)
        sa.event.listen(engine, "checkout", self._look_after)
        sessions = DatabaseSessions(writes=writes, as_owner=self._as_owner)
        self._sessions.append(sessions)
        sa.event.listen(engine, "connect", _prepare_postgresql(sessions))
        sa.event.listen(engine, "begin", _begin_on_postgresql)
        return engine

    def _watched(self, connection: sa.Connection) -> AbstractContextManager[None]:
        return self._watch.over(connection.connection.dbapi_connection)

    def _look_after(self, connection: object, record: ConnectionPoolEntry, _proxy: object) -> None:
        """Ask a connection that lay idle whether it still stands; the pool then takes another. What is new stands."""
        used_at, record.info["used_at"] = record.info.get("used_at"), time.monotonic()
        if used_at is None or record.info["used_at"] - used_at < _SURE_FOR:
            return
        try:
            with self._watch.over(connection):
                self._writer.dialect.do_ping(connection)  # type: ignore[arg-type]  # a DBAPI connection
        except self._writer.dialect.loaded_dbapi.Error as error:
            raise sa_exc.DisconnectionError from error

    def _tell(self, error: sa_exc.DBAPIError) -> UnavailableError:
        """Return what a driver's error means on this database."""
        failure = unavailable(error)
        if failure.code == RIGHTS_MISSING.code and not self._as_owner:
            return made(GRANTS_MISSING)
        if self._unreached is None or failure.code != AWAY.code or kind_of(error) is not None:
            return failure
        reason = self._unreached.reason()
        return failure if reason is None else made(reason)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the lock between processes, where this SQLite needs one for writes and checkpoints."""
        if self._lock is None:
            yield
            return
        with ExitStack() as locks:
            try:
                locks.enter_context(self._lock.held())
            except OSError as error:
                short = shortage(error, "the database's lock file can't be opened")
                if short is not None:
                    raise short from error
                read_only = error.errno in (errno.EROFS, errno.EACCES, errno.EPERM)
                code = codes.DATABASE_READ_ONLY if read_only else codes.STORAGE_FAILED
                hint = "check its permissions and mount" if read_only else "check the disk"
                message = f"the database's lock file can't be opened: {error.strerror}"
                raise UnavailableError(message, code=code, hint=hint) from error
            yield

    def _dispose(self) -> None:
        self.is_open = False
        for engine in (self._reader, self._writer):
            pool = engine.pool
            engine.dispose()
            sa.event.listen(pool, "checkin", _close_returned)  # what is in use now is closed when it comes back

    def _notice_replacement(self, *, locked: bool = False) -> None:
        """A database file put in place of the one that is open must not go unseen: open it again."""
        if self._file is None or not self._file.is_another():
            return
        with nullcontext() if locked else self._locked(), self._replacing:
            if self._file.is_another():
                self._dispose()
                self._file.turn_to_new()

    def _checkpoint(self, connection: sa.Connection) -> None:
        """Fold the WAL into the file every few transactions, under the same lock as every write."""
        if self._lock is None:
            return
        self._since_checkpoint += 1
        if self._since_checkpoint >= CHECKPOINT_EVERY:
            self._since_checkpoint = 0
            raw = connection.connection.dbapi_connection
            if raw is not None:
                # The commit stands whatever becomes of this; a full disk is met again by the next write.
                with suppress(sqlite3.Error):
                    raw.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)")


def _parsed(url: str, *, wanted: str) -> tuple[sa.URL, dict[str, object]]:
    if url != url.strip() or not url.isprintable():
        raise ConfigurationError(  # a line end of Windows, or a blank that was copied with it
            "the database address has a blank or a line end at its begin or end, or a sign that can't be seen",
            hint="write it without: the end of a line may be CR and LF",
        )
    try:
        parsed, arguments = hosts.split(url, wanted=wanted)
    except (sa_exc.ArgumentError, ValueError):  # ValueError: a port that is not a number
        raise ConfigurationError(  # which may hold a password: it is not repeated
            "the database address can't be read",
            hint="write sqlite:///path/npn.db or postgresql://user@host/name",
        ) from None
    if parsed.get_backend_name() == "sqlite":
        _require_file(url, parsed)
        return parsed, {}
    if parsed.drivername in ("postgresql", "postgres", "postgresql+psycopg"):
        return parsed.set(drivername="postgresql+psycopg"), arguments
    raise ConfigurationError(f"{parsed.drivername} is not a database we know", hint="use sqlite:/// or postgresql://")


def _require_file(url: str, parsed: sa.URL) -> None:
    """Raise ConfigurationError for an SQLite address of which a part would be dropped."""
    if parsed.host or parsed.port or parsed.username or parsed.password:
        raise ConfigurationError(
            "the database address has two slashes where it needs three, and its first folder would be dropped",
            hint="write sqlite:///var/npn.db for a path from here, sqlite:////var/npn.db for one from the root",
        )
    if parsed.query or "?" in url:
        raise ConfigurationError(
            "an SQLite address takes no parameters: what follows the ? would be dropped", hint="sqlite:///path/npn.db"
        )
    if not parsed.database or parsed.database == ":memory:" or parsed.database.startswith("file:"):
        raise ConfigurationError("a database in memory forgets what it granted", hint="sqlite:///path/npn.db")


def sqlite_uri(path: Path, mode: str) -> str:
    """Return the address of a file for the standard library's sqlite3, `mode` as SQLite's own: ro, rw, rwc."""
    return f"file:{_uri_path(path)}?mode={mode}"


def _uri_path(path: Path) -> str:
    return str(path).replace("%", "%25").replace("?", "%3f").replace("#", "%23")


def _create_private(path: Path, *_: object) -> None:
    """Make a new database file as one that its owner alone may read; SQLite gives its WAL the same rights."""
    create_private(path)


def _begun(connection: sa.Connection) -> sa.RootTransaction:
    """Begin a transaction; a connection that was opened while nothing could be written is made again for it."""
    try:
        return connection.begin()
    except sa_exc.DBAPIError as error:
        if unavailable(error).code != codes.DATABASE_READ_ONLY:
            raise
        connection.invalidate()
        return connection.begin()


def _close_returned(connection: DBAPIConnection | None, _: object) -> None:
    if connection is not None:
        connection.close()


def _roll_back(connection: sa.Connection, transaction: sa.RootTransaction) -> None:
    try:
        transaction.rollback()
    except sa_exc.DBAPIError:
        connection.invalidate()


def _commit(connection: sa.Connection, transaction: sa.RootTransaction) -> None:
    try:
        with confirmed(connection.connection.dbapi_connection):
            transaction.commit()
    except sa_exc.IntegrityError:
        _roll_back(connection, transaction)
        raise
    except (sa_exc.DBAPIError, UnconfirmedError, MemoryError) as error:
        reason = unavailable(error).message if isinstance(error, sa_exc.DBAPIError) else str(error) or "no memory left"
        connection.invalidate()
        raise UnavailableError(
            f"the outcome is not known: {reason}",
            code=codes.OUTCOME_UNKNOWN,
            hint="repeat it with the same request id; never with a new one",
        ) from error


def _begin(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def _prepare_postgresql(sessions: DatabaseSessions) -> Callable[[object, ConnectionPoolEntry], None]:
    def prepare(connection: object, record: ConnectionPoolEntry) -> None:
        if sessions.writes:
            hear(connection)
        record.info[_FIRST] = sessions.prepare(connection)

    return prepare


def _begin_on_postgresql(connection: sa.Connection) -> None:
    """Set what the session would not keep."""
    first = connection.info.get(_FIRST)
    if first is not None:
        connection.exec_driver_sql(first)


def _begin_immediate(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _prepare_sqlite(connection: object, *, writes: bool) -> None:
    assert isinstance(connection, sqlite3.Connection)  # noqa: S101  # this engine is SQLite's
    connection.isolation_level = None  # SQLAlchemy's begin event says BEGIN itself
    if writes:
        connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA recursive_triggers = ON")
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA secure_delete = ON")
    if wal_fault(sqlite3.sqlite_version_info):
        connection.execute("PRAGMA wal_autocheckpoint = 0")
    if not writes:
        connection.execute("PRAGMA query_only = ON")


def _prepare_sqlite_writer(connection: object, _record: ConnectionPoolEntry) -> None:
    _prepare_sqlite(connection, writes=True)


def _prepare_sqlite_reader(connection: object, _record: ConnectionPoolEntry) -> None:
    _prepare_sqlite(connection, writes=False)
