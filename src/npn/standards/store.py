"""The SQL of standards, products and what they can take, all of it."""

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Generic, TypeVar  # Any: a row's columns are typed by the query, which mypy can't carry this far

import sqlalchemy as sa

from npn.standards import tables
from npn.standards.model import (
    Capability,
    CapabilityState,
    Direction,
    EvidenceKind,
    Installation,
    KeptRow,
    Product,
    ProductFault,
    ProductRelease,
    Standard,
    StandardVersion,
    family_of,
    format_of,
)
from npn.systems.organisation_store import NAMES

_row, _list, _product, _alias = tables.listed_row.c, tables.standard_list.c, tables.product.c, tables.product_alias.c
_installation, _capability = tables.installation.c, tables.capability.c
_Values = Mapping[str, object]
_T = TypeVar("_T")


# --- The catalogue ---------------------------------------------------------------------------------------------


def standards(connection: sa.Connection, code: str | None = None) -> list[Standard]:
    """Return the standards with their versions, or the one of that code."""
    query = sa.select(tables.standard).order_by(tables.standard.c.code)
    of_versions = sa.select(tables.standard_version).order_by(tables.standard_version.c.version)
    if code is not None:
        query = query.where(tables.standard.c.code == code)
        of_versions = of_versions.where(tables.standard_version.c.standard == code)
    versions: dict[str, list[StandardVersion]] = {}
    for row in connection.execute(of_versions):
        versions.setdefault(row.standard, []).append(_version(row))
    return [
        Standard(row.code, row.name, family_of(row.code), format_of(row.code), tuple(versions.get(row.code, ())))
        for row in connection.execute(query)
    ]


def _version(row: sa.Row[*tuple[Any, ...]]) -> StandardVersion:
    return StandardVersion(
        standard=row.standard,
        version=row.version,
        valid_from=row.valid_from,
        phase_out_from=row.phase_out_from,
        valid_to=row.valid_to,
        replaces=row.replaces,
        features=json.loads(row.features),
        required_of=tuple(json.loads(row.required_of)),
    )


def add_standards(connection: sa.Connection, versions: Iterable[tuple[str, str, str]]) -> None:
    """Add the standards and versions that are not known yet, each as code, version and name."""
    versions_by_code = {one.code: {version.version for version in one.versions} for one in standards(connection)}
    codes, fresh = {}, {}
    for code, version, name in versions:
        if code not in versions_by_code:
            codes[code] = {"code": code, "name": name}
        if version not in versions_by_code.get(code, ()):
            fresh[code, version] = {"standard": code, "version": version, "features": "{}", "required_of": "[]"}
    _insert(connection, tables.standard, list(codes.values()))
    _insert(connection, tables.standard_version, list(fresh.values()))


def put_version(connection: sa.Connection, version: StandardVersion, *, name: str) -> None:
    """Add a version, and its standard, or change it."""
    add_standards(connection, [(version.standard, version.version, name)])
    mine = tables.standard_version.c
    values = {
        "valid_from": version.valid_from,
        "phase_out_from": version.phase_out_from,
        "valid_to": version.valid_to,
        "replaces": version.replaces,
        "features": json.dumps(dict(version.features)),
        "required_of": json.dumps(list(version.required_of)),
    }
    query = sa.update(tables.standard_version).where(mine.standard == version.standard, mine.version == version.version)
    connection.execute(query.values(values))


# --- MedCom's list ---------------------------------------------------------------------------------------------


def newest_list(connection: sa.Connection, *, at: date | None = None) -> date | None:
    """Return the day of the newest list, or of the newest by a day; None where there is none."""
    query = sa.select(sa.func.max(_list.as_of))
    newest: date | None = connection.scalar(query if at is None else query.where(_list.as_of <= at))
    return newest


def add_list(connection: sa.Connection, *, as_of: date, digest: str, rows: int, at: datetime) -> None:
    """Note an import."""
    number = (connection.scalar(sa.select(sa.func.max(_list.number))) or 0) + 1
    values = {"number": number, "as_of": as_of, "digest": digest, "rows": rows, "imported_at": at}
    connection.execute(sa.insert(tables.standard_list).values(values))


