"""The SQL of regional units and of systems' care, all of it."""

from collections.abc import Mapping

import sqlalchemy as sa

from npn.regions.model import Care, Unit
from npn.regions.tables import regional_unit as unit
from npn.regions.tables import system_care as care
from npn.systems.organisation_store import NAMES

_UNITS = sa.select(unit, NAMES.c.name.label("region_name")).join(NAMES, NAMES.c.id == unit.c.region_id)


def _unit(row: sa.Row[tuple[object, ...]]) -> Unit:
    m = row._mapping  # noqa: SLF001  # SQLAlchemy's public name for a row as a mapping
    return Unit(
        id=m["id"],
        region=m["region_id"],
        region_name=m["region_name"],
        name=m["name"],
        email=m["email"],
        telephone=m["telephone"],
        hours=m["hours"],
        updated_at=m["updated_at"],
    )


def units(connection: sa.Connection, region: str | None = None) -> list[Unit]:
    """Return the units of a region, or of all, by region and name."""
    query = _UNITS.order_by(NAMES.c.name, unit.c.name)
    if region is not None:
        query = query.where(unit.c.region_id == region)
    return [_unit(row) for row in connection.execute(query)]


def one_unit(connection: sa.Connection, unit_id: str) -> Unit | None:
    """Return one unit, or None."""
    row = connection.execute(_UNITS.where(unit.c.id == unit_id)).one_or_none()
    return None if row is None else _unit(row)


def put_unit(connection: sa.Connection, values: Mapping[str, object]) -> None:
    """Insert a unit, or change the one of that id."""
    result = connection.execute(sa.update(unit).where(unit.c.id == values["id"]).values(values))
    if result.rowcount == 0:
        connection.execute(sa.insert(unit).values(values))


def move_unit(connection: sa.Connection, unit_id: str, *, region: str, name: str) -> None:
    """Move a unit to another region, under a name that is free there."""
    connection.execute(sa.update(unit).where(unit.c.id == unit_id).values(region_id=region, name=name))


def unit_named(connection: sa.Connection, *, region: str, name: str) -> str | None:
    """Return the id of a region's unit of that name, or None."""
    return connection.scalar(sa.select(unit.c.id).where(unit.c.region_id == region, unit.c.name == name))


def cares(connection: sa.Connection) -> dict[str, Care]:
    """Return who answers the users of each system that somebody has said it of."""
    by_id = {one.id: one for one in units(connection)}
    return {
        row.system_id: Care(
            system=row.system_id,
            unit=by_id.get(row.unit_id),
            manager_name=row.manager_name,
            manager_email=row.manager_email,
            manager_telephone=row.manager_telephone,
            updated_at=row.updated_at,
        )
        for row in connection.execute(sa.select(care))
    }


def put_care(connection: sa.Connection, values: Mapping[str, object]) -> None:
    """Set who answers a system's users."""
    connection.execute(sa.delete(care).where(care.c.system_id == values["system_id"]))
    connection.execute(sa.insert(care).values(values))
