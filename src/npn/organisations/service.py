"""What the operator does to organisations: organisation change whole or not at all, with its entry in the ledger."""

from dataclasses import dataclass

import sqlalchemy as sa

from npn.db import Database
from npn.errors import ConflictError, NotFoundError, codes
from npn.ledger.service import Ledger, Transaction
from npn.organisations.model import MergePlan, OrganisationDetails
from npn.people import store as people_store
from npn.regions import store as regions_store
from npn.regions.events import UnitSet
from npn.standards import store as standards_store
from npn.systems import organisation_store, store
from npn.systems.events import OrganisationClosed, OrganisationMerged, OrganisationRenamed, OrganisationReopened
from npn.systems.model import Organisation, OrganisationKind
from npn.systems.organisations import organisation_in, require
from npn.transport import store as transport_store
from npn.wording import checked_name


@dataclass(frozen=True, slots=True)
class Organisations:
    """Everything that is done to organisations."""

    database: Database
    ledger: Ledger

    def list(self) -> list[Organisation]:
        """Return every organisation that was not merged into another, by kind and name."""
        with self.database.read() as connection:
            return organisation_store.organisations(connection)

    def find(self, name_or_id: str, kind: OrganisationKind | None = None) -> Organisation:
        """Return the organisation of that id, or whose name it is or was. Raises NotFoundError."""
        with self.database.read() as connection:
            if organisation_store.one_organisation(connection, name_or_id) is not None:
                return require(connection, name_or_id, kind)
            kinds = list(OrganisationKind) if kind is None else [kind]
            named = [organisation_store.with_name(connection, one, name_or_id) for one in kinds]
        fitting = [organisation for organisation in named if organisation is not None]
        if len(fitting) != 1:
            several = " or ".join(organisation.id for organisation in fitting)
            what = f"{name_or_id!r} is the name of {several}" if fitting else f"there is no organisation {name_or_id!r}"
            raise NotFoundError(what, field="organisation", hint="give its id: npn admin organisation list")
        return fitting[0]

    def details(self, organisation_id: str) -> OrganisationDetails:
        """Return all that is an organisation's; of a merged one that of where it went. Raises NotFoundError."""
        with self.database.read() as connection:
            return _details(connection, organisation_id)

    def add(self, kind: OrganisationKind, name: str, *, is_meant: bool = False) -> Organisation:
        """Return the organisation that a name leads to; make it where there is none.

        `is_meant`: it is another than those with nearly that name. Raises NearOrganisationError.
        """
        wanted = checked_name(name, kind.value)
        with self.ledger.transaction() as tx:
            return organisation_in(tx, kind, wanted, is_meant=is_meant)

    def rename(self, organisation_id: str, name: str, *, by: str) -> Organisation:
        """Rename an organisation; its id stays, and its names before lead to it.

        Raises NotFoundError, ConflictError `organisation_exists`.
        """
        wanted = checked_name(name, "name")
        with self.ledger.transaction() as tx:
            before = require(tx.connection, organisation_id)
            holder = organisation_store.with_name(tx.connection, before.kind, wanted)
            if holder is not None and holder.id != before.id:
                raise ConflictError(
                    f"{wanted!r} is, or was, the name of {holder.id}",
                    code=codes.ORGANISATION_EXISTS,
                    field="name",
                    hint=f"npn admin organisation merge {before.id} {holder.id}, or choose another name",
                )
            if before.name != wanted:
                organisation_store.rename(tx.connection, before, wanted, at=tx.at)
                tx.append(OrganisationRenamed(organisation=before.id, name=wanted, by=by))
            return require(tx.connection, before.id)

    def plan_merge(self, organisation_id: str, into_id: str) -> MergePlan:
        """Return what a merge would do. Raises NotFoundError, ConflictError `not_merged`."""
        with self.database.read() as connection:
            return _plan(connection, organisation_id, into_id)

    def merge(self, organisation_id: str, into_id: str, *, by: str) -> MergePlan:
        """Move all that is an organisation's to another of its kind, for good; its id and names lead there.

        Raises as `plan_merge` does.
        """
        with self.ledger.transaction() as tx:
            plan = _plan(tx.connection, organisation_id, into_id)
            of, into = plan.of.organisation, plan.into.organisation
            own = [
                s for s in plan.of.systems if of.name in (s.vendor, s.owner) and of.kind is not OrganisationKind.REGION
            ]
            organisation_store.merge(tx.connection, of, into, at=tx.at)
            people_store.move_accounts(tx.connection, of.id, into.id)
            transport_store.move_rhythm(tx.connection, of.id, into.id)
            standards_store.move_organisation(tx.connection, of.id, into.id)
            tx.append(OrganisationMerged(organisation=of.id, into=into.id, systems=len(own), by=by))
            _move_units(tx, plan, by=by)
            return plan

    def close(self, organisation_id: str, *, by: str) -> Organisation:
        """Close an organisation that has no open system: nothing is given to it any more.

        Raises NotFoundError, ConflictError `organisation_in_use`.
        """
        with self.ledger.transaction() as tx:
            details = _details(tx.connection, organisation_id)
            if details.open_systems:
                named = ", ".join(system.id for system in details.open_systems[:5])
                raise ConflictError(
                    f"the organisation has {len(details.open_systems)} open systems: {named}",
                    code=codes.ORGANISATION_IN_USE,
                    field="organisation",
                    hint="close them, or give them to another organisation, first",
                )
            if details.organisation.closed_at is None:
                organisation_store.set_closed(tx.connection, details.organisation.id, tx.at)
                tx.append(OrganisationClosed(organisation=details.organisation.id, by=by))
            return require(tx.connection, organisation_id)

    def reopen(self, organisation_id: str, *, by: str) -> Organisation:
        """Open a closed organisation again; no change where it is open. Raises NotFoundError."""
        with self.ledger.transaction() as tx:
            organisation = require(tx.connection, organisation_id)
            if organisation.closed_at is not None:
                organisation_store.set_closed(tx.connection, organisation.id, None)
                tx.append(OrganisationReopened(organisation=organisation.id, by=by))
            return require(tx.connection, organisation.id)


