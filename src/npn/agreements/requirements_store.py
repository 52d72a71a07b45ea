"""The SQL of what is known of systems: how requirements were shown, exemptions from them, where NPN is not used."""

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa

from npn.agreements.model import Numbering, OtherNumbers, RequirementEvidence, RequirementExemption
from npn.agreements.tables import other_numbers, requirement_exemption, requirement_shown

_Row = sa.Row[tuple[object, ...]]


def exemptions(connection: sa.Connection, system: str | None = None) -> list[RequirementExemption]:
    """Return exemptions, those that have run out too, by system and requirement."""
    query = sa.select(requirement_exemption).order_by(
        requirement_exemption.c.system_id, requirement_exemption.c.requirement
    )
    if system is not None:
        query = query.where(requirement_exemption.c.system_id == system)
    return [
        RequirementExemption(r.system_id, r.requirement, r.until, r.reason, r.granted_by)
        for r in connection.execute(query)
    ]


def set_exemption(connection: sa.Connection, granted: RequirementExemption) -> None:
    """Put an exemption in the place of the one before."""
    table = requirement_exemption.c
    mine = (table.system_id == granted.system) & (table.requirement == granted.requirement)
    connection.execute(sa.delete(requirement_exemption).where(mine))
    names = ("requirement", "until", "reason", "granted_by")
    values = {"system_id": granted.system, **{name: getattr(granted, name) for name in names}}
    connection.execute(sa.insert(requirement_exemption).values(values))


def shown(connection: sa.Connection, system: str | None = None) -> list[RequirementEvidence]:
    """Return what was shown of requirements that the platform can't see."""
    query = sa.select(requirement_shown)
    if system is not None:
        query = query.where(requirement_shown.c.system_id == system)
    return [
        RequirementEvidence(r.system_id, r.requirement, r.met, r.how, r.shown_on, r.expires_on, r.recorded_by)
        for r in connection.execute(query)
    ]


def set_shown(connection: sa.Connection, said: RequirementEvidence) -> None:
    """Put what was shown of a requirement in the place of what was before."""
    mine = (requirement_shown.c.system_id == said.system) & (requirement_shown.c.requirement == said.requirement)
    connection.execute(sa.delete(requirement_shown).where(mine))
    connection.execute(
        sa.insert(requirement_shown).values(
            system_id=said.system,
            requirement=said.requirement,
            met=said.met,
            how=said.how,
            shown_on=said.shown_on,
            expires_on=said.expires_on,
            recorded_by=said.recorded_by,
        )
    )


def others(connection: sa.Connection, *, system: str | None = None, ended: bool = False) -> list[OtherNumbers]:
    """Return the places where NPN is not used, by system: those that still are, or all with `ended`."""
    query = sa.select(other_numbers).order_by(other_numbers.c.system_id, other_numbers.c.noted_at, other_numbers.c.id)
    if system is not None:
        query = query.where(other_numbers.c.system_id == system)
    if not ended:
        query = query.where(other_numbers.c.ended_at.is_(None))
    return [_other(row) for row in connection.execute(query)]


def other(connection: sa.Connection, other_id: str) -> OtherNumbers | None:
    """Return one such place."""
    row = connection.execute(sa.select(other_numbers).where(other_numbers.c.id == other_id)).one_or_none()
    return None if row is None else _other(row)


def _other(row: _Row) -> OtherNumbers:
    m = row._mapping  # noqa: SLF001  # SQLAlchemy's documented way to a row by name
    values: Mapping[str, object] = {
        name: m[name] for name in ("id", "place", "reason", "sends_onward", "review_on", "noted_at", "noted_by")
    }
    return OtherNumbers(system=m["system_id"], kind=Numbering(m["kind"]), ended_at=m["ended_at"], **values)  # type: ignore[arg-type]  # the table's columns have these types


def add_other(connection: sa.Connection, noted: OtherNumbers) -> None:
    """Insert a place where NPN is not used."""
    names = ("id", "place", "reason", "sends_onward", "review_on", "noted_at", "noted_by")
    values = {"system_id": noted.system, "kind": noted.kind.value, **{name: getattr(noted, name) for name in names}}
    connection.execute(sa.insert(other_numbers).values(values))


def end_other(connection: sa.Connection, other_id: str, at: datetime) -> None:
    """NPN is used there from now on."""
    connection.execute(sa.update(other_numbers).where(other_numbers.c.id == other_id).values(ended_at=at))
