"""The SQL of transport, all of it."""

from collections.abc import Sequence
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy import exc as sa_exc
from sqlalchemy.dialects import postgresql, sqlite

from npn.systems.organisation_store import NAMES
from npn.transport.calls import Tally
from npn.transport.model import BrownOut, DayCalls, PlainCalls, Plan, RhythmStatement, Sunset, TransportExemption, Usage
from npn.transport.planner import Rhythm
from npn.transport.tables import (
    brown_out,
    call_day,
    certificate_warning,
    release_rhythm,
    sunset,
    transport_exception,
)


def plan(connection: sa.Connection, at: datetime) -> Plan:
    """Return what was announced and still holds: one query where nothing was."""
    row = connection.execute(
        sa.select(sunset).where(sunset.c.withdrawn_at.is_(None)).order_by(sunset.c.announced_at.desc()).limit(1)
    ).one_or_none()
    if row is None:
        return Plan()
    announced = Sunset(row.id, row.cut_off, row.announced_at, row.announced_by, row.reason)
    windows = sa.select(brown_out).where(brown_out.c.cancelled_at.is_(None), brown_out.c.ends_at > at)
    brown_outs = tuple(
        _brown_out(exemption_row) for exemption_row in connection.execute(windows.order_by(brown_out.c.starts_at))
    )
    holding = sa.select(transport_exception).where(
        transport_exception.c.ended_at.is_(None), transport_exception.c.until > at
    )
    exemptions = {exemption_row.system_id: _exemption(exemption_row) for exemption_row in connection.execute(holding)}
    return Plan(announced, brown_outs, exemptions)


def _brown_out(row: sa.Row[tuple[object, ...]]) -> BrownOut:
    m = row._mapping  # noqa: SLF001  # SQLAlchemy's public name for a row as a mapping
    names = ("id", "starts_at", "ends_at", "announced_at", "announced_by", "reason")
    return BrownOut(**{name: m[name] for name in names})


def _exemption(row: sa.Row[tuple[object, ...]]) -> TransportExemption:
    m = row._mapping  # noqa: SLF001  # SQLAlchemy's public name for a row as a mapping
    names = ("id", "until", "granted_at", "granted_by", "reason")
    return TransportExemption(system=m["system_id"], **{name: m[name] for name in names})


def withdraw_sunsets(connection: sa.Connection, at: datetime) -> None:
    """End whatever was announced."""
    connection.execute(sa.update(sunset).where(sunset.c.withdrawn_at.is_(None)).values(withdrawn_at=at))


def add_sunset(connection: sa.Connection, made: Sunset) -> None:
    """Insert an announcement."""
    connection.execute(
        sa.insert(sunset).values(
            id=made.id,
            cut_off=made.cut_off,
            announced_at=made.announced_at,
            announced_by=made.announced_by,
            reason=made.reason,
        )
    )


def brown_outs(connection: sa.Connection) -> list[tuple[BrownOut, datetime | None]]:
    """Return every brown-out, newest first, and when it was cancelled, where it was."""
    rows = connection.execute(sa.select(brown_out).order_by(brown_out.c.starts_at.desc()).limit(200))
    return [(_brown_out(row), row.cancelled_at) for row in rows]


def add_brown_out(connection: sa.Connection, made: BrownOut) -> None:
    """Insert a brown-out."""
    names = ("id", "starts_at", "ends_at", "announced_at", "announced_by", "reason")
    connection.execute(sa.insert(brown_out).values({name: getattr(made, name) for name in names}))


def cancel_brown_outs(connection: sa.Connection, ids: Sequence[str], at: datetime) -> None:
    """Call brown-outs off."""
    connection.execute(sa.update(brown_out).where(brown_out.c.id.in_(ids)).values(cancelled_at=at))


def exemption(connection: sa.Connection, system: str, at: datetime) -> TransportExemption | None:
    """Return a system's exemption that holds, or None."""
    query = sa.select(transport_exception).where(
        transport_exception.c.system_id == system,
        transport_exception.c.ended_at.is_(None),
        transport_exception.c.until > at,
    )
    row = connection.execute(query).first()
    return None if row is None else _exemption(row)


def exemptions(connection: sa.Connection) -> list[tuple[TransportExemption, datetime | None]]:
    """Return every exemption there was, newest first, and when it was ended before its time, where it was."""
    rows = connection.execute(
        sa.select(transport_exception).order_by(transport_exception.c.granted_at.desc()).limit(500)
    )
    return [(_exemption(row), row.ended_at) for row in rows]


def add_exemption(connection: sa.Connection, made: TransportExemption) -> None:
    """Insert an exemption."""
    connection.execute(
        sa.insert(transport_exception).values(
            id=made.id,
            system_id=made.system,
            until=made.until,
            granted_at=made.granted_at,
            granted_by=made.granted_by,
            reason=made.reason,
        )
    )


def end_exemptions(connection: sa.Connection, system: str, at: datetime) -> None:
    """End what a system has."""
    mine = (transport_exception.c.system_id == system) & transport_exception.c.ended_at.is_(None)
    connection.execute(sa.update(transport_exception).where(mine).values(ended_at=at))


