"""The SQL of organisations' names: those of now, those of before, and which organisation each of them leads to."""

from datetime import datetime
from typing import Any  # a row's columns are typed by the query, which mypy can't carry this far

import sqlalchemy as sa

from npn.systems.model import Organisation, OrganisationKind
from npn.systems.tables import connected_system, organisation, organisation_alias, organisation_region

# What the stores of other rooms join with.
NAMES = sa.select(organisation.c.id, organisation.c.name).subquery("organisation_names")

_ORGANISATIONS = sa.select(
    organisation.c.id,
    organisation.c.name,
    organisation.c.kind,
    organisation_region.c.region_id,
    organisation.c.closed_at,
    organisation.c.merged_into,
).outerjoin(organisation_region, organisation_region.c.organisation_id == organisation.c.id)


def _organisation(row: sa.Row[*tuple[Any, ...]]) -> Organisation:
    organisation_id, name, kind, region, closed_at, merged_into = row
    return Organisation(organisation_id, name, OrganisationKind(kind), region, closed_at, merged_into)


def organisations(connection: sa.Connection) -> list[Organisation]:
    """Return every organisation that was not merged into another, by kind and name."""
    query = _ORGANISATIONS.where(organisation.c.merged_into.is_(None))
    return [_organisation(row) for row in connection.execute(query.order_by(organisation.c.kind, organisation.c.name))]


def one_organisation(connection: sa.Connection, organisation_id: str) -> Organisation | None:
    """Return one organisation, merged or not; None where there is none."""
    row = connection.execute(_ORGANISATIONS.where(organisation.c.id == organisation_id)).one_or_none()
    return None if row is None else _organisation(row)


def with_name(connection: sa.Connection, kind: OrganisationKind, name: str) -> Organisation | None:
    """Return the organisation that has a name, or had it before; None where nobody ever had."""
    mine = (organisation.c.kind == kind.value) & (organisation.c.name == name)
    row = connection.execute(_ORGANISATIONS.where(mine)).one_or_none()
    if row is not None and row.merged_into is None:
        return _organisation(row)
    alias = organisation_alias.c
    query = sa.select(alias.organisation_id).where(alias.kind == kind.value, alias.name == name)
    former = connection.scalar(query)
    return None if former is None else one_organisation(connection, former)


def former_names(connection: sa.Connection, organisation_id: str) -> list[str]:
    """Return the names that lead to an organisation beside its own, the oldest first."""
    alias = organisation_alias.c
    query = sa.select(alias.name).join(organisation, organisation.c.id == alias.organisation_id)
    query = query.where(alias.organisation_id == organisation_id, alias.name != organisation.c.name)
    return list(connection.scalars(query.order_by(alias.since, alias.name)))


def names(connection: sa.Connection, kind: OrganisationKind) -> dict[str, str]:
    """Return every name of a kind, those of before too: each with the name of now of the organisation it leads to."""
    alias = organisation_alias.c
    current = sa.select(organisation.c.name, organisation.c.name.label("now")).where(
        organisation.c.kind == kind.value, organisation.c.merged_into.is_(None)
    )
    former = sa.select(alias.name, organisation.c.name.label("now")).join(
        organisation, organisation.c.id == alias.organisation_id
    )
    rows = connection.execute(current.union_all(former.where(alias.kind == kind.value)))
    return {row.name: row.now for row in rows}


def rename(connection: sa.Connection, before: Organisation, name: str, *, at: datetime) -> None:
    """Rename an organisation; the one before leads to it for good."""
    keep_name(connection, before, before.id, at=at)
    holder = (organisation.c.kind == before.kind.value) & (organisation.c.name == name)
    merged = connection.execute(_ORGANISATIONS.where(holder, organisation.c.merged_into.is_not(None))).one_or_none()
    if merged is not None:  # of one that was merged into this: its own row is known by its id from here on
        _set(connection, merged.id, {"name": f"{merged.name} ({merged.id})"})
    _set(connection, before.id, {"name": name})


def keep_name(connection: sa.Connection, of: Organisation, organisation_id: str, *, at: datetime) -> None:
    """Have the name of an organisation lead to that one or another."""
    mine = (organisation_alias.c.kind == of.kind.value) & (organisation_alias.c.name == of.name)
    values = {"organisation_id": organisation_id}
    if connection.execute(sa.update(organisation_alias).where(mine).values(values)).rowcount == 0:
        row = {"kind": of.kind.value, "name": of.name, "since": at, **values}
        connection.execute(sa.insert(organisation_alias).values(row))


def merge(connection: sa.Connection, of: Organisation, into: Organisation, *, at: datetime) -> None:
    """Move an organisation's systems, names and owners (of a region) to another, and end it."""
    for column in (connected_system.c.vendor, connected_system.c.owner):
        connection.execute(sa.update(connected_system).where(column == of.id).values({column.name: into.id}))
    keep_name(connection, of, into.id, at=at)
    alias, region = organisation_alias.c, organisation_region.c
    connection.execute(
        sa.update(organisation_alias).where(alias.organisation_id == of.id).values(organisation_id=into.id)
    )
    connection.execute(sa.update(organisation_region).where(region.region_id == of.id).values(region_id=into.id))
    connection.execute(sa.delete(organisation_region).where(region.organisation_id == of.id))
    if of.region is not None and into.region is None:
        values = {"organisation_id": into.id, "region_id": of.region}
        connection.execute(sa.insert(organisation_region).values(values))
    _set(connection, of.id, {"merged_into": into.id})


def set_closed(connection: sa.Connection, organisation_id: str, closed_at: datetime | None) -> None:
    """Close an organisation, or open it again."""
    _set(connection, organisation_id, {"closed_at": closed_at})


def _set(connection: sa.Connection, organisation_id: str, values: dict[str, object]) -> None:
    connection.execute(sa.update(organisation).where(organisation.c.id == organisation_id).values(values))
