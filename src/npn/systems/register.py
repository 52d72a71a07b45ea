"""MedCom's public list of systems: read, compared with what is connected, taken over.

The list names systems by name, vendor and type, a row for each standard; it has no ids and changes over time. So
ours are kept: a system keeps its id whatever the list calls it, and every name it had is an alias. A new name is
taken for an old system only where it is clear; where it is not, both are held back until the operator says.
"""

import csv
import hashlib
import io
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher

import msgspec
import sqlalchemy as sa

from npn.errors import ConflictError, InvalidInputError, codes, details
from npn.ledger.service import Transaction
from npn.systems import organisation_store, store
from npn.systems.events import SystemBackOnList, SystemLeftList, SystemNamed
from npn.systems.model import ConnectedSystem, Environment, OrganisationKind
from npn.systems.names import ComparedName, near_names
from npn.systems.service import NewSystem, Systems, add_system
from npn.wording import LONGEST_NAME, checked_line

SOURCE = "medcom-register"
OWNER_UNKNOWN = "Ukendt ejer (MedComs liste)"  # the list doesn't say who runs a system
COLUMNS = ("system", "vendor", "system_type", "standard", "standard_id_version", "channel", "status")

_ALIKE = 0.75  # of names, as difflib measures it
_SHARED = 0.5  # of the standards of two listings, that a like name is believed
_NEARLY_ALL = 0.8  # of the standards, that another name is worth a question


@dataclass(frozen=True, slots=True)
class ListedSystem:
    """A system as the list has it: one name of one vendor, whatever its types."""

    name: str
    vendor: str
    types: frozenset[str]
    standards: frozenset[str]


@dataclass(frozen=True, slots=True)
class RegisteredSystem:
    """A system that was taken from the list before. `name`: what the list called it last.

    `vendors`: its vendor, and those that the list may still name where the operator chose another.
    """

    system: ConnectedSystem
    name: str
    aliases: frozenset[str]
    standards: frozenset[str]
    gone: bool
    vendors: frozenset[str]


@dataclass(frozen=True, slots=True)
class RenamedSystem:
    """A known system under its new name."""

    known: RegisteredSystem
    listed: ListedSystem


@dataclass(frozen=True, slots=True)
class UnclearMatch:
    """A known system that is no longer listed, and names that might be its own; nothing is done to either."""

    known: RegisteredSystem
    candidates: list[str]


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What an import does.

    `near_vendors`: names of vendors that nobody has here, and the vendors that may be meant; their systems wait.
    """

    new: list[ListedSystem] = field(default_factory=list)
    renamed: list[RenamedSystem] = field(default_factory=list)
    gone: list[RegisteredSystem] = field(default_factory=list)
    back: list[RegisteredSystem] = field(default_factory=list)
    unclear: list[UnclearMatch] = field(default_factory=list)
    unchanged: int = 0
    standards: Mapping[str, frozenset[str]] = field(default_factory=dict)
    near_vendors: Mapping[str, list[str]] = field(default_factory=dict)

    @property
    def changes(self) -> int:
        """Count what is done to systems."""
        return len(self.new) + len(self.renamed) + len(self.gone) + len(self.back)

    @property
    def document(self) -> dict[str, object]:
        """Return it as JSON has it."""
        return {
            "new": [{"name": i.name, "vendor": i.vendor, "types": sorted(i.types)} for i in self.new],
            "renamed": [{"system": r.known.system.id, "from": r.known.name, "to": r.listed.name} for r in self.renamed],
            "gone": [{"system": k.system.id, "name": k.name} for k in self.gone],
            "back": [{"system": k.system.id, "name": k.name} for k in self.back],
            "unclear": [
                {"system": u.known.system.id, "name": u.known.name, "maybe": u.candidates} for u in self.unclear
            ],
            "near_vendors": [{"vendor": name, "maybe": near} for name, near in sorted(self.near_vendors.items())],
            "unchanged": self.unchanged,
        }

    @property
    def digest(self) -> str:
        """Return what distinguishes it from an import that does anything else."""
        standards = sorted((system_id, sorted(names)) for system_id, names in self.standards.items())
        return hashlib.sha256(msgspec.json.encode([self.document, standards])).hexdigest()


def read_register(text: str) -> list[ListedSystem]:
    """Read the CSV, a row a standard. Raises InvalidInputError naming the line."""
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    types: dict[tuple[str, str], set[str]] = {}
    standards: dict[tuple[str, str], set[str]] = {}
    try:
        if tuple(reader.fieldnames or ()) != COLUMNS:
            raise InvalidInputError(details.REGISTER_HEADER.of(columns=",".join(COLUMNS)), field="header")
        for row in reader:
            values = {name: _column(row.get(name) or "", name, line=reader.line_num) for name in COLUMNS}
            if None in row or not (values["system"] and values["vendor"] and values["system_type"]):
                raise InvalidInputError(details.REGISTER_LINE.of(line=reader.line_num), field="file")
            key = (values["system"], values["vendor"])
            types.setdefault(key, set()).add(values["system_type"])
            standards.setdefault(key, set()).add(values["standard"])
    except csv.Error as error:
        raise InvalidInputError(details.NOT_CSV.of(line=reader.line_num), field="file", hint=str(error)) from error
    if not types:
        raise InvalidInputError(details.REGISTER_EMPTY, field="file", hint="download it again")
    return [ListedSystem(*key, frozenset(names), frozenset(standards[key])) for key, names in sorted(types.items())]


def _column(text: str, column: str, *, line: int) -> str:
    try:
        return checked_line(text, column, least=0, most=LONGEST_NAME)
    except InvalidInputError as error:
        raise InvalidInputError(f"line {line}: {error.message}", code=error.code, field="file") from error


def types_of(listed: Collection[ListedSystem]) -> dict[str, int]:
    """Count the list's systems by type, by name."""
    names = sorted({name for item in listed for name in item.types})
    return {name: sum(name in item.types for item in listed) for name in names}


