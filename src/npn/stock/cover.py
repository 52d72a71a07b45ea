"""How long a system's stock lasts, and what the six months' rule says of it.

Where a system reports its stock, the report is brought forward to today: less what was used since, more what was
drawn since. Where it does not, both figures are estimated from its draws, and said to be.

The estimate assumes that a system draws when its stock has fallen to a level that it keeps to, and is then full. So
what it drew after its first draw is what it used from that draw to the last; and after its last draw it held what it
drew then. What it held besides is not known, so the true cover may be longer, never much shorter.
"""

import math
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from npn.instants import danish_day
from npn.stock.model import Report

RULE_DAYS = 183  # six months: what every connected system keeps
REORDER_DAYS = 150  # where the agent draws by default: between the two a draw is due, and nothing is wrong yet
MARGIN_DAYS = 14  # a draw that mends the rule reaches so far beyond it
REPORT_HOLDS = timedelta(days=35)  # a report older than this tells too little of today
ENOUGH_HISTORY = timedelta(days=28)  # draws that lie closer together than this tell too little of use
_LARGEST = 10**18
_FOREVER = 1e9  # days: more is not told apart


class Colour(StrEnum):
    """The six months' rule at a glance.

    Red is said of reported figures alone: an estimate that is low is amber at most, for it raises no alarm by itself.
    """

    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    UNKNOWN = "unknown"


class CoverSource(StrEnum):
    """Where the figures come from."""

    REPORTED = "reported"
    ESTIMATED = "estimated"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Draws:
    """What a system drew and gave back. All figures count usable numbers.

    `count` draws, from `first_at` to `last_at`; `after_first` is what those after the first week held together, `last`
    what those of the last week held. `since_report` is what was drawn after the latest report, less what was released
    after it.
    """

    count: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None
    after_first: int = 0
    last: int = 0
    since_report: int = 0


@dataclass(frozen=True, slots=True)
class Cover:
    """A system's stock today. `free` in usable numbers, `used_per_day` usable numbers a day, `days` the cover.

    Figures are None where they aren't known; `days` also where nothing is used, for then the stock does not end.
    `breaks_on`: the day on which the stock falls below six months if nothing is drawn; None where it has already.
    `below_since`: the day of the report that first showed it below, after one that did not; None where none did.
    `draw`: the usable numbers that lift it to six months and two weeks, 0 where it is there.
    """

    system: str
    source: CoverSource
    colour: Colour
    free: int | None = None
    used_per_day: float | None = None
    days: float | None = None
    as_of: datetime | None = None
    breaks_on: date | None = None
    draw: int | None = None
    below_since: date | None = None

    @property
    def whole_days(self) -> int | None:
        """Return the cover in whole days, the same figure wherever it is shown."""
        return None if self.days is None else math.floor(self.days)

    @property
    def is_below(self) -> bool:
        """Whether the stock lasts for less than six months, as far as is known."""
        return self.days is not None and self.days < RULE_DAYS

    @classmethod
    def unknown(cls, system: str) -> "Cover":
        """Make that of a system nothing is known of."""
        return cls(system, CoverSource.UNKNOWN, Colour.UNKNOWN)


def cover(
    system: str, *, report: Report | None, draws: Draws, now: datetime, crossed_at: datetime | None = None
) -> Cover:
    """Return how long a system's stock lasts at `now`.

    `crossed_at`: the report that first showed it below six months, after one that did not.
    """
    if report is not None and now - report.as_of <= REPORT_HOLDS:
        days = max(0.0, (now - report.as_of) / timedelta(days=1))
        free = report.free + draws.since_report - report.used_per_day * days
        judged = _judged(system, CoverSource.REPORTED, free=free, rate=report.used_per_day, as_of=report.as_of, now=now)
        since = danish_day(crossed_at) if crossed_at is not None and judged.is_below else None
        return replace(judged, below_since=since)
    rate = _rate(draws)
    if rate is None or draws.last_at is None:
        return Cover(system, CoverSource.UNKNOWN, Colour.UNKNOWN, as_of=None if report is None else report.as_of)
    free = draws.last - rate * ((now - draws.last_at) / timedelta(days=1))
    return _judged(system, CoverSource.ESTIMATED, free=free, rate=rate, as_of=draws.last_at, now=now)


def _rate(draws: Draws) -> float | None:
    """Usable numbers a day, or None where the draws tell too little."""
    if draws.count < 2 or draws.first_at is None or draws.last_at is None:
        return None
    span = draws.last_at - draws.first_at
    if span < ENOUGH_HISTORY or draws.after_first <= 0:
        return None
    return draws.after_first / (span / timedelta(days=1))


def _judged(system: str, source: CoverSource, *, free: float, rate: float, as_of: datetime, now: datetime) -> Cover:
    whole = min(max(0, math.floor(free)), _LARGEST)
    if rate <= 0:
        colour = Colour.GREEN if whole > 0 else Colour.UNKNOWN  # nothing is used: what there is lasts
        return Cover(system, source, colour, free=whole, used_per_day=0.0, as_of=as_of, draw=0 if whole else None)
    days = min(whole / rate, _FOREVER) if rate > whole / _FOREVER else _FOREVER
    return Cover(
        system,
        source,
        colour_of(days, source),
        free=whole,
        used_per_day=rate,
        days=days,
        as_of=as_of,
        breaks_on=_breaks_on(days, now) if days >= RULE_DAYS else None,
        draw=0 if days >= RULE_DAYS else min(math.ceil(rate * (RULE_DAYS + MARGIN_DAYS)) - whole, _LARGEST),
    )


def colour_of(days: float, source: CoverSource = CoverSource.REPORTED) -> Colour:
    """Judge a cover in days; an estimate is never red."""
    if days >= RULE_DAYS:
        return Colour.GREEN
    return Colour.AMBER if days >= REORDER_DAYS or source is not CoverSource.REPORTED else Colour.RED


def _breaks_on(days: float, now: datetime) -> date | None:
    """The day the cover falls below the rule: it loses a day each day."""
    today = danish_day(now)
    ahead = math.floor(days - RULE_DAYS)
    return _moved(today, ahead)


def _moved(day: date, by: int) -> date | None:
    wanted = day.toordinal() + by
    return date.fromordinal(wanted) if 1 <= wanted <= date.max.toordinal() else None


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month, in Denmark: how many series and numbers were drawn, and how many of these were usable."""

    month: date
    series: int
    numbers: int
    usable: int