def _details(connection: sa.Connection, organisation_id: str) -> OrganisationDetails:
    organisation = require(connection, organisation_id)
    theirs = store.systems_of(connection, organisation.id)
    is_vendor = organisation.kind is OrganisationKind.VENDOR
    rhythms = {stated.vendor: stated for stated in transport_store.rhythms(connection)} if is_vendor else {}
    return OrganisationDetails(
        organisation=organisation,
        former_names=organisation_store.former_names(connection, organisation.id),
        systems=[system for system in store.systems(connection, closed=True) if system.id in theirs],
        accounts=[account for account in people_store.every(connection) if account.organisation == organisation.id],
        units=regions_store.units(connection, organisation.id),
        owners=[owner for owner in organisation_store.organisations(connection) if owner.region == organisation.id],
        rhythm=rhythms.get(organisation.name),
    )


def _plan(connection: sa.Connection, organisation_id: str, into_id: str) -> MergePlan:
    of, into = _details(connection, organisation_id), _details(connection, into_id)
    one, other = of.organisation, into.organisation
    if one.id == other.id or one.kind is not other.kind or other.closed_at is not None:
        raise ConflictError(
            f"{organisation_id} and {into_id} are one already, of different kinds, or the one to keep is closed",
            code=codes.NOT_MERGED,
            field="into",
        )
    return MergePlan(
        of=of,
        into=into,
        renamed_units=_renamed_units(of, into),
        region=other.region or one.region,
        drops_rhythm=of.rhythm is not None and into.rhythm is not None,
    )


def _renamed_units(of: OrganisationDetails, into: OrganisationDetails) -> dict[str, str]:
    """Return other names for the units whose names a region has already."""
    names = {unit.name for unit in into.units}
    renamed: dict[str, str] = {}
    for unit in of.units:
        name, number = unit.name, 1
        while name in names:
            name = f"{unit.name} ({of.organisation.name}{'' if number == 1 else f' {number}'})"
            number += 1
        names.add(name)
        if name != unit.name:
            renamed[unit.id] = name
    return renamed


def _move_units(tx: Transaction, plan: MergePlan, *, by: str) -> None:
    for unit in plan.of.units:
        name = plan.renamed_units.get(unit.id, unit.name)
        regions_store.move_unit(tx.connection, unit.id, region=plan.into.organisation.id, name=name)
        if name != unit.name:
            tx.append(UnitSet(unit=unit.id, region=plan.into.organisation.id, name=name, by=by))
