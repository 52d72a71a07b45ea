"""What the platform can see of a system, read from the rooms that know it: what requirements are checked against.

Read for many systems at once, so that a page about all of them asks each room once.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol, TypeVar

import sqlalchemy as sa

from npn.agreements import requirements_store
from npn.agreements.model import OtherNumbers, RequirementEvidence, RequirementExemption
from npn.pools import store as pools_store
from npn.pools.model import Pool
from npn.stock import store as stock_store
from npn.stock.cover import Cover
from npn.stock.model import Report
from npn.systems import store as systems_store
from npn.systems.model import Certificate, ConnectedSystem
from npn.transport import store as transport_store
from npn.transport.model import Usage
from npn.transport.planner import Rhythm


@dataclass(frozen=True, slots=True)
class Observation:
    """One system as the platform sees it at an instant.

    `contacts`: when each kind was last confirmed. `drawn`: usable numbers it ever got, and when it last drew.
    `calls` and `rhythm` are None where nobody knows.
    """

    system: ConnectedSystem
    at: datetime
    report: Report | None = None
    cover: Cover | None = None
    contacts: Mapping[str, datetime] | None = None
    certificates: tuple[Certificate, ...] = ()
    pools: tuple[Pool, ...] = ()
    usable: int = 0
    drawn_at: datetime | None = None
    others: tuple[OtherNumbers, ...] = ()
    shown: Mapping[str, RequirementEvidence] | None = None
    exempt: Mapping[str, RequirementExemption] | None = None
    calls: Usage | None = None
    rhythm: Rhythm | None = None


def observe(
    connection: sa.Connection,
    systems: list[ConnectedSystem],
    *,
    at: datetime,
    covers: Mapping[str, Cover],
    drawn: Mapping[str, tuple[int, datetime]],
    calls_since: date,
) -> list[Observation]:
    """Observe these systems. `drawn`: the usable numbers each ever got, and when it last got some."""
    ids = [system.id for system in systems]
    reports = _reports(connection, ids)
    contacts = systems_store.contacts_confirmed(connection, ids)
    certificates = systems_store.certificates_by_system(connection, ids)
    only = ids[0] if len(ids) == 1 else None
    pools = _by_system(pools_store.pools(connection, system=only, contested=False))
    others = _by_system(requirements_store.others(connection, system=only))
    evidence = _by_system(requirements_store.shown(connection, only))
    exempt = _by_system(requirements_store.exemptions(connection, only))
    calls = transport_store.usage(connection, since=calls_since, system=only)
    rhythms = {statement.vendor: statement.rhythm for statement in transport_store.rhythms(connection)}
    return [
        Observation(
            system=system,
            at=at,
            report=reports.get(system.id),
            cover=covers.get(system.id),
            contacts=contacts.get(system.id, {}),
            certificates=tuple(certificates.get(system.id, ())),
            pools=tuple(pools.get(system.id, ())),
            usable=drawn.get(system.id, (0, None))[0],
            drawn_at=drawn.get(system.id, (0, None))[1],
            others=tuple(others.get(system.id, ())),
            shown={record.requirement: record for record in evidence.get(system.id, ())},
            exempt={record.requirement: record for record in exempt.get(system.id, ())},
            calls=calls.get(system.id),
            rhythm=rhythms.get(system.vendor),
        )
        for system in systems
    ]


def _reports(connection: sa.Connection, ids: list[str]) -> Mapping[str, Report]:
    if len(ids) > 1:
        return stock_store.latest_of_all(connection)
    return {system: report for system in ids if (report := stock_store.latest(connection, system)) is not None}


class _OfASystem(Protocol):
    @property
    def system(self) -> str: ...


_T = TypeVar("_T", bound=_OfASystem)


def _by_system(records: Collection[_T]) -> dict[str, list[_T]]:
    by_system: dict[str, list[_T]] = {}
    for record in records:
        by_system.setdefault(record.system, []).append(record)
    return by_system
