"""The agent's condition in one document: what `status`, the health endpoint, the metrics and the hooks show.

ok, low, critical and empty speak of the stock; `alarms` say what else needs a person, each with a code that
docs/guide/agent-oncall.md explains.
"""

from datetime import date

import msgspec

from npn import __version__
from npn.agent.alarms import Alarm, AlarmFacts, Severity, alarms_of, days, remembered
from npn.agent.model import Flag, PooledSeries, PoolStatus, UnusedGap
from npn.agent.paper.journal import journal_of
from npn.agent.paper.store import unused_on_paper
from npn.agent.settings import AgentSettings
from npn.agent.stock.inspection import Doubt, copied, doubt, mark_of, status_of, use_of
from npn.agent.stock.logbook import Logbook
from npn.replenishment.consumption import Estimate, history, learn
from npn.replenishment.policy import Level, check_seconds


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


class ServiceNews(msgspec.Struct, frozen=True, kw_only=True):
    """What the service said of this system at the latest contact that went well."""

    system: str
    state: str
    notices: list[str]
    deadlines: list[str]
    quota_used: int | None = None
    quota: int | None = None
    quota_days: int | None = None


class Condition(msgspec.Struct, frozen=True, kw_only=True):
    """Usable numbers, days of cover (null: not known), and what is wrong. `reserved` of `free` are in memory.

    on_paper  printed ahead and not used: not in `free`, and not in the cover; null where the journal can't be read
    """

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
    gaps: list[UnusedGap]
    flags: list[Flag]
    pid: int | None
    version: str
    running: bool = True
    seconds_since_success: float | None = None
    reserved: int = 0
    service: ServiceNews | None = None
    on_paper: int | None = 0

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
        cover = "cover not known yet" if self.cover_days is None else f"cover {days(self.cover_days)}"
        rest = "".join(f"; {alarm.text}" for alarm in self.alarms)
        word = self.severity if self.state == "ok" else self.state
        return f"{word}: {self.free} usable numbers, {cover}{rest}"


def not_running(settings: AgentSettings) -> Condition:
    """Return the condition of a pool that no agent runs, off a copy: nothing refills it: at least a warning."""
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
        on_paper=unused_on_paper(journal_of(settings.database_path)),
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


def describe(
    *,
    status: PoolStatus,
    facts: AlarmFacts,
    settings: AgentSettings,
    estimate: Estimate,
    today: date,
    pid: int | None,
    on_paper: int | None,
) -> Condition:
    """Put the condition together. Pure."""
    policy = settings.stock
    expected = policy.expected(estimate)
    level = policy.level(status.free, estimate, today=today)
    alarm_after = check_seconds(settings.alarm_after)
    alarms = alarms_of(status, facts, policy.too_small_a_draw(expected.per_day), alarm_after=alarm_after, today=today)
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
        series=[_stock(series, verified=series.id in status.verified) for series in status.series],
        gaps=status.gaps,
        flags=status.flags,
        pid=pid,
        version=__version__,
        seconds_since_success=facts.seconds_since_success,
        reserved=status.free - sum(s.free for s in status.series if s.state == "open"),
        service=_news(facts),
        on_paper=on_paper,
    )


def _stock(series: PooledSeries, *, verified: bool) -> SeriesStock:
    return SeriesStock(
        id=series.id,
        space=series.space,
        first=series.scheme.format(series.first),
        last=series.scheme.format(series.last),
        state=series.state,
        free=series.free,
        receipt=series.has_receipt,
        verified=verified,
    )


def _news(facts: AlarmFacts) -> ServiceNews | None:
    me = facts.me
    if me is None:
        return None
    quota = me.quota if me.quota is not None and me.quota.numbers is not None else None
    return ServiceNews(
        system=me.system,
        state=me.state,
        notices=me.notices,
        deadlines=me.deadlines,
        quota_used=quota.used if quota else None,
        quota=quota.numbers if quota else None,
        quota_days=quota.days if quota else None,
    )


def _worst(level: Level, alarms: list[Alarm]) -> Severity:
    severities = {alarm.severity for alarm in alarms}
    if level in ("critical", "empty") or "critical" in severities:
        return "critical"
    return "warning" if level == "low" or "warning" in severities else "ok"
