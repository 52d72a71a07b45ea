"""How many numbers a laboratory needs: stock, reorder point, draws, and how a laboratory's own system behaves. Pure.

All figures are usable numbers, which a series has about one of in `NPN10.modulus`; one sample takes one.
"""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from npn.numbers.scheme import NPN10
from npn.replenishment.policy import StockPolicy
from npn.replenishment.simulate import Day, Pattern, Scenario, SimulationSummary, Trigger, simulate, summary, use_of

POLICY = StockPolicy()  # the agent's own, where nothing is set
STOCK_DAYS = POLICY.target_days  # six months, which every connected system keeps
RUN_DAYS = 365
OUTAGE_DAY = 60  # of the run, on which the service goes away

TrapVerdict = Literal["never_catches_up", "stuck_after_outage", "below_agreed_stock", "sound"]


@dataclass(frozen=True, slots=True)
class OwnSystem:
    """A system that draws by itself: `size` numbers when `point` or fewer are left, each night or once."""

    point: int
    size: int
    trigger: Trigger


@dataclass(frozen=True)
class NumberNeeds:
    """What follows from `rate` samples a day on average. `largest`: the most that the service grants in one draw."""

    rate: float
    largest: int
    pattern: Pattern = "constant"

    @property
    def stock(self) -> int:
        """Numbers for six months."""
        return math.ceil(STOCK_DAYS * self.rate)

    @property
    def point(self) -> int:
        """Numbers left at which to draw."""
        return math.ceil(POLICY.reorder_days * self.rate)

    @property
    def size(self) -> int:
        """What to draw there: up to six months' stock, within what is granted at a time."""
        return min(max(self.stock - self.point, POLICY.min_draw), self.largest)

    @property
    def smallest(self) -> int:
        """The least that a draw may be: less than a day's use never catches up."""
        return math.ceil(self.rate)

    @property
    def smallest_once(self) -> int:
        """The least for a system that draws once when it falls past the point."""
        return self.lifting(self.point)

    @cached_property
    def busiest(self) -> int:
        """Numbers used on the busiest day of the run."""
        return max(map(use_of(self.pattern, self.rate), range(RUN_DAYS)))

    def lifting(self, point: int) -> int:
        """Return the least draw after which an empty stock is above the point, also when the next day has been used."""
        return point + self.busiest + 1

    @property
    def days_between(self) -> float:
        """Days from one draw to the next."""
        return self.size / self.rate

    @property
    def draws_to_fill(self) -> int:
        """Draws that fill an empty stock."""
        return math.ceil(self.stock / self.largest)

    def days(self, numbers: int) -> float:
        """Return the days that a stock lasts."""
        return numbers / self.rate


def in_series(usable: int) -> int:
    """Return about how many numbers a series has with these usable ones."""
    return usable * NPN10.modulus


@dataclass(frozen=True)
class NeedsRun:
    """A year of one laboratory, with an outage in it."""

    rows: tuple[Day, ...]

    @cached_property
    def summary(self) -> SimulationSummary:
        """The run in a few figures."""
        return summary(self.rows)


def run(needs: NumberNeeds, *, outage_days: int, own: OwnSystem | None = None) -> NeedsRun:
    """Run a year: the recommended policy from six months' stock on, or a system of one's own that has just drawn."""
    scenario = Scenario(
        rate=needs.rate,
        days=RUN_DAYS,
        pattern=needs.pattern,
        away=(OUTAGE_DAY, outage_days),
        cap=needs.largest,
        start=own.point + own.size if own else None,
        trigger=own.trigger if own else "level",
        point=own.point if own else None,
        size=own.size if own else None,
    )
    policy = StockPolicy(max_draw=max(POLICY.max_draw, needs.largest))
    return NeedsRun(tuple(simulate(scenario, policy, covers=False)))


def verdict_of(needs: NumberNeeds, own: OwnSystem) -> TrapVerdict:
    """Judge a system's own reorder point and draw."""
    if own.size < needs.rate:
        return "never_catches_up"
    if own.trigger == "crossing" and own.size < needs.lifting(own.point):
        return "stuck_after_outage"
    if own.point + own.size < needs.stock:
        return "below_agreed_stock"
    return "sound"
