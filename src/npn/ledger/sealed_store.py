"""The SQL of what is kept sealed: any room's column that `npn.db.sealing` lists, by table and column."""

from collections.abc import Iterator
from datetime import datetime

import sqlalchemy as sa

from npn.db.sealing import MAIL_TEXT, PREFIX_LENGTH, SEALED_LIKE, SealedPlace
from npn.db.types import Timestamp


def values(connection: sa.Connection, place: SealedPlace) -> Iterator[tuple[str, str]]:
    """Return each row's id and what it keeps; what it does not have is left out."""
    column, row = sa.column(place.column, sa.Text), sa.column(place.id_column, sa.Text)
    query = sa.select(row, column).select_from(sa.table(place.table)).where(column.is_not(None)).order_by(row)
    return ((str(value_row[0]), str(value_row[1])) for value_row in connection.execute(query).all())


def put(connection: sa.Connection, place: SealedPlace, row: str, *, value: str | None, **more: object) -> None:
    """Keep something else in a row's column; `more`: other columns of the row."""
    table = sa.table(place.table, sa.column(place.column), sa.column(place.id_column), *map(sa.column, more))
    change = sa.update(table).where(table.c[place.id_column] == row).values({place.column: value, **more})
    connection.execute(change)


def marks(connection: sa.Connection) -> list[str]:
    """Return what the sealed texts of e-mails begin with, each once: it names their keys."""
    column = sa.column(MAIL_TEXT.column, sa.Text)
    query = sa.select(sa.func.substr(column, 1, PREFIX_LENGTH)).select_from(sa.table(MAIL_TEXT.table)).distinct()
    return list(connection.scalars(query.where(column.like(SEALED_LIKE))))


def fail_mail(connection: sa.Connection, row: str, *, at: datetime, why: str) -> None:
    """Mark an e-mail that waits as failed."""
    lost = sa.text(
        "UPDATE outgoing_mail SET state = 'failed', settled_at = :at, error = :why WHERE id = :id AND state = 'waiting'"
    ).bindparams(sa.bindparam("at", at, type_=Timestamp))
    connection.execute(lost, {"id": row, "why": why})
