"""MedCom's list, imported as of a day, again and again: what is new, changed, renamed, gone and back.

The list is taken word for word: what is open of `listed_row` is always the newest list, row for row. Which product a
row is about is found by the matching that `npn admin system import` has; where that is unclear, the row is kept
without a product until somebody says whose it is. A state keeps the day on which it was first seen, whatever the
list called the system, its type or its vendor in between.
"""

import hashlib
import itertools
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date

import msgspec
import sqlalchemy as sa

from npn.errors import ConflictError, InvalidInputError, codes, details
from npn.instants import danish_day, iso_day
from npn.ledger.service import Ledger, Transaction
from npn.standards import store
from npn.standards.events import ProductNamed, StandardListImported
from npn.standards.listing import ListedRow, ListFigures, figures, state_of
from npn.standards.model import CapabilityState, Direction, KeptRow, Product
from npn.systems.matching import (
    SHARED,
    UNRESOLVED,
    ImportPlan,
    KnownSystem,
    ListedSystem,
    ResolvedMatches,
    match_systems,
    our_vendors,
    plain,
    share,
    with_vendors,
)
from npn.systems.model import slug
from npn.systems.names import near_names
from npn.systems.register import listed_systems

_Cell = tuple[str, str, str, Direction]  # product, standard, version, direction
_SeenState = tuple[str, str, str, Direction, CapabilityState]  # product or name, standard, version, direction, state
_Literal = tuple[str | None, tuple[str, ...]]  # a product, and a row word for word


@dataclass(frozen=True, slots=True)
class ChangedCell:
    """A capability of a known system whose state is another; None where the list has, or had, nothing of it."""

    system: str
    standard: str
    version: str
    direction: Direction
    before: CapabilityState | None
    after: CapabilityState | None


@dataclass(frozen=True, slots=True)
class ListImport:
    """What an import of the list does, or would do."""

    as_of: date
    figures: ListFigures
    plan: ImportPlan
    changed: list[ChangedCell]

    @property
    def document(self) -> dict[str, object]:
        """Return it as JSON has it."""
        systems = self.plan.document
        return {
            "as_of": iso_day(self.as_of),
            "rows": self.figures.rows,
            "systems": self.figures.systems,
            "vendors": self.figures.vendors,
            "new": [{"system": item.name, "vendor": item.vendor} for item in self.plan.new],
            "changed": [msgspec.to_builtins(cell) for cell in self.changed],
            **{name: systems[name] for name in ("gone", "back", "renamed", "unclear")},
            "duplicates": self.figures.duplicates,
            "duplicates_without_type": self.figures.duplicates_without_type,
            "contradictory": [msgspec.to_builtins(one) for one in self.figures.contradictory],
            "unread": self.figures.unread,
        }


@dataclass(frozen=True, slots=True)
class _Draft:
    """A list, matched with what is known. `owners`: whose each row is, in the list's order; None where unclear."""

    rows: Sequence[ListedRow]
    plan: ImportPlan
    products: Mapping[str, Product]
    open_rows: Sequence[KeptRow]
    vendors: Mapping[str, str]

    def owners(self, ids: Mapping[ListedSystem, str]) -> list[str | None]:
        """Return whose each row is, in the list's order; None where that is unclear."""
        by_name = {(item.name, item.vendor): product for item, product in ids.items()}
        return [by_name.get((row.system, self.vendors[row.vendor])) for row in self.rows]


@dataclass(frozen=True, slots=True)
class ListImporter:
    """Imports of MedCom's list."""

    ledger: Ledger
    resolved: ResolvedMatches = field(default=UNRESOLVED)

    def take(
        self, rows: Sequence[ListedRow], *, by: str, as_of: date | None = None, dry_run: bool = False
    ) -> ListImport:
        """Import a list as of a day (None: today), all in one transaction, and return what was done, or would be.

        Raises InvalidInputError for a day to come, or a word of the operator's that nothing fits; ConflictError
        `list_is_older` where a newer list was imported.
        """
        today = danish_day(self.ledger.clock())
        as_of = as_of or today
        if as_of > today:
            raise InvalidInputError(details.LIST_OF_A_DAY_TO_COME.of(day=as_of), field="as_of")
        if dry_run:
            with self.ledger.database.read() as connection:
                return _report(_drafted(connection, rows, self.resolved, as_of=as_of), as_of)
        with self.ledger.transaction() as tx:
            draft = _drafted(tx.connection, rows, self.resolved, as_of=as_of)
            report = _report(draft, as_of)
            ids = {**{item: key for key, item in draft.plan.listings.items()}, **_put_products(tx, draft, as_of, by=by)}
            _put_rows(tx.connection, draft, draft.owners(ids), as_of=as_of)
            named = [(row.standard, row.version, row.columns[3]) for row in rows]
            store.add_standards(tx.connection, named)
            digest = hashlib.sha256(msgspec.json.encode([row.columns for row in rows])).hexdigest()
            store.add_list(tx.connection, as_of=as_of, digest=digest, rows=len(rows), at=tx.at)
            systems = report.figures.systems
            tx.append(StandardListImported(list=digest, as_of=iso_day(as_of), rows=len(rows), systems=systems, by=by))
            return report


