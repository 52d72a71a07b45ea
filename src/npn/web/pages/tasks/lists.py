"""Every task of the visitor, by kind: who looks after it, until when it waits, and what became of earlier ones."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date, timedelta

from npn.errors import NotFoundError
from npn.http.answers import Answer
from npn.instants import iso_day
from npn.people.model import Account
from npn.tasks.model import RULES, HandledTask, HistoryAct, TaskGroup, TaskKind
from npn.tasks.service import EVERYTHING, TaskChoice
from npn.web.forms import Choice, Field, Form
from npn.web.pages.tasks.shown import WHOLE, form_key, shown
from npn.web.pages.tasks.words import ACTS, WORDS, kind_title, sentence
from npn.web.paging import part
from npn.web.routes import get, post
from npn.web.rules import signed_in
from npn.web.texts import Msgid, _
from npn.web.visit import Onward, Visit

NOBODY = "nobody"  # in the form: no colleague looks after it
_TASK = Field("task", "", kind="hidden")
_REASON = Field("reason", _("Why can it wait?"), hint=_("Your colleagues see it, and it stays in the history."))
_WAITS: tuple[tuple[int, Msgid], ...] = (
    (1, _("%(day)s (tomorrow)")),
    (3, _("%(day)s (in three days)")),
    (7, _("%(day)s (in a week)")),
    (14, _("%(day)s (in two weeks)")),
    (30, _("%(day)s (in a month)")),
    (91, _("%(day)s (in three months)")),
)


@get("/tasks", signed_in())
async def list_tasks(visit: Visit) -> Answer:
    """List the visitor's tasks, those put off too, and what became of earlier ones."""
    tasks = await visit.read(visit.services.tasks.of, visit.person)
    entries = await visit.read(visit.services.tasks.history, visit.person)
    history = [entry for entry in entries if entry.act is not HistoryAct.OPENED]  # each kind's page has those too
    mine = visit.query.get("show") == "mine"
    return await visit.page(
        "tasks/tasks.html", mine=mine, history=history[:50], acts=ACTS, rules=RULES, **await shown(visit, tasks)
    )


@get("/tasks/{task_kind}", signed_in())
async def show_kind(visit: Visit) -> Answer:
    """List every task of one kind."""
    kind = _kind(visit)
    tasks = await visit.read(visit.services.tasks.of, visit.person)
    history = await visit.read(visit.services.tasks.history, visit.person, kind)
    group = tasks.group(kind)
    every = () if group is None else (*group.open, *group.snoozed)
    heading = sentence(visit.texts, every[0].task) if len(every) == 1 else kind_title(visit.texts, kind, len(every))
    return await visit.page(
        "tasks/kind.html",
        kind=kind,
        group=group,
        heading=heading,
        rows=part(every, visit.query.get("page", "")),
        history=history[:50],
        acts=ACTS,
        rules=RULES,
        **await shown(visit, tasks),
    )


@get("/tasks/{task_kind}/handle", signed_in())
async def show_handling(visit: Visit) -> Answer:
    """Ask who looks after a task, or all of a kind, or until when it waits."""
    key = visit.query.get("task", WHOLE)
    return await _handling(visit, key, assigning=await _assign_form(visit, key), snoozing=_snooze_form(visit, key))


@post("/tasks/{task_kind}/assign", signed_in(), largest=4096)
async def assign(visit: Visit) -> Answer:
    """Have a colleague, or nobody, look after them."""
    kind, key = _kind(visit), visit.sent.get("task", "")
    form = visit.form((_TASK, *(await _assign_fields(visit))))
    to = None if form["to"] == NOBODY else form["to"]
    return await visit.submit(
        form,
        _work(visit, key, lambda chosen: visit.services.tasks.assign(visit.person, chosen, to=to)),
        then=Onward(f"/tasks/{kind}", _("Saved.")),
        again=lambda: _again(visit, key, assigning=form),
    )


@post("/tasks/{task_kind}/snooze", signed_in(), largest=4096)
async def snooze(visit: Visit) -> Answer:
    """Put them off until a day."""
    key = visit.sent.get("task", "")
    form = visit.form(_snooze_fields(visit))
    put_off = visit.services.tasks.snooze

    def work(chosen: Sequence[TaskChoice]) -> None:
        put_off(visit.person, chosen, until=date.fromisoformat(form["until"]), reason=form["reason"])

    return await visit.submit(
        form,
        _work(visit, key, work),
        then=Onward("/tasks", _("It is put off; it comes back on the day, or when it gets worse.")),
        again=lambda: _again(visit, key, snoozing=form),
    )


