"""The SQL of organisations, connected systems and keys, all of it."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any  # a row's columns are typed by the query, which mypy can't carry this far

import sqlalchemy as sa

from npn.db.exchange import Exchange, QueryReply, Row, among, instant, texts
from npn.errors import NotFoundError, details
from npn.systems.model import (
    OPERATOR,
    Caller,
    Certificate,
    ConnectedSystem,
    Environment,
    OrganisationKind,
    Role,
    Subject,
    SystemState,
)
from npn.systems.tables import (
    api_key,
    connected_system,
    contact,
    organisation,
    organisation_region,
    system_alias,
    system_certificate,
    system_security,
    system_standard,
    system_subject,
)

IDS = sa.select(connected_system.c.id).subquery("system_ids")  # what the stores of other rooms join with

_vendor = organisation.alias("vendor_organisation")
_owner = organisation.alias("owner_organisation")
_COLUMNS = ("id", "name", "environment", "state", "smallest_draw", "largest_draw", "quota", "quota_days", "created_at")
_systems = (
    sa.select(
        *(connected_system.c[name] for name in _COLUMNS),
        _vendor.c.name.label("vendor_name"),
        _owner.c.name.label("owner_name"),
        connected_system.c.system_type,
        connected_system.c.space,
        connected_system.c.space_set_at,
        connected_system.c.closed_at,
    )
    .join(_vendor, connected_system.c.vendor == _vendor.c.id)
    .join(_owner, connected_system.c.owner == _owner.c.id)
)


FORMER_VENDORS = "vendor"  # as the source of an alias: the vendor that a system had before the operator chose another
_systems_named = among((_systems, connected_system.c.id), name="ids")


def _system(row: Row | sa.Row[*tuple[Any, ...]]) -> ConnectedSystem:
    system_id, name, environment, state, smallest, largest, quota, days, created_at, vendor, owner, kind = row[:12]
    space, space_set_at, closed_at = row[12:]
    return ConnectedSystem(
        id=system_id,
        name=name,
        environment=Environment(environment),
        state=SystemState(state) if closed_at is None else SystemState.CLOSED,
        vendor=vendor,
        owner=owner,
        system_type=kind,
        smallest_draw=smallest,
        largest_draw=largest,
        quota=quota,
        quota_days=days,
        created_at=instant(created_at),
        space=space,
        space_set_at=None if space_set_at is None else instant(space_set_at),
    )


def system(connection: sa.Connection, system_id: str) -> ConnectedSystem | None:
    """Return one system, or None."""
    row = connection.execute(_systems.where(connected_system.c.id == system_id)).one_or_none()
    return None if row is None else _system(row)


def get(connection: sa.Connection, system_id: str) -> ConnectedSystem:
    """Return one system. Raises NotFoundError."""
    row = system(connection, system_id)
    if row is None:
        raise unknown_system(system_id)
    return row


def unknown_system(system_id: str) -> NotFoundError:
    """Return the error of a system that is not there."""
    return NotFoundError(details.NO_SUCH_SYSTEM.of(system=system_id), field="system", hint="npn admin system list")


def systems(connection: sa.Connection, *, closed: bool = False) -> list[ConnectedSystem]:
    """Return the systems, by id; the `closed` ones too where it is asked for."""
    query = _systems if closed else _systems.where(connected_system.c.closed_at.is_(None))
    return [_system(row) for row in connection.execute(query.order_by(connected_system.c.id))]


def ask_systems(exchange: Exchange, ids: Collection[str]) -> QueryReply:
    """Ask for the systems named."""
    return exchange.ask(_systems_named, {"ids": texts(ids)})


def named(reply: QueryReply) -> dict[str, ConnectedSystem]:
    """Return what `ask_systems` found, by id."""
    return {system.id: system for system in map(_system, reply.rows)}


def add_system(connection: sa.Connection, values: Mapping[str, object]) -> None:
    """Insert a system; `values` by column."""
    connection.execute(sa.insert(connected_system).values(values))


def update_system(connection: sa.Connection, system_id: str, values: Mapping[str, object]) -> None:
    """Change a system's columns."""
    connection.execute(sa.update(connected_system).where(connected_system.c.id == system_id).values(values))