def listed_rows(connection: sa.Connection, *, at: date | None = None, standard: str | None = None) -> list[KeptRow]:
    """Return the rows of the newest list, or of the list of a day, in its order."""
    query = sa.select(tables.listed_row).order_by(_row.place)
    if at is None:
        query = query.where(_row.valid_until.is_(None))
    else:
        query = query.where(_row.valid_from <= at, sa.or_(_row.valid_until.is_(None), _row.valid_until > at))
    if standard is not None:
        query = query.where(_row.standard == standard)
    return [_kept(row) for row in connection.execute(query)]


def _kept(row: sa.Row[*tuple[Any, ...]]) -> KeptRow:
    return KeptRow(
        id=row.id,
        product=row.product_id,
        place=row.place,
        columns=(
            *(row.system, row.vendor, row.system_type),
            *(row.standard_name, row.standard_id_version, row.channel, row.status),
        ),
        standard=row.standard,
        version=row.version,
        direction=Direction(row.direction),
        state=CapabilityState(row.state),
        since=row.since,
        valid_from=row.valid_from,
    )


def approved_counts(connection: sa.Connection) -> dict[tuple[str, str, str], int]:
    """Return how many systems the newest list has as approved alone, by standard, version and direction."""
    key = (_row.standard, _row.version, _row.direction)
    approved = (
        sa.select(*key)
        .where(_row.valid_until.is_(None))
        .group_by(*key, _row.system, _row.vendor)
        .having(
            sa.func.min(_row.state) == CapabilityState.YES.value, sa.func.max(_row.state) == CapabilityState.YES.value
        )
        .subquery()
    )
    query = sa.select(approved, sa.func.count()).group_by(*approved.c)
    return {(standard, version, direction): count for standard, version, direction, count in connection.execute(query)}


def rows_of(connection: sa.Connection, product_ids: Collection[str]) -> list[KeptRow]:
    """Return every row that products had in any list."""
    query = sa.select(tables.listed_row).where(_row.product_id.in_(product_ids))
    return [_kept(row) for row in connection.execute(query)]


def standard_names(connection: sa.Connection) -> dict[str, set[str]]:
    """Return the names of the standards that the list has, or had, of each product."""
    query = sa.select(_row.product_id, _row.standard_name).where(_row.product_id.is_not(None)).distinct()
    names: dict[str, set[str]] = {}
    for row in connection.execute(query):
        names.setdefault(row.product_id, set()).add(row.standard_name)
    return names


def add_rows(connection: sa.Connection, rows: Iterable[_Values]) -> None:
    """Add rows of the list."""
    first = (connection.scalar(sa.select(sa.func.max(_row.id))) or 0) + 1
    _insert(connection, tables.listed_row, [{"id": first + place, **row} for place, row in enumerate(rows)])


def end_rows(connection: sa.Connection, ids: Collection[int], *, on: date) -> None:
    """End rows that the list of a day no longer has; those that it had on the same day only are removed."""
    _many(connection, ids, sa.update(tables.listed_row).values(valid_until=on).where(_row.valid_from < on))
    _many(connection, ids, sa.delete(tables.listed_row).where(_row.valid_from >= on))


def place_rows(connection: sa.Connection, places: Mapping[int, int]) -> None:
    """Note where in the list rows stand now."""
    if places:
        query = sa.update(tables.listed_row).where(_row.id == sa.bindparam("row")).values(place=sa.bindparam("at"))
        connection.execute(query, [{"row": row, "at": place} for row, place in places.items()])


# --- Products --------------------------------------------------------------------------------------------------


def products(connection: sa.Connection) -> dict[str, Product]:
    """Return every product, by id."""
    query = sa.select(tables.product).order_by(_product.name, _product.id)
    return {
        row.id: Product(row.id, row.name, row.vendor, frozenset(json.loads(row.types)), row.listed, row.gone_on)
        for row in connection.execute(query)
    }


def put_product(connection: sa.Connection, product: Product) -> None:
    """Add a product, or change the one of that id."""
    values = {
        "id": product.id,
        "name": product.name,
        "vendor": product.vendor,
        "types": json.dumps(sorted(product.types), ensure_ascii=False),
        "listed": product.listed,
        "gone_on": product.gone_on,
    }
    if connection.execute(sa.update(tables.product).where(_product.id == product.id).values(values)).rowcount == 0:
        connection.execute(sa.insert(tables.product).values(values))


