"""Many rows inserted at once, by the quickest way each engine has."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
import sqlalchemy as sa

from npn.db.exchange import Exchange, Statement
from npn.db.types import Timestamp
from npn.instants import rfc3339

_encode = msgspec.json.Encoder().encode
_made: dict[str, tuple[Statement, str]] = {}


def insert_rows(exchange: Exchange, table: sa.Table, rows: Sequence[Mapping[str, object]]) -> None:
    """Insert rows in their order, each given by column; a column left out is null. Every constraint is asked.

    PostgreSQL takes them as one statement with one JSON parameter, typed by the table itself: one message instead of
    one a row. SQLite, in this very process, takes them one by one.
    """
    if not rows:
        return
    at_once, one_by_one = _statements(table)
    if exchange.connection.dialect.name == "postgresql":
        exchange.ask(at_once, {"rows": _encode(rows).decode()})
        return
    values = [[row.get(column.name) for column in table.columns] for row in rows]
    for place, column in enumerate(table.columns):
        if isinstance(column.type, Timestamp):
            for row in values:
                at = row[place]
                row[place] = rfc3339(at) if isinstance(at, datetime) else at
    exchange.tell(one_by_one, values)


def _statements(table: sa.Table) -> tuple[Statement, str]:
    statement = _made.get(table.name)
    if statement is None:
        columns = ", ".join(f'"{column.name}"' for column in table.columns)
        at_once = sa.text(
            f"INSERT INTO {table.name} ({columns}) SELECT {columns} "
            f"FROM json_populate_recordset(NULL::{table.name}, CAST(:rows AS json))"
        )
        places = ", ".join("?" for _ in table.columns)
        statement = Statement(at_once), f"INSERT INTO {table.name} ({columns}) VALUES ({places})"
        _made[table.name] = statement
    return statement