@dataclass(frozen=True, slots=True)
class ResolvedMatches:
    """What the operator said where it was unclear: `same`, our id to the list's name; `new`, names of new systems.

    `vendors`: the list's name of a vendor to ours; `new_vendors`: the list's names that are near ours and others.
    `shown`: the digest of the plan that was shown; another one is not carried out.
    """

    same: Mapping[str, str] = field(default_factory=dict)
    new: Collection[str] = ()
    vendors: Mapping[str, str] = field(default_factory=dict)
    new_vendors: Collection[str] = ()
    shown: str = ""


UNRESOLVED = ResolvedMatches()


def import_register(
    systems: Systems,
    listed: Collection[ListedSystem],
    *,
    types: Collection[str],
    environment: Environment,
    by: str,
    resolved: ResolvedMatches = UNRESOLVED,
    dry_run: bool = False,
) -> ImportPlan:
    """Take the systems of the chosen types, all in one transaction; give what was done, or would be.

    `resolved`: the operator's word where it was unclear. No keys are made.
    Raises InvalidInputError for a type, id or name that is not there, ConflictError `list_changed` where the plan is no
    longer the one that was shown.
    """
    unknown = sorted(set(types) - set(types_of(listed)))
    if unknown or not types:
        raise InvalidInputError(
            details.NO_SUCH_TYPES.of(types=unknown) if unknown else details.NO_TYPES,
            field="type",
            hint="npn admin system import FILE without --type lists them",
        )
    if dry_run:
        with systems.database.read() as connection:
            return _judged(connection, listed, types=types, resolved=resolved)
    with systems.ledger.transaction() as tx:
        plan = _judged(tx.connection, listed, types=types, resolved=resolved)
        if resolved.shown not in ("", plan.digest):
            raise ConflictError("the import would do something else than was shown", code=codes.LIST_CHANGED)
        _carry_out(tx, plan, environment=environment, by=by)
        return plan


def _judged(
    connection: sa.Connection, listed: Collection[ListedSystem], *, types: Collection[str], resolved: ResolvedMatches
) -> ImportPlan:
    names = organisation_store.names(connection, OrganisationKind.VENDOR)
    ours, near = _our_vendors({item.vendor for item in listed}, names, resolved)
    listed = _with_vendors(listed, ours)
    plan = _plan(listed, _known(connection, names), types=types, same=resolved.same, new=resolved.new)
    waiting = {item.vendor for item in plan.new} & near.keys()
    return replace(
        plan,
        new=[item for item in plan.new if item.vendor not in waiting],
        near_vendors={name: near[name] for name in waiting},
    )


def _our_vendors(
    listed: Collection[str], names: Mapping[str, str], resolved: ResolvedMatches
) -> tuple[dict[str, str], dict[str, list[str]]]:
    """Return our name of each vendor that the list has, and of those that are nobody's who may be meant.

    Names that differ in nothing but case, signs and legal form are one vendor's.
    """
    unknown = sorted(name for name in resolved.vendors.values() if name not in names)
    if unknown:
        raise InvalidInputError(
            details.NO_SUCH_ORGANISATION.of(kind=details.ORGANISATION_KINDS["vendor"], name=unknown[0]),
            field="vendor",
            hint="npn admin organisation list",
        )
    by_spelling = {ComparedName.of(name).whole: now for name, now in names.items()}
    ours: dict[str, str] = {}
    near: dict[str, list[str]] = {}
    for vendor in sorted(listed):
        name = resolved.vendors.get(vendor, vendor)
        alike = by_spelling.setdefault(ComparedName.of(vendor).whole, vendor)
        ours[vendor] = names.get(name) or alike
        if ours[vendor] == vendor and vendor not in names and vendor not in resolved.new_vendors:
            near[vendor] = list(dict.fromkeys(names[name] for name in near_names(vendor, names)))
    return ours, {vendor: candidates for vendor, candidates in near.items() if candidates}


