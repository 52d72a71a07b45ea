"""Tasks as values: their kinds, whose they are, how they are grouped, and when one that was put off comes back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import IntEnum, StrEnum

from npn.instants import danish_day
from npn.people.model import ALL, AccountRole, Person

MAX_SNOOZE_DAYS = 92  # then somebody looks at it again
_LATEST = datetime.max.replace(tzinfo=UTC)
_OPERATOR = frozenset({AccountRole.OPERATOR})
_AUDITOR = frozenset({AccountRole.AUDITOR})
_OWNERS = frozenset({AccountRole.OWNER, AccountRole.REGION})
_VENDOR = frozenset({AccountRole.VENDOR})
_PARTIES = _OWNERS | _VENDOR


class Press(IntEnum):
    """How much a task presses."""

    NOW = 0
    SOON = 1
    SOMETIME = 2


class Loss(IntEnum):
    """What may be lost where nothing is done, the worst first."""

    ISSUANCE = 0  # nobody can draw
    UNIQUENESS = 1  # numbers may be used twice
    SECRECY = 2
    SAFETY = 3  # one failure more and something is lost
    DRAWS = 4  # some systems get no new series
    STOCK = 5
    DEADLINE = 6
    ANSWER = 7  # somebody waits
    ORDER = 8


class TaskKind(StrEnum):
    """What a task is about; the name is part of its page's address."""

    DRAWS_STOPPED = "draws-stopped"
    POOL_COPIED = "copied-pools"
    FILE_READABLE = "readable-files"
    WITNESS_PLACE = "witness-place"
    BACKGROUND = "background-work"
    AGREEMENT_REFUSED = "agreement-refused"
    PLAIN_HTTP_ENDED = "plain-http-ended"
    CERTIFICATE_EXPIRED = "certificates-expired"
    STOCK_ENDS = "stock-ends"
    STOCK_LOW = "stock-low"
    APPROVAL = "approvals"
    CERTIFICATE_ENDS = "certificates-ending"
    AGREEMENT_MISSING = "agreement-missing"
    PLAIN_HTTP = "plain-http"
    REQUEST = "requests"
    CASE = "cases"
    CASE_REPLY = "replies"
    CONNECTION_STEP = "steps"
    PROPOSAL_DECISION = "proposals-to-decide"
    PROPOSAL_COMMENT = "proposals-to-comment"
    UNUSUAL_DRAW = "unusual-draws"
    OTHER_NUMBERS = "other-numbers"
    CONTACT = "contacts"
    STOCK_ESTIMATED = "stock-estimated"
    FIRST_SYSTEM = "first-system"
    SECOND_OPERATOR = "second-operator"


@dataclass(frozen=True, slots=True)
class TaskRule:
    """Whose tasks of a kind are: `acts` do something about them, `sees` have only to know of them.

    `may_wait`: they may be put off; never what stops draws or concerns the witness, a copied pool, a leaked secret.
    `everywhere`: they are the same whichever server looks; others are not noted in the history.
    """

    loss: Loss
    acts: frozenset[AccountRole]
    sees: frozenset[AccountRole] = _AUDITOR
    may_wait: bool = True
    everywhere: bool = True

    @property
    def roles(self) -> frozenset[AccountRole]:
        """Return every role that sees tasks of the kind."""
        return self.acts | self.sees


