"""A stock policy against a consumption pattern, before it is used: the agent's own arithmetic, day by day.

rows = simulate(Scenario(rate=100, days=365, pattern="winter"), StockPolicy())
"""

import math
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Literal

import msgspec

from npn.numbers.scheme import NPN10
from npn.replenishment.consumption import Estimate, learn
from npn.replenishment.policy import StockPolicy

Pattern = Literal["constant", "weekday", "winter", "outbreak"]
Trigger = Literal["level", "crossing"]
PATTERNS: tuple[Pattern, ...] = ("constant", "weekday", "winter", "outbreak")
START = date(2026, 1, 1)
_WEEK = (1.3, 1.3, 1.3, 1.3, 1.2, 0.35, 0.25)  # a laboratory with little to do on Saturdays and Sundays
SPACE_NUMBERS = 8_000_000_000  # of the production space, as `npn admin init` makes it
MAX_SHARE = 0.01  # of the space, for one laboratory
OUTBREAK_DAY, OUTBREAK_DAYS, OUTBREAK = 60, 42, 10.0


class Scenario(msgspec.Struct, frozen=True, kw_only=True):
    """What happens: usable numbers a day on average, for a number of days.

    away      (first day, days) in which the service can't be reached
    cap       the most that the service grants at a time
    start     usable numbers in stock at first; None: what the policy aims at
    known     days of use that the agent has seen before the first day
    trigger   level: draws whenever the stock is below the reorder point (the agent).
              crossing: draws once when it falls past it, as some systems do; here the known trap shows
    point     usable numbers at which the system draws; None: what the policy's reorder_days come to
    size      usable numbers that it then draws, once a night, whatever the policy says; needs `point`
    """

    rate: float
    days: int
    pattern: Pattern = "constant"
    away: tuple[int, int] = (0, 0)
    cap: int | None = None
    start: int | None = None
    known: int = 56
    trigger: Trigger = "level"
    point: int | None = None
    size: int | None = None


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """One day: numbers used, drawn, wanted but not there; what is left and the days it lasts."""

    day: int
    used: int
    drawn: int
    missing: int
    free: int
    cover: float | None
    away: bool


class SimulationSummary(msgspec.Struct, frozen=True, kw_only=True):
    """The whole run in a few figures."""

    used: int
    drawn: int
    draws: int
    missing: int
    empty_days: int
    lowest: int
    lowest_day: int
    first_empty_day: int | None


def use_of(pattern: Pattern, rate: float) -> Callable[[int], int]:
    """Numbers used on each day, counted from 0 (negative: before the start); rounding errors are carried on."""

    def level(n: int) -> float:
        day = START + timedelta(days=n)
        if pattern == "constant":
            return rate
        expected = rate * _WEEK[day.weekday()] / (sum(_WEEK) / 7)
        if pattern == "winter":
            expected *= 1 + 0.5 * math.cos(2 * math.pi * (day.timetuple().tm_yday - 20) / 365.25)
        if pattern == "outbreak" and OUTBREAK_DAY <= n < OUTBREAK_DAY + OUTBREAK_DAYS:
            expected *= OUTBREAK
        return expected

    carried: dict[int, int] = {}

    def used(n: int) -> int:
        if n not in carried:
            carried[n] = math.floor(level(n) + (n * 0.6180339887) % 1)  # spreads the fractions without chance
        return carried[n]

    return used


def simulate(scenario: Scenario, policy: StockPolicy, *, covers: bool = True) -> list[Day]:
    """Run it. The agent learns from what it sees; draws come in the night before a day's use.

    `covers`: whether each day says how long its stock lasts, which takes most of the time where that is years.
    """
    used_on = use_of(scenario.pattern, scenario.rate)
    use = {START + timedelta(days=n): used_on(n) for n in range(-scenario.known, 0)}
    since = START - timedelta(days=scenario.known)
    free = scenario.start if scenario.start is not None else math.ceil(policy.target_days * scenario.rate)
    rows: list[Day] = []
    above = True
    for n in range(scenario.days):
        today = START + timedelta(days=n)
        estimate = learn(use, since=since, today=today)
        away = scenario.away[0] <= n < scenario.away[0] + scenario.away[1]
        wanted = _wanted(scenario, policy, free=free, estimate=estimate, today=today)
        below = wanted > 0
        drawn = 0
        if below and not away and (scenario.trigger == "level" or above):
            drawn = _draws(wanted, free, scenario, target=policy.target_days * estimate.per_day)
        above = not below if not away else above
        free += drawn
        used = min(used_on(n), free)
        free -= used
        use[today] = used
        rows.append(
            Day(
                day=n,
                used=used,
                drawn=drawn,
                missing=used_on(n) - used,
                free=free,
                cover=policy.expected(estimate).cover(free, today=today) if covers else None,
                away=away,
            )
        )
    return rows


def _wanted(scenario: Scenario, policy: StockPolicy, *, free: int, estimate: Estimate, today: date) -> int:
    """Return what is drawn at this stock: a fixed size at a fixed point, or what the policy says."""
    if scenario.point is None:
        return policy.amount(free, estimate, today=today)
    return (scenario.size or policy.order(free, estimate, today=today)) if free <= scenario.point else 0


def _draws(wanted: int, free: int, scenario: Scenario, *, target: float) -> int:
    """One draw for a system of a fixed size or that waits for a crossing; for the agent as many as reach the target."""
    one = min(wanted, scenario.cap or wanted)
    if scenario.trigger == "crossing" or scenario.size is not None:
        return one
    drawn = one
    while free + drawn < target and drawn < 50 * one:
        drawn += one
    return drawn


def summary(rows: Sequence[Day]) -> SimulationSummary:
    """The figures of a run."""
    lowest = min(rows, key=lambda row: row.free)
    return SimulationSummary(
        used=sum(row.used for row in rows),
        drawn=sum(row.drawn for row in rows),
        draws=sum(1 for row in rows if row.drawn),
        missing=sum(row.missing for row in rows),
        empty_days=sum(1 for row in rows if row.missing),
        lowest=lowest.free,
        lowest_day=lowest.day,
        first_empty_day=next((row.day for row in rows if row.missing), None),
    )


def totals(rows: Sequence[Day], every: int) -> list[Day]:
    """Return a row for each `every` days: what was used, drawn and missing in them, and how they ended."""
    parts = [rows[at : at + every] for at in range(0, len(rows), every)]
    return [
        msgspec.structs.replace(
            part[-1],
            used=sum(row.used for row in part),
            drawn=sum(row.drawn for row in part),
            missing=sum(row.missing for row in part),
            away=any(row.away for row in part),
        )
        for part in parts
    ]


def warnings(rows: Sequence[Day], policy: StockPolicy) -> list[str]:
    """Return what a person should know before using the policy: too great a share of the space, too much stock."""
    texts = []
    numbers = sum(row.drawn for row in rows) * NPN10.modulus
    share = numbers / SPACE_NUMBERS
    if share > MAX_SHARE:
        texts.append(
            f"the draws take {numbers:,} numbers, {share:.1%} of a space of {SPACE_NUMBERS:,}:"
            " lower max_draw or target_days"
        )
    cover = rows[-1].cover if rows else None
    if cover is not None and cover > 2 * policy.target_days:
        texts.append(
            f"at the end the stock lasts {cover:.0f} days, more than twice target_days = {policy.target_days}:"
            " what was drawn for a peak is left over"
        )
    return texts