def aliases(connection: sa.Connection) -> dict[str, set[tuple[str, str]]]:
    """Return the names, each with its vendor, under which the list has had each product."""
    names: dict[str, set[tuple[str, str]]] = {}
    for row in connection.execute(sa.select(tables.product_alias)):
        names.setdefault(row.product_id, set()).add((row.name, row.vendor))
    return names


def add_alias(connection: sa.Connection, product_id: str, name: str, *, vendor: str, since: date) -> None:
    """Note a name of a product, where it is not noted yet."""
    mine = (_alias.product_id == product_id, _alias.name == name, _alias.vendor == vendor)
    if connection.scalar(sa.select(sa.func.count()).select_from(tables.product_alias).where(*mine)) == 0:
        values = {"product_id": product_id, "name": name, "vendor": vendor, "since": since}
        connection.execute(sa.insert(tables.product_alias).values(values))


def releases(connection: sa.Connection, product_id: str | None = None) -> list[ProductRelease]:
    """Return the releases of a product, or of all, the newest first."""
    mine = tables.product_release.c
    query = sa.select(tables.product_release).order_by(mine.product_id, mine.released_on.desc())
    if product_id is not None:
        query = query.where(mine.product_id == product_id)
    return [
        ProductRelease(row.product_id, row.version, row.released_on, tuple(json.loads(row.equivalents)))
        for row in connection.execute(query)
    ]


def put_release(connection: sa.Connection, release: ProductRelease) -> None:
    """Add a release, or change the one of that version."""
    mine = tables.product_release.c
    where = (mine.product_id == release.product, mine.version == release.version)
    connection.execute(sa.delete(tables.product_release).where(*where))
    values = {
        "product_id": release.product,
        "version": release.version,
        "released_on": release.released_on,
        "equivalents": json.dumps(list(release.equivalents)),
    }
    connection.execute(sa.insert(tables.product_release).values(values))


def faults(connection: sa.Connection) -> list[ProductFault]:
    """Return the known faults of product releases."""
    query = sa.select(tables.product_fault).order_by(tables.product_fault.c.number)
    return [
        ProductFault(row.product_id, row.version, row.severity, row.mended_in, row.description)
        for row in connection.execute(query)
    ]


def add_fault(connection: sa.Connection, fault: ProductFault) -> None:
    """Add a known fault."""
    values = {
        "number": _next(connection, tables.product_fault.c.number),
        "product_id": fault.product,
        "version": fault.version,
        "severity": fault.severity,
        "mended_in": fault.mended_in,
        "description": fault.description,
    }
    connection.execute(sa.insert(tables.product_fault).values(values))


# --- Installations and capabilities ----------------------------------------------------------------------------


def installations(
    connection: sa.Connection, *, at: date | None = None, only: str | None = None
) -> dict[str, Installation]:
    """Return the installations, all or those of a day, or the one of that id, by id."""
    owner, region = NAMES.alias("owner"), NAMES.alias("region")
    query = (
        sa.select(
            tables.installation,
            *(_product.name, _product.vendor, _product.types),
            owner.c.name.label("owner"),
            region.c.name.label("region"),
        )
        .join(tables.product, _product.id == _installation.product_id)
        .outerjoin(owner, owner.c.id == _installation.owner_id)
        .outerjoin(region, region.c.id == _installation.region_id)
        .order_by(_product.name, _installation.id)
    )
    if at is not None:
        query = query.where(
            sa.or_(_installation.begins.is_(None), _installation.begins <= at),
            sa.or_(_installation.ends.is_(None), _installation.ends > at),
        )
    if only is not None:
        query = query.where(_installation.id == only)
    types = _Texts[frozenset[str]](lambda text: frozenset(json.loads(text)))
    return {
        row.id: Installation(
            id=row.id,
            product=row.product_id,
            product_name=row.name,
            vendor=row.vendor,
            types=types.read(row.types),
            release=row.release,
            owner=row.owner,
            region=row.region,
            sor_unit=row.sor_unit,
            system=row.system_id,
            begins=row.begins,
            ends=row.ends,
        )
        for row in connection.execute(query)
    }


