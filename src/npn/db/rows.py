"""Many rows inserted at once, by the quickest way each engine has."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
import sqlalchemy as sa

from npn.db.exchange import Exchange, Statement
from npn.db.types import Timestamp
from npn.instants import rfc3339

_encode = msgspec.json.Encoder().encode
_made: dict[str, "_Insert"] = {}


@dataclass(frozen=True, slots=True)
class _Insert:
    """How rows of one table are inserted: `names` of its columns in order, `instants` where the times stand in them."""

    at_once: Statement
    one_by_one: str
    names: tuple[str, ...]
    instants: tuple[int, ...]

    def values(self, row: Mapping[str, object]) -> list[object]:
        """Return a row's values in the order of the columns, as SQLite takes them."""
        values = [row.get(name) for name in self.names]
        for place in self.instants:
            at = values[place]
            if isinstance(at, datetime):
                values[place] = rfc3339(at)
        return values


def insert_rows(exchange: Exchange, table: sa.Table, rows: Sequence[Mapping[str, object]]) -> None:
    """Insert rows in their order, each given by column; a column left out is null. Every constraint is asked.

    PostgreSQL takes them as one statement with one JSON parameter, typed by the table itself: one message instead of
    one a row. SQLite, in this very process, takes them one by one.
    """
    if not rows:
        return
    insert = _insert(table)
    if exchange.connection.dialect.name == "postgresql":
        exchange.ask(insert.at_once, {"rows": _encode(rows).decode()})
        return
    exchange.tell(insert.one_by_one, [insert.values(row) for row in rows])


def _insert(table: sa.Table) -> _Insert:
    insert = _made.get(table.name)
    if insert is None:
        columns = ", ".join(f'"{column.name}"' for column in table.columns)
        at_once = sa.text(
            f"INSERT INTO {table.name} ({columns}) SELECT {columns} "
            f"FROM json_populate_recordset(NULL::{table.name}, CAST(:rows AS json))"
        )
        places = ", ".join("?" for _ in table.columns)
        one_by_one = f"INSERT INTO {table.name} ({columns}) VALUES ({places})"
        names = tuple(column.name for column in table.columns)
        instants = tuple(n for n, column in enumerate(table.columns) if isinstance(column.type, Timestamp))
        insert = _made[table.name] = _Insert(Statement(at_once), one_by_one, names, instants)
    return insert
