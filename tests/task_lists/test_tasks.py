"""Tasks are made from facts, belong to somebody, wait only where they may, and leave a history."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from dated_certificate import certificate_pem
from drawing import add, draw
from npn.agreements.model import Dates, VersionNumber
from npn.config import Settings
from npn.errors import InvalidInputError, NotFoundError, RefusedError
from npn.people.model import AccountDetails, AccountRole, AccountState, Person
from npn.people.sessions import person_of
from npn.pools.model import ClonedError, PoolContact
from npn.support.model import CaseState, Requester
from npn.systems import store as systems_store
from npn.systems.model import ApiKey, ConnectedSystem, Environment, OrganisationKind, SystemState
from npn.tasks.model import RULES, HistoryAct, Press, Task, TaskKind, TaskList
from npn.transport.calls import Tally
from npn.wiring.assembly import build
from npn.wiring.service import Service
from prepared import initialised
from web.town import TEXTS

Connected = tuple[ConnectedSystem, ApiKey]


class Clock:
    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def timed(settings: Settings, clock: Clock) -> Iterator[Service]:
    """A service whose clock is set by hand, with an operator."""
    initialised(settings)
    made = build(settings, clock=clock)
    for name in ("bo", "dorthe"):
        made.accounts.add(by="t", email=f"{name}@example.dk", name=name.title(), role=AccountRole.OPERATOR)
    yield made
    made.close()


def person(service: Service, email: str = "bo@example.dk") -> Person:
    account = service.accounts.with_email(email)
    with service.database.read() as connection:
        theirs = systems_store.systems_of(connection, account.organisation or "")
    return person_of(account, theirs)


def member(service: Service, role: AccountRole, organisation: str | None = None) -> Person:
    service.accounts.add(
        by="t", email=f"{role.value}@example.dk", name=role.value.title(), role=role, organisation=organisation
    )
    return person(service, f"{role.value}@example.dk")


def kinds(tasks: TaskList) -> list[TaskKind]:
    return [group.kind for group in tasks.ours]


def tasks_of(service: Service, kind: TaskKind) -> list[Task]:
    service.pictures._made = None  # the picture of the moment is a minute old at most
    return [task for task in service.tasks.find() if task.kind is kind]


def used(service: Service, name: str, environment: str = "production") -> Connected:
    connected = add(service, name, environment)
    draw(service, connected, 500)
    return connected


def over_http(service: Service, system: str, calls: int = 3) -> None:
    at = service.ledger.clock()
    service.transport.add_calls([Tally(system, at.date(), "rest", plain=calls, plain_at=at)])


def report(service: Service, system: str, days: float) -> None:
    service.stock.report(by=system, free=int(days * 40), used_per_day=40.0, as_of=service.ledger.clock())


def contested(service: Service, connected: Connected) -> None:
    for new in ("b", "x"):
        spoken = PoolContact.parse(f"p-{connected[0].id}; a; {new}")
        try:
            service.pools.contact(spoken, by=connected[0].id, key=connected[1].digest)
        except ClonedError:
            assert new == "x"


def test_every_kind_has_a_rule_and_what_may_wait_stops_no_draws() -> None:
    assert set(RULES) == set(TaskKind)
    never = {kind for kind, rule in RULES.items() if not rule.may_wait}
    assert never >= {
        TaskKind.DRAWS_STOPPED,
        TaskKind.POOL_COPIED,
        TaskKind.FILE_READABLE,
        TaskKind.WITNESS_PLACE,
        TaskKind.AGREEMENT_REFUSED,
        TaskKind.PLAIN_HTTP_ENDED,
        TaskKind.CERTIFICATE_EXPIRED,
    }


def test_what_may_be_lost_decides_the_order(timed: Service) -> None:
    labs = [used(timed, f"Lab {number}") for number in range(3)]
    over_http(timed, labs[0][0].id)
    report(timed, labs[1][0].id, 12.5)
    contested(timed, labs[2])
    timed.cases.open(by="t", subject="Hjælp", text="?", requester=Requester("A", "a@x.dk"), system=labs[0][0].id)
    found = [kind for kind in kinds(timed.tasks.of(person(timed))) if RULES[kind].everywhere]
    wanted = [TaskKind.POOL_COPIED, TaskKind.STOCK_ENDS, TaskKind.PLAIN_HTTP, TaskKind.CASE, TaskKind.CONTACT]
    assert found == wanted


def test_test_systems_suspended_ones_and_those_never_used_ask_for_nothing(timed: Service) -> None:
    test, idle, suspended = used(timed, "T", "test"), add(timed, "Idle"), used(timed, "S")
    for system, _ in (test, suspended):
        over_http(timed, system.id)
        report(timed, system.id, 20)
    timed.systems.set_state(suspended[0].id, SystemState.SUSPENDED, by="t", reason="moves")
    about = {task.system for task in timed.tasks.find()}
    assert not about & {test[0].id, idle[0].id, suspended[0].id}
    timed.systems.set_state(suspended[0].id, SystemState.ACTIVE, by="t")
    timed.pictures._made = None
    assert suspended[0].id in {task.system for task in timed.tasks.find()}


def test_an_estimate_is_said_to_be_one_and_never_presses(timed: Service, clock: Clock) -> None:
    lab = used(timed, "Lab")
    for days in (40, 40):
        clock.now += timedelta(days=days)
        draw(timed, lab, 500)
    clock.now += timedelta(days=39)
    (estimated,) = tasks_of(timed, TaskKind.STOCK_ESTIMATED)
    assert estimated.press is Press.SOMETIME
    assert not tasks_of(timed, TaskKind.STOCK_LOW)
    report(timed, lab[0].id, 160)
    (low,) = tasks_of(timed, TaskKind.STOCK_LOW)
    assert (low.press, low.values["days"]) == (Press.SOON, 160)
    report(timed, lab[0].id, 40)
    (red,) = tasks_of(timed, TaskKind.STOCK_LOW)
    assert red.press is Press.NOW
    report(timed, lab[0].id, 9.5)
    (ends,) = tasks_of(timed, TaskKind.STOCK_ENDS)
    assert isinstance(ends.due, datetime)
    assert abs(ends.due - clock.now - timedelta(days=9.5)) < timedelta(hours=1)


def test_a_certificate_that_was_renewed_asks_for_nothing(timed: Service, clock: Clock) -> None:
    lab = used(timed, "Lab")[0].id

    def bind(days: int) -> None:
        pem = certificate_pem(begins=clock.now - timedelta(days=99), ends=clock.now + timedelta(days=days))
        timed.certificates.bind(lab, pem, by="t")

    bind(-2)
    (expired,) = tasks_of(timed, TaskKind.CERTIFICATE_EXPIRED)
    assert expired.press is Press.NOW
    bind(20)
    (ending,) = tasks_of(timed, TaskKind.CERTIFICATE_ENDS)
    assert ending.press is Press.SOON
    assert not tasks_of(timed, TaskKind.CERTIFICATE_EXPIRED)
    bind(300)
    assert not tasks_of(timed, TaskKind.CERTIFICATE_ENDS)


def test_plain_http_presses_more_the_nearer_its_end_and_most_after_it(timed: Service, clock: Clock) -> None:
    lab, stopped = used(timed, "Lab")[0].id, used(timed, "Stopped")[0].id
    over_http(timed, lab)
    over_http(timed, stopped)
    assert {task.press for task in tasks_of(timed, TaskKind.PLAIN_HTTP)} == {Press.SOMETIME}
    ends = clock.now + timedelta(days=40)
    timed.transport.announce(ends, by="t", reason="TLS", short_notice=True)
    assert {(task.press, task.due) for task in tasks_of(timed, TaskKind.PLAIN_HTTP)} == {(Press.SOON, ends)}
    clock.now += timedelta(days=15)
    assert {task.press for task in tasks_of(timed, TaskKind.PLAIN_HTTP)} == {Press.NOW}
    clock.now += timedelta(days=26)
    over_http(timed, lab)
    timed.transport._forget()
    (ended,) = tasks_of(timed, TaskKind.PLAIN_HTTP_ENDED)
    assert ended.system == lab
    assert not tasks_of(timed, TaskKind.PLAIN_HTTP)


def test_an_agreement_that_stops_draws_is_another_kind_than_one_that_will(timed: Service) -> None:
    lab = used(timed, "Lab")[0].id
    today = timed.agreements.today
    timed.agreements.publish(VersionNumber(1, 0), TEXTS, by="t", effective_from=today)
    refuse_from = today + timedelta(days=50)
    timed.agreements.set_dates(Dates("connection", VersionNumber(1, 0), today, today, refuse_from), by="t")
    (missing,) = tasks_of(timed, TaskKind.AGREEMENT_MISSING)
    assert (missing.system, missing.due, missing.press) == (lab, refuse_from, Press.SOON)
    timed.agreements.set_dates(Dates("connection", VersionNumber(1, 0), today, today, today), by="t")
    (refused,) = tasks_of(timed, TaskKind.AGREEMENT_REFUSED)
    assert (refused.system, refused.press) == (lab, Press.NOW)
    assert not tasks_of(timed, TaskKind.AGREEMENT_MISSING)


def test_cases_are_listed_oldest_first_and_whose_turn_it_is_decides(timed: Service, clock: Clock) -> None:
    owner = timed.systems.organisation(OrganisationKind.OWNER, used(timed, "Lab")[0].owner and "Region Nord")
    for _ in range(3):
        clock.now += timedelta(days=1)
        timed.cases.open(by="t", subject="?", text="?", requester=Requester("A", "a@x.dk"), system="lab")
    group = timed.tasks.of(person(timed)).group(TaskKind.CASE)
    assert group is not None
    numbers = [int(task.subject) for task in group.tasks]
    assert numbers == sorted(numbers)
    of_owner = member(timed, AccountRole.OWNER, owner)
    assert timed.tasks.of(of_owner).group(TaskKind.CASE_REPLY) is None
    timed.cases.reply(numbers[0], "Hvilken?", by="t", author="B")
    (reply,) = tasks_of(timed, TaskKind.CASE_REPLY)
    assert reply.subject == str(numbers[0])
    replies = timed.tasks.of(of_owner).group(TaskKind.CASE_REPLY)
    assert replies is not None
    assert replies.is_ours
    timed.cases.set_state(numbers[0], CaseState.CLOSED, by="t")
    assert not tasks_of(timed, TaskKind.CASE_REPLY)


def test_a_case_whose_operator_left_is_everybody_s_again(timed: Service) -> None:
    number = timed.cases.open(by="t", subject="?", text="?", requester=Requester("A", "a@x.dk")).number
    timed.cases.assign(number, person(timed, "dorthe@example.dk").by, by="t")
    assert timed.tasks.of(person(timed)).group(TaskKind.CASE) is None
    assert timed.tasks.of(person(timed, "dorthe@example.dk")).group(TaskKind.CASE) is not None
    timed.cases.assign(number, "account:gone", by="t")
    assert timed.tasks.of(person(timed)).group(TaskKind.CASE) is not None


def test_each_role_sees_its_own_and_is_told_what_others_must_do(timed: Service) -> None:
    lab = used(timed, "Lab")
    contested(timed, lab)
    over_http(timed, lab[0].id)
    auditor, group = member(timed, AccountRole.AUDITOR), member(timed, AccountRole.GROUP)
    vendor = member(timed, AccountRole.VENDOR, timed.systems.organisation(OrganisationKind.VENDOR, "CSC"))
    other = member(timed, AccountRole.OWNER, timed.systems.organisation(OrganisationKind.OWNER, "Region Nord"))
    told = {one.kind for one in timed.tasks.of(auditor).told}
    assert {TaskKind.POOL_COPIED, TaskKind.PLAIN_HTTP} <= told
    assert timed.tasks.of(auditor).ours == ()
    assert timed.tasks.open_tasks(auditor) == 0
    assert TaskKind.PLAIN_HTTP in kinds(timed.tasks.of(vendor))
    assert TaskKind.POOL_COPIED in {one.kind for one in timed.tasks.of(vendor).told}
    assert {TaskKind.POOL_COPIED, TaskKind.PLAIN_HTTP} <= set(kinds(timed.tasks.of(other)))
    assert timed.tasks.of(group) == TaskList()


def test_nothing_drawn_is_told_to_everybody(timed: Service) -> None:
    group = member(timed, AccountRole.GROUP)
    assert timed.tasks.of(group) == TaskList()
    path = timed.ledger.witness.path  # type: ignore[attr-defined]  # a file
    path.unlink()
    (stopped,) = timed.tasks.of(group).told
    assert stopped.kind is TaskKind.DRAWS_STOPPED
    assert timed.tasks.of(person(timed)).ours[0].kind is TaskKind.DRAWS_STOPPED


def put_off(service: Service, who: Person, kind: TaskKind, subject: str = "", *, days: int = 7) -> None:
    chosen = service.tasks.choose(who, kind, [subject])
    service.tasks.snooze(who, chosen, until=service.tasks.today + timedelta(days=days), reason="Aftalt")


def test_a_group_that_was_put_off_comes_back_on_its_day(timed: Service, clock: Clock) -> None:
    bo = person(timed)
    over_http(timed, used(timed, "Lab")[0].id)
    before = timed.tasks.open_tasks(bo)
    put_off(timed, bo, TaskKind.PLAIN_HTTP)
    assert TaskKind.PLAIN_HTTP not in kinds(timed.tasks.of(bo))
    assert timed.tasks.open_tasks(bo) == before - 1
    (waits,) = timed.tasks.of(bo).snoozed
    assert waits.snooze is not None
    assert (waits.snooze.reason, waits.snooze.snoozed_by) == ("Aftalt", bo.by)
    clock.now += timedelta(days=6)
    assert TaskKind.PLAIN_HTTP not in kinds(timed.tasks.of(bo))
    clock.now += timedelta(days=1)
    assert TaskKind.PLAIN_HTTP in kinds(timed.tasks.of(bo))


def test_a_group_that_was_put_off_comes_back_when_it_gets_worse(timed: Service) -> None:
    bo, labs = person(timed), [used(timed, f"Lab {number}")[0].id for number in range(3)]
    report(timed, labs[0], 160)
    assert tasks_of(timed, TaskKind.STOCK_LOW)
    put_off(timed, bo, TaskKind.STOCK_LOW)
    report(timed, labs[1], 170)  # one more, and no worse than what was put off
    assert len(tasks_of(timed, TaskKind.STOCK_LOW)) == 2
    assert TaskKind.STOCK_LOW not in kinds(timed.tasks.of(bo))
    report(timed, labs[2], 100)  # a red one
    assert len(tasks_of(timed, TaskKind.STOCK_LOW)) == 3
    assert TaskKind.STOCK_LOW in kinds(timed.tasks.of(bo))


def test_one_task_that_was_put_off_comes_back_when_it_gets_worse(timed: Service) -> None:
    bo, labs = person(timed), [used(timed, f"Lab {number}")[0].id for number in range(2)]
    for lab in labs:
        report(timed, lab, 160)
    assert tasks_of(timed, TaskKind.STOCK_LOW)
    put_off(timed, bo, TaskKind.STOCK_LOW, labs[0])
    group = timed.tasks.of(bo).group(TaskKind.STOCK_LOW)
    assert group is not None
    assert [task.subject for task in group.tasks] == [labs[1]]
    report(timed, labs[0], 100)
    assert tasks_of(timed, TaskKind.STOCK_LOW)
    group = timed.tasks.of(bo).group(TaskKind.STOCK_LOW)
    assert group is not None
    assert [task.subject for task in group.tasks] == labs


def test_what_stops_draws_or_endangers_numbers_is_never_put_off(timed: Service) -> None:
    bo = person(timed)
    contested(timed, used(timed, "Lab"))
    chosen = timed.tasks.choose(bo, TaskKind.POOL_COPIED, [""])
    with pytest.raises(RefusedError) as caught:
        timed.tasks.snooze(bo, chosen, until=timed.tasks.today + timedelta(days=2), reason="senere")
    assert caught.value.code == "task_may_not_wait"
    timed.tasks.assign(bo, chosen, to=bo.id)  # but somebody may look after it


@pytest.mark.parametrize("days", [-1, 0, 93])
def test_a_day_that_has_passed_or_lies_far_ahead_is_refused(timed: Service, days: int) -> None:
    over_http(timed, used(timed, "Lab")[0].id)
    with pytest.raises(InvalidInputError) as caught:
        put_off(timed, person(timed), TaskKind.PLAIN_HTTP, days=days)
    assert caught.value.field == "until"


def test_colleagues_share_tasks_and_others_decide_for_themselves(timed: Service) -> None:
    bo, dorthe = person(timed), person(timed, "dorthe@example.dk")
    over_http(timed, used(timed, "Lab")[0].id)
    owner = member(timed, AccountRole.OWNER, timed.systems.organisation(OrganisationKind.OWNER, "Region Nord"))
    chosen = timed.tasks.choose(bo, TaskKind.PLAIN_HTTP, [""])
    counts = [timed.tasks.open_tasks(each) for each in (bo, dorthe, owner)]
    timed.tasks.assign(bo, chosen, to=dorthe.id)
    assert [timed.tasks.open_tasks(each) for each in (bo, dorthe, owner)] == [counts[0] - 1, counts[1], counts[2]]
    group = timed.tasks.of(bo).group(TaskKind.PLAIN_HTTP)
    assert group is not None
    assert group.assigned_to == dorthe.id
    with pytest.raises(NotFoundError):
        timed.tasks.assign(bo, chosen, to=owner.id)
    put_off(timed, owner, TaskKind.PLAIN_HTTP)
    assert TaskKind.PLAIN_HTTP in kinds(timed.tasks.of(bo))
    assert TaskKind.PLAIN_HTTP not in kinds(timed.tasks.of(owner))
    auditor = member(timed, AccountRole.AUDITOR)
    with pytest.raises(RefusedError):
        timed.tasks.choose(auditor, TaskKind.PLAIN_HTTP, [""])
    with pytest.raises(NotFoundError):
        timed.tasks.choose(owner, TaskKind.PLAIN_HTTP, ["another"])


def test_who_looked_after_a_task_and_left_looks_after_it_no_longer(timed: Service) -> None:
    bo, dorthe = person(timed), person(timed, "dorthe@example.dk")
    over_http(timed, used(timed, "Lab")[0].id)
    before = timed.tasks.open_tasks(bo)
    timed.tasks.assign(bo, timed.tasks.choose(bo, TaskKind.PLAIN_HTTP, [""]), to=dorthe.id)
    assert timed.tasks.open_tasks(bo) == before - 1
    auditor = AccountDetails("Dorthe", AccountRole.AUDITOR, None, AccountState.ACTIVE)
    timed.accounts.change(dorthe.id, auditor, by="admin:root")
    timed.tasks.forget()
    assert timed.tasks.open_tasks(bo) == before + 1, "her tasks are everybody's, and a second operator is missing"


def test_a_task_whose_fact_is_gone_is_done_and_one_that_returns_is_new(timed: Service, clock: Clock) -> None:
    bo, lab = person(timed), used(timed, "Lab")[0].id
    timed.tasks.note()
    put_off(timed, bo, TaskKind.CONTACT, lab)
    put_off(timed, bo, TaskKind.CONTACT)
    timed.systems.set_contact(lab, by="t", kind="technical", name="T", email="t@example.dk", telephone="")
    clock.now += timedelta(minutes=1)
    timed.tasks.note()
    timed.tasks.note()
    acts = [(entry.act, entry.name, entry.by) for entry in timed.tasks.history(bo, TaskKind.CONTACT)]
    assert acts[0] == (HistoryAct.DONE, "Lab", "")
    assert sorted(acts[1:]) == sorted(
        [
            (HistoryAct.SNOOZED, "", bo.by),
            (HistoryAct.SNOOZED, "Lab", bo.by),
            (HistoryAct.OPENED, "Lab", ""),
        ]
    )
    with timed.database.write() as connection:
        systems_store.remove_contact(connection, lab, "technical")
    clock.now += timedelta(minutes=1)
    timed.tasks.note()
    assert TaskKind.CONTACT in kinds(timed.tasks.of(bo)), "what was decided about it ended with it"
    (task,) = tasks_of(timed, TaskKind.CONTACT)
    assert task.since == clock.now
    assert timed.tasks.history(bo, TaskKind.CONTACT)[0].act is HistoryAct.OPENED
    assert timed.tasks.history(member(timed, AccountRole.GROUP)) == []


def test_two_servers_note_a_task_once(timed: Service) -> None:
    used(timed, "Lab")
    other = build(timed.settings, clock=timed.ledger.clock)
    try:
        timed.tasks.note()
        other.tasks.note()
        entries = timed.tasks.history(person(timed), TaskKind.CONTACT)
        assert [entry.act for entry in entries] == [HistoryAct.OPENED]
    finally:
        other.close()


def test_a_vendor_s_history_is_its_own(timed: Service) -> None:
    timed.systems.add(by="t", name="Fremmed", vendor="V", owner="O", environment=Environment.PRODUCTION)
    over_http(timed, "fremmed")
    vendor = member(timed, AccountRole.VENDOR, timed.systems.organisation(OrganisationKind.VENDOR, "V"))
    over_http(timed, used(timed, "Lab")[0].id)
    timed.tasks.note()
    assert {entry.name for entry in timed.tasks.history(vendor)} == {"Fremmed"}


def test_a_proposal_is_not_the_task_of_who_made_it(timed: Service) -> None:
    bo, dorthe = person(timed), person(timed, "dorthe@example.dk")
    lab = used(timed, "Lab")[0].id
    wish = {"system": lab, "smallest_draw": 1, "largest_draw": 10**8, "quota": None, "quota_days": None}
    timed.approvals.propose("limits", wish, by=bo.by, reason="et år ad gangen")
    assert TaskKind.APPROVAL not in kinds(timed.tasks.of(bo))
    assert TaskKind.APPROVAL in kinds(timed.tasks.of(dorthe))
