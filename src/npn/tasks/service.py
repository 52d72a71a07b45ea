"""The use cases of tasks: whose they are, who looks after them, which are put off, and what became of them."""

import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import msgspec

from npn.errors import InvalidInputError, NotFoundError, RefusedError, codes
from npn.instants import danish_day
from npn.people import store as people_store
from npn.people.model import Account, AccountState, Person, checked_reason
from npn.people.sessions import person_of
from npn.systems import store as systems_store
from npn.tasks import store
from npn.tasks.facts import all_tasks
from npn.tasks.model import (
    MAX_SNOOZE_DAYS,
    RULES,
    HandledTask,
    Handling,
    HistoryAct,
    HistoryEntry,
    Task,
    TaskGroup,
    TaskKind,
    TaskList,
    by_loss,
    by_urgency,
    scope_of,
)
from npn.tasks.sources import TaskFacts, TaskSources

REMEMBERED = 10.0  # seconds that counts may lag behind the facts
HISTORY_KEPT = timedelta(days=731)
EVERYTHING = ""  # the subject that stands for every task of a kind, those to come too
_MOST_HISTORY = 200

Handlings = Mapping[tuple[str, str], Handling]


@dataclass(frozen=True, slots=True)
class _Moment:
    """The tasks as they were found, and when."""

    elapsed: float
    tasks: Sequence[Task]


@dataclass(frozen=True, slots=True)
class TaskChoice:
    """What somebody decides about: one task, or all of a kind."""

    kind: TaskKind
    subject: str
    tasks: tuple[Task, ...]

    @property
    def row(self) -> dict[str, object]:
        """Return how the history names it."""
        return {"kind": self.kind.value} if self.subject == EVERYTHING else _named(self.tasks[0])