RULES: Mapping[TaskKind, TaskRule] = {  # in the order in which they are listed
    TaskKind.DRAWS_STOPPED: TaskRule(Loss.ISSUANCE, _OPERATOR, ALL - _OPERATOR, may_wait=False),
    TaskKind.POOL_COPIED: TaskRule(Loss.UNIQUENESS, _OPERATOR | _OWNERS, _VENDOR | _AUDITOR, may_wait=False),
    TaskKind.FILE_READABLE: TaskRule(Loss.SECRECY, _OPERATOR, may_wait=False, everywhere=False),
    TaskKind.WITNESS_PLACE: TaskRule(Loss.SAFETY, _OPERATOR, may_wait=False, everywhere=False),
    TaskKind.BACKGROUND: TaskRule(Loss.SAFETY, _OPERATOR, may_wait=False, everywhere=False),
    TaskKind.AGREEMENT_REFUSED: TaskRule(Loss.DRAWS, _OPERATOR | _OWNERS, _VENDOR | _AUDITOR, may_wait=False),
    TaskKind.PLAIN_HTTP_ENDED: TaskRule(Loss.DRAWS, _OPERATOR | _PARTIES, may_wait=False),
    TaskKind.CERTIFICATE_EXPIRED: TaskRule(Loss.DRAWS, _OPERATOR | _PARTIES, may_wait=False),
    TaskKind.STOCK_ENDS: TaskRule(Loss.STOCK, _OPERATOR | _PARTIES),
    TaskKind.STOCK_LOW: TaskRule(Loss.STOCK, _OPERATOR | _PARTIES),
    TaskKind.APPROVAL: TaskRule(Loss.DEADLINE, _OPERATOR),
    TaskKind.CERTIFICATE_ENDS: TaskRule(Loss.DEADLINE, _OPERATOR | _PARTIES),
    TaskKind.AGREEMENT_MISSING: TaskRule(Loss.DEADLINE, _OPERATOR | _OWNERS, _VENDOR | _AUDITOR),
    TaskKind.PLAIN_HTTP: TaskRule(Loss.DEADLINE, _OPERATOR | _PARTIES),
    TaskKind.REQUEST: TaskRule(Loss.ANSWER, _OPERATOR),
    TaskKind.CASE: TaskRule(Loss.ANSWER, _OPERATOR),
    TaskKind.CASE_REPLY: TaskRule(Loss.ANSWER, _PARTIES, frozenset()),
    TaskKind.CONNECTION_STEP: TaskRule(Loss.ANSWER, _PARTIES, frozenset()),
    TaskKind.PROPOSAL_DECISION: TaskRule(Loss.ANSWER, _OPERATOR, _AUDITOR | {AccountRole.GROUP}),
    TaskKind.PROPOSAL_COMMENT: TaskRule(Loss.ANSWER, ALL - _AUDITOR, frozenset()),
    TaskKind.UNUSUAL_DRAW: TaskRule(Loss.ORDER, _OPERATOR),
    TaskKind.OTHER_NUMBERS: TaskRule(Loss.ORDER, _OPERATOR | _OWNERS),
    TaskKind.CONTACT: TaskRule(Loss.ORDER, _OPERATOR | _OWNERS),
    TaskKind.STOCK_ESTIMATED: TaskRule(Loss.ORDER, _OPERATOR | _PARTIES),
    TaskKind.FIRST_SYSTEM: TaskRule(Loss.ORDER, _OPERATOR, frozenset()),
    TaskKind.SECOND_OPERATOR: TaskRule(Loss.ORDER, _OPERATOR, frozenset()),
}
_ORDER = {kind: place for place, kind in enumerate(RULES)}


@dataclass(frozen=True, slots=True)
class Task:
    """One thing that needs somebody. `subject` tells it from the others of its kind; `name` is what people call that.

    `due`: the day, or the instant, by which it should be done. `since`: since when it has waited, where that is known.
    `only`, `apart_from`: an account, as the ledger names it, that alone has the task, or that has it not.
    """

    kind: TaskKind
    subject: str
    press: Press
    path: str
    name: str = ""
    system: str | None = None
    values: Mapping[str, object] = field(default_factory=dict)
    due: date | None = None
    since: datetime | None = None
    only: str = ""
    apart_from: str = ""

    @property
    def rule(self) -> TaskRule:
        """Return whose tasks of this kind are."""
        return RULES[self.kind]

    @property
    def due_on(self) -> date | None:
        """Return the day on which it should be done."""
        return danish_day(self.due) if isinstance(self.due, datetime) else self.due

    def is_shown_to(self, person: Person) -> bool:
        """Whether a person sees it."""
        return (
            person.role in self.rule.roles
            and (self.system is None or person.may_see(self.system))
            and (self.only in ("", person.by) or person.role not in self.rule.acts)
            and self.apart_from != person.by
        )


@dataclass(frozen=True, slots=True)
class Handling:
    """What people of one scope decided about a task, or about all of a kind where `subject` is empty.

    `members`: how much each task pressed when it was put off, by subject.
    """

    scope: str
    kind: TaskKind
    subject: str = ""
    assigned_to: str | None = None
    snoozed_until: date | None = None
    snoozed_by: str = ""
    reason: str = ""
    members: Mapping[str, int] = field(default_factory=dict)

    def puts_off(self, tasks: Sequence[Task], today: date) -> bool:
        """Whether the tasks wait today: the day has not come, and none of them presses more than it did."""
        if self.snoozed_until is None or self.snoozed_until <= today:
            return False
        return not any(self._is_worse(task) for task in tasks)

    def _is_worse(self, task: Task) -> bool:
        before = self.members.get(task.subject)
        return task.press is Press.NOW if before is None else task.press < before


