"""The SQL of pools, all of it."""

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa

from npn.pools.model import Pool, PoolContact, PoolState
from npn.pools.tables import pool, pool_series

SeriesIds = sa.Select[tuple[str]]  # a query for ids of series


def find(connection: sa.Connection, pool_id: str, *, lock: bool = False) -> Pool | None:
    """Return a pool, its row locked where it is going to change."""
    query = sa.select(pool).where(pool.c.id == pool_id)
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    return None if row is None else _pool(row)


def pools(connection: sa.Connection, *, system: str | None, contested: bool) -> list[Pool]:
    """Return one system's pools or everybody's, all or the contested ones, newest contact first."""
    query = sa.select(pool).order_by(pool.c.contact_at.desc(), pool.c.id)
    if system is not None:
        query = query.where(pool.c.system_id == system)
    if contested:
        query = query.where(pool.c.state == PoolState.CONTESTED.value)
    return [_pool(row) for row in connection.execute(query)]


def add(connection: sa.Connection, contact: PoolContact, *, system: str, at: datetime) -> None:
    """Meet a pool for the first time."""
    connection.execute(
        sa.insert(pool).values(
            id=contact.pool,
            system_id=system,
            held=contact.new,
            state=PoolState.ACTIVE.value,
            first_at=at,
            contact_at=at,
        )
    )


def move(connection: sa.Connection, contact: PoolContact, *, at: datetime) -> None:
    """Take the new token; a contest is over with it."""
    values: Mapping[str, object] = {
        "held": contact.new,
        "contact_at": at,
        "state": PoolState.ACTIVE.value,
        "contested_at": None,
        "contested_by": None,
    }
    connection.execute(sa.update(pool).where(pool.c.id == contact.pool).values(values))


def contest(connection: sa.Connection, contact: PoolContact, *, at: datetime) -> None:
    """Nobody draws under this id any more."""
    connection.execute(
        sa.update(pool)
        .where(pool.c.id == contact.pool)
        .values(state=PoolState.CONTESTED.value, contested_at=at, contested_by=contact.new)
    )


def contest_for_good(connection: sa.Connection, contact: PoolContact) -> None:
    """Nobody can withdraw the contest any more."""
    connection.execute(sa.update(pool).where(pool.c.id == contact.pool).values(contested_by=None))


def add_series(connection: sa.Connection, drawn: Mapping[str, str]) -> None:
    """Note which pool drew which series: series id → pool id."""
    if drawn:
        connection.execute(sa.insert(pool_series), [{"series_id": s, "pool_id": p} for s, p in drawn.items()])


def ids_drawn_by(pool_id: str) -> SeriesIds:
    """Return the query for the ids of the series that a pool drew, for whoever keeps the series."""
    return sa.select(pool_series.c.series_id).where(pool_series.c.pool_id == pool_id)


def _pool(row: sa.Row[tuple[object, ...]]) -> Pool:
    return Pool(
        id=row.id,
        system=row.system_id,
        held=row.held,
        state=PoolState(row.state),
        first_at=row.first_at,
        contact_at=row.contact_at,
        contested_at=row.contested_at,
        contested_by=row.contested_by,
    )
