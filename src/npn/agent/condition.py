"""The agent's condition in one document: what `status`, the health endpoint, the metrics and the hooks show.

ok, low, critical and empty speak of the stock; `alarms` say what else needs a person, each with a code that
docs/guide/agent-oncall.md explains.
"""

from datetime import UTC, date, datetime
from typing import Literal

import msgspec

from npn import __version__
from npn.agent.consumption import Estimate, history, learn
from npn.agent.logbook import Logbook
from npn.agent.looking import Doubt, copied, doubt, mark_of, status_of, use_of
from npn.agent.model import Flag, Gap, PoolStatus
from npn.agent.policy import Level, check_seconds
from npn.agent.settings import AgentSettings

Severity = Literal["ok", "warning", "critical"]


class Alarm(msgspec.Struct, frozen=True):
    """Something that a person should look at; `code` is stable."""

    code: str
    severity: Severity
    text: str


class SeriesStock(msgspec.Struct, frozen=True, kw_only=True):
    """One series in stock, as texts. `receipt`: kept; `verified`: and its signature was found to hold."""

    id: str
    space: str
    first: str
    last: str
    state: str
    free: int
    receipt: bool
    verified: bool = False


class Condition(msgspec.Struct, frozen=True, kw_only=True):
    """Usable numbers, days of cover (null: not known), and what is wrong."""

    state: Level
    severity: Severity
    free: int
    cover_days: float | None
    used_per_day: float
    confidence: str
    handed_out: int
    returned: int
    lost: int
    arrived: int
    pool_id: str
    last_success: str | None
    last_error: str | None
    last_error_code: str | None
    alarms: list[Alarm]
    series: list[SeriesStock]
    gaps: list[Gap]
    flags: list[Flag]
    pid: int | None
    version: str
    running: bool = True
    seconds_since_success: float | None = None

    @property
    def hands_out(self) -> bool:
        """Whether who asks for a number now gets one."""
        return self.state != "empty" and not any(alarm.code == "pool_write" for alarm in self.alarms)

    @property
    def perfdata(self) -> str:
        """Figures as monitoring plug-ins print them behind the line."""
        cover = "U" if self.cover_days is None else f"{self.cover_days:.1f}"
        return f"free={self.free} cover_days={cover} used_per_day={self.used_per_day:g} lost={self.lost}c"

    @property
    def line(self) -> str:
        """One line for a monitoring check."""
        cover = "cover not known yet" if self.cover_days is None else f"cover {self.cover_days:.0f} days"
        rest = "".join(f"; {alarm.text}" for alarm in self.alarms)
        word = self.severity if self.state == "ok" else self.state
        return f"{word}: {self.free} usable numbers, {cover}{rest}"


def not_running(settings: AgentSettings) -> Condition:
    """Give the condition of a pool that no agent runs, off a copy: nothing refills it, so it is a warning at least."""
    day = date.today()  # noqa: DTZ011  # the laboratory's own day
    with copied(settings.database_path) as store:
        log = Logbook(store)
        since, today = history(use := use_of(log, today=day), today=day)
        doubted = doubt(store, mark_of(settings.database_path, settings.mark_path).read())
        status, facts = status_of(store, log), remembered(log)
    condition = describe(
        status=status,
        facts=facts,
        settings=settings,
        estimate=learn(use, since=since, today=today),
        today=today,
        pid=None,
    )
    alarms = [Alarm("not_running", "warning", "the agent is not running"), *condition.alarms]
    if doubted:
        alarms.insert(0, Alarm(doubted, "critical", _DOUBTS[doubted]))
    severity = _worst(condition.state, alarms)
    return msgspec.structs.replace(condition, severity=severity, alarms=alarms, running=False)


_DOUBTS: dict[Doubt, str] = {
    "mark_missing": "the pool's mark is missing: copied, or the mark was lost; its stock must not be handed out",
    "pool_restored": "the pool is older than its mark: restored or replaced; its stock must not be handed out",
}


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What the pool remembers of its rounds, and how long ago the last good one was, in seconds."""

    last_success: str | None
    last_error: str | None
    last_error_code: str | None
    lacking: str | None
    seconds_since_success: float | None
    clock_skew: float | None = None
    trouble: str = ""


def remembered(log: Logbook) -> Facts:
    """Read them from the pool's log."""
    success = log.fact("last_success")
    return Facts(
        last_success=success,
        last_error=log.fact("last_error"),
        last_error_code=log.fact("last_error_code"),
        lacking=log.fact("lacking"),
        seconds_since_success=seconds_since(success),
    )


