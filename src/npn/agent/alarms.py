"""What needs a person: each alarm with a stable code that docs/guide/agent-oncall.md explains. Pure."""

from datetime import UTC, date, datetime, timedelta
from typing import Literal

import msgspec

from npn.agent.model import PoolStatus
from npn.agent.stock.logbook import Logbook
from npn.wire import Me

Severity = Literal["ok", "warning", "critical"]
DEADLINE_DAYS = 30  # a deadline so near is a warning


class Alarm(msgspec.Struct, frozen=True):
    """Something that a person should look at; `code` is stable."""

    code: str
    severity: Severity
    text: str

    @property
    def name(self) -> str:
        """Return what tells this alarm from others: of what the service says there may be several of one code."""
        return f"{self.code} {self.text}" if self.code in ("notice", "deadline") else self.code


class AlarmFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What the pool remembers of its rounds, how long ago the last good one was, and what the service said then.

    `trouble`: the pool can't be written; `faults`: in the agent's own loops; `draws_held`, `kept_back`: why nothing is
    drawn.
    """

    last_success: str | None
    last_error: str | None
    last_error_code: str | None
    lacking: str | None
    seconds_since_success: float | None
    clock_skew: float | None = None
    trouble: str = ""
    faults: tuple[str, ...] = ()
    draws_held: str | None = None
    kept_back: str | None = None
    me: Me | None = None


def remembered(log: Logbook) -> AlarmFacts:
    """Read them from the pool's log."""
    success = log.fact("last_success")
    return AlarmFacts(
        last_success=success,
        last_error=log.fact("last_error"),
        last_error_code=log.fact("last_error_code"),
        lacking=log.fact("lacking"),
        seconds_since_success=seconds_since(success),
        draws_held=log.fact("draws_held"),
        kept_back=log.fact("kept_back"),
        me=_me(log.fact("me")),
    )


def _me(text: str | None) -> Me | None:
    if text is None:
        return None
    try:
        return msgspec.json.decode(text, type=Me)
    except msgspec.MsgspecError:  # of another edition of the agent: the next contact writes it again
        return None


def alarms_of(status: PoolStatus, facts: AlarmFacts, trap: str, *, alarm_after: float, today: date) -> list[Alarm]:
    """Return all alarms, the most pressing kind first. `trap`: the arithmetic of a stock policy that can't work."""
    return [
        *_of_pool(status, facts),
        *_of_rounds(facts, alarm_after),
        *_of_draws(status, facts, trap),
        *_of_service(facts.me, today),
    ]


def _of_pool(status: PoolStatus, facts: AlarmFacts) -> list[Alarm]:
    alarms = []
    if status.stopped:
        alarms.append(Alarm("stopped", "critical", status.stopped))
    if facts.trouble:
        alarms.append(Alarm("pool_write", "critical", facts.trouble))
    if status.alarm:
        alarms.append(Alarm("cloned", "warning", status.alarm))
    return alarms + [Alarm("fault", "warning", text) for text in facts.faults]


def _of_rounds(facts: AlarmFacts, alarm_after: float) -> list[Alarm]:
    alarms, silent = [], facts.seconds_since_success
    if silent is None or silent > alarm_after:
        since = "never yet" if silent is None else f"{ago(silent)} ago"
        why = f" ({facts.last_error})" if facts.last_error else ""
        if silent is not None or facts.last_error:
            alarms.append(Alarm("no_contact", "warning", f"last good round with the service: {since}{why}"))
    elif facts.last_error:
        alarms.append(Alarm("last_round_failed", "ok", facts.last_error))
    if facts.lacking:
        alarms.append(Alarm("service_too_old", "ok", f"the service lacks: {facts.lacking}"))
    if facts.clock_skew is not None and abs(facts.clock_skew) > 300:
        way = "behind" if facts.clock_skew > 0 else "ahead of"
        text = f"this machine's clock is {ago(abs(facts.clock_skew))} {way} the service's"
        alarms.append(Alarm("clock", "warning", text))
    return alarms


def _of_draws(status: PoolStatus, facts: AlarmFacts, trap: str) -> list[Alarm]:
    alarms = []
    if facts.draws_held:
        alarms.append(Alarm("draws_held", "warning", facts.draws_held))
    elif facts.kept_back:
        alarms.append(Alarm("scheme_change", "warning", facts.kept_back))
    if trap:
        alarms.append(Alarm("policy", "warning", trap))
    kinds = {flag.kind for flag in status.flags}
    if "bad_series" in kinds:
        text = "the service gave a series that can't be used; drawing has stopped"
        alarms.append(Alarm("bad_series", "warning", text))
    if kinds & {"differs", "missing_at_service", "bad_receipt"}:
        alarms.append(Alarm("differences", "warning", "the service's list of series differs from the pool's"))
    return alarms


def _of_service(me: Me | None, today: date) -> list[Alarm]:
    """Return what the service says of the system: a suspension, its notices, and deadlines that are near."""
    if me is None:
        return []
    alarms = []
    if me.state == "suspended":
        alarms.append(Alarm("system_suspended", "warning", f"the operator has suspended the system {me.system}"))
    for deadline in me.deadlines:
        by = _day(deadline)
        near = by is None or by - today <= timedelta(days=DEADLINE_DAYS)
        alarms.append(Alarm("deadline", "warning" if near else "ok", f"the service says: by {deadline}"))
    dated = {deadline.partition(": ")[2] for deadline in me.deadlines}
    alarms += [Alarm("notice", "warning", f"the service says: {text}") for text in me.notices if text not in dated]
    return alarms


def _day(deadline: str) -> date | None:
    """Return the day that a deadline begins with, as in `2026-12-01: what must be done`."""
    try:
        return date.fromisoformat(deadline.partition(":")[0])
    except ValueError:
        return None


def seconds_since(text: str | None) -> float | None:
    """Return the seconds since a remembered moment; never negative, whatever the clock did."""
    if text is None:
        return None
    return max(0.0, (datetime.now(UTC) - datetime.fromisoformat(text)).total_seconds())


def ago(seconds: float) -> str:
    """Return a span as people say it: in days from two days on, then hours, minutes, seconds."""
    for size, one, more in ((86_400, "day", "days"), (3600, "hour", "hours"), (60, "minute", "minutes")):
        if seconds >= 2 * size:
            count = int(seconds // size)
            return f"{count} {more if count != 1 else one}"
    return f"{seconds:.0f} seconds"


def days(count: float) -> str:
    """Return a number of days as people say it."""
    return "1 day" if round(count) == 1 else f"{count:.0f} days"