def _drafted(connection: sa.Connection, rows: Sequence[ListedRow], resolved: ResolvedMatches, *, as_of: date) -> _Draft:
    newest = store.newest_list(connection)
    if newest is not None and newest > as_of:
        raise ConflictError(f"a list of {iso_day(newest)} was imported", code=codes.LIST_IS_OLDER, field="as_of")
    products, open_rows = store.products(connection), store.listed_rows(connection)
    systems = _known(connection, products)
    literal = listed_systems(row.named for row in rows)
    renamed_vendors = {**_vendors_meant({item.vendor for item in literal}, systems), **resolved.vendors}
    names = {vendor: vendor for item in systems for vendor in item.vendors}
    vendors, _ = our_vendors({item.vendor for item in literal}, names, ResolvedMatches(vendors=renamed_vendors))
    listed = with_vendors(literal, vendors)
    plan = match_systems(
        listed,
        systems,
        types={name for item in listed for name in item.types},
        same={**_of_other_vendors(listed, systems), **resolved.same},
        new=resolved.new,
    )
    return _Draft(rows, plan, products, open_rows, vendors)


def _known(connection: sa.Connection, products: Mapping[str, Product]) -> list[KnownSystem]:
    standards = store.standard_names(connection)
    return [
        KnownSystem(
            id=product_id,
            name=products[product_id].name,
            aliases=frozenset(name for name, _ in names),
            standards=frozenset(standards.get(product_id, ())),
            gone=not products[product_id].listed,
            vendors=frozenset({products[product_id].vendor, *(vendor for _, vendor in names)}),
            types=products[product_id].types,
        )
        for product_id, names in store.aliases(connection).items()
    ]


def _vendors_meant(listed: Collection[str], known: Collection[KnownSystem]) -> dict[str, str]:
    """Return which known vendor an unknown name of the list is, where one that the list lacks is spelt nearly so."""
    vendors = {vendor for item in known for vendor in item.vendors}
    missing = vendors - set(listed)
    renamed_vendors = {}
    for name in set(listed) - vendors:
        same = [vendor for vendor in missing if plain(vendor) == plain(name)] or near_names(name, missing)
        if len(same) == 1:
            renamed_vendors[name] = same[0]
    return renamed_vendors


def _of_other_vendors(listed: Collection[ListedSystem], known: Collection[KnownSystem]) -> dict[str, str]:
    """Return the known systems that the list has under their name, and mostly their standards, by another vendor."""
    there = {(item.name, vendor) for item in known for vendor in item.vendors}
    fresh = [item for item in listed if (item.name, item.vendor) not in there]
    still = {(item.name, item.vendor) for item in listed}
    sold: dict[str, str] = {}
    for item in known:
        if item.gone or any((item.name, vendor) in still for vendor in item.vendors):
            continue
        candidates = [one for one in fresh if one.name == item.name and share(item.standards, one.standards) >= SHARED]
        if len(candidates) == 1:
            sold[item.id] = candidates[0].name
    return sold


def _report(draft: _Draft, as_of: date) -> ListImport:
    ids = {item: product for product, item in draft.plan.listings.items()}
    before = _cells((row.product, row.standard, row.version, row.direction, row.state) for row in draft.open_rows)
    after = _cells(
        (product, row.standard, row.version, row.direction, row.state)
        for row, product in zip(draft.rows, draft.owners(ids), strict=True)
    )
    back = {item.id for item in draft.plan.back}
    changed = [
        ChangedCell(draft.plan.listings[cell[0]].name, *cell[1:], before.get(cell), after.get(cell))
        for cell in sorted({**before, **after})
        if cell[0] in draft.plan.listings and cell[0] not in back and before.get(cell) != after.get(cell)
    ]
    return ListImport(as_of, figures(draft.rows), draft.plan, changed)


def _cells(rows: Iterable[tuple[str | None, str, str, Direction, CapabilityState]]) -> dict[_Cell, CapabilityState]:
    states: dict[_Cell, set[CapabilityState]] = {}
    for product, standard, version, direction, state in rows:
        if product is not None:
            states.setdefault((product, standard, version, direction), set()).add(state)
    return {cell: state_of(of_cell) for cell, of_cell in states.items()}