class Tasks:
    """Everything that is done with tasks. What is found is remembered for the counts of the menu alone."""

    def __init__(self, sources: TaskSources, *, elapsed: Callable[[], float] = time.monotonic) -> None:
        """`elapsed` tells how old what is remembered is."""
        self._sources = sources
        self._elapsed = elapsed
        self._lock = threading.Lock()
        self._moment: _Moment | None = None
        self._counts: dict[str, tuple[float, int]] = {}

    def find(self) -> Sequence[Task]:
        """Return every task there is now, whosever it is."""
        started = self._elapsed()
        current = all_tasks(TaskFacts(self._sources))
        with self._sources.database.read() as connection:
            opened = store.open_tasks(connection)
        since = {key: row.since for key, row in opened.items()}
        tasks = [
            task if task.since is not None else replace(task, since=since.get((task.kind.value, task.subject)))
            for task in current
        ]
        self._moment = _Moment(started, tasks)
        return tasks

    def of(self, person: Person) -> TaskList:
        """Return what a person sees now."""
        tasks = self.find()
        result = self._listed(person, tasks)
        self._counts[person.id] = (self._elapsed(), result.count(person))
        return result

    def of_account(self, account: Account, tasks: Sequence[Task]) -> tuple[Person, TaskList]:
        """Return what an account's holder sees of tasks that were found."""
        with self._sources.database.read() as connection:
            systems = systems_store.systems_of(connection, account.organisation or "")
        person = person_of(account, systems)
        return person, self._listed(person, tasks)

    def open_tasks(self, person: Person) -> int:
        """Count the groups that wait for a person, as they were some seconds ago: cheap enough for every page."""
        now = self._elapsed()
        counted = self._counts.get(person.id)
        if counted is not None and now - counted[0] <= REMEMBERED:
            return counted[1]
        with self._lock:
            moment = self._moment
            tasks = self.find() if moment is None or now - moment.elapsed > REMEMBERED else moment.tasks
        count = self._listed(person, tasks).count(person)
        self._counts[person.id] = (now, count)
        return count

    def forget(self) -> None:
        """Count again at the next question: somebody has changed something."""
        self._moment = None
        self._counts.clear()

    def colleagues(self, person: Person) -> list[Account]:
        """Return the active accounts that decide about tasks together with a person, that person's own among them."""
        return [
            account
            for account in self._sources.accounts.list()
            if account.state is AccountState.ACTIVE
            and (account.role, account.organisation) == (person.role, person.organisation)
        ]

    def choose(self, person: Person, kind: TaskKind, subjects: Collection[str]) -> list[TaskChoice]:
        """Return what a person may decide about. Raises RefusedError; NotFoundError where a task is gone."""
        if person.role not in RULES[kind].acts:
            raise RefusedError("these tasks are others' to act on", code=codes.NOT_YOURS)
        mine = {task.subject: task for task in self.find() if task.kind is kind and task.is_shown_to(person)}
        if EVERYTHING in subjects and mine:
            return [TaskChoice(kind, EVERYTHING, tuple(mine.values()))]
        if not subjects or not mine.keys() >= set(subjects):
            raise NotFoundError("the task is done, or there is no such task", field="task")
        return [TaskChoice(kind, subject, (mine[subject],)) for subject in subjects]

    def assign(self, person: Person, chosen: Sequence[TaskChoice], *, to: str | None) -> None:
        """Have a colleague look after tasks, or nobody where it is None. Raises NotFoundError."""
        if to is not None and to not in {account.id for account in self.colleagues(person)}:
            raise NotFoundError("there is no such colleague", field="to")
        act = HistoryAct.UNASSIGNED if to is None else HistoryAct.ASSIGNED
        for choice in chosen:
            self._change(person, choice, values={"assigned_to": to}, act=act, said={"assigned_to": to})

    def snooze(self, person: Person, chosen: Sequence[TaskChoice], *, until: date, reason: str) -> None:
        """Put tasks off until a day. Raises RefusedError `task_may_not_wait`, InvalidInputError."""
        if not all(RULES[choice.kind].may_wait for choice in chosen):
            raise RefusedError("tasks of this kind are not put off", code=codes.TASK_MAY_NOT_WAIT)
        today, why = self.today, checked_reason(reason)
        if not today < until <= today + timedelta(days=MAX_SNOOZE_DAYS):
            raise InvalidInputError(
                f"a task is put off for 1 to {MAX_SNOOZE_DAYS} days", code=codes.TASK_SNOOZE_DAY, field="until"
            )
        for choice in chosen:
            members = msgspec.json.encode({task.subject: int(task.press) for task in choice.tasks}).decode()
            values = {"snoozed_until": until, "snoozed_by": person.by, "reason": why, "members": members}
            self._change(person, choice, values=values, act=HistoryAct.SNOOZED, said={"until": until, "reason": why})

    def unsnooze(self, person: Person, chosen: Sequence[TaskChoice]) -> None:
        """Take tasks up again that were put off."""
        for choice in chosen:
            self._change(person, choice, values={"snoozed_until": None}, act=HistoryAct.UNSNOOZED, said={})

    def history(self, person: Person, kind: TaskKind | None = None) -> list[HistoryEntry]:
        """Return the newest lines about tasks that a person may see, of one kind or of all."""
        kinds = [one for one, rule in RULES.items() if person.role in rule.roles and kind in (None, one)]
        scope = scope_of(person.role, person.organisation)
        with self._sources.database.read() as connection:
            return store.history(connection, kinds, scope=scope, systems=person.sees, limit=_MOST_HISTORY)

    @property
    def today(self) -> date:
        """Return the day it is, in Denmark."""
        return danish_day(self._sources.ledger.clock())

    def note(self) -> None:
        """Note which tasks are new and which are gone: those are done, and what was decided about them ends."""
        current = {
            (task.kind.value, task.subject): task
            for task in all_tasks(TaskFacts(self._sources))
            if task.rule.everywhere
        }
        at = self._sources.ledger.clock()
        with self._sources.database.read() as connection:
            opened = store.open_tasks(connection)
        if current.keys() == opened.keys():
            return
        with self._sources.database.write() as connection:
            for key, task in current.items():
                if key not in opened and store.add_open(connection, task, at=at):
                    store.add_history(connection, {"at": at, **_named(task), "act": HistoryAct.OPENED.value})
            for key, row in opened.items():
                if key not in current and store.remove_open(connection, *key):
                    store.forget_handling(connection, *key)
                    columns = {"kind": row.kind, "subject": row.subject, "system_id": row.system, "name": row.name}
                    store.add_history(connection, {"at": at, **columns, "act": HistoryAct.DONE.value})
            for ended in {kind for kind, _ in opened} - {kind for kind, _ in current}:
                store.forget_handling(connection, ended, EVERYTHING)

    def forget_old(self) -> None:
        """Remove what happened long ago."""
        with self._sources.database.write() as connection:
            store.forget_history(connection, before=self._sources.ledger.clock() - HISTORY_KEPT)

    def _listed(self, person: Person, tasks: Sequence[Task]) -> TaskList:
        scope = scope_of(person.role, person.organisation)
        with self._sources.database.read() as connection:
            handlings = store.handlings(connection, scope)
            active = people_store.active_ids(connection, person.role, person.organisation)
        decided = {
            key: handling if handling.assigned_to in active else replace(handling, assigned_to=None)
            for key, handling in handlings.items()
        }
        by_kind: dict[TaskKind, list[Task]] = {}
        for task in tasks:
            if task.is_shown_to(person):
                by_kind.setdefault(task.kind, []).append(task)
        groups = sorted(
            (_group(person, kind, by_kind[kind], handlings=decided, today=self.today) for kind in by_kind), key=by_loss
        )
        return TaskList(
            ours=tuple(group for group in groups if group.is_ours and group.open),
            told=tuple(group for group in groups if not group.is_ours),
            snoozed=tuple(group for group in groups if group.snoozed),
        )

    def _change(
        self,
        person: Person,
        choice: TaskChoice,
        *,
        values: Mapping[str, object],
        act: HistoryAct,
        said: Mapping[str, object],
    ) -> None:
        scope, at = scope_of(person.role, person.organisation), self._sources.ledger.clock()
        who = {"at": at, "scope": scope, "act": act.value, "by": person.by}
        with self._sources.database.write() as connection:
            store.change_handling(connection, scope, choice.kind, subject=choice.subject, values=values)
            store.add_history(connection, {**who, **choice.row, **said})
        self.forget()


def _named(task: Task) -> dict[str, object]:
    return {"kind": task.kind.value, "subject": task.subject, "system_id": task.system, "name": task.name}


def _group(person: Person, kind: TaskKind, tasks: list[Task], *, handlings: Handlings, today: date) -> TaskGroup:
    may_act, rule = person.role in RULES[kind].acts, RULES[kind]
    whole = handlings.get((kind.value, EVERYTHING))
    waits = whole if whole is not None and rule.may_wait and whole.puts_off(tasks, today) else None
    every = [_handled(task, handlings.get((kind.value, task.subject)), waits, today=today) for task in tasks]
    every.sort(key=lambda handled: by_urgency(handled.task))
    return TaskGroup(
        kind=kind,
        open=tuple(handled for handled in every if handled.snooze is None),
        snoozed=tuple(handled for handled in every if handled.snooze is not None),
        is_ours=may_act,
        assigned_to=None if whole is None else whole.assigned_to,
        snooze=waits,
    )


def _handled(task: Task, handling: Handling | None, waits: Handling | None, *, today: date) -> HandledTask:
    own = None
    if handling is not None and task.rule.may_wait and handling.puts_off([task], today):
        own = handling
    return HandledTask(task, None if handling is None else handling.assigned_to, own or waits)
