"""The SQL of stock reports, all of it."""

import sqlalchemy as sa

from npn.stock.model import Report
from npn.stock.tables import stock_report


def latest(connection: sa.Connection, system: str) -> Report | None:
    """Give a system's latest report, or None."""
    query = (
        sa.select(stock_report).where(stock_report.c.system_id == system).order_by(stock_report.c.as_of.desc()).limit(1)
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else Report(row.system_id, row.free, row.used_per_day, row.as_of, row.received_at)


def put(connection: sa.Connection, report: Report) -> None:
    """Keep a report; one of the same instant is put in its place."""
    same = (stock_report.c.system_id == report.system) & (stock_report.c.as_of == report.as_of)
    connection.execute(sa.delete(stock_report).where(same))
    connection.execute(
        sa.insert(stock_report).values(
            system_id=report.system,
            as_of=report.as_of,
            free=report.free,
            used_per_day=report.used_per_day,
            received_at=report.received_at,
        )
    )
