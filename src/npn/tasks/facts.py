"""Facts of the rooms as tasks: a function for each subject. A room with something to ask of people adds one."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from npn.agreements.model import Stage
from npn.agreements.proposals.model import ProposalState
from npn.errors import UnavailableError, codes
from npn.instants import rfc3339
from npn.ledger.places import is_on_same_device
from npn.onboarding.model import Actor
from npn.people.approvals import Decision
from npn.people.model import AccountRole, AccountState
from npn.pools import store as pools_store
from npn.stock.cover import Colour, Cover, CoverSource
from npn.support import store as support_store
from npn.support.model import Case, CaseKind, CaseState, Direction
from npn.systems import store as systems_store
from npn.systems.model import Environment
from npn.tasks.model import Press, Task, TaskKind
from npn.tasks.sources import TaskFacts

CERTIFICATES_AHEAD = timedelta(days=90)
STOCK_ENDS_DAYS = 30  # a reported stock that lasts less is about to end
DEADLINE_NEAR = timedelta(days=30)
_COMMENTS_NEAR = timedelta(days=7)
_MOST_CASES = 5000

FactFinder = Callable[[TaskFacts], Iterator[Task]]


def all_tasks(facts: TaskFacts) -> list[Task]:
    """Return every task there is, whosever it is."""
    return [task for finder in FINDERS for task in finder(facts)]


def draws_stopped(facts: TaskFacts) -> Iterator[Task]:
    """Nothing can be drawn; or the witness would be lost with the database."""
    ledger, kind = facts.sources.ledger, TaskKind.DRAWS_STOPPED
    try:
        ledger.check()
    except UnavailableError as error:
        values = {"missing": error.code == codes.WITNESS_MISSING}
        yield Task(kind, "witness", Press.NOW, "/approvals", values=values)
        return
    if is_on_same_device(facts.sources.database, ledger.witness):
        yield Task(TaskKind.WITNESS_PLACE, "witness", Press.SOON, "/ledger")


def copied_pools(facts: TaskFacts) -> Iterator[Task]:
    """An agent's pool was copied or restored: it concerns every system, suspended and test ones too."""
    with facts.sources.database.read() as connection:
        contested = pools_store.pools(connection, system=None, contested=True)
    for pool in contested:
        name, path = facts.named(pool.system), f"/systems/{pool.system}"
        yield Task(TaskKind.POOL_COPIED, pool.id, Press.NOW, path, name, system=pool.system, since=pool.contested_at)


def readable_files(facts: TaskFacts) -> Iterator[Task]:
    """Files with secrets that other users of the server can read."""
    for file in facts.sources.loose_files():
        yield Task(TaskKind.FILE_READABLE, str(file.path), Press.NOW, "/settings", str(file.path))


def background_work(facts: TaskFacts) -> Iterator[Task]:
    """What this server does by itself and can't at the moment."""
    for work in facts.sources.rounds.all():
        if work.failing_since is not None:
            since = datetime.fromtimestamp(work.failing_since, UTC)
            values = {"error": work.error, "since": since}
            yield Task(TaskKind.BACKGROUND, work.name, Press.NOW, "/settings", work.name, values=values, since=since)


def stock(facts: TaskFacts) -> Iterator[Task]:
    """Systems whose stock lasts less than agreed; an estimate is never more than a hint."""
    for system in facts.in_use.values():
        cover = facts.picture.covers.get(system.id)
        if cover is None or cover.days is None or cover.colour not in (Colour.RED, Colour.AMBER):
            continue
        kind, press = _stock_kind(cover, cover.days)
        due = facts.at + timedelta(days=cover.days) if kind is TaskKind.STOCK_ENDS else None
        values: dict[str, object] = {"days": int(cover.days), "draw": cover.draw or 0, "as_of": cover.as_of}
        path = f"/systems/{system.id}"
        yield Task(kind, system.id, press, path, system.name, system=system.id, values=values, due=due)


def _stock_kind(cover: Cover, days: float) -> tuple[TaskKind, Press]:
    if cover.source is not CoverSource.REPORTED:
        return TaskKind.STOCK_ESTIMATED, Press.SOMETIME
    if days < STOCK_ENDS_DAYS:
        return TaskKind.STOCK_ENDS, Press.NOW
    return TaskKind.STOCK_LOW, Press.NOW if cover.colour is Colour.RED else Press.SOON