@dataclass(frozen=True, slots=True)
class HandledTask:
    """A task with what was decided about it, or about all of its kind."""

    task: Task
    assigned_to: str | None = None
    snooze: Handling | None = None


@dataclass(frozen=True, slots=True)
class SnoozedGroup:
    """A decision to put tasks off, and those that wait by it."""

    snooze: Handling
    tasks: list[Task]


@dataclass(frozen=True, slots=True)
class TaskGroup:
    """The tasks of one kind that a person sees and that wait for nothing, and those that were put off."""

    kind: TaskKind
    open: tuple[HandledTask, ...]
    snoozed: tuple[HandledTask, ...]
    is_ours: bool
    assigned_to: str | None = None
    snooze: Handling | None = None

    @property
    def rule(self) -> TaskRule:
        """Return whose tasks of this kind are."""
        return RULES[self.kind]

    @property
    def press(self) -> Press:
        """Return how much the most pressing of them presses."""
        return min((handled.task.press for handled in self.open), default=Press.SOMETIME)

    @property
    def due(self) -> date | None:
        """Return the first day by which one of them should be done."""
        return min((due for handled in self.open if (due := handled.task.due_on) is not None), default=None)

    @property
    def tasks(self) -> list[Task]:
        """Return the open ones."""
        return [handled.task for handled in self.open]

    @property
    def put_off(self) -> list["SnoozedGroup"]:
        """Return what was put off together, by one decision each."""
        by_decision: dict[str, SnoozedGroup] = {}
        for handled in self.snoozed:
            if handled.snooze is not None:
                by_decision.setdefault(handled.snooze.subject, SnoozedGroup(handled.snooze, [])).tasks.append(
                    handled.task
                )
        return list(by_decision.values())

    def is_looked_after_by(self, account: str) -> bool:
        """Whether an account looks after all of them, or after one."""
        return account in (self.assigned_to, *(handled.assigned_to for handled in self.open))


@dataclass(frozen=True, slots=True)
class TaskList:
    """What a person sees: `ours` to act on, `told` what others must act on, `snoozed` what was put off."""

    ours: tuple[TaskGroup, ...] = ()
    told: tuple[TaskGroup, ...] = ()
    snoozed: tuple[TaskGroup, ...] = ()

    def group(self, kind: TaskKind) -> TaskGroup | None:
        """Return the group of a kind, open or put off; None where there is nothing of it."""
        return next((group for group in (*self.ours, *self.told, *self.snoozed) if group.kind is kind), None)

    def assigned(self, account: str) -> list[TaskGroup]:
        """Return the groups that an account looks after, or of which it looks after a task."""
        return [group for group in self.ours if group.is_looked_after_by(account)]

    def waiting_for(self, person: Person) -> list[TaskGroup]:
        """Return the groups that wait for a person: not those that a colleague looks after."""
        return [group for group in self.ours if group.assigned_to in (None, person.id)]

    def count(self, person: Person) -> int:
        """Count the groups that wait for a person."""
        return len(self.waiting_for(person))


class HistoryAct(StrEnum):
    """What happened to a task."""

    OPENED = "opened"
    DONE = "done"
    ASSIGNED = "assigned"
    UNASSIGNED = "unassigned"
    SNOOZED = "snoozed"
    UNSNOOZED = "unsnoozed"


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One line of the history; `by` is empty where the service saw it, `name` where all of a kind is meant."""

    at: datetime
    kind: TaskKind
    name: str
    act: HistoryAct
    by: str
    assigned_to: str | None
    until: date | None
    reason: str


def scope_of(role: AccountRole, organisation: str | None) -> str:
    """Return who decides together about tasks: everybody of a role, of one organisation where the role has some."""
    return role.value if organisation is None else f"{role.value}:{organisation}"


def by_urgency(task: Task) -> tuple[int, float, datetime]:
    """Order tasks of one kind: the most pressing first, then the first to be due, then what has waited longest."""
    due = float("inf") if task.due_on is None else task.due_on.toordinal()
    return task.press, due, task.since or _LATEST


def by_loss(group: TaskGroup) -> tuple[int, int, int]:
    """Order groups: by what may be lost, then by how much they press."""
    return group.rule.loss, group.press, _ORDER[group.kind]
