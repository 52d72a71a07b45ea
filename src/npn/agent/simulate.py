"""A stock policy against a consumption pattern, before it is used: the agent's own arithmetic, day by day.

rows = simulate(Scenario(rate=100, days=365, pattern="winter"), StockPolicy())
"""

import html
import math
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Literal

import msgspec

from npn.agent.consumption import learn
from npn.agent.policy import StockPolicy
from npn.numbers.scheme import NPN10

Pattern = Literal["constant", "weekday", "winter", "outbreak"]
Trigger = Literal["level", "crossing"]
PATTERNS: tuple[Pattern, ...] = ("constant", "weekday", "winter", "outbreak")
START = date(2026, 1, 1)
_WEEK = (1.3, 1.3, 1.3, 1.3, 1.2, 0.35, 0.25)  # a laboratory with little to do on Saturdays and Sundays
OUTBREAK_DAY, OUTBREAK_DAYS, OUTBREAK = 60, 42, 10.0
SPACE_FIRST, SPACE_LAST = 1_000_000_000, 8_999_999_999  # the production space of ten digits
LEGEND = "! numbers missing   ~ service out of reach"


class Scenario(msgspec.Struct, frozen=True, kw_only=True):
    """What happens: usable numbers a day on average, for so many days.

    away      (first day, days) in which the service can't be reached
    cap       the most that the service grants at a time
    start     usable numbers in stock at first; None: what the policy aims at
    known     days of use that the agent has seen before the first day
    trigger   level: draws whenever the stock is below the reorder point (the agent).
              crossing: draws once when it falls past it, as some systems do; here the known trap shows
    """

    rate: float
    days: int
    pattern: Pattern = "constant"
    away: tuple[int, int] = (0, 0)
    cap: int | None = None
    start: int | None = None
    known: int = 56
    trigger: Trigger = "level"


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """One day: numbers used, drawn, wanted but not there; what is left and the days it lasts."""

    day: int
    used: int
    drawn: int
    missing: int
    free: int
    cover: float | None
    away: bool


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """The whole run in a few figures."""

    used: int
    drawn: int
    draws: int
    missing: int
    empty_days: int
    lowest: int
    lowest_day: int
    first_empty_day: int | None
    space_share: float


class Period(msgspec.Struct, frozen=True, kw_only=True):
    """Some days in a row: what was used, drawn and missing in all of them; stock and cover at their end."""

    first_day: int
    last_day: int
    used: int
    drawn: int
    missing: int
    lowest: int
    free: int
    cover: float | None


def periods(rows: Sequence[Day], every: int) -> list[Period]:
    """Sum the days in periods of `every` days; the last one may be shorter. Their sums are those of the whole run."""
    parts = [rows[i : i + every] for i in range(0, len(rows), every)]
    return [
        Period(
            first_day=part[0].day,
            last_day=part[-1].day,
            used=sum(row.used for row in part),
            drawn=sum(row.drawn for row in part),
            missing=sum(row.missing for row in part),
            lowest=min(row.free for row in part),
            free=part[-1].free,
            cover=part[-1].cover,
        )
        for part in parts
    ]


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


def simulate(scenario: Scenario, policy: StockPolicy) -> list[Day]:
    """Run it. The agent learns from what it sees; draws come in the night before a day's use."""
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
        wanted = policy.amount(free, estimate, today=today)
        below = wanted > 0
        drawn = 0
        if below and not away and (scenario.trigger == "level" or above):
            drawn = _draws(wanted, free, scenario, policy.target_days * estimate.per_day)
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
                cover=policy.expected(estimate).cover(free, today=today),
                away=away,
            )
        )
    return rows


def _draws(wanted: int, free: int, scenario: Scenario, target: float) -> int:
    """One draw for a system that waits for a crossing; as many as it takes, up to the target, for the agent."""
    one = min(wanted, scenario.cap or wanted)
    if scenario.trigger == "crossing":
        return one
    drawn = one
    while free + drawn < target and drawn < 50 * one:
        drawn += one
    return drawn


def summary(rows: Sequence[Day]) -> Summary:
    """The figures of a run."""
    lowest, drawn = min(rows, key=lambda row: row.free), sum(row.drawn for row in rows)
    return Summary(
        used=sum(row.used for row in rows),
        drawn=drawn,
        draws=sum(1 for row in rows if row.drawn),
        missing=sum(row.missing for row in rows),
        empty_days=sum(1 for row in rows if row.missing),
        lowest=lowest.free,
        lowest_day=lowest.day,
        first_empty_day=next((row.day for row in rows if row.missing), None),
        space_share=drawn / NPN10.count(SPACE_FIRST, SPACE_LAST),
    )