def unusual_draws(facts: TaskFacts) -> Iterator[Task]:
    """Draws many times the normal of their system: somebody must ask whether they were meant."""
    for draw in facts.picture.unusual:
        system = facts.systems.get(draw.system)
        if system is None or system.environment is not Environment.PRODUCTION:
            continue
        values = {"usable": draw.usable, "times": int(draw.usable / max(draw.mean, 1)), "at": draw.at}
        yield Task(
            TaskKind.UNUSUAL_DRAW,
            f"{draw.system}@{rfc3339(draw.at)}",
            Press.SOON,
            f"/systems/{draw.system}",
            system.name,
            system=draw.system,
            values=values,
            since=draw.at,
        )


def certificates(facts: TaskFacts) -> Iterator[Task]:
    """Systems whose last certificate ends soon, or has ended; one that was renewed asks for nothing."""
    with facts.sources.database.read() as connection:
        bound = systems_store.certificates_by_system(connection, list(facts.in_use))
    for system, certificates_of in bound.items():
        last = max(certificates_of, key=lambda certificate: certificate.not_after)
        left = last.not_after - facts.at
        if left > CERTIFICATES_AHEAD:
            continue
        expired = left < timedelta(0)
        press = Press.NOW if left.days < 7 else Press.SOON if left.days < 30 else Press.SOMETIME
        yield Task(
            TaskKind.CERTIFICATE_EXPIRED if expired else TaskKind.CERTIFICATE_ENDS,
            system,
            press,
            f"/systems/{system}/certificates",
            facts.named(system),
            system=system,
            values={"days": left.days},
            due=last.not_after,
        )


def plain_http(facts: TaskFacts) -> Iterator[Task]:
    """Systems that call over plain HTTP: it presses once its end is announced, and more the nearer that is."""
    plan = facts.sources.transport.plan()
    for system in facts.in_use.values():
        used = facts.usage.get(system.id)
        if used is None or not used.plain:
            continue
        ends, kind, press = plan.ends_for(system.id), TaskKind.PLAIN_HTTP, Press.SOMETIME
        if ends is not None and ends <= facts.at:
            if used.plain_at is None or used.plain_at < ends:
                continue  # it stopped in time
            kind, press = TaskKind.PLAIN_HTTP_ENDED, Press.NOW
        elif ends is not None:
            press = Press.NOW if ends - facts.at < DEADLINE_NEAR else Press.SOON
        path, values = f"/systems/{system.id}/transport", {"calls": used.plain}
        yield Task(kind, system.id, press, path, system.name, system=system.id, values=values, due=ends)


def agreements(facts: TaskFacts) -> Iterator[Task]:
    """Systems whose owner has not accepted the agreement; places that are to be considered again."""
    agreed, names, today = facts.sources.agreements, facts.in_use, facts.sources.agreements.today
    for standing in agreed.standings() if agreed.dates() else ():
        if standing.stage is Stage.NONE or standing.system not in names:
            continue
        refuse_from = standing.refuse_from
        refused = standing.stage is Stage.REFUSE
        near = refuse_from is not None and refuse_from - today < DEADLINE_NEAR
        press = Press.NOW if refused or near else Press.SOON
        kind = TaskKind.AGREEMENT_REFUSED if refused else TaskKind.AGREEMENT_MISSING
        path, name = f"/systems/{standing.system}/agreement", names[standing.system].name
        values = {"version": str(standing.wanted)}
        yield Task(kind, standing.system, press, path, name, system=standing.system, values=values, due=refuse_from)
    for place in facts.sources.requirements.others():
        if place.review_on is not None and place.review_on <= today:
            path, values = f"/systems/{place.system}/other-numbers", {"place": place.place}
            name, due = facts.named(place.system), place.review_on
            kind, press = TaskKind.OTHER_NUMBERS, Press.SOMETIME
            yield Task(kind, place.id, press, path, name, system=place.system, values=values, due=due)


def proposals(facts: TaskFacts) -> Iterator[Task]:
    """Change proposals that are open for comments, or that wait for the decision."""
    today = facts.sources.agreements.today
    for proposal in facts.sources.proposals.all():
        if proposal.state is not ProposalState.OPEN:
            continue
        until, path = proposal.comments_until, f"/agreements/proposals/{proposal.id}"
        kind, press = TaskKind.PROPOSAL_COMMENT, Press.SOMETIME
        if until is not None and until < today:
            kind, press = TaskKind.PROPOSAL_DECISION, Press.SOON
        elif until is not None and until - today <= _COMMENTS_NEAR:
            press = Press.SOON
        values, since = {"id": proposal.id}, proposal.proposed_at
        yield Task(kind, proposal.id, press, path, proposal.title, values=values, due=until, since=since)


