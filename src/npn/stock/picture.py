"""Every system's cover and every space's use at one moment, made in one pass over the draws of a year and a bit.

Whole pictures are made, at most one a minute in a process: pages, metrics and notices look at the same one.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from npn.db import Database
from npn.instants import danish_day
from npn.ledger import store as ledger
from npn.registry import store as registry
from npn.registry import use_store
from npn.registry.model import DrawSummary
from npn.stock import store
from npn.stock.cover import RULE_DAYS, Cover, Draws, Month, cover
from npn.stock.forecast import Forecast, forecast_space
from npn.stock.model import Report
from npn.stock.notices import stock_notices
from npn.systems import store as systems
from npn.systems.model import ConnectedSystem, SystemState
from npn.systems.notices import Notice

MONTHS = 13
REMEMBERED = 60.0  # seconds that a picture serves before it is made again
_BURST = timedelta(days=7)  # draws so close together fill the stock together
_WINDOW = timedelta(days=400)
UNUSUAL_TIMES = 10  # this many times the mean of a system's earlier draws is an unusual draw
_USUAL_AFTER = 3  # draws before which nothing is usual yet
_SHOWN = timedelta(days=30)  # how long an unusual draw is pointed out


@dataclass(frozen=True, slots=True)
class UnusualDraw:
    """A draw many times the normal of its system: `usable` numbers at `at`, where the mean of those before was `mean`.

    It was granted: whether a mistake or a new laboratory is behind it, a person must say. What a system may never
    exceed is its largest draw and its quota.
    """

    system: str
    at: datetime
    usable: int
    mean: float


@dataclass(frozen=True, slots=True)
class Picture:
    """What there was to see at `at`. `months` by system and `use` by space, the last thirteen months each.

    `ever`: the usable numbers each system ever got, and when it last got some.
    """

    at: datetime
    covers: Mapping[str, Cover]
    months: Mapping[str, list[Month]]
    use: Mapping[str, list[Month]]
    forecasts: Mapping[str, Forecast]
    unusual: Sequence[UnusualDraw] = ()
    ever: Mapping[str, tuple[int, datetime]] = field(default_factory=dict)


@dataclass(slots=True)
class _Tally:
    """One system's draws, counted as they pass by in order."""

    report: Report | None
    count: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None
    after_first: int = 0
    since_report: int = 0
    burst: deque[tuple[datetime, int]] = field(default_factory=deque)
    total: int = 0
    unusual: list[tuple[datetime, int, float]] = field(default_factory=list)

    @classmethod
    def of(cls, report: Report | None, drawn: DrawSummary) -> "_Tally":
        """Return what counting the same draws one by one would give; without the unusual ones."""
        burst = deque([] if drawn.last_at is None else [(drawn.last_at, drawn.last)])
        return cls(
            report, drawn.count, drawn.first_at, drawn.last_at, drawn.after_first, since_report=drawn.since, burst=burst
        )

    def add(self, at: datetime, usable: int) -> None:
        """Count a draw."""
        if self.count >= _USUAL_AFTER and usable * self.count > UNUSUAL_TIMES * self.total:
            self.unusual.append((at, usable, self.total / self.count))
        self.count += 1
        self.total += usable
        if self.first_at is None:
            self.first_at = at
        elif at - self.first_at > _BURST:
            self.after_first += usable
        self.last_at = at
        self.burst.append((at, usable))
        while at - self.burst[0][0] > _BURST:
            self.burst.popleft()
        if self.report is not None and at > self.report.as_of:
            self.since_report += usable

    def give_back(self, at: datetime, usable: int) -> None:
        """Count a release."""
        if self.report is not None and at > self.report.as_of:
            self.since_report -= usable
        if self.first_at is not None and at > self.first_at:
            self.after_first -= usable
            if self.last_at is not None and at >= self.last_at:
                self.burst.append((at, -usable))

    def draws(self) -> Draws:
        """Return what was counted."""
        last = sum(usable for _, usable in self.burst)
        return Draws(self.count, self.first_at, self.last_at, self.after_first, last, self.since_report)


class _Calendar:
    """Draws put into calendar months, by whatever they are asked for by."""

    def __init__(self, now: datetime) -> None:
        this = danish_day(now)
        self.months = [_month_back(this, ago) for ago in range(MONTHS - 1, -1, -1)]
        self._sums: dict[tuple[str, int, int], list[int]] = {}

    def add(self, who: str, at: datetime, numbers: int, *, usable: int) -> None:
        """Count a draw."""
        day = danish_day(at)
        sums = self._sums.setdefault((who, day.year, day.month), [0, 0, 0])
        sums[0] += 1
        sums[1] += numbers
        sums[2] += usable

    def of(self, who: str) -> list[Month]:
        """Return every month, those without a draw too."""
        return [Month(m, *self._sums.get((who, m.year, m.month), (0, 0, 0))) for m in self.months]


