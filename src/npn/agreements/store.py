"""The SQL of agreements, acceptances and dates; that of single requirements is in `requirements_store.py`."""

from collections.abc import Collection
from datetime import date, datetime

import sqlalchemy as sa

from npn.agreements.model import (
    Acceptance,
    Dates,
    Evidence,
    Language,
    Respite,
    Version,
    VersionNumber,
)
from npn.agreements.tables import (
    agreement_acceptance,
    agreement_dates,
    agreement_respite,
    agreement_version,
)
from npn.db.exchange import Exchange, Statement
from npn.instants import iso_day

_Row = sa.Row[tuple[object, ...]]
_begun = Statement(
    sa.select(agreement_dates.c.agreement).where(agreement_dates.c.refuse_from <= sa.bindparam("today", type_=sa.Date))
)


def versions(connection: sa.Connection, agreement: str) -> list[Version]:
    """Return every version, oldest first."""
    query = sa.select(agreement_version).where(agreement_version.c.agreement == agreement)
    result = [_version(row) for row in connection.execute(query)]
    return sorted(result, key=lambda version: version.number)


def agreements(connection: sa.Connection) -> list[str]:
    """Return the names of the agreements that have a version."""
    column = agreement_version.c.agreement
    return list(connection.scalars(sa.select(column).distinct().order_by(column)))


def _version(row: _Row) -> Version:
    m = row._mapping  # noqa: SLF001  # SQLAlchemy's public name for a row as a mapping
    return Version(
        agreement=m["agreement"],
        number=VersionNumber.parse(m["version"]),
        texts={Language.DANISH: m["text_da"], Language.ENGLISH: m["text_en"]},
        digests={Language.DANISH: m["digest_da"], Language.ENGLISH: m["digest_en"]},
        notice_days=m["notice_days"],
        effective_from=m["effective_from"],
        published_at=m["published_at"],
        published_by=m["published_by"],
        proposal=m["proposal"],
        signed=m["signed"],
    )


def add_version(connection: sa.Connection, version: Version) -> None:
    """Insert a version; the database keeps it as it is."""
    connection.execute(
        sa.insert(agreement_version).values(
            agreement=version.agreement,
            version=str(version.number),
            text_da=version.texts[Language.DANISH],
            text_en=version.texts[Language.ENGLISH],
            digest_da=version.digests[Language.DANISH],
            digest_en=version.digests[Language.ENGLISH],
            notice_days=version.notice_days,
            effective_from=version.effective_from,
            published_at=version.published_at,
            published_by=version.published_by,
            proposal=version.proposal,
            signed=version.signed,
        )
    )


def acceptances(
    connection: sa.Connection, *, agreement: str | None = None, system: str | None = None, ended: bool = False
) -> list[Acceptance]:
    """Return acceptances, newest first: those in force, or all with `ended`."""
    query = sa.select(agreement_acceptance).order_by(
        agreement_acceptance.c.accepted_at.desc(), agreement_acceptance.c.id
    )
    if agreement is not None:
        query = query.where(agreement_acceptance.c.agreement == agreement)
    if system is not None:
        query = query.where(agreement_acceptance.c.system_id == system)
    if not ended:
        query = query.where(agreement_acceptance.c.ended_at.is_(None))
    return [_acceptance(row) for row in connection.execute(query)]


def acceptance(connection: sa.Connection, acceptance_id: str) -> Acceptance | None:
    """Return one acceptance, in force or ended."""
    query = sa.select(agreement_acceptance).where(agreement_acceptance.c.id == acceptance_id)
    row = connection.execute(query).one_or_none()
    return None if row is None else _acceptance(row)


def _acceptance(row: _Row) -> Acceptance:
    m = row._mapping  # noqa: SLF001  # as above
    return Acceptance(
        id=m["id"],
        agreement=m["agreement"],
        number=VersionNumber.parse(m["version"]),
        system=m["system_id"],
        accepted_by=m["accepted_by"],
        capacity=m["capacity"],
        evidence=None if m["evidence"] is None else Evidence(m["evidence"], m["evidence_digest"]),
        accepted_at=m["accepted_at"],
        recorded_by=m["recorded_by"],
        signed=m["signed"],
        ended_at=m["ended_at"],
        ended_reason=m["ended_reason"],
    )