class _Texts(Generic[_T]):
    """Texts of a column of which many rows have the same, each parsed once."""

    def __init__(self, parse: Callable[[str], _T]) -> None:
        self._parse = parse
        self._parsed: dict[str, _T] = {}

    def read(self, text: str) -> _T:
        if text not in self._parsed:
            self._parsed[text] = self._parse(text)
        return self._parsed[text]


def put_installation(connection: sa.Connection, values: _Values) -> None:
    """Add an installation, or change the one of that id."""
    query = sa.update(tables.installation).where(_installation.id == values["id"]).values(values)
    if connection.execute(query).rowcount == 0:
        connection.execute(sa.insert(tables.installation).values(values))


def installation_values(connection: sa.Connection, installation_id: str) -> dict[str, object]:
    """Return the columns of an installation; none where there is none of that id."""
    row = connection.execute(sa.select(tables.installation).where(_installation.id == installation_id)).one_or_none()
    return {} if row is None else dict(row._mapping)  # noqa: SLF001  # SQLAlchemy's public name for a row as a mapping


def move_organisation(connection: sa.Connection, organisation_id: str, into: str) -> None:
    """Move the installations of an organisation, and those of its region, to another."""
    for column in (_installation.owner_id, _installation.region_id):
        query = sa.update(tables.installation).where(column == organisation_id)
        connection.execute(query.values({column: into}))


def capabilities(connection: sa.Connection, standard: str, *, at: date) -> list[Capability]:
    """Return what installations can take of a standard on a day, the newest last."""
    query = sa.select(tables.capability).where(
        _capability.standard == standard,
        _capability.since <= at,
        sa.or_(_capability.until.is_(None), _capability.until > at),
    )
    features = _Texts[dict[str, str]](json.loads)
    return [
        Capability(
            installation=row.installation_id,
            standard=row.standard,
            version=row.version,
            direction=Direction(row.direction),
            state=CapabilityState(row.state),
            features=features.read(row.features),
            kind=EvidenceKind(row.kind),
            note=row.note,
            by=row.said_by,
            by_operator=row.by_operator,
            recorded_on=row.recorded_on,
            since=row.since,
            until=row.until,
        )
        for row in connection.execute(query.order_by(_capability.since, _capability.number))
    ]


def put_capability(connection: sa.Connection, capability: Capability) -> None:
    """Add a capability: it ends what was said before, and ends itself where something was said of a later day."""
    same = [
        _capability.installation_id == capability.installation,
        _capability.standard == capability.standard,
        _capability.version == capability.version,
        _capability.direction == capability.direction.value,
        _capability.kind == capability.kind.value,
    ]
    of_later = sa.select(sa.func.min(_capability.since)).where(*same, _capability.since > capability.since)
    later = connection.scalar(of_later)
    lasting = sa.or_(_capability.until.is_(None), _capability.until > capability.since)
    before = sa.update(tables.capability).where(*same, _capability.since <= capability.since, lasting)
    connection.execute(before.values(until=capability.since))
    connection.execute(
        sa.insert(tables.capability).values(
            number=_next(connection, _capability.number),
            installation_id=capability.installation,
            standard=capability.standard,
            version=capability.version,
            direction=capability.direction.value,
            state=capability.state.value,
            features=json.dumps(dict(capability.features)),
            kind=capability.kind.value,
            note=capability.note,
            said_by=capability.by,
            by_operator=capability.by_operator,
            recorded_on=capability.recorded_on,
            since=capability.since,
            until=later,
        )
    )


# --- What is shared --------------------------------------------------------------------------------------------


def _next(connection: sa.Connection, column: sa.Column[int]) -> int:
    return (connection.scalar(sa.select(sa.func.max(column))) or 0) + 1


def _insert(connection: sa.Connection, table: sa.Table, rows: Sequence[_Values]) -> None:
    if rows:
        connection.execute(sa.insert(table), rows)


def _many(connection: sa.Connection, ids: Collection[int], query: sa.Update | sa.Delete) -> None:
    if ids:
        connection.execute(query.where(_row.id == sa.bindparam("row")), [{"row": row} for row in ids])
