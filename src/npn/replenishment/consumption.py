"""How many numbers a laboratory uses: learnt from its own use, by weekday and season, robust and honest.

Input is the number of hand-outs a local day. Nothing here reads a clock. A single wild day is held down to a
few times its peers; several in a row are believed, since an outbreak is real. With little history it says so.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from statistics import fmean
from typing import Literal

import msgspec

Confidence = Literal["none", "little", "good", "season"]
SHORT_DAYS = 7  # follows a change of level
LONG_DAYS = 56  # carries the ordinary level over a quiet week
YEAR = 365
HOLE = 92  # days without any use, after which what was before is another history
OUTLIER = 5.0  # times the mean of the other days in the window
FARTHEST = 3650  # days of cover are not reckoned further than this


class Estimate(msgspec.Struct, frozen=True, kw_only=True):
    """What use is expected. `per_day`: usable numbers on an average day at the present level.

    weekday  factor of each weekday, Monday first, mean 1
    month    factor of each month, January first, mean about 1; all 1 before a year has been seen
    """

    per_day: float
    weekday: tuple[float, ...] = (1.0,) * 7
    month: tuple[float, ...] = (1.0,) * 12
    days_seen: int = 0
    confidence: Confidence = "none"

    def on(self, day: date, *, today: date) -> float:
        """Expected use on one day; the level is that of `today`, so seasons are relative to it."""
        season = self.month[day.month - 1] / self.month[today.month - 1]
        return self.per_day * self.weekday[day.weekday()] * season

    def need(self, days: int, *, today: date) -> float:
        """Usable numbers for the coming `days` days."""
        return sum(self.on(today + timedelta(days=n), today=today) for n in range(1, days + 1))

    def cover(self, free: int, *, today: date) -> float | None:
        """Days that `free` numbers last; None where no use is known."""
        if self.per_day <= 0:
            return None
        weeks = self._whole_weeks(free)
        left = float(free) - weeks * self.per_day * sum(self.weekday)
        for n in range(7 * weeks + 1, FARTHEST + 1):
            used = self.on(today + timedelta(days=n), today=today)
            if used >= left > 0:
                return n - 1 + left / used
            left -= used
            if left <= 0:
                return float(n - 1)
        return float(FARTHEST)

    def _whole_weeks(self, free: int) -> int:
        """Return the weeks that surely are covered whole, so that they need not be added up; 0 where months differ."""
        if any(month != self.month[0] for month in self.month):
            return 0
        return max(0, min(int(free / (self.per_day * sum(self.weekday))) - 1, FARTHEST // 7))


def history(use: Mapping[date, int], *, today: date) -> tuple[date | None, date]:
    """Return from which day on to learn, and up to which: the clock may have been wrong on some days, or be wrong now.

    Days of use lie in runs, with less than a quarter of a year between one day and the next. The run that leads to
    today counts, so that a day in 1970 is no history; where it is hardly a week and another is longer, or there is
    none, the longest counts as if it had ended yesterday.
    """
    runs: list[list[date]] = []
    for day in sorted(use):
        if runs and (day - runs[-1][-1]).days <= HOLE:
            runs[-1].append(day)
        else:
            runs.append([day])
    if not runs:
        return None, today
    present = next((run for run in runs if run[0] <= today <= run[-1] + timedelta(days=HOLE)), None)
    longest = max(runs, key=len)
    if present is not None and len(present) >= min(SHORT_DAYS, len(longest)):
        return present[0], today
    return longest[0], longest[-1] + timedelta(days=1)


def learn(use: Mapping[date, int], *, since: date | None, today: date) -> Estimate:
    """Learn from hand-outs a day. `since`: the first day this pool existed; days without a row count as 0.

    Today is left out, since it is not over, unless it is all there is.
    """
    if since is None or not use:
        return Estimate(per_day=0.0)
    days = (today - since).days
    if days < 1:  # the first day: all that can be said is what was used so far
        return Estimate(per_day=float(use.get(today, 0)))
    series = [float(use.get(since + timedelta(days=n), 0)) for n in range(min(days, 3 * YEAR))]
    if days > len(series):
        series = [float(use.get(today - timedelta(days=n), 0)) for n in range(3 * YEAR, 0, -1)]
    first = today - timedelta(days=len(series))
    weekday = _weekday_factors(series, first)
    month = _month_factors(series, first)
    level = _level(series, first, weekday)
    confidence: Confidence = "none" if days < SHORT_DAYS else "little" if days < 28 else "good"
    if confidence == "good" and days >= YEAR:
        confidence = "season"
    return Estimate(per_day=level, weekday=weekday, month=month, days_seen=days, confidence=confidence)


def _held_down(values: list[float]) -> list[float]:
    """Each value at most OUTLIER times the mean of the other days with use; alone it is believed."""
    total, used = sum(values), sum(1 for value in values if value > 0)
    if used < 3:
        return values
    return [min(v, OUTLIER * (total - v) / (used - 1)) if v > 0 else 0.0 for v in values]


def _level(series: list[float], first: date, weekday: tuple[float, ...]) -> float:
    """The higher of the last week's and the last eight weeks' level: too much stock is cheap, too little is not."""
    recent = _held_down(series[-LONG_DAYS:])
    start = len(series) - len(recent)
    weights = [weekday[(first + timedelta(days=start + n)).weekday()] for n in range(len(recent))]
    long = sum(recent) / max(sum(weights), 1e-9) if sum(weights) else fmean(recent)
    if len(recent) < 2 * SHORT_DAYS:
        return long
    short = sum(recent[-SHORT_DAYS:]) / max(sum(weights[-SHORT_DAYS:]), 1e-9)
    return max(long, short)


def _weekday_factors(series: list[float], first: date) -> tuple[float, ...]:
    """Shares of the week over up to half a year, each with one average day mixed in; 1 before four weeks."""
    if len(series) < 28:
        return (1.0,) * 7
    window = _held_down(series[-182:])
    start = first + timedelta(days=len(series) - len(window))
    sums, counts = [0.0] * 7, [0] * 7
    for n, value in enumerate(window):
        sums[(start.weekday() + n) % 7] += value
        counts[(start.weekday() + n) % 7] += 1
    mean = fmean(window)
    if mean <= 0:
        return (1.0,) * 7
    raw = [(sums[d] + mean) / (counts[d] + 1) / mean for d in range(7)]
    return tuple(factor / fmean(raw) for factor in raw)


def _month_factors(series: list[float], first: date) -> tuple[float, ...]:
    """Each month against the year, drawn half-way towards 1 with one year seen, less with more."""
    if len(series) < YEAR:
        return (1.0,) * 12
    sums, counts = [0.0] * 12, [0] * 12
    for n, value in enumerate(_held_down(series)):
        month = (first + timedelta(days=n)).month - 1
        sums[month] += value
        counts[month] += 1
    mean = sum(sums) / sum(counts)
    if mean <= 0:
        return (1.0,) * 12
    trust = 1 - 0.5 ** (len(series) // YEAR)
    return tuple(1 + trust * (max(s / max(c, 1) / mean, 0.05) - 1) for s, c in zip(sums, counts, strict=True))
