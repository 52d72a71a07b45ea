"""MedCom's public list of systems: read, compared with what is connected, taken over.

The list names systems by name, vendor and type, a row for each standard; it has no ids and changes over time. So
ours are kept: a system keeps its id whatever the list calls it, and every name it had is an alias (`matching`).
"""

import csv
import io
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace

import sqlalchemy as sa

from npn.errors import ConflictError, InvalidInputError, codes, details
from npn.ledger.service import Transaction
from npn.systems import organisation_store, store
from npn.systems.events import SystemBackOnList, SystemLeftList, SystemNamed
from npn.systems.matching import (
    UNRESOLVED,
    ImportPlan,
    KnownSystem,
    ListedSystem,
    ResolvedMatches,
    match_systems,
    our_vendors,
    with_vendors,
)
from npn.systems.model import Environment, OrganisationKind
from npn.systems.service import NewSystem, Systems, add_system
from npn.wording import LONGEST_NAME, checked_line

SOURCE = "medcom-register"
OWNER_UNKNOWN = "Ukendt ejer (MedComs liste)"  # the list doesn't say who runs a system
COLUMNS = ("system", "vendor", "system_type", "standard", "standard_id_version", "channel", "status")


def read_rows(text: str) -> list[dict[str, str]]:
    """Read the CSV, a row a standard, by column. Raises InvalidInputError naming the line."""
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        if tuple(reader.fieldnames or ()) != COLUMNS:
            raise InvalidInputError(details.REGISTER_HEADER.of(columns=",".join(COLUMNS)), field="header")
        rows = list(_checked(reader))
    except csv.Error as error:
        raise InvalidInputError(details.NOT_CSV.of(line=reader.line_num), field="file", hint=str(error)) from error
    if not rows:
        raise InvalidInputError(details.REGISTER_EMPTY, field="file", hint="download it again")
    return rows


def _checked(reader: "csv.DictReader[str]") -> Iterator[dict[str, str]]:
    for row in reader:
        values = {name: _column(row.get(name) or "", name, line=reader.line_num) for name in COLUMNS}
        if None in row or not (values["system"] and values["vendor"] and values["system_type"]):
            raise InvalidInputError(details.REGISTER_LINE.of(line=reader.line_num), field="file")
        yield values


def read_register(text: str) -> list[ListedSystem]:
    """Read the systems of the CSV. Raises InvalidInputError naming the line."""
    return listed_systems(read_rows(text))


def listed_systems(rows: Iterable[Mapping[str, str]]) -> list[ListedSystem]:
    """Return the systems that rows name, each once, by name and vendor."""
    types: dict[tuple[str, str], set[str]] = {}
    standards: dict[tuple[str, str], set[str]] = {}
    for row in rows:
        key = (row["system"], row["vendor"])
        types.setdefault(key, set()).add(row["system_type"])
        standards.setdefault(key, set()).add(row["standard"])
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
    ours, near = our_vendors({item.vendor for item in listed}, names, resolved)
    listed = with_vendors(listed, ours)
    plan = match_systems(listed, _known(connection, names), types=types, same=resolved.same, new=resolved.new)
    waiting = {item.vendor for item in plan.new} & near.keys()
    return replace(
        plan,
        new=[item for item in plan.new if item.vendor not in waiting],
        near_vendors={name: near[name] for name in waiting},
    )


def _known(connection: sa.Connection, vendor_names: Mapping[str, str]) -> list[KnownSystem]:
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
        KnownSystem(
            id=system.id,
            name=current[system.id],
            aliases=frozenset(names[system.id]),
            standards=frozenset(standards.get(system.id, ())),
            gone=system.id in gone_ids,
            vendors=frozenset({system.vendor, *former.get(system.id, ())}),
            types=frozenset(system.system_type.split(", ")),
        )
        for system in store.systems(connection, closed=True)
        if system.id in current
    ]


def _carry_out(tx: Transaction, plan: ImportPlan, *, environment: Environment, by: str) -> None:
    for item in plan.new:
        kinds = ", ".join(sorted(item.types))
        wanted = NewSystem(item.name, item.vendor, OWNER_UNKNOWN, environment, kinds)
        system_id = add_system(tx, wanted, by=by, new_organisations=True)
        _name(tx, system_id, item, by=by)
        store.set_standards(tx.connection, system_id=system_id, source=SOURCE, standards=item.standards)
    own_names = {system.id: system.name for system in store.systems(tx.connection, closed=True)}
    for pair in plan.renamed:
        system_id = pair.known.id
        if own_names[system_id] == pair.known.name:  # an operator's own name for it stays
            store.update_system(tx.connection, system_id, {"name": pair.listed.name})
        _name(tx, system_id, pair.listed, by=by)
    for registered in plan.gone:
        store.update_system(tx.connection, registered.id, {"register_gone_at": tx.at})
        tx.append(SystemLeftList(system=registered.id, source=SOURCE, by=by))
    for registered in plan.back:
        store.update_system(tx.connection, registered.id, {"register_gone_at": None})
        tx.append(SystemBackOnList(system=registered.id, source=SOURCE, by=by))
    for system_id, standards in plan.standards.items():
        store.set_standards(tx.connection, system_id=system_id, source=SOURCE, standards=standards)


def _name(tx: Transaction, system_id: str, item: ListedSystem, *, by: str) -> None:
    store.add_alias(tx.connection, system_id=system_id, source=SOURCE, alias=item.name, at=tx.at)
    tx.append(SystemNamed(system=system_id, source=SOURCE, alias=item.name, by=by))
