"""Products, their releases and faults, their installations, and what each installation was said to take."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import sqlalchemy as sa

from npn.db import Database
from npn.errors import ConflictError, InvalidInputError, NotFoundError, details
from npn.instants import danish_day, iso_day
from npn.ledger.attribution import ADMIN
from npn.ledger.service import Ledger, Transaction
from npn.standards import store
from npn.standards.events import (
    Able,
    CapabilitySet,
    InstallationSet,
    ProductFaultNoted,
    ProductNamed,
    ProductReleased,
)
from npn.standards.importing import free_id
from npn.standards.model import (
    Capability,
    CapabilityState,
    Direction,
    EvidenceKind,
    Installation,
    Product,
    ProductFault,
    ProductRelease,
    StandardVersion,
)
from npn.systems import organisation_store
from npn.systems import store as systems_store
from npn.systems.model import OrganisationKind
from npn.systems.organisations import organisation_in, require
from npn.wording import LONGEST_NAME, checked_line, checked_name

_OBSERVED = EvidenceKind.OBSERVED.value
_ABLE: Mapping[CapabilityState, Able] = {
    CapabilityState.YES: "yes",
    CapabilityState.NO: "no",
    CapabilityState.TESTING: "testing",
    CapabilityState.UNKNOWN: "unknown",
}


@dataclass(frozen=True, slots=True)
class InstallationWish:
    """What an installation is to be; a member that is None stays as it was. `owner`, `region`: names, or ids.

    `new_organisation`: a name that is nearly that of a known organisation is another's.
    """

    release: str | None = None
    owner: str | None = None
    region: str | None = None
    sor_unit: str | None = None
    system: str | None = None
    begins: date | None = None
    ends: date | None = None
    new_organisation: bool = False


@dataclass(frozen=True, slots=True)
class CapabilityWish:
    """What an installation can take. `evidence`: `observed`, or in words how it was shown; `said_by`: by whom."""

    version: StandardVersion
    direction: Direction
    state: CapabilityState
    evidence: str
    said_by: str
    features: dict[str, str] = field(default_factory=dict)
    since: date | None = None


@dataclass(frozen=True, slots=True)
class Products:
    """Everything that is done to products and installations."""

    database: Database
    ledger: Ledger

    def products(self) -> list[Product]:
        """Return every product, by name."""
        with self.database.read() as connection:
            return list(store.products(connection).values())

    def releases(self, product: str | None = None) -> list[ProductRelease]:
        """Return the releases of a product, or of all."""
        with self.database.read() as connection:
            return store.releases(connection, product)

    def faults(self) -> list[ProductFault]:
        """Return the known faults of all products."""
        with self.database.read() as connection:
            return store.faults(connection)

    def installations(self) -> list[Installation]:
        """Return every installation, by product."""
        with self.database.read() as connection:
            return list(store.installations(connection).values())

    def add(self, name: str, *, by: str, vendor: str, types: frozenset[str] = frozenset()) -> Product:
        """Add a product that MedCom's list does not have. Raises ConflictError where its vendor has one of the name."""
        called, made_by = checked_name(name, "name"), checked_name(vendor, "vendor")
        kinds = frozenset(checked_line(kind, "type", most=LONGEST_NAME) for kind in types)
        with self.ledger.transaction() as tx:
            products = store.products(tx.connection)
            if any((one.name, one.vendor) == (called, made_by) for one in products.values()):
                raise ConflictError(details.PRODUCT_EXISTS.of(vendor=made_by, product=called), field="name")
            product = Product(free_id(called, products), called, made_by, kinds, listed=False, gone_on=None)
            store.put_product(tx.connection, product)
            tx.append(ProductNamed(product=product.id, name=called, vendor=made_by, by=by))
        return product

    def rename(self, product_id: str, *, by: str, name: str = "", vendor: str = "") -> Product:
        """Change the name or vendor of a product; the list's names for it go on leading to it."""
        with self.ledger.transaction() as tx:
            before = _product(tx.connection, product_id)
            called = checked_name(name or before.name, "name")
            made_by = checked_name(vendor or before.vendor, "vendor")
            after = Product(before.id, called, made_by, before.types, listed=before.listed, gone_on=before.gone_on)
            store.put_product(tx.connection, after)
            tx.append(ProductNamed(product=before.id, name=called, vendor=made_by, by=by))
        return after

    def add_release(
        self, product_id: str, version: str, *, by: str, released_on: date, equivalents: tuple[str, ...] = ()
    ) -> ProductRelease:
        """Add a release of a product, or change the one of that version."""
        called = checked_name(version, "version")
        equals = tuple(checked_name(one, "equivalent") for one in equivalents)
        with self.ledger.transaction() as tx:
            release = ProductRelease(_product(tx.connection, product_id).id, called, released_on, equals)
            store.put_release(tx.connection, release)
            tx.append(ProductReleased(product=product_id, version=called, released_on=iso_day(released_on), by=by))
        return release

    def add_fault(self, fault: ProductFault, *, by: str) -> None:
        """Note a known fault of a release. Raises NotFoundError where there is no such release."""
        mended_in = checked_line(fault.mended_in, "mended_in", least=0, most=LONGEST_NAME)
        checked_line(fault.description, "description", least=0, most=400)
        with self.ledger.transaction() as tx:
            _released(tx.connection, fault.product, fault.version)
            store.add_fault(tx.connection, fault)
            tx.append(
                ProductFaultNoted(
                    product=fault.product,
                    version=fault.version,
                    severity=fault.severity,
                    mended_in=mended_in,
                    by=by,
                )
            )

    def set_installation(
        self, product_id: str, *, by: str, wish: InstallationWish, installation_id: str = ""
    ) -> Installation:
        """Add an installation of a product, or change the one of that id. Raises InvalidInputError, NotFoundError."""
        with self.ledger.transaction() as tx:
            before = store.installations(tx.connection).get(installation_id)
            if installation_id and before is None:
                raise _no_installation(installation_id)
            product = _product(tx.connection, product_id or ("" if before is None else before.product))
            if before is not None and before.product != product.id:
                raise InvalidInputError(details.DIFFERENT_PRODUCT.of(product=before.product_name), field="product")
            _check_names(tx.connection, product, wish)
            values = _in_order({**store.installation_values(tx.connection, installation_id), **_wanted(tx, wish)})
            installations = store.installations(tx.connection)
            new_id = installation_id or free_id(f"{product.name} {values.get('owner_id') or ''}", installations)
            store.put_installation(tx.connection, {"sor_unit": "", **values, "id": new_id, "product_id": product.id})
            owner, release = values.get("owner_id"), values.get("release")
            tx.append(
                InstallationSet(
                    installation=new_id,
                    product=product.id,
                    owner=None if owner is None else str(owner),
                    release=str(release or ""),
                    by=by,
                )
            )
            return store.installations(tx.connection)[new_id]

    def set_capability(self, installation_id: str, wish: CapabilityWish, *, by: str) -> Capability:
        """Record what an installation can take. Raises InvalidInputError, NotFoundError."""
        today = danish_day(self.ledger.clock())
        able = _ABLE.get(wish.state)
        if able is None:
            raise InvalidInputError(details.NOBODY_CONTRADICTS_ITSELF, field="state")
        said_by = checked_name(wish.said_by, "by")
        if "@" in said_by:
            raise InvalidInputError(details.SAID_BY_A_PERSON, field="by")
        note = checked_line(wish.evidence, "evidence", most=LONGEST_NAME)
        since = wish.since or today
        if since > today:
            raise InvalidInputError(details.SAID_OF_A_DAY_TO_COME.of(day=since), field="from")
        capability = Capability(
            installation=installation_id,
            standard=wish.version.standard,
            version=wish.version.version,
            direction=wish.direction,
            state=wish.state,
            features=wish.features,
            kind=EvidenceKind.OBSERVED if note == _OBSERVED else EvidenceKind.ATTESTED,
            note="" if note in (_OBSERVED, EvidenceKind.ATTESTED.value) else note,
            by=said_by,
            by_operator=by.startswith(ADMIN),
            recorded_on=today,
            since=since,
            until=None,
        )
        with self.ledger.transaction() as tx:
            if installation_id not in store.installations(tx.connection, only=installation_id):
                raise _no_installation(installation_id)
            store.put_capability(tx.connection, capability)
            tx.append(
                CapabilitySet(
                    installation=installation_id,
                    standard=capability.standard,
                    version=capability.version,
                    direction=capability.direction.value,
                    able=able,
                    since=iso_day(since),
                    by=by,
                )
            )
        return capability