def contacts(facts: TaskFacts) -> Iterator[Task]:
    """Systems for which nobody is named."""
    without = facts.sources.systems.without_contact()
    for system in facts.in_use.values():
        if system.id in without:
            path = f"/systems/{system.id}/contacts"
            yield Task(TaskKind.CONTACT, system.id, Press.SOMETIME, path, system.name, system=system.id)


def approvals(facts: TaskFacts) -> Iterator[Task]:
    """Proposals that wait for a second person: everybody's task but the proposer's."""
    for proposal in facts.sources.approvals.list():
        if proposal.state is not Decision.OPEN:
            continue
        path, proposer = f"/approvals/{proposal.id}", proposal.proposed_by
        kind, since, name = TaskKind.APPROVAL, proposal.proposed_at, proposal.reason
        values = {"by": proposer}
        yield Task(kind, proposal.id, Press.NOW, path, name, values=values, since=since, apart_from=proposer)


def requests(facts: TaskFacts) -> Iterator[Task]:
    """Requests to be connected, each for those whose step is next; what is only to be answered is its case's task."""
    onboarding = facts.sources.onboarding
    for request in onboarding.requests():
        turn = onboarding.turn(request)
        if not turn.who or turn.todo in ("answer_message", "answer_operator"):
            continue
        path = "/requests" if request.case is None else f"/cases/{request.case}"
        name, values, since = request.asked.system, {"todo": turn.todo}, request.confirmed_at
        system = request.production_system or request.test_system
        if Actor.OPERATOR in turn.who:
            yield Task(TaskKind.REQUEST, request.id, Press.SOON, path, name, values=values, since=since)
        elif system is not None:
            kind = TaskKind.CONNECTION_STEP
            yield Task(kind, request.id, Press.SOON, path, name, system=system, values=values, since=since)


def cases(facts: TaskFacts) -> Iterator[Task]:
    """Cases that somebody must answer: the operator those that are open, the other side those that wait for it.

    A request's steps say whose turn it is; its case is the operator's only where something new was written in it.
    """
    states = (CaseState.OPEN, CaseState.WAITING)
    with facts.sources.database.read() as connection:
        waiting = support_store.cases(connection, states=states, limit=_MOST_CASES)
        connections = [case.number for case in waiting if case.kind is CaseKind.CONNECTION]
        newest = support_store.newest_directions(connection, connections)
    operators = _active_operators(facts)
    for case in waiting:
        if case.state is CaseState.WAITING:
            if case.system is not None and (case.kind is CaseKind.SUPPORT or newest.get(case.number) is Direction.OUT):
                yield _case_task(case, TaskKind.CASE_REPLY)
        elif case.kind is CaseKind.SUPPORT or newest.get(case.number) is Direction.IN:
            yield _case_task(case, TaskKind.CASE, only=case.assigned if case.assigned in operators else "")


def _case_task(case: Case, kind: TaskKind, *, only: str = "") -> Task:
    return Task(
        kind,
        str(case.number),
        Press.SOON,
        f"/cases/{case.number}",
        case.subject,
        system=case.system,
        values={"number": case.number},
        since=case.changed_at,
        only=only,
    )


def beginning(facts: TaskFacts) -> Iterator[Task]:
    """What a new service lacks."""
    if not facts.systems:
        yield Task(TaskKind.FIRST_SYSTEM, "first", Press.SOON, "/add-system")
    if len(_active_operators(facts)) < 2:
        yield Task(TaskKind.SECOND_OPERATOR, "second", Press.SOMETIME, "/accounts/new?role=operator")


def _active_operators(facts: TaskFacts) -> set[str]:
    return {
        account.by
        for account in facts.sources.accounts.list()
        if account.role is AccountRole.OPERATOR and account.state is AccountState.ACTIVE
    }


FINDERS: Sequence[FactFinder] = (
    draws_stopped,
    copied_pools,
    readable_files,
    background_work,
    agreements,
    plain_http,
    certificates,
    stock,
    approvals,
    requests,
    cases,
    proposals,
    unusual_draws,
    contacts,
    beginning,
)