def terminal_chart(rows: Sequence[Day], *, width: int = 72, height: int = 12) -> str:
    """The stock over time in block characters, with the days on which numbers were missing or nobody answered."""
    columns = [rows[i * len(rows) // width : max((i + 1) * len(rows) // width, i * len(rows) // width + 1)]
               for i in range(min(width, len(rows)))]  # fmt: skip
    top = max(1, *(row.free for row in rows))
    heights = [min(row.free for row in part) / top * height for part in columns]
    blocks = " ▁▂▃▄▅▆▇█"
    lines = []
    for line in range(height - 1, -1, -1):
        cells = "".join(blocks[max(0, min(8, round((value - line) * 8)))] for value in heights)
        label = top if line == height - 1 else 0 if line == 0 else None
        lines.append(f"{'' if label is None else label:>10} {cells}".rstrip())
    marks = "".join("!" if any(r.missing for r in p) else "~" if any(r.away for r in p) else " " for p in columns)
    legend = [f"{'':>10} {LEGEND}"] if marks.strip() else []
    return "\n".join([*lines, f"{'':>10} {marks}".rstrip(), *legend])


def svg_chart(rows: Sequence[Day], title: str, *, reorder: float | None = None) -> str:
    """The same as a picture with its legend: stock as a line, the reorder point dashed, days of trouble as bands."""
    width, height, left, base = 800, 340, 90, 260
    top = max(1, *(row.free for row in rows), math.ceil(reorder or 0))
    step = (width - left - 20) / max(len(rows) - 1, 1)

    def x(day: int) -> float:
        return round(left + day * step, 1)

    def y(free: float) -> float:
        return round(base - free / top * 220, 1)

    points = " ".join(f"{x(row.day)},{y(row.free)}" for row in rows)
    away, missing = [row.away for row in rows], [row.missing > 0 for row in rows]
    bands = "".join(
        f'<rect x="{x(first)}" y="40" width="{max((last - first + 1) * step, 1):.1f}" height="220" fill="{colour}"/>'
        for colour, flags in (("#dddddd", away), ("#e06060", missing))
        for first, last in runs(flags)
    )
    line = "" if reorder is None else (
        f'<path d="M{left} {y(reorder)}H{width - 20}" stroke="#a05a00" stroke-dasharray="6 4" fill="none"/>'
    )  # fmt: skip
    marks = [("#1f5fa8", "stock"), *([("#a05a00", "reorder point")] if line else [])]
    marks += [("#dddddd", "service out of reach")] if any(away) else []
    marks += [("#e06060", "numbers missing")] if any(missing) else []
    legend = "".join(
        f'<rect x="{left + 170 * at}" y="300" width="14" height="14" fill="{colour}"/>'
        f'<text x="{left + 170 * at + 20}" y="312">{words}</text>'
        for at, (colour, words) in enumerate(marks)
    )
    safe = html.escape(title)
    worst = f"; numbers were missing on {sum(missing)} days" if any(missing) else "; it never runs out"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif"'
        f' font-size="12" role="img" aria-labelledby="title desc"><title id="title">{safe}</title>'
        f'<desc id="desc">Stock of usable numbers over {len(rows)} days, at most {top:,}{worst}.</desc>'
        f'<rect width="{width}" height="{height}" fill="white"/>'
        f'<text x="{left}" y="24" font-size="15">{safe}</text>{bands}{line}'
        f'<path d="M{left} 40V{base}H{width - 20}" fill="none" stroke="#444"/>'
        f'<text x="{left - 6}" y="46" text-anchor="end">{top:,}</text>'
        f'<text x="{left - 6}" y="{base}" text-anchor="end">0</text><text x="{left}" y="{base + 18}">day 0</text>'
        f'<text x="{width - 20}" y="{base + 18}" text-anchor="end">day {len(rows):,}</text>{legend}'
        f'<polyline points="{points}" fill="none" stroke="#1f5fa8" stroke-width="2"/></svg>\n'
    )


def runs(flags: Sequence[bool]) -> list[tuple[int, int]]:
    """Return the first and last place of each unbroken run of flags that are set."""
    starts = [i for i, flag in enumerate(flags) if flag and not (i and flags[i - 1])]
    ends = [i for i, flag in enumerate(flags) if flag and not (i + 1 < len(flags) and flags[i + 1])]
    return list(zip(starts, ends, strict=True))