def _product(connection: sa.Connection, product_id: str) -> Product:
    product = store.products(connection).get(product_id)
    if product is None:
        raise NotFoundError(
            details.UNKNOWN_PRODUCT.of(product=product_id), field="product", hint="npn admin product list"
        )
    return product


def _check_names(connection: sa.Connection, product: Product, wish: InstallationWish) -> None:
    """Raise where the release or the connected system that is wished for is not there."""
    if wish.release:
        _released(connection, product.id, wish.release)
    if wish.system and systems_store.owner_of(connection, wish.system) is None:
        raise systems_store.unknown_system(wish.system)


def _in_order(values: dict[str, object]) -> dict[str, object]:
    """Return the columns of an installation, whose days follow one another."""
    begins, ends = values.get("begins"), values.get("ends")
    if isinstance(begins, date) and isinstance(ends, date) and ends < begins:
        raise InvalidInputError(details.ENDS_BEFORE_IT_BEGINS.of(begins=begins, ends=ends), field="ends")
    return values


def _released(connection: sa.Connection, product_id: str, version: str) -> None:
    product = _product(connection, product_id)
    if all(version != one.version for one in store.releases(connection, product.id)):
        raise NotFoundError(
            details.UNKNOWN_RELEASE.of(product=product.name, version=version),
            field="release",
            hint="npn admin release add",
        )


def _no_installation(installation_id: str) -> NotFoundError:
    return NotFoundError(
        details.UNKNOWN_INSTALLATION.of(installation=installation_id),
        field="installation",
        hint="npn admin installation list",
    )


def _organisation(tx: Transaction, kind: OrganisationKind, wish: InstallationWish) -> str | None:
    """Return the id of the owner or the region that is wished for; one that is not known yet is made."""
    name = wish.owner if kind is OrganisationKind.OWNER else wish.region
    if name is None:
        return None
    organisation = organisation_store.one_organisation(tx.connection, name)
    if organisation is not None and organisation.kind is kind:
        return require(tx.connection, name, kind).id
    called = checked_name(name, kind.value)
    return organisation_in(tx, kind, called, field=kind.value, is_meant=wish.new_organisation).id


def _wanted(tx: Transaction, wish: InstallationWish) -> dict[str, object]:
    wanted: dict[str, object] = {
        "release": wish.release,
        "owner_id": _organisation(tx, OrganisationKind.OWNER, wish),
        "region_id": _organisation(tx, OrganisationKind.REGION, wish),
        "sor_unit": wish.sor_unit,
        "system_id": wish.system,
        "begins": wish.begins,
        "ends": wish.ends,
    }
    return {name: value for name, value in wanted.items() if value is not None}
