"""The SQL of requests and of keys on their way, all of it."""

from collections.abc import Collection, Mapping
from datetime import datetime

import msgspec
import sqlalchemy as sa

from npn.onboarding.model import ConnectionWishes, Request, State, StepName
from npn.onboarding.tables import connection_request as request
from npn.onboarding.tables import key_handover as handover


def _request(row: sa.Row[tuple[object, ...]]) -> Request:
    m = row._mapping  # noqa: SLF001  # SQLAlchemy's public name for a row as a mapping
    return Request(
        id=m["id"],
        state=State(m["state"]),
        asked=msgspec.json.decode(m["asked"], type=ConnectionWishes),
        requester_name=m["requester_name"],
        requester_email=m["requester_email"],
        language=m["language"],
        case=m["case_number"],
        test_system=m["test_system"],
        production_system=m["production_system"],
        proposed_certificate=m["proposed_certificate"],
        waived=frozenset(StepName(name) for name in m["waived"].split()),
        created_at=m["created_at"],
        confirmed_at=m["confirmed_at"],
        settled_at=m["settled_at"],
        reason=m["reason"],
    )


def add_request(connection: sa.Connection, values: Mapping[str, object]) -> None:
    """Insert a request."""
    connection.execute(sa.insert(request).values(values))


def change_request(connection: sa.Connection, request_id: str, values: Mapping[str, object]) -> None:
    """Change a request's columns."""
    connection.execute(sa.update(request).where(request.c.id == request_id).values(values))


def one_request(connection: sa.Connection, request_id: str) -> Request | None:
    """Return one request, or None."""
    row = connection.execute(sa.select(request).where(request.c.id == request_id)).one_or_none()
    return None if row is None else _request(row)


def request_to_confirm(connection: sa.Connection, digest: str) -> Request | None:
    """Return the request whose confirmation has this hash, confirmed or not; None where there is none."""
    row = connection.execute(sa.select(request).where(request.c.confirm_digest == digest)).one_or_none()
    return None if row is None else _request(row)


def request_of_case(connection: sa.Connection, number: int) -> Request | None:
    """Return the request that a case is about, or None."""
    row = connection.execute(sa.select(request).where(request.c.case_number == number)).one_or_none()
    return None if row is None else _request(row)


def requests(connection: sa.Connection, states: Collection[State]) -> list[Request]:
    """Return the requests in these states, newest first."""
    query = sa.select(request).where(request.c.state.in_([state.value for state in states]))
    return [_request(row) for row in connection.execute(query.order_by(request.c.created_at.desc()))]


def asked_since(connection: sa.Connection, *, since: datetime, email: str = "", remote: str = "") -> int:
    """Count the requests since then, of an address or from a place where one is given."""
    query = sa.select(sa.func.count()).select_from(request).where(request.c.created_at >= since)
    if email:
        query = query.where(sa.func.lower(request.c.requester_email) == email.lower())
    if remote:
        query = query.where(request.c.remote == remote)
    return int(connection.scalar(query) or 0)


def forget_unconfirmed(connection: sa.Connection, *, before: datetime) -> int:
    """Remove requests that nobody confirmed."""
    stale = (request.c.state == State.UNCONFIRMED.value) & (request.c.created_at < before)
    return connection.execute(sa.delete(request).where(stale)).rowcount


def add_handover(connection: sa.Connection, values: Mapping[str, object]) -> None:
    """Keep that a key is on its way; there is none yet."""
    connection.execute(sa.insert(handover).values(values))


def one_handover(connection: sa.Connection, digest: str) -> sa.Row[tuple[object, ...]] | None:
    """Return one by its link's hash, or None."""
    return connection.execute(sa.select(handover).where(handover.c.digest == digest)).one_or_none()


def handovers_of(connection: sa.Connection, system: str) -> list[sa.Row[tuple[object, ...]]]:
    """Return a system's, newest first."""
    query = sa.select(handover).where(handover.c.system_id == system).order_by(handover.c.offered_at.desc())
    return list(connection.execute(query))


def end_handovers(connection: sa.Connection, system: str, *, at: datetime) -> None:
    """End those of a system that nobody has collected."""
    open_ones = (handover.c.system_id == system) & handover.c.collected_at.is_(None) & handover.c.ended_at.is_(None)
    connection.execute(sa.update(handover).where(open_ones).values(ended_at=at))


def collect(connection: sa.Connection, digest: str, *, at: datetime) -> bool:
    """Mark one as collected; False where it was, or has ended."""
    still = (
        (handover.c.digest == digest)
        & handover.c.collected_at.is_(None)
        & handover.c.ended_at.is_(None)
        & (handover.c.expires_at > at)
    )
    return connection.execute(sa.update(handover).where(still).values(collected_at=at)).rowcount == 1