def add_acceptance(connection: sa.Connection, made: Acceptance) -> None:
    """Insert an acceptance."""
    connection.execute(
        sa.insert(agreement_acceptance).values(
            id=made.id,
            agreement=made.agreement,
            version=str(made.number),
            system_id=made.system,
            accepted_by=made.accepted_by,
            capacity=made.capacity,
            evidence=None if made.evidence is None else made.evidence.text,
            evidence_digest=None if made.evidence is None else made.evidence.digest,
            accepted_at=made.accepted_at,
            recorded_by=made.recorded_by,
            signed=made.signed,
        )
    )


def end_acceptance(connection: sa.Connection, acceptance_id: str, *, at: datetime, reason: str) -> None:
    """End an acceptance; its row stays."""
    mine = agreement_acceptance.c.id == acceptance_id
    connection.execute(sa.update(agreement_acceptance).where(mine).values(ended_at=at, ended_reason=reason))


def newest_accepted(
    connection: sa.Connection, systems: Collection[str] | None = None
) -> dict[tuple[str, str], VersionNumber]:
    """Return the newest version in force for each (agreement, system), of the systems named or of all."""
    query = sa.select(
        agreement_acceptance.c.agreement, agreement_acceptance.c.system_id, agreement_acceptance.c.version
    ).where(agreement_acceptance.c.ended_at.is_(None))
    if systems is not None:
        query = query.where(agreement_acceptance.c.system_id.in_(systems))
    newest: dict[tuple[str, str], VersionNumber] = {}
    for row in connection.execute(query):
        number, key = VersionNumber.parse(row.version), (row.agreement, row.system_id)
        newest[key] = max(number, newest.get(key, number))
    return newest


def dates(connection: sa.Connection, *, begun: date | None = None) -> list[Dates]:
    """Return the dates of every version that has some, or of those whose refusal has `begun` by then."""
    query = sa.select(agreement_dates)
    if begun is not None:
        query = query.where(agreement_dates.c.refuse_from <= begun)
    return [
        Dates(row.agreement, VersionNumber.parse(row.version), row.inform_from, row.warn_from, row.refuse_from)
        for row in connection.execute(query)
    ]


def any_refusal_begun(exchange: Exchange, today: date) -> bool:
    """Return whether the refusal of any version has begun: what every batch of draws asks."""
    return bool(exchange.ask(_begun, {"today": iso_day(today)}).rows)


def set_dates(connection: sa.Connection, wanted: Dates) -> None:
    """Put a version's dates in the place of those before."""
    mine = (agreement_dates.c.agreement == wanted.agreement) & (agreement_dates.c.version == str(wanted.number))
    connection.execute(sa.delete(agreement_dates).where(mine))
    connection.execute(
        sa.insert(agreement_dates).values(
            agreement=wanted.agreement,
            version=str(wanted.number),
            inform_from=wanted.inform_from,
            warn_from=wanted.warn_from,
            refuse_from=wanted.refuse_from,
        )
    )


def respites(connection: sa.Connection, systems: Collection[str] | None = None) -> list[Respite]:
    """Return every respite, ended ones too, of the systems named or of all."""
    query = sa.select(agreement_respite).order_by(agreement_respite.c.system_id)
    if systems is not None:
        query = query.where(agreement_respite.c.system_id.in_(systems))
    return [
        Respite(row.agreement, row.system_id, row.until, row.reason, row.granted_by)
        for row in connection.execute(query)
    ]


def set_respite(connection: sa.Connection, granted: Respite) -> None:
    """Put a system's respite in the place of the one before."""
    mine = (agreement_respite.c.agreement == granted.agreement) & (agreement_respite.c.system_id == granted.system)
    connection.execute(sa.delete(agreement_respite).where(mine))
    connection.execute(
        sa.insert(agreement_respite).values(
            agreement=granted.agreement,
            system_id=granted.system,
            until=granted.until,
            reason=granted.reason,
            granted_by=granted.granted_by,
        )
    )
