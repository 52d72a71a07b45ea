"""The SQL of stock reports, all of it."""

from datetime import datetime

import sqlalchemy as sa

from npn.stock.model import Report
from npn.stock.tables import stock_report
from npn.systems.store import IDS


def latest(connection: sa.Connection, system: str) -> Report | None:
    """Return a system's latest report, or None."""
    query = (
        sa.select(stock_report).where(stock_report.c.system_id == system).order_by(stock_report.c.as_of.desc()).limit(1)
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else _report(row)


def latest_of_all(connection: sa.Connection) -> dict[str, Report]:
    """Return every system's latest report, by system."""
    newest = (  # asked for each system: the index gives it at once, however many reports there are
        sa.select(sa.func.max(stock_report.c.as_of))
        .where(stock_report.c.system_id == IDS.c.id)
        .correlate(IDS)
        .scalar_subquery()
    )
    wanted = sa.tuple_(stock_report.c.system_id, stock_report.c.as_of).in_(sa.select(IDS.c.id, newest))
    rows = connection.execute(sa.select(stock_report).where(wanted))
    return {row.system_id: _report(row) for row in rows}


def history(connection: sa.Connection, system: str, *, since: datetime) -> list[Report]:
    """Return a system's reports since then, oldest first."""
    mine = (stock_report.c.system_id == system) & (stock_report.c.as_of >= since)
    return [_report(row) for row in connection.execute(sa.select(stock_report).where(mine).order_by("as_of"))]


def crossings(connection: sa.Connection, *, rule_days: int, system: str | None = None) -> dict[str, datetime]:
    """Return the first report below the rule since one that was not, by system; none where no report ever was above.

    `system`: that one alone.
    """
    c = stock_report.c
    enough = c.free >= rule_days * c.used_per_day
    mine = sa.true() if system is None else c.system_id == system
    above = (
        sa.select(c.system_id, sa.func.max(c.as_of).label("at")).where(mine, enough).group_by(c.system_id).subquery()
    )
    query = (
        sa.select(c.system_id, sa.func.min(c.as_of).label("at"))
        .join(above, above.c.system_id == c.system_id)
        .where(c.as_of > above.c.at)
        .group_by(c.system_id)
    )
    return {row.system_id: row.at for row in connection.execute(query)}


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


def _report(row: sa.Row[tuple[object, ...]]) -> Report:
    return Report(row.system_id, row.free, row.used_per_day, row.as_of, row.received_at)