def organisation_exists(connection: sa.Connection, organisation_id: str) -> bool:
    """Return whether the id is taken."""
    return connection.scalar(sa.select(sa.literal(1)).where(organisation.c.id == organisation_id)) is not None


def add_organisation(
    connection: sa.Connection, *, organisation_id: str, kind: OrganisationKind, name: str, at: datetime
) -> None:
    """Insert an organisation."""
    connection.execute(sa.insert(organisation).values(id=organisation_id, kind=kind.value, name=name, created_at=at))


def set_region(connection: sa.Connection, organisation_id: str, region_id: str) -> None:
    """Set which region an organisation belongs to."""
    mine = organisation_region.c.organisation_id == organisation_id
    connection.execute(sa.delete(organisation_region).where(mine))
    connection.execute(sa.insert(organisation_region).values(organisation_id=organisation_id, region_id=region_id))


def systems_of(connection: sa.Connection, organisation_id: str) -> dict[str, Environment]:
    """Return the systems that an organisation made, runs, or that are of its region: id to environment."""
    within = sa.select(organisation_region.c.organisation_id).where(organisation_region.c.region_id == organisation_id)
    system = connected_system.c
    query = sa.select(system.id, system.environment).where(
        (system.vendor == organisation_id) | (system.owner == organisation_id) | system.owner.in_(within)
    )
    return {row.id: Environment(row.environment) for row in connection.execute(query)}