@post("/tasks/{task_kind}/unsnooze", signed_in(), largest=4096)
async def unsnooze(visit: Visit) -> Answer:
    """Take them up again."""
    key = visit.sent.get("task", "")
    work = _work(visit, key, lambda chosen: visit.services.tasks.unsnooze(visit.person, chosen))
    await work()
    return visit.see_other("/tasks", _("It is among your tasks again."))


def _kind(visit: Visit) -> TaskKind:
    """Return the kind that the address names. Raises NotFoundError where there is none, or it is not the visitor's."""
    try:
        kind = TaskKind(visit.arguments["task_kind"])
    except ValueError as error:
        raise NotFoundError("there is no such kind of task") from error
    if visit.person.role not in RULES[kind].roles:
        raise NotFoundError("there is no such kind of task for this role")
    return kind


def _work(visit: Visit, key: str, work: Callable[[Sequence[TaskChoice]], None]) -> Callable[[], Awaitable[None]]:
    """Return what does something to the tasks that a form names."""

    async def done() -> None:
        kind = _kind(visit)
        group = (await visit.read(visit.services.tasks.of, visit.person)).group(kind)
        choices = await visit.read(visit.services.tasks.choose, visit.person, kind, _subjects(group, key))
        await visit.write(work, choices)

    return done


def _subjects(group: TaskGroup | None, key: str) -> list[str]:
    if key == WHOLE:
        return [EVERYTHING]
    handled = _found(group, key)
    return [] if handled is None else [handled.task.subject]


def _found(group: TaskGroup | None, key: str) -> HandledTask | None:
    every = () if group is None else (*group.open, *group.snoozed)
    return next((handled for handled in every if form_key(handled.task.subject) == key), None)


async def _again(visit: Visit, key: str, *, assigning: Form | None = None, snoozing: Form | None = None) -> Answer:
    return await _handling(
        visit,
        key,
        assigning=await _assign_form(visit, key) if assigning is None else assigning,
        snoozing=_snooze_form(visit, key) if snoozing is None else snoozing,
    )


async def _handling(visit: Visit, key: str, *, assigning: Form, snoozing: Form) -> Answer:
    kind = _kind(visit)
    tasks = await visit.read(visit.services.tasks.of, visit.person)
    group = tasks.group(kind)
    handled = _found(group, key)
    if group is None or not group.is_ours or (handled is None and key != WHOLE):
        raise NotFoundError("the task is done, or there is no such task")
    count = len(group.open) + len(group.snoozed)
    heading = kind_title(visit.texts, kind, count) if handled is None else sentence(visit.texts, handled.task)
    return await visit.page(
        "tasks/handle.html",
        status=422 if assigning.errors or snoozing.errors else 200,
        kind=kind,
        heading=heading,
        label=WORDS[kind].label,
        is_whole=handled is None,
        may_wait=RULES[kind].may_wait,
        assigning=assigning,
        snoozing=snoozing,
    )


async def _assign_fields(visit: Visit) -> tuple[Field, ...]:
    colleagues = await visit.read(visit.services.tasks.colleagues, visit.person)
    choices = [Choice(NOBODY, _("Nobody")), *(Choice(account.id, _called(visit, account)) for account in colleagues)]
    return (Field("to", _("Who looks after it?"), kind="select", choices=choices),)


def _called(visit: Visit, account: Account) -> str:
    return visit.text(_("%(name)s (you)"), name=account.name) if account.id == visit.person.id else account.name


async def _assign_form(visit: Visit, key: str) -> Form:
    return Form.of((_TASK, *(await _assign_fields(visit))), {"task": key})


def _snooze_fields(visit: Visit) -> tuple[Field, ...]:
    today = visit.services.tasks.today
    days = [(today + timedelta(days=ahead), text) for ahead, text in _WAITS]
    choices = [Choice(iso_day(day), visit.text(text, day=visit.texts.day(day))) for day, text in days]
    return (_TASK, Field("until", _("Until when?"), kind="select", choices=choices), _REASON)


def _snooze_form(visit: Visit, key: str) -> Form:
    return Form.of(_snooze_fields(visit), {"task": key})