def _put_products(tx: Transaction, draft: _Draft, as_of: date, *, by: str) -> dict[ListedSystem, str]:
    """Add the new products, and take over names, types, departures and returns; return the new ones' ids."""
    connection, plan = tx.connection, draft.plan
    ids: dict[ListedSystem, str] = {}
    ids_in_use = set(draft.products)
    for item in plan.new:
        ids[item] = free_id(item.name, ids_in_use)
        ids_in_use.add(ids[item])
        store.put_product(connection, Product(ids[item], item.name, item.vendor, item.types, listed=True, gone_on=None))
        _name(tx, ids[item], item, as_of=as_of, by=by)
    renamed = {pair.known.id for pair in plan.renamed}
    for product_id, item in plan.listings.items():
        before = draft.products[product_id]
        now = Product(product_id, item.name, item.vendor, item.types, listed=True, gone_on=None)
        if now != before:
            store.put_product(connection, now)
        if product_id in renamed or now.vendor != before.vendor:
            _name(tx, product_id, item, as_of=as_of, by=by)
    for departed in plan.gone:
        product = draft.products[departed.id]
        store.put_product(
            connection, Product(product.id, product.name, product.vendor, product.types, listed=False, gone_on=as_of)
        )
    return ids


def _name(tx: Transaction, product_id: str, item: ListedSystem, *, as_of: date, by: str) -> None:
    store.add_alias(tx.connection, product_id, item.name, vendor=item.vendor, since=as_of)
    tx.append(ProductNamed(product=product_id, name=item.name, vendor=item.vendor, by=by))


def free_id(name: str, taken: Collection[str]) -> str:
    """Return an id made of a name that nothing has yet."""
    short = "unnamed"
    with suppress(InvalidInputError):  # a name of signs alone
        short = slug(name)
    numbered = (f"{short}-{number}" for number in itertools.count(2))
    return next(one for one in itertools.chain((short,), numbered) if one not in taken)


def _put_rows(connection: sa.Connection, draft: _Draft, owners: Sequence[str | None], *, as_of: date) -> None:
    """Make the open rows the list's: those that stay keep their days, all else ends or begins."""
    unmatched: dict[_Literal, list[KeptRow]] = {}
    for row in draft.open_rows:
        unmatched.setdefault((row.product, row.columns), []).append(row)
    places: dict[int, int] = {}
    fresh: list[tuple[int, ListedRow, str | None]] = []
    for place, (listed, product) in enumerate(zip(draft.rows, owners, strict=True)):
        same = unmatched.get((product, listed.columns))
        if not same:
            fresh.append((place, listed, product))
            continue
        entry = same.pop(0)
        if entry.place != place:
            places[entry.id] = place
    since = _first_seen([*draft.open_rows, *_settled(connection, draft)])
    store.place_rows(connection, places)
    store.end_rows(connection, [left.id for lefts in unmatched.values() for left in lefts], on=as_of)
    store.add_rows(connection, [_values(*one, since=since, as_of=as_of) for one in fresh])


def _settled(connection: sa.Connection, draft: _Draft) -> Sequence[KeptRow]:
    """Return the former rows of products whose name was unclear in between."""
    with_rows = {row.product for row in draft.open_rows}
    waited = [pair.known.id for pair in draft.plan.renamed if not pair.known.gone and pair.known.id not in with_rows]
    return store.rows_of(connection, waited) if waited else []


def _first_seen(rows: Iterable[KeptRow]) -> dict[_SeenState, date]:
    """Return since when each state of each product was seen; of a row without a product, by the system's name."""
    since: dict[_SeenState, date] = {}
    for row in rows:
        for whose in (row.product, f"name {row.system}"):
            if whose is not None:
                key = (whose, row.standard, row.version, row.direction, row.state)
                since[key] = min(row.since, since.get(key, row.since))
    return since


def _values(
    place: int,
    row: ListedRow,
    product: str | None,
    *,
    since: Mapping[_SeenState, date],
    as_of: date,
) -> dict[str, object]:
    meaning = (row.standard, row.version, row.direction, row.state)
    whose = (f"name {row.system}",) if product is None else (product, f"name {row.system}")
    days = [since[key, *meaning] for key in whose if (key, *meaning) in since]
    system, vendor, system_type, name, id_version, channel, status = row.columns
    return {
        "product_id": product,
        "place": place,
        "system": system,
        "vendor": vendor,
        "system_type": system_type,
        "standard_name": name,
        "standard_id_version": id_version,
        "channel": channel,
        "status": status,
        "standard": row.standard,
        "version": row.version,
        "direction": row.direction.value,
        "state": row.state.value,
        "since": min(days, default=as_of),
        "valid_from": as_of,
        "valid_until": None,
    }