def caller_of(connection: sa.Connection, digest: str) -> tuple[Caller, datetime | None] | None:
    """Return who holds the key that is in force, and when it was last used; None where there is none."""
    query = sa.select(api_key.c.holder, api_key.c.system_id, api_key.c.role, api_key.c.last_used_at).where(
        api_key.c.digest == digest, api_key.c.revoked_at.is_(None)
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    return Caller(Role(row.role), row.holder, row.system_id, digest), row.last_used_at


def has_operator(connection: sa.Connection) -> bool:
    """Return whether an operator's key was ever made."""
    return connection.scalar(sa.select(sa.literal(1)).where(api_key.c.role == Role.OPERATOR.value).limit(1)) is not None


_keys = sa.select(api_key.c.digest).where(api_key.c.revoked_at.is_(None))
_certificates = sa.select(system_certificate.c.fingerprint).where(system_certificate.c.ended_at.is_(None))
_subjects = sa.select(system_subject.c.digest).where(system_subject.c.ended_at.is_(None))
_in_force = among(
    (_keys, api_key.c.digest),
    (_certificates, system_certificate.c.fingerprint),
    (_subjects, system_subject.c.digest),
    name="digests",
)


def ask_keys(exchange: Exchange, digests: Collection[str]) -> QueryReply:
    """Ask which of the keys, certificates and subjects (by digest and fingerprint) are still in force."""
    return exchange.ask(_in_force, {"digests": texts(digests)})


def in_force(reply: QueryReply) -> set[str]:
    """Return what `ask_keys` found."""
    return {digest for (digest,) in reply.rows}


def keys_of(connection: sa.Connection, holder: str) -> list[sa.Row[tuple[str, datetime, datetime | None]]]:
    """Return the holder's keys in force, oldest first: digest, created_at, last_used_at."""
    query = (
        sa.select(api_key.c.digest, api_key.c.created_at, api_key.c.last_used_at)
        .where(api_key.c.holder == holder, api_key.c.revoked_at.is_(None))
        .order_by(api_key.c.created_at)
    )
    return list(connection.execute(query))


def add_key(connection: sa.Connection, *, digest: str, caller: Caller, at: datetime) -> None:
    """Insert a key's hash."""
    connection.execute(
        sa.insert(api_key).values(
            digest=digest, holder=caller.name, system_id=caller.system, role=caller.role.value, created_at=at
        )
    )


def revoke_key(connection: sa.Connection, digest: str, at: datetime) -> None:
    """End a key."""
    connection.execute(sa.update(api_key).where(api_key.c.digest == digest).values(revoked_at=at))


def record_use(connection: sa.Connection, digest: str, at: datetime) -> None:
    """Record that a key was used."""
    connection.execute(sa.update(api_key).where(api_key.c.digest == digest).values(last_used_at=at))


def aliases(connection: sa.Connection, source: str) -> list[sa.Row[tuple[str, str, bool]]]:
    """Return every name a source has had for a system: system_id, alias, current."""
    query = sa.select(system_alias.c.system_id, system_alias.c.alias, system_alias.c.current)
    return list(connection.execute(query.where(system_alias.c.source == source)))


def add_alias(connection: sa.Connection, *, system_id: str, source: str, alias: str, at: datetime) -> None:
    """Make `alias` the source's current name of the system; the names before it are kept."""
    mine = (system_alias.c.system_id == system_id) & (system_alias.c.source == source)
    connection.execute(sa.update(system_alias).where(mine).values(current=False))
    connection.execute(sa.delete(system_alias).where(mine, system_alias.c.alias == alias))
    connection.execute(
        sa.insert(system_alias).values(system_id=system_id, source=source, alias=alias, current=True, since=at)
    )


def add_former(connection: sa.Connection, system_id: str, name: str, *, at: datetime, source: str = OPERATOR) -> None:
    """Keep a name that a system had here, or that of the vendor it had (`FORMER_VENDORS`)."""
    c = system_alias.c
    mine = (c.system_id == system_id) & (c.source == source) & (c.alias == name)
    connection.execute(sa.delete(system_alias).where(mine))
    values = {"system_id": system_id, "source": source, "alias": name, "current": False, "since": at}
    connection.execute(sa.insert(system_alias).values(values))


def standards(connection: sa.Connection, source: str) -> dict[str, set[str]]:
    """Return what a source lists each system with: system id to standards."""
    query = sa.select(system_standard.c.system_id, system_standard.c.standard).where(system_standard.c.source == source)
    by_system: dict[str, set[str]] = {}
    for row in connection.execute(query):
        by_system.setdefault(row.system_id, set()).add(row.standard)
    return by_system


def set_standards(connection: sa.Connection, *, system_id: str, source: str, standards: Collection[str]) -> None:
    """Put what a source lists a system with in the place of what it did before."""
    mine = (system_standard.c.system_id == system_id) & (system_standard.c.source == source)
    connection.execute(sa.delete(system_standard).where(mine))
    rows = [{"system_id": system_id, "source": source, "standard": name} for name in sorted(standards)]
    if rows:
        connection.execute(sa.insert(system_standard), rows)


def gone_from_register(connection: sa.Connection) -> set[str]:
    """Return the ids of the systems that a register no longer lists."""
    return set(
        connection.scalars(sa.select(connected_system.c.id).where(connected_system.c.register_gone_at.is_not(None)))
    )


def aliases_of(connection: sa.Connection, system_id: str) -> list[str]:
    """Return the other names a system is or was known by."""
    c = system_alias.c
    query = sa.select(c.alias).where(c.system_id == system_id, c.source != FORMER_VENDORS).order_by(c.since)
    return list(dict.fromkeys(connection.scalars(query)))


def aliases_by_system(connection: sa.Connection) -> dict[str, list[str]]:
    """Return the other names of every system that has some."""
    query = sa.select(system_alias.c.system_id, system_alias.c.alias).order_by(system_alias.c.alias)
    names: dict[str, list[str]] = {}
    for system, alias in connection.execute(query):
        names.setdefault(system, []).append(alias)
    return names


def contacts_of(connection: sa.Connection, system_id: str) -> list[dict[str, object]]:
    """Return a system's contacts, by kind."""
    query = sa.select(contact).where(contact.c.system_id == system_id).order_by(contact.c.kind)
    return [dict(row) for row in connection.execute(query).mappings()]


def contacts_by_system(connection: sa.Connection) -> dict[str, list[dict[str, object]]]:
    """Return every contact, by system."""
    by_system: dict[str, list[dict[str, object]]] = {}
    for row in connection.execute(sa.select(contact)).mappings():
        by_system.setdefault(row["system_id"], []).append(dict(row))
    return by_system


def contacts_with_email(connection: sa.Connection, email: str) -> set[str]:
    """Return the systems that have a contact with this address."""
    return set(
        connection.scalars(sa.select(contact.c.system_id).where(sa.func.lower(contact.c.email) == email.lower()))
    )


def remove_contact(connection: sa.Connection, system_id: str, kind: str) -> None:
    """Remove the contact of one kind."""
    connection.execute(sa.delete(contact).where(contact.c.system_id == system_id, contact.c.kind == kind))


def owner_of(connection: sa.Connection, system_id: str) -> str | None:
    """Return the id of the organisation that runs a system, or None where there is no such system."""
    return connection.scalar(sa.select(connected_system.c.owner).where(connected_system.c.id == system_id))


def contacts_confirmed(connection: sa.Connection, systems: Collection[str]) -> dict[str, dict[str, datetime]]:
    """Return when each kind of contact of these systems was last set, by system."""
    query = sa.select(contact.c.system_id, contact.c.kind, contact.c.updated_at).where(contact.c.system_id.in_(systems))
    by_system: dict[str, dict[str, datetime]] = {}
    for row in connection.execute(query):
        by_system.setdefault(row.system_id, {})[row.kind] = row.updated_at
    return by_system


def set_contact(connection: sa.Connection, values: Mapping[str, object]) -> None:
    """Set the contact of one kind."""
    mine = (contact.c.system_id == values["system_id"]) & (contact.c.kind == values["kind"])
    connection.execute(sa.delete(contact).where(mine))
    connection.execute(sa.insert(contact).values(values))


_CERTIFICATE = ("fingerprint", "der", "subject", "not_before", "not_after", "bound_at", "ended_at")


def _certificate(row: sa.Row[tuple[object, ...]]) -> Certificate:
    m = row._mapping  # noqa: SLF001  # SQLAlchemy's public name for a row as a mapping
    return Certificate(system=m["system_id"], **{name: m[name] for name in _CERTIFICATE})


def certificate(connection: sa.Connection, fingerprint: str) -> Certificate | None:
    """Return one certificate, in force or ended, or None."""
    query = sa.select(system_certificate).where(system_certificate.c.fingerprint == fingerprint)
    row = connection.execute(query).one_or_none()
    return None if row is None else _certificate(row)


def certificates_of(connection: sa.Connection, system_id: str) -> list[Certificate]:
    """Return a system's certificates in force, oldest first."""
    query = (
        sa.select(system_certificate)
        .where(system_certificate.c.system_id == system_id, system_certificate.c.ended_at.is_(None))
        .order_by(system_certificate.c.bound_at, system_certificate.c.fingerprint)
    )
    return [_certificate(row) for row in connection.execute(query)]


def expiring(connection: sa.Connection, *, before: datetime) -> list[Certificate]:
    """Return every certificate in force that is no longer valid at `before`, the first to end first."""
    c = system_certificate.c
    query = sa.select(system_certificate).where(c.ended_at.is_(None), c.not_after < before).order_by(c.not_after)
    return [_certificate(row) for row in connection.execute(query)]


def without_contact(connection: sa.Connection) -> set[str]:
    """Return the ids of the systems for which nobody is named."""
    named = sa.select(contact.c.system_id)
    return set(connection.scalars(sa.select(connected_system.c.id).where(connected_system.c.id.not_in(named))))


def certificates_by_system(connection: sa.Connection, systems: Collection[str]) -> dict[str, list[Certificate]]:
    """Return the certificates in force of these systems, by system."""
    query = sa.select(system_certificate).where(
        system_certificate.c.system_id.in_(systems), system_certificate.c.ended_at.is_(None)
    )
    by_system: dict[str, list[Certificate]] = {}
    for row in connection.execute(query):
        by_system.setdefault(row.system_id, []).append(_certificate(row))
    return by_system


def put_certificate(connection: sa.Connection, bound: Certificate) -> None:
    """Insert a certificate, in place of an ended one of the same fingerprint."""
    connection.execute(sa.delete(system_certificate).where(system_certificate.c.fingerprint == bound.fingerprint))
    values = {"system_id": bound.system, **{name: getattr(bound, name) for name in _CERTIFICATE}}
    connection.execute(sa.insert(system_certificate).values(values))


def end_certificate(connection: sa.Connection, fingerprint: str, at: datetime) -> None:
    """End a certificate."""
    mine = system_certificate.c.fingerprint == fingerprint
    connection.execute(sa.update(system_certificate).where(mine).values(ended_at=at))


def certificates_in_force(connection: sa.Connection) -> list[Certificate]:
    """Return every certificate in force, the first to expire first."""
    query = sa.select(system_certificate).where(system_certificate.c.ended_at.is_(None))
    order = (system_certificate.c.not_after, system_certificate.c.fingerprint)
    return [_certificate(row) for row in connection.execute(query.order_by(*order))]


_SUBJECT = ("subject", "issuer", "bound_at", "ended_at", "shown_fingerprint", "shown_not_after", "shown_at")


def _subject(row: sa.Row[tuple[object, ...]]) -> Subject:
    m = row._mapping  # noqa: SLF001  # SQLAlchemy's public name for a row as a mapping
    return Subject(digest=m["digest"], system=m["system_id"], **{name: m[name] for name in _SUBJECT})


def subject(connection: sa.Connection, digest: str) -> Subject | None:
    """Return one binding by subject, in force or ended, or None."""
    row = connection.execute(sa.select(system_subject).where(system_subject.c.digest == digest)).one_or_none()
    return None if row is None else _subject(row)


def subjects_of(connection: sa.Connection, system_id: str | None) -> list[Subject]:
    """Return the bindings by subject in force, of one system or of all, oldest first."""
    query = sa.select(system_subject).where(system_subject.c.ended_at.is_(None))
    if system_id is not None:
        query = query.where(system_subject.c.system_id == system_id)
    rows = connection.execute(query.order_by(system_subject.c.bound_at, system_subject.c.digest))
    return [_subject(row) for row in rows]


def put_subject(connection: sa.Connection, bound: Subject) -> None:
    """Insert a binding by subject, in place of an ended one of the same names."""
    connection.execute(sa.delete(system_subject).where(system_subject.c.digest == bound.digest))
    values = {"digest": bound.digest, "system_id": bound.system, **{name: getattr(bound, name) for name in _SUBJECT}}
    connection.execute(sa.insert(system_subject).values(values))


def end_subject(connection: sa.Connection, digest: str, at: datetime) -> None:
    """End a binding by subject."""
    connection.execute(sa.update(system_subject).where(system_subject.c.digest == digest).values(ended_at=at))


def note_shown(connection: sa.Connection, digest: str, *, fingerprint: str, not_after: datetime, at: datetime) -> None:
    """Keep which certificate was last shown under a subject."""
    values = {"shown_fingerprint": fingerprint, "shown_not_after": not_after, "shown_at": at}
    connection.execute(sa.update(system_subject).where(system_subject.c.digest == digest).values(values))


def levels_of(connection: sa.Connection, system_id: str) -> tuple[int, ...]:
    """Return the security levels set for a system; none where nobody has."""
    levels = connection.scalar(sa.select(system_security.c.levels).where(system_security.c.system_id == system_id))
    return tuple(int(level) for level in levels.split(",")) if levels else ()


def set_levels(connection: sa.Connection, system_id: str, levels: tuple[int, ...]) -> None:
    """Set a system's security levels."""
    connection.execute(sa.delete(system_security).where(system_security.c.system_id == system_id))
    text = ",".join(map(str, levels))
    connection.execute(sa.insert(system_security).values(system_id=system_id, levels=text))