def add_calls(connection: sa.Connection, rows: Sequence[Tally]) -> list[Tally]:
    """Add counted calls to what is there; return those that the database does not take, such as an unknown system's.

    Each row stands alone: one that is not taken costs no other.
    """
    refused = []
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    for row in sorted(rows, key=lambda each: (each.system, each.day, each.channel)):  # one order: no deadlock
        addition = insert(call_day).values(
            system_id=row.system,
            day=row.day,
            channel=row.channel,
            plain=row.plain,
            secure=row.secure,
            certified=row.certified,
            refused=row.refused,
            plain_at=row.plain_at,
            plain_from=row.plain_from,
        )
        sums = {
            name: call_day.c[name] + addition.excluded[name] for name in ("plain", "secure", "certified", "refused")
        }
        latest = {
            name: sa.func.coalesce(addition.excluded[name], call_day.c[name]) for name in ("plain_at", "plain_from")
        }
        keys = [call_day.c.system_id, call_day.c.day, call_day.c.channel]
        try:
            with connection.begin_nested():
                connection.execute(addition.on_conflict_do_update(index_elements=keys, set_={**sums, **latest}))
        except (sa_exc.IntegrityError, sa_exc.DataError):
            refused.append(row)
    return refused


def days(connection: sa.Connection, *, since: date, system: str | None = None) -> list[DayCalls]:
    """Return the calls of each day that has any, oldest first, of one system or of all."""
    c = call_day.c
    sums = [sa.func.sum(column) for column in (c.plain, c.secure, c.certified, c.refused)]
    query = sa.select(c.day, *sums).where(c.day >= since).group_by(c.day).order_by(c.day)
    if system is not None:
        query = query.where(c.system_id == system)
    return [DayCalls(row[0], *(int(value) for value in row[1:])) for row in connection.execute(query)]


def usage(connection: sa.Connection, *, since: date, system: str | None = None) -> dict[str, Usage]:
    """Return how each system that called has called, by system."""
    c = call_day.c
    wanted = c.day >= since if system is None else (c.day >= since) & (c.system_id == system)

    def of(channel: str) -> sa.ColumnElement[int]:
        return sa.func.sum(sa.case((c.channel == channel, c.plain), else_=0))

    sums = (of("rest"), of("soap"), sa.func.sum(c.secure), sa.func.sum(c.certified), sa.func.sum(c.refused))
    latest = sa.func.max(c.plain_at).label("plain_at")
    totals = sa.select(c.system_id, latest, *sums).where(wanted).group_by(c.system_id).subquery()
    last = call_day.alias("last")
    same = (last.c.system_id == totals.c.system_id) & (last.c.plain_at == totals.c.plain_at) & (last.c.day >= since)
    query = sa.select(totals, last.c.plain_from).outerjoin_from(totals, last, same)
    usages: dict[str, Usage] = {}
    for system_id, plain_at, *figures, plain_from in connection.execute(query):
        rest, soap, secure, certified, refused = (int(figure) for figure in figures)
        usages[system_id] = Usage(system_id, rest, soap, secure, certified, refused, plain_at, plain_from)
    return usages


def plain_calls(connection: sa.Connection, *, since: date) -> dict[str, PlainCalls]:
    """Return, of each system that called, its calls over plain HTTP: the part of `usage` that is quickly told."""
    c = call_day.c
    latest = sa.func.max(c.plain_at, type_=c.plain_at.type)
    query = sa.select(c.system_id, sa.func.sum(c.plain), latest).where(c.day >= since).group_by(c.system_id)
    return {system: PlainCalls(int(calls), at) for system, calls, at in connection.execute(query)}


def rhythms(connection: sa.Connection) -> list[RhythmStatement]:
    """Return what vendors have stated, by name."""
    query = sa.select(release_rhythm, NAMES.c.name).join(NAMES, release_rhythm.c.vendor_id == NAMES.c.id)
    return [
        RhythmStatement(
            row.name,
            Rhythm(row.first_release, row.every_months, row.freeze_months, row.work_weeks),
            row.note,
            row.stated_at,
            row.stated_by,
        )
        for row in connection.execute(query.order_by(NAMES.c.name))
    ]


def move_rhythm(connection: sa.Connection, vendor_id: str, into_id: str) -> None:
    """Have what a vendor states be another's statement; where that one has one, it stays as it is."""
    c = release_rhythm.c
    if connection.scalar(sa.select(sa.literal(1)).where(c.vendor_id == into_id)):
        connection.execute(sa.delete(release_rhythm).where(c.vendor_id == vendor_id))
    connection.execute(sa.update(release_rhythm).where(c.vendor_id == vendor_id).values(vendor_id=into_id))


def put_rhythm(connection: sa.Connection, vendor_id: str, stated: RhythmStatement) -> None:
    """Put what a vendor states in the place of what it stated before."""
    connection.execute(sa.delete(release_rhythm).where(release_rhythm.c.vendor_id == vendor_id))
    connection.execute(
        sa.insert(release_rhythm).values(
            vendor_id=vendor_id,
            first_release=stated.rhythm.first_release,
            every_months=stated.rhythm.every_months,
            freeze_months=stated.rhythm.freeze_months,
            work_weeks=stated.rhythm.work_weeks,
            note=stated.note,
            stated_at=stated.stated_at,
            stated_by=stated.stated_by,
        )
    )


def warnings_given(connection: sa.Connection) -> set[tuple[str, int]]:
    """Return which certificates were warned of how many days ahead."""
    query = sa.select(certificate_warning.c.fingerprint, certificate_warning.c.days)
    return {(row.fingerprint, row.days) for row in connection.execute(query)}


def add_warning(connection: sa.Connection, *, fingerprint: str, days: int, system: str, at: datetime) -> None:
    """Keep that a certificate was warned of."""
    values = {"fingerprint": fingerprint, "days": days, "system_id": system, "warned_at": at}
    connection.execute(sa.insert(certificate_warning).values(values))