def take(database: Database, *, now: datetime) -> Picture:
    """Look at everything once."""
    with database.read() as connection:
        every_system = systems.systems(connection, closed=True)
        spaces = registry.spaces(connection)
        reports, crossings = store.latest_of_all(connection), store.crossings(connection, rule_days=RULE_DAYS)
        tallies = {system.id: _Tally(reports.get(system.id)) for system in every_system}
        by_system, by_space = _Calendar(now), _Calendar(now)
        from_seq = ledger.seq_at(connection, now - _WINDOW)
        for system, space, at, numbers, usable in use_store.drawn_after(connection, from_seq=from_seq):
            tallies[system].add(at, usable)
            by_system.add(system, at, numbers, usable=usable)
            by_space.add(space, at, numbers, usable=usable)
        _give_back(connection, tallies, from_seq)
    is_open = {system.id: system.state is not SystemState.CLOSED for system in every_system}
    return Picture(
        at=now,
        covers={
            s: cover(s, report=t.report, draws=t.draws(), now=now, crossed_at=crossings.get(s))
            for s, t in tallies.items()
            if is_open[s]
        },
        months={system.id: by_system.of(system.id) for system in every_system},
        use={space.name: by_space.of(space.name) for space in spaces},
        forecasts={space.name: forecast_space(database, space.name, now=now) for space in spaces},
        unusual=[
            UnusualDraw(system, *draw)
            for system, tally in tallies.items()
            for draw in tally.unusual
            if now - draw[0] <= _SHOWN and is_open[system]
        ],
    )


def cover_of(database: Database, system: str, *, now: datetime) -> Cover:
    """Return how long one system's stock lasts; the same as in a picture of all."""
    with database.read() as connection:
        report = store.latest(connection, system)
        crossed_at = store.crossings(connection, rule_days=RULE_DAYS, system=system).get(system)
        from_seq = ledger.seq_at(connection, now - _WINDOW)
        since = None if report is None else report.as_of
        drawn = use_store.draw_summary(connection, system=system, from_seq=from_seq, burst=_BURST, since=since)
        tally = _Tally.of(report, drawn)
        _give_back(connection, {system: tally}, from_seq, system=system)
    return cover(system, report=tally.report, draws=tally.draws(), now=now, crossed_at=crossed_at)


def _give_back(
    connection: sa.Connection, tallies: Mapping[str, _Tally], from_seq: int, *, system: str | None = None
) -> None:
    schemes = {space.name: space.scheme for space in registry.spaces(connection)}
    for who, space, at, first, last in use_store.released_after(connection, from_seq=from_seq, system=system):
        tallies[who].give_back(at, schemes[space].count(first, last))


def _month_back(now: date, ago: int) -> date:
    years, month = divmod(now.year * 12 + now.month - 1 - ago, 12)
    return date(years, month + 1, 1)


@dataclass(slots=True)
class _Ever:
    """What each system ever got, counted on from where it was counted to: draws are only ever added."""

    totals: dict[str, tuple[int, datetime]] = field(default_factory=dict)
    counted_to: int = 0

    def count(self, database: Database) -> Mapping[str, tuple[int, datetime]]:
        """Count what came since."""
        with database.read() as connection:
            length = ledger.head(connection, lock=False).length
            if length < self.counted_to:  # another database lies in this one's place
                self.totals, self.counted_to = {}, 0
            for system, (usable, latest) in use_store.drawn_beyond(connection, self.counted_to).items():
                before = self.totals.get(system, (0, latest))
                self.totals[system] = (before[0] + usable, max(before[1], latest))
            self.counted_to = length
        return dict(self.totals)


class Pictures:
    """The picture of the moment, made again when it is asked for and is a minute old."""

    def __init__(
        self, database: Database, clock: Callable[[], datetime], *, elapsed: Callable[[], float] = time.monotonic
    ) -> None:
        """`clock` tells the time of day, `elapsed` how old a picture is."""
        self._database = database
        self._clock = clock
        self._elapsed = elapsed
        self._making = threading.Lock()
        self._made: tuple[float, Picture] | None = None
        self._asked = False
        self._ever = _Ever()

    def latest(self) -> Picture:
        """Return it; who comes while it is made waits for that one."""
        self._asked = True
        with self._making:
            if self._made is None or self._elapsed() - self._made[0] > REMEMBERED:
                return self._make()
            return self._made[1]

    def renew(self) -> None:
        """Make it ahead of those who will ask, where somebody has asked since it was made: they then don't wait."""
        if self._asked:
            self._asked = False
            with self._making:
                self._make()

    def _make(self) -> Picture:
        at = self._elapsed()
        picture = replace(take(self._database, now=self._clock()), ever=self._ever.count(self._database))
        self._made = (at, picture)
        return picture

    def notices(self, system: ConnectedSystem) -> list[Notice]:
        """Return a notice where a system's stock is, or soon will be, below six months."""
        return stock_notices(cover_of(self._database, system.id, now=self._clock()))