def describe(
    *,
    status: PoolStatus,
    facts: Facts,
    settings: AgentSettings,
    estimate: Estimate,
    today: date,
    pid: int | None,
) -> Condition:
    """Put the condition together. Pure."""
    policy = settings.stock
    expected = policy.expected(estimate)
    level = policy.level(status.free, estimate, today=today)
    alarm_after = check_seconds(settings.alarm_after)
    alarms = _alarms(status, facts, policy.too_small_a_draw(expected.per_day), alarm_after)
    return Condition(
        state=level,
        severity=_worst(level, alarms),
        free=status.free,
        cover_days=expected.cover(status.free, today=today),
        used_per_day=round(expected.per_day, 3),
        confidence=estimate.confidence,
        handed_out=status.handed_out,
        returned=status.returned,
        lost=status.lost,
        arrived=status.arrived,
        pool_id=status.pool_id,
        last_success=facts.last_success,
        last_error=facts.last_error,
        last_error_code=facts.last_error_code,
        alarms=alarms,
        series=[
            SeriesStock(
                id=s.id,
                space=s.space,
                first=s.scheme.format(s.first),
                last=s.scheme.format(s.last),
                state=s.state,
                free=s.free,
                receipt=s.has_receipt,
                verified=s.id in status.verified,
            )
            for s in status.series
        ],
        gaps=status.gaps,
        flags=status.flags,
        pid=pid,
        version=__version__,
        seconds_since_success=facts.seconds_since_success,
    )


def _alarms(status: PoolStatus, facts: Facts, trap: str, alarm_after: float) -> list[Alarm]:
    found = []
    if status.stopped:
        found.append(Alarm("stopped", "critical", status.stopped))
    if facts.trouble:
        found.append(Alarm("pool_write", "critical", facts.trouble))
    if status.alarm:
        found.append(Alarm("cloned", "warning", status.alarm))
    found += _alarms_of_rounds(facts, alarm_after)
    if trap:
        found.append(Alarm("policy", "warning", trap))
    kinds = {flag.kind for flag in status.flags}
    if "bad_series" in kinds:
        found.append(
            Alarm("bad_series", "warning", "the service gave a series that can't be used; drawing has stopped")
        )
    if kinds & {"differs", "missing_at_service", "bad_receipt"}:
        found.append(Alarm("differences", "warning", "the service's list of series differs from the pool's"))
    return found


def _alarms_of_rounds(facts: Facts, alarm_after: float) -> list[Alarm]:
    found, silent = [], facts.seconds_since_success
    if silent is None or silent > alarm_after:
        since = "never yet" if silent is None else f"{silent / 3600:.0f} hours ago"
        why = f" ({facts.last_error})" if facts.last_error else ""
        if silent is not None or facts.last_error:
            found.append(Alarm("no_contact", "warning", f"last good round with the service: {since}{why}"))
    elif facts.last_error:
        found.append(Alarm("last_round_failed", "ok", facts.last_error))
    if facts.lacking:
        found.append(Alarm("service_too_old", "ok", f"the service lacks: {facts.lacking}"))
    if facts.clock_skew is not None and abs(facts.clock_skew) > 300:
        text = f"this machine's clock is {facts.clock_skew:+.0f} s away from the service's"
        found.append(Alarm("clock", "warning", text))
    return found


def _worst(level: Level, alarms: list[Alarm]) -> Severity:
    severities = {alarm.severity for alarm in alarms}
    if level in ("critical", "empty") or "critical" in severities:
        return "critical"
    return "warning" if level == "low" or "warning" in severities else "ok"


def seconds_since(text: str | None) -> float | None:
    """Seconds since a remembered moment; never negative, whatever the clock did."""
    if text is None:
        return None
    return max(0.0, (datetime.now(UTC) - datetime.fromisoformat(text)).total_seconds())


_HELP = {
    "npn_agent_free": "usable numbers that can be handed out",
    "npn_agent_cover_days": "days that the stock lasts at the expected use",
    "npn_agent_used_per_day": "expected use in usable numbers a day",
    "npn_agent_handed_out_total": "numbers handed out since the pool was made",
    "npn_agent_lost_total": "numbers lost or withheld, at most, since the pool was made",
    "npn_agent_returned_total": "numbers given back as certainly unused",
    "npn_agent_seconds_since_success": "seconds since the last good round with the service",
    "npn_agent_severity": "0 ok, 1 warning, 2 critical",
}


def metrics(condition: Condition) -> str:
    """Prometheus text."""
    values: dict[str, float | None] = {
        "npn_agent_free": condition.free,
        "npn_agent_cover_days": condition.cover_days,
        "npn_agent_used_per_day": condition.used_per_day,
        "npn_agent_handed_out_total": condition.handed_out,
        "npn_agent_lost_total": condition.lost,
        "npn_agent_returned_total": condition.returned,
        "npn_agent_seconds_since_success": condition.seconds_since_success,
        "npn_agent_severity": ("ok", "warning", "critical").index(condition.severity),
    }
    lines = []
    for name, value in values.items():
        kind = "counter" if name.endswith("_total") else "gauge"
        lines += [f"# HELP {name} {_HELP[name]}", f"# TYPE {name} {kind}"]
        if value is not None:
            lines.append(f"{name} {value!r}")
    lines += ["# HELP npn_agent_state the state of the stock", "# TYPE npn_agent_state gauge"]
    lines += [
        f'npn_agent_state{{state="{state}"}} {int(condition.state == state)}'
        for state in ("ok", "low", "critical", "empty")
    ]
    lines += [f'npn_agent_alarm{{code="{alarm.code}",severity="{alarm.severity}"}} 1' for alarm in condition.alarms]
    return "\n".join(lines) + "\n"
