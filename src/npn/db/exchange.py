"""Statements sent together and answered together, for the one transaction that everybody waits for.

A draw's transaction asks a dozen short questions. Asked one by one, the way there and back and SQLAlchemy's work for
each cost more than the answers do. So a statement is written out once for each engine, and what is asked together goes
to PostgreSQL in one round trip (its pipeline mode: the statements run one after another anyway, each seeing what
was committed before it began). SQLite, in this very process, runs them in their order.

No value is converted on its way: an instant is given and comes back as the engine has it; see `instant`.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any  # a row's columns are typed by the query, which mypy can't carry this far

import msgspec
import sqlalchemy as sa
import sqlalchemy.exc as sa_exc

Row = tuple[Any, ...]
Values = Mapping[str, object]
Many = Sequence[Sequence[object]]

_NONE: Values = {}
_encode = msgspec.json.Encoder().encode


class Statement:
    """One statement, written out for an engine when it is first sent to it."""

    __slots__ = ("_made", "_query")

    def __init__(self, query: sa.ClauseElement, *, postgresql: sa.ClauseElement | None = None) -> None:
        """`postgresql` where that engine has a better way to say it."""
        self._query = {"sqlite": query, "postgresql": query if postgresql is None else postgresql}
        self._made: dict[str, tuple[str, Values]] = {}

    def written(self, connection: sa.Connection) -> tuple[str, Values]:
        """Write it with the names of its values in the driver's manner; and give those that it has itself."""
        name = connection.dialect.name
        text_and_values = self._made.get(name)
        if text_and_values is None:
            kind: Any = type(connection.dialect)
            dialect = kind(paramstyle="named") if name == "sqlite" else connection.dialect
            compiled = self._query[name].compile(dialect=dialect)
            own = {name: value for name, value in compiled.params.items() if value is not None}
            text_and_values = self._made[name] = (str(compiled), own)
        return text_and_values


Among = tuple[sa.Select[*tuple[Any, ...]], sa.ColumnElement[str]]


def among(*queries: Among, name: str) -> Statement:
    """Write a query for the rows whose column is one of any number of texts, given under `name` by `texts`.

    Of several queries, each with its column, the rows are given together.
    """
    parameter = sa.bindparam(name, type_=sa.Text)
    values = sa.select(sa.func.json_each(parameter).table_valued("value").c.value)
    array = sa.func.array(sa.select(sa.func.json_array_elements_text(sa.cast(parameter, sa.JSON))).scalar_subquery())
    return Statement(
        sa.union_all(*(query.where(column.in_(values)) for query, column in queries)),
        postgresql=sa.union_all(*(query.where(column == sa.func.any(array)) for query, column in queries)),
    )


def texts(values: Collection[str]) -> str:
    """Write texts as `among` takes them."""
    return _encode(list(values)).decode()


class QueryReply:
    """What a statement answered."""

    __slots__ = ("_exchange", "_rows")

    def __init__(self, exchange: "Exchange") -> None:
        """Wait for the exchange to be settled."""
        self._exchange = exchange
        self._rows: list[Row] | None = None

    @property
    def rows(self) -> list[Row]:
        """Return the rows; what waits to be sent is sent first."""
        if self._rows is None:
            self._exchange.settle()
        return self._rows or []

    @property
    def one(self) -> Row:
        """Return the only row."""
        (row,) = self.rows
        return row

    def take(self, rows: list[Row]) -> None:
        """Keep what was answered."""
        self._rows = rows


class Exchange:
    """What a connection is asked next: nothing is sent before `settle`, or before a reply is read.

    Whoever asks the connection itself in between settles first, or it is asked out of order.
    """

    __slots__ = ("_waiting", "connection")

    def __init__(self, connection: sa.Connection) -> None:
        """Ask over this connection, in its transaction."""
        self.connection = connection
        self._waiting: list[tuple[str, Values | Many, QueryReply]] = []

    def ask(self, statement: Statement, values: Values = _NONE) -> QueryReply:
        """Put a statement behind those that wait."""
        reply = QueryReply(self)
        text, own = statement.written(self.connection)
        self._waiting.append((text, {**own, **values} if own else values, reply))
        return reply

    def tell(self, text: str, rows: Many) -> None:
        """Put an SQLite statement that is run once for every row behind those that wait."""
        self._waiting.append((text, rows, QueryReply(self)))

    def settle(self) -> None:
        """Send all that waits, in order. Raises as SQLAlchemy does; what came after the failure was not run."""
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        driver: Any = self.connection.connection.driver_connection  # either engine's, each with its own type
        send = _pipelined if self.connection.dialect.name == "postgresql" else _in_turn
        try:
            send(driver, waiting)
        except self.connection.dialect.loaded_dbapi.Error as error:
            raise _as_sqlalchemy_raises(self.connection, error) from error


def _pipelined(driver: Any, waiting: Iterable[tuple[str, Any, QueryReply]]) -> None:  # psycopg may be absent
    with driver.pipeline():
        cursors = [(driver.execute(text, values, prepare=True), reply) for text, values, reply in waiting]
    for cursor, reply in cursors:
        # Not `description`: it makes an object of every column.
        reply.take(cursor.fetchall() if cursor.pgresult.nfields else [])


def _in_turn(driver: Any, waiting: Iterable[tuple[str, Any, QueryReply]]) -> None:
    for text, values, reply in waiting:
        run = driver.execute if isinstance(values, Mapping) else driver.executemany
        reply.take(run(text, values).fetchall())


def _as_sqlalchemy_raises(connection: sa.Connection, error: Any) -> Exception:
    dialect = connection.dialect
    wrapped: Exception = sa_exc.DBAPIError.instance(
        None,
        None,
        error,
        dialect.loaded_dbapi.Error,
        hide_parameters=True,
        connection_invalidated=dialect.is_disconnect(error, connection.connection.dbapi_connection, None),
        dialect=dialect,
    )
    return wrapped


def instant(value: object) -> datetime:
    """Read an instant from a row as the engine gave it."""
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    if not isinstance(at, datetime):
        raise TypeError(f"not a time: {value!r}")
    return at.astimezone(UTC)
