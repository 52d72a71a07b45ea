"""The witness in a PostgreSQL of another server."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import sqlalchemy as sa
from sqlalchemy import exc as sa_exc

from npn.db.liveness import Watch
from npn.errors import UnavailableError
from npn.ledger.witness.model import WitnessState, decode, encode, missing


class PostgresWitness:
    """One row in a PostgreSQL of another server."""

    _TABLE = "CREATE TABLE IF NOT EXISTS npn_witness (one integer PRIMARY KEY CHECK (one = 1), state text NOT NULL)"

    def __init__(self, url: sa.URL, arguments: Mapping[str, object]) -> None:
        """`url` of a server other than the database's own; `arguments` as `npn.db.hosts` gives them beside it."""
        self._engine = sa.create_engine(
            url.set(drivername="postgresql+psycopg"),
            pool_size=2,
            isolation_level="AUTOCOMMIT",
            connect_args={
                **arguments,
                "options": "-c synchronous_commit=on -c statement_timeout=10000",
            },
        )
        self._watch = Watch()
        sa.event.listen(self._engine, "checkout", self._look_after)

    def close(self) -> None:
        """Give every connection back."""
        self._engine.dispose()

    def exists(self) -> bool:
        """Say whether the row is there. Raises UnavailableError where nobody can tell: its server does not answer."""
        try:
            return self._row() is not None
        except UnavailableError as error:
            if isinstance(error.__cause__, sa_exc.ProgrammingError):
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
        try:
            with self._connected() as connection:
                return connection.execute(statement, values).rowcount == 1
        except sa_exc.DBAPIError as error:
            raise missing("its database does not answer") from error

    def replace(self, new: WitnessState) -> None:
        """Write it whatever was there, making the table where needed."""
        statement = sa.text(
            "INSERT INTO npn_witness (one, state) VALUES (1, :new) ON CONFLICT (one) DO UPDATE SET state = :new"
        )
        try:
            with self._connected() as connection:
                connection.execute(sa.text(self._TABLE))
                connection.execute(statement, {"new": encode(new).decode()})
        except sa_exc.DBAPIError as error:
            raise missing("its database can't be written") from error

    @contextmanager
    def _connected(self) -> Iterator[sa.Connection]:
        """A connection that is cut when its server turns out to be frozen."""
        with self._engine.connect() as connection, self._watch.over(connection.connection.dbapi_connection):
            yield connection

    def _look_after(self, connection: object, _record: object, _proxy: object) -> None:
        """Ask whether a connection still stands; the pool then takes another."""
        try:
            with self._watch.over(connection):
                self._engine.dialect.do_ping(connection)  # type: ignore[arg-type]  # a DBAPI connection
        except self._engine.dialect.loaded_dbapi.Error as error:
            raise sa_exc.DisconnectionError from error

    def _row(self) -> str | None:
        try:
            with self._connected() as connection:
                found = connection.scalar(sa.text("SELECT state FROM npn_witness WHERE one = 1"))
        except sa_exc.ProgrammingError as error:
            raise missing("its table does not exist") from error
        except sa_exc.DBAPIError as error:
            raise missing("its database does not answer") from error
        return None if found is None else str(found)
