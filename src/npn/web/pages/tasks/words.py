"""What the pages and the daily mail say of tasks: a title for each kind, who must act, what follows, and each task."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast

from npn.tasks.model import HistoryAct, Press, Task, TaskGroup, TaskKind
from npn.web.pages.onboarding.step_words import TODO
from npn.web.texts import Msgid, Texts, _


@dataclass(frozen=True, slots=True)
class KindWords:
    """What is said of the tasks of a kind. `many`: how many there are; `then`: what happens next, or what to do."""

    label: Msgid
    many: Msgid
    who: Msgid
    then: Msgid


_OPERATOR = _("The operator")
_OWNER = _("The system's owner or its region")
_LABORATORY = _("Whoever runs the system: its owner, region or vendor")
_ANOTHER = _("Another operator than the one who proposed it")

WORDS: Mapping[TaskKind, KindWords] = {
    TaskKind.DRAWS_STOPPED: KindWords(
        _("Nothing can be drawn"),
        _("Nothing can be drawn"),
        _OPERATOR,
        _("No system gets a new series until it is found out why. Numbers that were drawn are still good."),
    ),
    TaskKind.POOL_COPIED: KindWords(
        _("Copied pools"),
        _("%(n)s agents' pools were copied or restored: some of their numbers may have been used twice."),
        _LABORATORY,
        _("The agent gets no numbers until the laboratory has compared them and reset its pool."),
    ),
    TaskKind.FILE_READABLE: KindWords(
        _("Readable secrets"),
        _("Other users of the server's machine can read %(n)s files with secrets."),
        _OPERATOR,
        _("Close the files, and replace the keys that others may have read."),
    ),
    TaskKind.WITNESS_PLACE: KindWords(
        _("The witness's place"),
        _("The witness is on the same disk as the database"),
        _OPERATOR,
        _("Move the witness to another disk or machine: npn admin witness move."),
    ),
    TaskKind.BACKGROUND: KindWords(
        _("Background work"),
        _("%(n)s pieces of background work fail"),
        _OPERATOR,
        _("The server's log says more; they are tried again."),
    ),
    TaskKind.AGREEMENT_REFUSED: KindWords(
        _("Refused without the agreement"),
        _("%(n)s systems get no new series: the connection agreement is not accepted for them"),
        _OWNER,
        _("New series are given again as soon as the owner accepts, or the operator grants a respite."),
    ),
    TaskKind.PLAIN_HTTP_ENDED: KindWords(
        _("Plain HTTP after its end"),
        _("%(n)s systems still call over plain HTTP, which has ended: they are refused"),
        _LABORATORY,
        _("The system draws again once it calls over https://, or the operator grants an exception."),
    ),
    TaskKind.CERTIFICATE_EXPIRED: KindWords(
        _("Expired certificates"),
        _("The certificates of %(n)s systems have expired"),
        _LABORATORY,
        _("The system can't draw with the certificate: link a new one."),
    ),
    TaskKind.STOCK_ENDS: KindWords(
        _("Stock that ends"),
        _("%(n)s systems have numbers for less than 30 days"),
        _LABORATORY,
        _("When the numbers are used up, samples can't be labelled: draw now."),
    ),
    TaskKind.STOCK_LOW: KindWords(
        _("Stock below six months"),
        _("%(n)s systems report less stock than six months"),
        _LABORATORY,
        _("Six months' stock is agreed: draw what each system's page recommends."),
    ),
    TaskKind.APPROVAL: KindWords(
        _("Proposals for approval"),
        _("%(n)s proposals wait for a second person"),
        _ANOTHER,
        _("What was proposed is done once another operator approves it, and not before."),
    ),
    TaskKind.CERTIFICATE_ENDS: KindWords(
        _("Certificates that expire"),
        _("The certificates of %(n)s systems expire within 90 days"),
        _LABORATORY,
        _("After its last day the certificate is refused: link a new one before."),
    ),
    TaskKind.AGREEMENT_MISSING: KindWords(
        _("Agreement not accepted"),
        _("The connection agreement is not accepted for %(n)s systems"),
        _OWNER,
        _("The owner accepts on the system's page. Where a day is set, no new series are given from then on."),
    ),
    TaskKind.PLAIN_HTTP: KindWords(
        _("Plain HTTP in use"),
        _("%(n)s systems still call over plain HTTP"),
        _LABORATORY,
        _("Change the system's address to https://. Where an end is announced, calls are refused from then on."),
    ),
    TaskKind.REQUEST: KindWords(
        _("Requests"),
        _("%(n)s requests to connect a system wait for the operator"),
        _OPERATOR,
        _("Whoever asked can't go on until the step is taken."),
    ),
    TaskKind.CASE: KindWords(
        _("Cases to answer"),
        _("%(n)s cases wait for an answer from the operator"),
        _OPERATOR,
        _("Whoever asked gets the answer by e-mail; then it is their turn."),
    ),
    TaskKind.CASE_REPLY: KindWords(
        _("Cases that wait for you"),
        _("%(n)s cases wait for your answer"),
        _("You, or whoever asked"),
        _("The operator goes on when the case is answered."),
    ),
    TaskKind.CONNECTION_STEP: KindWords(
        _("Connections under way"),
        _("%(n)s connections wait for a step from you"),
        _("Whoever has the step; the case says who"),
        _("The next step follows by itself. Links to the steps were sent by e-mail; the operator can send them again."),
    ),
    TaskKind.PROPOSAL_DECISION: KindWords(
        _("Change proposals to decide"),
        _("%(n)s change proposals wait for the decision"),
        _("The forum decides, the operator enters the decision"),
        _("The time for comments is over. An adopted change is published with notice."),
    ),
    TaskKind.PROPOSAL_COMMENT: KindWords(
        _("Change proposals to comment on"),
        _("%(n)s change proposals are open for comments"),
        _("Everybody whom the change concerns"),
        _("After the last day for comments the forum decides."),
    ),
    TaskKind.UNUSUAL_DRAW: KindWords(
        _("Unusual draws"),
        _("%(n)s draws were many times larger than usual"),
        _OPERATOR,
        _("Ask whether the draw was meant; what is not needed can be released."),
    ),
    TaskKind.OTHER_NUMBERS: KindWords(
        _("Places without NPN"),
        _("%(n)s places that do not use NPN are to be considered again"),
        _OWNER,
        _("Confirm the place with a new day, or end it."),
    ),
    TaskKind.CONTACT: KindWords(
        _("Systems without contacts"),
        _("%(n)s systems have no contacts"),
        _OWNER,
        _("Without a contact nobody can be told when something is wrong: enter one."),
    ),
    TaskKind.STOCK_ESTIMATED: KindWords(
        _("Stock by estimate"),
        _("%(n)s systems may have less stock than six months: an estimate from their draws"),
        _LABORATORY,
        _("Nothing follows from an estimate. A system that reports its stock is not estimated."),
    ),
    TaskKind.FIRST_SYSTEM: KindWords(
        _("The first system"),
        _("No system is connected yet"),
        _OPERATOR,
        _("Connect the first, or wait for a request."),
    ),
    TaskKind.SECOND_OPERATOR: KindWords(
        _("A second operator"),
        _("There is one operator alone"),
        _OPERATOR,
        _("Some things take two people: make a second operator."),
    ),
}
PRESSES: Mapping[Press, Msgid] = {
    Press.NOW: _("Urgent"),
    Press.SOON: _("Soon"),
    Press.SOMETIME: _("When there is time"),
}
ACTS: Mapping[HistoryAct, Msgid] = {
    HistoryAct.OPENED: _("New"),
    HistoryAct.DONE: _("Done"),
    HistoryAct.ASSIGNED: _("Assigned"),
    HistoryAct.UNASSIGNED: _("Assigned to nobody"),
    HistoryAct.SNOOZED: _("Was put off"),
    HistoryAct.UNSNOOZED: _("Taken up again"),
}
_LINES: Mapping[TaskKind, Msgid] = {
    TaskKind.POOL_COPIED: _(
        "An agent's pool of %(name)s was copied or restored: some of its numbers may have been used twice."
    ),
    TaskKind.FILE_READABLE: _("Other users of the server's machine can read %(name)s, which holds secrets: chmod 600."),
    TaskKind.WITNESS_PLACE: _("The witness is on the same disk as the database: move it, or one loss takes both."),
    TaskKind.BACKGROUND: _("The background work %(name)s has failed since %(since)s: %(error)s."),
    TaskKind.AGREEMENT_REFUSED: _(
        "The connection agreement is not accepted for %(name)s: it has been given no new series since %(day)s."
    ),
    TaskKind.PLAIN_HTTP_ENDED: _(
        "%(name)s called over plain HTTP %(calls)s in 30 days; it ended on %(day)s, and the calls are refused."
    ),
    TaskKind.CERTIFICATE_EXPIRED: _("The certificate of %(name)s expired on %(day)s."),
    TaskKind.STOCK_ENDS: _("%(name)s has stock for %(days)s alone: it runs out about %(day)s."),
    TaskKind.STOCK_LOW: _("%(name)s has stock for %(days)s; six months are agreed."),
    TaskKind.STOCK_ESTIMATED: _("%(name)s may have stock for %(days)s, by an estimate: it does not report its stock."),
    TaskKind.APPROVAL: _("A proposal waits for a second person: %(name)s"),
    TaskKind.REQUEST: _("%(name)s: %(todo)s"),
    TaskKind.CONNECTION_STEP: _("%(name)s: %(todo)s"),
    TaskKind.CASE: _("Case %(number)s waits: %(name)s"),
    TaskKind.CASE_REPLY: _("Case %(number)s waits for your answer: %(name)s"),
    TaskKind.PROPOSAL_DECISION: _("Change proposal %(id)s waits for the decision: %(name)s"),
    TaskKind.PROPOSAL_COMMENT: _("Change proposal %(id)s is open for comments: %(name)s"),
    TaskKind.UNUSUAL_DRAW: _(
        "%(name)s drew %(usable)s usable numbers at once on %(at)s, %(times)s its normal draw: was it meant?"
    ),
    TaskKind.OTHER_NUMBERS: _("A place where %(name)s does not use NPN is to be considered again: %(place)s"),
    TaskKind.CONTACT: _("%(name)s has no contacts."),
    TaskKind.FIRST_SYSTEM: _("No system is connected yet: connect the first."),
    TaskKind.SECOND_OPERATOR: _("You are the only operator: make a second one. Some things take two people."),
}


def _stopped(task: Task) -> Msgid:
    if task.values["missing"]:
        return _("Nothing can be drawn: the witness can't be reached.")
    return _("Nothing can be drawn: the witness and the database don't agree.")


def _plain_http(task: Task) -> Msgid:
    if task.due is None:
        return _("%(name)s called over plain HTTP %(calls)s in 30 days.")
    return _("%(name)s called over plain HTTP %(calls)s in 30 days; it ends on %(day)s.")


def _ending(task: Task) -> Msgid:
    if not task.values["days"]:
        return _("The certificate of %(name)s expires within 24 hours.")
    return _("The certificate of %(name)s expires in %(days)s, on %(day)s.")


def _agreement(task: Task) -> Msgid:
    if task.due is None:
        return _("The connection agreement is not accepted for %(name)s.")
    return _("The connection agreement is not accepted for %(name)s: no new series are given from %(day)s.")


def _case(task: Task) -> Msgid:
    return _("Case %(number)s is yours: %(name)s") if task.only else _LINES[TaskKind.CASE]


_CHOSEN: Mapping[TaskKind, Callable[[Task], Msgid]] = {
    TaskKind.DRAWS_STOPPED: _stopped,
    TaskKind.PLAIN_HTTP: _plain_http,
    TaskKind.CERTIFICATE_ENDS: _ending,
    TaskKind.AGREEMENT_MISSING: _agreement,
    TaskKind.CASE: _case,
}


def sentence(words: Texts, task: Task) -> str:
    """Return one task in words."""
    choose = _CHOSEN.get(task.kind)
    text = _LINES[task.kind] if choose is None else choose(task)
    return words.gettext(text) % {"name": task.name, "day": words.date(task.due), **_values(words, task)}


def title(words: Texts, group: TaskGroup) -> str:
    """Return what a group is about: its only task, or how many there are; of one put off as a whole, all of them."""
    tasks = [handled.task for handled in group.open or group.snoozed]
    if len(tasks) == 1:
        return sentence(words, tasks[0])
    return kind_title(words, group.kind, len(tasks))


def kind_title(words: Texts, kind: TaskKind, count: int) -> str:
    """Return how many tasks of a kind there are, in words."""
    return words.gettext(WORDS[kind].many) % {"n": words.number(count)}


def _values(words: Texts, task: Task) -> dict[str, object]:
    """Return the task's values as the visitor's language writes them."""
    ways: Mapping[str, Callable[[object], str]] = {
        "days": lambda value: _counted(words, value, one=_("one day"), many=_("%(n)s days")),
        "calls": lambda value: _counted(words, value, one=_("once"), many=_("%(n)s times")),
        "times": lambda value: _counted(words, value, one=_("once"), many=_("%(n)s times")),
        "usable": lambda value: words.number(cast("int", value)),
        "draw": lambda value: words.number(cast("int", value)),
        "at": lambda value: words.date(cast("date", value)),
        "since": lambda value: words.time(cast("datetime", value)),
        "todo": lambda value: words.translated(TODO.get(str(value), str(value))),
    }
    return {name: ways[name](value) if name in ways else value for name, value in task.values.items()}


def _counted(words: Texts, count: object, *, one: Msgid, many: Msgid) -> str:
    return words.gettext(one) if count == 1 else words.gettext(many) % {"n": words.number(cast("int", count))}
