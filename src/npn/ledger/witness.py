"""The witness: what was granted, known outside the database.

A restored backup, or a failover to a standby that lags, is the one way in which a correct database gives a
number twice. The witness holds the database's id, each space's cursor, the ledger's length and the hash of
its head; it moves forward only, by compare-and-set, durably, before any caller is answered.
"""

import json
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import msgspec
import sqlalchemy as sa
from sqlalchemy import exc as sa_exc

from npn.db.locks import FileLock
from npn.errors import ConfigurationError, UnavailableError
from npn.ledger.model import Head

_HINT = "restore the witness, or run `npn recover --rebuild-witness` once you are sure of the database"


class WitnessState(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the witness knows; `cursors` are texts of digits, one a space."""

    database: str
    length: int
    hash: str
    cursors: dict[str, str]

    @property
    def head(self) -> Head:
        """Give the ledger's head as the witness saw it."""
        return Head(self.length, self.hash)


class Witness(Protocol):
    """Where the witness is kept."""

    def read(self) -> WitnessState:
        """Raise UnavailableError `witness_missing` where there is none or it can't be understood."""

    def advance(self, expected: WitnessState, new: WitnessState) -> bool:
        """Replace `expected` by `new` durably; False, and nothing changed, where it is no longer `expected`."""

    def replace(self, new: WitnessState) -> None:
        """Set it whatever it was: for `admin init` and `recover` alone."""

    def exists(self) -> bool:
        """Say whether anything is there, sound or not."""

    def close(self) -> None:
        """Let go of what it holds open."""


def missing(reason: str) -> UnavailableError:
    """Make the error that stops draws where the witness can't speak."""
    return UnavailableError(f"the witness is missing: {reason}", code="witness_missing", hint=_HINT, retry_after=60)


@dataclass(frozen=True, slots=True)
class FileWitness:
    """A file: written beside, fsynced, renamed; a lock file orders the processes of one host."""

    path: Path
    _lock: FileLock = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Keep the lock beside the file."""
        object.__setattr__(self, "_lock", FileLock(Path(f"{self.path}.lock")))

    def exists(self) -> bool:
        """Say whether the file is there."""
        return self.path.exists()

    def close(self) -> None:
        """Do nothing: the file is open only while it is read or written."""

    def read(self) -> WitnessState:
        """Read and check the file."""
        try:
            return _decode(self.path.read_bytes())
        except FileNotFoundError:
            raise missing(f"no file {self.path}") from None
        except OSError as error:
            raise missing(f"{self.path}: {error.strerror}") from error

    def advance(self, expected: WitnessState, new: WitnessState) -> bool:
        """Compare and set under the lock between processes."""
        try:
            with self._lock.held():
                if self.read() != expected:
                    return False
                self._write(new)
        except OSError as error:
            raise missing(f"{self.path} can't be written: {error.strerror}") from error
        return True

    def replace(self, new: WitnessState) -> None:
        """Write it whatever was there."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self._lock.held():
                self._write(new)
        except OSError as error:
            raise missing(f"{self.path} can't be written: {error.strerror}") from error

    def _write(self, state: WitnessState) -> None:
        beside = Path(f"{self.path}.new")
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            data = _encode(state)
            while data:
                data = data[os.write(descriptor, data) :]
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        beside.rename(self.path)
        folder = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


class PostgresWitness:
    """One row in a PostgreSQL of another server."""

    _TABLE = "CREATE TABLE IF NOT EXISTS npn_witness (one integer PRIMARY KEY CHECK (one = 1), state text NOT NULL)"

    def __init__(self, url: sa.URL) -> None:
        """`url` of a server other than the database's own."""
        self._engine = sa.create_engine(
            url.set(drivername="postgresql+psycopg"),
            pool_size=2,
            pool_pre_ping=True,
            isolation_level="AUTOCOMMIT",
            connect_args={
                "connect_timeout": 5,
                "client_encoding": "utf8",
                "options": "-c synchronous_commit=on -c statement_timeout=10000",
            },
        )

    def close(self) -> None:
        """Give every connection back."""
        self._engine.dispose()

    def exists(self) -> bool:
        """Say whether the row is there."""
        with suppress(UnavailableError):
            return self._row() is not None
        return False

    def read(self) -> WitnessState:
        """Read and check the row."""
        row = self._row()
        if row is None:
            raise missing("its table holds nothing")
        return _decode(row.encode("utf-8"))

    def advance(self, expected: WitnessState, new: WitnessState) -> bool:
        """Compare and set in one statement."""
        statement = sa.text("UPDATE npn_witness SET state = :new WHERE one = 1 AND state = :expected")
        values = {"new": _encode(new).decode(), "expected": _encode(expected).decode()}
        try:
            with self._engine.connect() as connection:
                return connection.execute(statement, values).rowcount == 1
        except sa_exc.DBAPIError as error:
            raise missing("its database does not answer") from error

    def replace(self, new: WitnessState) -> None:
        """Write it whatever was there, making the table where needed."""
        statement = sa.text(
            "INSERT INTO npn_witness (one, state) VALUES (1, :new) ON CONFLICT (one) DO UPDATE SET state = :new"
        )
        try:
            with self._engine.connect() as connection:
                connection.execute(sa.text(self._TABLE))
                connection.execute(statement, {"new": _encode(new).decode()})
        except sa_exc.DBAPIError as error:
            raise missing("its database can't be written") from error

    def _row(self) -> str | None:
        try:
            with self._engine.connect() as connection:
                found = connection.scalar(sa.text("SELECT state FROM npn_witness WHERE one = 1"))
        except sa_exc.ProgrammingError as error:
            raise missing("its table does not exist") from error
        except sa_exc.DBAPIError as error:
            raise missing("its database does not answer") from error
        return None if found is None else str(found)


def open_witness(where: str, *, database_path: Path | None) -> Witness:
    """Find the witness named by `--witness`; beside an SQLite database by default.

    Raises ConfigurationError where none is named and the database is PostgreSQL.
    """
    if not where:
        if database_path is None:
            raise ConfigurationError(
                "a PostgreSQL database needs a witness outside it",
                hint="--witness FILE (one host) or --witness postgresql://another-server/name",
            )
        return FileWitness(database_path.with_suffix(".witness"))
    if "://" not in where:
        return FileWitness(Path(where).absolute())
    builder = _BACKENDS.get(where.partition("://")[0])
    if builder is None:
        raise ConfigurationError(f"not a witness: {where.partition('://')[0]}://…", hint="a file or postgresql://…")
    return builder(where)


def _postgres(where: str) -> Witness:
    return PostgresWitness(sa.make_url(where))


_BACKENDS: Mapping[str, Callable[[str], Witness]] = {
    "postgresql": _postgres,
    "postgres": _postgres,
    "postgresql+psycopg": _postgres,
    "file": lambda where: FileWitness(Path(where.removeprefix("file://")).absolute()),
}


def _encode(state: WitnessState) -> bytes:
    return (json.dumps(msgspec.to_builtins(state), sort_keys=True) + "\n").encode()


def _decode(data: bytes) -> WitnessState:
    try:
        state = msgspec.json.decode(data, type=WitnessState)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise missing("it is corrupt") from error
    if len(state.hash) != 64 or state.length < 0 or not all(c.isdecimal() for c in state.cursors.values()):
        raise missing("it is corrupt")
    return state
