"""The witness in a PostgreSQL of another server."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Self

import sqlalchemy as sa
from sqlalchemy import exc as sa_exc

from npn.db.cluster import Fingerprint, fingerprint, is_absent
from npn.db.hosts import split
from npn.db.liveness import PATIENCE, Watch
from npn.errors import ConfigurationError, UnavailableError
from npn.ledger.witness.model import WitnessState, decode, encode, missing, wrong
from npn.shortage import DESCRIPTORS, TIME, descriptors_are_out, short_of, shortage

SAME_CLUSTER = "it is kept in the database's own PostgreSQL, and a restore would set both back"
POOLED = "its address leads to a pooler, which may drop that a commit is to be durable; name PostgreSQL itself"
_SETTINGS = ("SET synchronous_commit = on", "SET statement_timeout = '10s'")


class PostgresWitness:
    """One row in a PostgreSQL of another server."""

    _TABLE = "CREATE TABLE IF NOT EXISTS npn_witness (one integer PRIMARY KEY CHECK (one = 1), state text NOT NULL)"

    def __init__(self, url: sa.URL, arguments: Mapping[str, object]) -> None:
        """`url` of a server other than the database's own; `arguments` as `npn.db.hosts` gives them beside it."""
        self._engine = sa.create_engine(
            url.set(drivername="postgresql+psycopg"),
            pool_size=2,
            isolation_level="AUTOCOMMIT",
            connect_args=dict(arguments),
        )
        self._watch = Watch()
        self._apart_from: Fingerprint | None = None
        self.is_pooled = False  # by what the latest connection showed
        sa.event.listen(self._engine, "connect", self._make_ready)
        sa.event.listen(self._engine, "checkout", self._look_after)
        sa.event.listen(self._engine, "connect", self._require_apart)

    @classmethod
    def at(cls, where: str) -> Self:
        """Find it by its address. Raises ConfigurationError, which shows nothing of an address with a password."""
        try:
            return cls(*split(where))
        except (sa_exc.ArgumentError, ValueError):  # ValueError: a port that is not a number
            raise ConfigurationError(
                "the witness's address can't be read", hint="a file, or postgresql://user@host/name"
            ) from None

    def __str__(self) -> str:
        """Return where it is, without the password."""
        return self._engine.url.set(drivername="postgresql").render_as_string(hide_password=True)

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    def keep_apart(self, database: Fingerprint) -> None:
        """Refuse every connection to the PostgreSQL that the database itself is in.

        Raises UnavailableError `witness_wrong` where it is that one, another where it can't be asked now; it is then
        asked whenever a connection is made.
        """
        self._apart_from = database
        self._engine.dispose()
        with self._connected("can't be asked"):
            pass

    def exists(self) -> bool:
        """Return whether the row is there. Raises UnavailableError where its server does not answer."""
        try:
            return self._row() is not None
        except UnavailableError as error:
            if is_absent(error.__cause__):
                return False  # there is no table yet
            raise

    def read(self) -> WitnessState:
        """Read and check the row."""
        row = self._row()
        if row is None:
            raise missing("its table holds nothing")
        return decode(row.encode("utf-8"))

    def advance(self, expected: WitnessState, new: WitnessState) -> bool:
        """Compare and set in one statement."""
        statement = sa.text("UPDATE npn_witness SET state = :new WHERE one = 1 AND state = :expected")
        values = {"new": encode(new).decode(), "expected": encode(expected).decode()}
        with self._connected("does not answer") as connection:
            return connection.execute(statement, values).rowcount == 1

    def replace(self, new: WitnessState) -> None:
        """Write it whatever was there, making the table where needed."""
        statement = sa.text(
            "INSERT INTO npn_witness (one, state) VALUES (1, :new) ON CONFLICT (one) DO UPDATE SET state = :new"
        )
        with self._connected("can't be written") as connection:
            connection.execute(sa.text(self._TABLE))
            connection.execute(statement, {"new": encode(new).decode()})

    @contextmanager
    def _connected(self, failure: str) -> Iterator[sa.Connection]:
        """A connection that is cut when its server turns out to be frozen."""
        started = time.monotonic()
        try:
            with self._engine.connect() as connection, self._watch.over(connection.connection.dbapi_connection):
                yield connection
        except (sa_exc.DBAPIError, sa_exc.TimeoutError) as error:
            raise _failed(error, f"its database {failure}", seconds=time.monotonic() - started) from error

    def _make_ready(self, connection: object, _record: object) -> None:
        """Set what the guarantee rests on; a pooler's session, which need not keep it, is refused."""
        with connection.cursor() as cursor:  # type: ignore[attr-defined]  # a DBAPI connection
            (served_by,) = cursor.execute("SELECT pg_backend_pid()").fetchone()
            self.is_pooled = served_by != connection.info.backend_pid  # type: ignore[attr-defined]  # psycopg's
            for statement in () if self.is_pooled else _SETTINGS:
                cursor.execute(statement)
        connection.commit()  # type: ignore[attr-defined]  # the same
        if self.is_pooled:
            connection.close()  # type: ignore[attr-defined]  # the same
            raise wrong(POOLED)

    def _require_apart(self, connection: object, _record: object) -> None:
        if self._apart_from is None:
            return
        same = self._apart_from.is_same_as(fingerprint(connection))
        connection.commit()  # type: ignore[attr-defined]  # a DBAPI connection
        if same:
            connection.close()  # type: ignore[attr-defined]  # the same
            raise wrong(SAME_CLUSTER)

    def _look_after(self, connection: object, _record: object, _proxy: object) -> None:
        """Ask whether a connection still stands; the pool then takes another."""
        try:
            with self._watch.over(connection):
                self._engine.dialect.do_ping(connection)  # type: ignore[arg-type]  # a DBAPI connection
        except self._engine.dialect.loaded_dbapi.Error as error:
            raise sa_exc.DisconnectionError from error

    def _row(self) -> str | None:
        with self._connected("does not answer") as connection:
            row = connection.scalar(sa.text("SELECT state FROM npn_witness WHERE one = 1"))
        return None if row is None else str(row)


def _failed(error: sa_exc.DBAPIError | sa_exc.TimeoutError, what: str, *, seconds: float) -> UnavailableError:
    """Distinguish a witness that is not there from one that was not answered for in time, or could not be asked."""
    if is_absent(error):
        return missing("its table does not exist")
    short = shortage(error, "the witness can't be asked")
    if short is not None:
        return short
    if descriptors_are_out():
        return short_of(DESCRIPTORS, "the witness can't be asked")
    if isinstance(error, sa_exc.TimeoutError) or seconds >= PATIENCE:
        return short_of(TIME, f"the witness can't be asked, {what}")
    return missing(what)
