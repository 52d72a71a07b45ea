"""What a region says of itself: its units, and for each of its systems who answers the users."""

from dataclasses import dataclass

from npn.db import Database
from npn.errors import ConflictError, InvalidInputError, NotFoundError, check_all, codes, details
from npn.ledger.service import Ledger, Transaction
from npn.mail.model import address
from npn.regions import store
from npn.regions.events import SystemCareSet, UnitSet
from npn.regions.model import Care, Unit
from npn.systems import organisation_store
from npn.systems import store as systems_store
from npn.systems.model import Organisation, OrganisationKind, slug
from npn.wording import LONGEST_NAME, checked_line, checked_name, checked_telephone


@dataclass(frozen=True, slots=True)
class Manager:
    """A local system manager; every member may be empty."""

    name: str = ""
    email: str = ""
    telephone: str = ""


@dataclass(frozen=True, slots=True)
class Regions:
    """Everything that is done to regions' units and to systems' care."""

    database: Database
    ledger: Ledger

    def units(self, region: str | None = None) -> list[Unit]:
        """Return the units of a region, or of all."""
        with self.database.read() as connection:
            return store.units(connection, region)

    def unit(self, unit_id: str) -> Unit:
        """Return one unit. Raises NotFoundError."""
        with self.database.read() as connection:
            return _found(store.one_unit(connection, unit_id), unit_id)

    def set_unit(
        self, *, by: str, region: str, name: str, email: str, telephone: str = "", hours: str = "", unit_id: str = ""
    ) -> Unit:
        """Add a unit to a region, or change the one of that id. The ledger keeps its name, not how it is reached."""
        wanted, mailed, called, answers = check_all(
            lambda: checked_name(name, "name"),
            lambda: address(email),
            lambda: checked_telephone(telephone, "telephone"),
            lambda: checked_line(hours, "hours", least=0, most=LONGEST_NAME),
        )
        with self.ledger.transaction() as tx:
            _region(organisation_store.organisations(tx.connection), region)
            if unit_id and _found(store.one_unit(tx.connection, unit_id), unit_id).region != region:
                raise NotFoundError("the unit is another region's", field="unit")
            holder = store.unit_named(tx.connection, region=region, name=wanted)
            if holder is not None and holder != unit_id:
                raise ConflictError(f"the region has a unit {wanted!r}", code=codes.UNIT_EXISTS, field="name")
            new_id = unit_id or _free_id(tx, f"{region.removeprefix('region-')}-{slug(wanted)}")
            values: dict[str, object] = {
                "id": new_id,
                "region_id": region,
                "name": wanted,
                "email": mailed,
                "telephone": called,
                "hours": answers,
                "updated_at": tx.at,
            }
            store.put_unit(tx.connection, values)
            tx.append(UnitSet(unit=new_id, region=region, name=wanted, by=by))
            return _found(store.one_unit(tx.connection, new_id), new_id)

    def set_care(self, system_id: str, *, by: str, unit_id: str | None, manager: Manager = Manager()) -> Care:  # frozen
        """Set which unit answers a system's users (None: nobody), and who manages it locally.

        Raises InvalidInputError where the unit is of another region than the system's owner.
        """
        name, mailed, called = check_all(
            lambda: checked_line(manager.name, "manager_name", least=0, most=LONGEST_NAME),
            lambda: address(manager.email, "manager_email") if manager.email else "",
            lambda: checked_telephone(manager.telephone, "manager_telephone"),
        )
        with self.ledger.transaction() as tx:
            owner = systems_store.owner_of(tx.connection, system_id)
            if owner is None:
                raise systems_store.unknown_system(system_id)
            if unit_id is not None:
                unit = _found(store.one_unit(tx.connection, unit_id), unit_id)
                region = next(o.region for o in organisation_store.organisations(tx.connection) if o.id == owner)
                if region is not None and region != unit.region:
                    hint = "say first which region the owner belongs to"
                    raise InvalidInputError(details.UNIT_OF_ANOTHER_REGION, field="unit", hint=hint)
            values: dict[str, object] = {
                "system_id": system_id,
                "unit_id": unit_id,
                "manager_name": name,
                "manager_email": mailed,
                "manager_telephone": called,
                "updated_at": tx.at,
            }
            store.put_care(tx.connection, values)
            tx.append(SystemCareSet(system=system_id, unit=unit_id, by=by))
            return store.cares(tx.connection)[system_id]

    def care(self, system_id: str) -> Care | None:
        """Return who answers a system's users, or None where nobody has said."""
        return self.cares().get(system_id)

    def cares(self) -> dict[str, Care]:
        """Return who answers the users of each system that somebody has said it of."""
        with self.database.read() as connection:
            return store.cares(connection)


def _region(known: list[Organisation], region: str) -> None:
    if not any(organisation.id == region and organisation.kind is OrganisationKind.REGION for organisation in known):
        regions = ", ".join(organisation.id for organisation in known if organisation.kind is OrganisationKind.REGION)
        raise NotFoundError(f"there is no region {region!r}", field="region", hint=f"known: {regions or 'none'}")


def _found(unit: Unit | None, unit_id: str) -> Unit:
    if unit is None:
        raise NotFoundError(f"there is no unit {unit_id!r}", field="unit", hint="npn admin region units")
    return unit


def _free_id(tx: Transaction, wanted: str) -> str:
    short = wanted[:70].strip("-")
    return next(
        name
        for name in (short, *(f"{short}-{number}" for number in range(2, 1000)))
        if store.one_unit(tx.connection, name) is None
    )
