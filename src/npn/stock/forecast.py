"""When a number space ends: from what was drawn, with the waste of the check included, and how sure that is.

Systems draw months of stock at once, so single days say little. What was drawn is put together in blocks of four
weeks; their mean is the use, their spread gives the range of the day the space ends (Student's t, 95 %).
"""

import math
import statistics
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from npn.db import Database
from npn.errors import NotFoundError
from npn.instants import danish_day
from npn.registry import store, use_store

BLOCK_DAYS = 28
WINDOW_DAYS = 13 * BLOCK_DAYS  # a year, so that no season weighs double
HORIZON_DAYS = 36_525  # a hundred years; a day beyond them would be no more than a division
# Two-sided 95 % quantiles of Student's t by degrees of freedom, from any table; beyond them the normal one.
_STUDENT_T = (12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23, 2.20, 2.18)
_NORMAL = 1.96


@dataclass(frozen=True, slots=True)
class DrawnSeries:
    """One series: when it was drawn, how many numbers it has, and how many of them are usable."""

    at: datetime
    size: int
    usable: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """A space's future. Figures a day count numbers; days are None where nothing is used, or lie beyond the horizon.

    `waste` is the share of the numbers drawn that fail the check. `earliest` and `latest` are None where too
    little was drawn to tell (fewer than two blocks of four weeks).
    """

    space: str
    left: int
    per_day: float
    usable_per_day: float
    waste: float
    blocks: int
    ends: date | None
    earliest: date | None
    latest: date | None


def forecast(space: str, *, left: int, drawn: Iterable[DrawnSeries], since: datetime, now: datetime) -> Forecast:
    """Foretell the day a space ends. `left`: numbers it can still grant; `drawn`: every series from `since` to `now`.

    Only whole blocks of four weeks are counted, the last one ending now; with less than one, all there is.
    """
    series = [one for one in drawn if since <= one.at <= now]
    blocks = max(0, int((now - since) / timedelta(days=BLOCK_DAYS)))
    totals, usable = [0] * blocks, 0
    for one in series:
        block = max(0, math.ceil((now - one.at) / timedelta(days=BLOCK_DAYS)) - 1)
        if block < blocks:
            totals[block] += one.size
            usable += one.usable
    if not blocks:
        days = max((now - since) / timedelta(days=1), 1.0)
        totals_sum, usable = sum(one.size for one in series), sum(one.usable for one in series)
        return _forecast(space, left, Use(totals_sum / days, usable / days, None), blocks=blocks, now=now)
    days = blocks * BLOCK_DAYS
    return _forecast(space, left, Use(sum(totals) / days, usable / days, _uncertainty(totals)), blocks=blocks, now=now)


@dataclass(frozen=True, slots=True)
class Use:
    """Numbers a day, usable numbers a day, and by how much the first may be wrong; None where nobody can say."""

    per_day: float
    usable_per_day: float
    wrong_by: float | None


def _forecast(space: str, left: int, use: Use, *, blocks: int, now: datetime) -> Forecast:
    per_day, usable_per_day, wrong_by = use.per_day, use.usable_per_day, use.wrong_by
    return Forecast(
        space=space,
        left=left,
        per_day=per_day,
        usable_per_day=usable_per_day,
        waste=1 - usable_per_day / per_day if per_day else 0.0,
        blocks=blocks,
        ends=_end(left, per_day, now),
        earliest=None if wrong_by is None else _end(left, per_day + wrong_by, now),
        latest=None if wrong_by is None else _end(left, per_day - wrong_by, now),
    )


def _uncertainty(totals: list[int]) -> float | None:
    """Half the width of the 95 % interval of the mean, in numbers a day."""
    if len(totals) < 2:
        return None
    freedom = len(totals) - 1
    t = _STUDENT_T[freedom - 1] if freedom <= len(_STUDENT_T) else _NORMAL
    return t * statistics.stdev(totals) / math.sqrt(len(totals)) / BLOCK_DAYS


def _end(left: int, per_day: float, now: datetime) -> date | None:
    if left <= 0:
        return danish_day(now)
    if per_day <= 0:
        return None
    days = left / per_day
    return danish_day(now) + timedelta(days=math.floor(days)) if days <= HORIZON_DAYS else None


def forecast_space(database: Database, space_name: str, *, now: datetime, days: int = WINDOW_DAYS) -> Forecast:
    """Foretell from what the database holds of the last `days`, or since the first draw where that is later.

    What lies occupied ahead of the cursor is not counted as left. Raises NotFoundError.
    """
    with database.read() as connection:
        space = next((s for s in store.spaces(connection) if s.name == space_name), None)
        if space is None:
            raise NotFoundError(f"there is no space {space_name!r}", field="space", hint="npn admin space list")
        since = now - timedelta(days=days)
        first = use_store.first_drawn_at(connection, space=space.name)
        drawn = (DrawnSeries(*row) for row in use_store.drawn_from(connection, space=space.name, since=since))
        left = space.last - space.cursor + 1 - store.occupied_ahead(connection, space)
        began = now if first is None else max(first, since)
        return forecast(space.name, left=left, drawn=drawn, since=began, now=now)