def _with_vendors(listed: Iterable[ListedSystem], ours: Mapping[str, str]) -> list[ListedSystem]:
    """Return the list with our vendors' names; two entries that are one by that are put together."""
    together: dict[tuple[str, str], ListedSystem] = {}
    for item in listed:
        vendor = ours[item.vendor]
        before = together.get((item.name, vendor), ListedSystem(item.name, vendor, frozenset(), frozenset()))
        together[item.name, vendor] = replace(
            before, types=before.types | item.types, standards=before.standards | item.standards
        )
    return [together[key] for key in sorted(together)]


def _known(connection: sa.Connection, vendor_names: Mapping[str, str]) -> list[RegisteredSystem]:
    names: dict[str, set[str]] = {}
    current: dict[str, str] = {}
    for row in store.aliases(connection, SOURCE):
        names.setdefault(row.system_id, set()).add(row.alias)
        if row.current:
            current[row.system_id] = row.alias
    former: dict[str, set[str]] = {}
    for row in store.aliases(connection, store.FORMER_VENDORS):
        former.setdefault(row.system_id, set()).add(vendor_names.get(row.alias, row.alias))
    standards, gone_ids = store.standards(connection, SOURCE), store.gone_from_register(connection)
    return [
        RegisteredSystem(
            system=system,
            name=current[system.id],
            aliases=frozenset(names[system.id]),
            standards=frozenset(standards.get(system.id, ())),
            gone=system.id in gone_ids,
            vendors=frozenset({system.vendor, *former.get(system.id, ())}),
        )
        for system in store.systems(connection, closed=True)
        if system.id in current
    ]


def _plan(
    listed: Collection[ListedSystem],
    known: Collection[RegisteredSystem],
    *,
    types: Collection[str],
    same: Mapping[str, str],
    new: Collection[str],
) -> ImportPlan:
    named = _told(listed, known, same, new=new)
    still = _still_listed(listed, known)
    missing, offered = _unmatched(listed, known, still, types=types)
    renamed, unclear = _matched(missing, offered, named=named, new=new)
    missing, offered = _without(renamed, missing, offered)
    standards = _standards(still, renamed)
    waiting = {doubt.known.system.id for doubt in unclear}
    claimed = {name for doubt in unclear for name in doubt.candidates} - set(new)
    return ImportPlan(
        new=[item for item in offered if item.name not in claimed],
        renamed=renamed,
        gone=[k for k in missing if k.system.id not in waiting and not k.gone],
        back=[k for k in known if k.gone and k.system.id in standards],
        unclear=unclear,
        unchanged=sum(not k.gone for k in known if k.system.id in still),
        standards=standards,
    )


def _still_listed(listed: Collection[ListedSystem], known: Collection[RegisteredSystem]) -> dict[str, ListedSystem]:
    """Return, by our id, the systems that the list has under the name it had before."""
    by_key = {(item.name, item.vendor): item for item in listed}
    fitting = ((k.system.id, by_key.get((k.name, vendor))) for k in known for vendor in sorted(k.vendors))
    return {system_id: item for system_id, item in fitting if item is not None}


def _unmatched(
    listed: Collection[ListedSystem],
    known: Collection[RegisteredSystem],
    still: Mapping[str, ListedSystem],
    *,
    types: Collection[str],
) -> tuple[list[RegisteredSystem], list[ListedSystem]]:
    """Return the systems that are not listed under their name, and the names of the chosen types that are nobody's."""
    matched, wanted = set(still.values()), set(types)
    missing = [k for k in known if k.system.id not in still]
    return missing, [item for item in listed if item not in matched and item.types & wanted]


def _matched(
    missing: Collection[RegisteredSystem],
    offered: Collection[ListedSystem],
    *,
    named: Mapping[str, ListedSystem],
    new: Collection[str],
) -> tuple[list[RenamedSystem], list[UnclearMatch]]:
    """Return which missing system has which new name, by the operator's word or clearly, and what is in doubt."""
    renamed = [RenamedSystem(k, named[k.system.id]) for k in missing if k.system.id in named]
    free = [item for item in offered if item.name not in new]
    renamed += _clearly_renamed(*_without(renamed, missing, free))
    missing, free = _without(renamed, missing, free)
    candidates = ((k, [item.name for item in free if _maybe(k, item)]) for k in missing)
    return renamed, [UnclearMatch(k, names) for k, names in candidates if names]


