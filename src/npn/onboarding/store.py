"""The SQL of requests and of keys on their way, all of it."""

from collections.abc import Collection, Mapping
from datetime import datetime

import msgspec
import sqlalchemy as sa

from npn.onboarding.model import Actor, ConnectionWishes, Request, State, StepLink, StepName, StepWait
from npn.onboarding.tables import connection_request as request
from npn.onboarding.tables import key_handover as handover
from npn.onboarding.tables import step_link, step_wait


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


def requests_of_cases(connection: sa.Connection, numbers: Collection[int]) -> list[Request]:
    """Return the requests of these cases that are confirmed and not refused, oldest first."""
    states = [State.UNDER_WAY.value, State.CONNECTED.value]
    query = sa.select(request).where(request.c.state.in_(states), request.c.case_number.in_(numbers))
    return [_request(row) for row in connection.execute(query.order_by(request.c.created_at))]


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


def add_step_link(connection: sa.Connection, link: StepLink) -> None:
    """Keep a link that is sent: its hash alone."""
    values = {
        "digest": link.digest,
        "request_id": link.request,
        "step": link.step.value,
        "sent_to": link.sent_to,
        "name": link.name,
        "sent_at": link.sent_at,
        "expires_at": link.expires_at,
    }
    connection.execute(sa.insert(step_link).values(values))


def _step_link(row: sa.Row[tuple[object, ...]]) -> StepLink:
    m = row._mapping  # noqa: SLF001  # SQLAlchemy's public name for a row as a mapping
    return StepLink(
        digest=m["digest"],
        request=m["request_id"],
        step=StepName(m["step"]),
        sent_to=m["sent_to"],
        name=m["name"],
        sent_at=m["sent_at"],
        expires_at=m["expires_at"],
        used_at=m["used_at"],
        ended_at=m["ended_at"],
    )


def one_step_link(connection: sa.Connection, digest: str) -> StepLink | None:
    """Return a link by its hash, or None."""
    row = connection.execute(sa.select(step_link).where(step_link.c.digest == digest)).one_or_none()
    return None if row is None else _step_link(row)


def step_links(connection: sa.Connection, request_id: str) -> list[StepLink]:
    """Return a request's links, newest first."""
    query = sa.select(step_link).where(step_link.c.request_id == request_id)
    return [_step_link(row) for row in connection.execute(query.order_by(step_link.c.sent_at.desc()))]


def end_step_links(connection: sa.Connection, request_id: str, step: StepName, *, at: datetime) -> None:
    """End the links to a step that nobody has answered."""
    mine = (step_link.c.request_id == request_id) & (step_link.c.step == step.value)
    still = mine & step_link.c.used_at.is_(None) & step_link.c.ended_at.is_(None)
    connection.execute(sa.update(step_link).where(still).values(ended_at=at))


def use_step_link(connection: sa.Connection, digest: str, *, at: datetime) -> bool:
    """Mark a link as answered; False where it was, or has ended."""
    still = (
        (step_link.c.digest == digest)
        & step_link.c.used_at.is_(None)
        & step_link.c.ended_at.is_(None)
        & (step_link.c.expires_at > at)
    )
    return connection.execute(sa.update(step_link).where(still).values(used_at=at)).rowcount == 1


def waits(connection: sa.Connection, request_id: str) -> dict[StepName, StepWait]:
    """Return the steps of a request that wait for somebody, as they were last noted."""
    query = sa.select(step_wait).where(step_wait.c.request_id == request_id)
    return {
        StepName(row.step): StepWait(StepName(row.step), Actor(row.who), row.todo, row.since, row.reminders)
        for row in connection.execute(query)
    }


def put_wait(connection: sa.Connection, request_id: str, wait: StepWait) -> None:
    """Note since when a step waits for whom."""
    end_wait(connection, request_id, wait.step)
    values = {
        "request_id": request_id,
        "step": wait.step.value,
        "who": wait.who.value,
        "todo": wait.todo,
        "since": wait.since,
        "reminders": wait.reminders,
    }
    connection.execute(sa.insert(step_wait).values(values))


def end_wait(connection: sa.Connection, request_id: str, step: StepName) -> None:
    """Note that a step waits no longer."""
    mine = (step_wait.c.request_id == request_id) & (step_wait.c.step == step.value)
    connection.execute(sa.delete(step_wait).where(mine))