def _without(
    renamed: Collection[RenamedSystem], missing: Collection[RegisteredSystem], offered: Collection[ListedSystem]
) -> tuple[list[RegisteredSystem], list[ListedSystem]]:
    """Return the missing systems and the names that no pair has."""
    matched, listed = {pair.known.system.id for pair in renamed}, {pair.listed for pair in renamed}
    return [k for k in missing if k.system.id not in matched], [item for item in offered if item not in listed]


def _standards(still: Mapping[str, ListedSystem], renamed: Collection[RenamedSystem]) -> dict[str, frozenset[str]]:
    """Return the standards of every known system that the list has, by our id."""
    listings = {**still, **{pair.known.system.id: pair.listed for pair in renamed}}
    return {system_id: item.standards for system_id, item in listings.items()}


def _told(
    listed: Collection[ListedSystem],
    known: Collection[RegisteredSystem],
    same: Mapping[str, str],
    *,
    new: Collection[str],
) -> dict[str, ListedSystem]:
    """Hold the operator's word to what there is."""
    ids, names = {k.system.id for k in known}, {item.name: item for item in listed}
    for system_id in same:
        if system_id not in ids:
            raise InvalidInputError(details.NOT_FROM_THE_LIST.of(system=system_id), field="same")
    for name in (*same.values(), *new):
        if name not in names:
            raise InvalidInputError(
                details.NOT_IN_THE_LIST.of(name=name), field="same" if name in same.values() else "new"
            )
    return {system_id: names[name] for system_id, name in same.items()}


def _clearly_renamed(missing: Collection[RegisteredSystem], fresh: Collection[ListedSystem]) -> list[RenamedSystem]:
    """Pair what is clear, and only where each is the other's one candidate."""
    pairs = [(k, item) for k in missing for item in fresh if _clear(k, item)]
    possible = [(k, item) for k in missing for item in fresh if _maybe(k, item)]
    return [
        RenamedSystem(k, item)
        for k, item in pairs
        if sum(other is k for other, _ in possible) == 1 and sum(other is item for _, other in possible) == 1
    ]


def _clear(known: RegisteredSystem, item: ListedSystem) -> bool:
    if item.vendor not in known.vendors or not set(known.system.system_type.split(", ")) & item.types:
        return False
    if item.name in known.aliases:
        return True
    return _named_alike(known.name, item.name) and _share(known.standards, item.standards) >= _SHARED


def _maybe(known: RegisteredSystem, item: ListedSystem) -> bool:
    """Whether a person should look: a like name, or the same standards from the same vendor."""
    if _clear(known, item) or _named_alike(known.name, item.name):
        return True
    return item.vendor in known.vendors and _share(known.standards, item.standards) >= _NEARLY_ALL


def _named_alike(a: str, b: str) -> bool:
    a, b = ("".join(c for c in name.casefold() if c.isalnum()) for name in (a, b))
    short, long = sorted((a, b), key=len)
    if len(short) >= 4 and long.startswith(short):
        return True
    return SequenceMatcher(None, a, b, autojunk=False).ratio() >= _ALIKE


def _share(a: frozenset[str], b: frozenset[str]) -> float:
    return len(a & b) / len(a | b) if a | b else 0.0


def _carry_out(tx: Transaction, plan: ImportPlan, *, environment: Environment, by: str) -> None:
    for item in plan.new:
        kinds = ", ".join(sorted(item.types))
        wanted = NewSystem(item.name, item.vendor, OWNER_UNKNOWN, environment, kinds)
        system_id = add_system(tx, wanted, by=by, new_organisations=True)
        _name(tx, system_id, item, by=by)
        store.set_standards(tx.connection, system_id=system_id, source=SOURCE, standards=item.standards)
    for pair in plan.renamed:
        system = pair.known.system
        if system.name == pair.known.name:  # an operator's own name for it stays
            store.update_system(tx.connection, system.id, {"name": pair.listed.name})
        _name(tx, system.id, pair.listed, by=by)
    for registered in plan.gone:
        store.update_system(tx.connection, registered.system.id, {"register_gone_at": tx.at})
        tx.append(SystemLeftList(system=registered.system.id, source=SOURCE, by=by))
    for registered in plan.back:
        store.update_system(tx.connection, registered.system.id, {"register_gone_at": None})
        tx.append(SystemBackOnList(system=registered.system.id, source=SOURCE, by=by))
    for system_id, standards in plan.standards.items():
        store.set_standards(tx.connection, system_id=system_id, source=SOURCE, standards=standards)


def _name(tx: Transaction, system_id: str, item: ListedSystem, *, by: str) -> None:
    store.add_alias(tx.connection, system_id=system_id, source=SOURCE, alias=item.name, at=tx.at)
    tx.append(SystemNamed(system=system_id, source=SOURCE, alias=item.name, by=by))
