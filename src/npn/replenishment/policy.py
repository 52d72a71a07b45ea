"""The stock policy: when to draw, and how much, counted in usable numbers and in days of cover.

Draw when the cover falls below `reorder_days`, up to `target_days`; never less than `min_draw` at a time, so
that small laboratories draw rarely and not in dust, and never more than `max_draw`.
"""

import math
from datetime import date
from typing import Literal

import msgspec

from npn.errors import ConfigurationError
from npn.replenishment.consumption import Estimate

Level = Literal["ok", "low", "critical", "empty"]


class StockPolicy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Table `[stock]` of agent.toml. Days, and usable numbers.

    used_per_day    what the laboratory expects to use, as long as nothing has been learnt; 0: not known
    critical_days   below this the state is critical
    check_every     "nightly", "continuous", or a time such as "1h", "30m", "90s"
    """

    target_days: int = 183
    reorder_days: int = 150
    min_draw: int = 1000
    max_draw: int = 500_000
    used_per_day: float = 0.0
    critical_days: int = 14
    check_every: str = "1h"

    def verify(self, estimate: Estimate | None = None) -> None:
        """Refuse what can't work, with the arithmetic. Raises ConfigurationError naming the keys.

        With an `estimate` also what can't work at the use that was learnt.
        """
        for name in ("target_days", "reorder_days", "min_draw", "max_draw"):
            if getattr(self, name) < 1:
                raise _refusal(f"{name} = {getattr(self, name)} must be at least 1", name, "")
        if not 0 <= self.critical_days <= self.reorder_days:
            text = f"critical_days = {self.critical_days} must be from 0 to reorder_days = {self.reorder_days}"
            raise _refusal(text, "critical_days", "")
        if not (math.isfinite(self.used_per_day) and self.used_per_day >= 0):
            raise _refusal(f"used_per_day = {self.used_per_day} must be 0 or more", "used_per_day", "")
        check_seconds(self.check_every)
        if self.target_days <= self.reorder_days:
            raise _refusal(
                f"a draw lifts the stock to target_days = {self.target_days} days of cover, which is not above"
                f" the reorder point, reorder_days = {self.reorder_days} days"
                f" ({self.target_days} - {self.reorder_days} = {self.target_days - self.reorder_days} days):"
                " every check would draw again",
                "target_days",
                "set target_days above reorder_days, by what is used between two draws",
            )
        if self.max_draw < self.min_draw:
            raise _refusal(
                f"max_draw = {self.max_draw} is smaller than min_draw = {self.min_draw}: no draw fits",
                "max_draw",
                "raise max_draw or lower min_draw",
            )
        per_day = self.used_per_day or (estimate.per_day if estimate and estimate.confidence != "none" else 0.0)
        problem = self.too_small_a_draw(per_day)
        if problem:
            raise _refusal(problem, "max_draw", "raise max_draw above the reorder point, or lower reorder_days")

    def too_small_a_draw(self, per_day: float) -> str:
        """The arithmetic, where the largest draw does not lift an empty stock above the reorder point; else ''."""
        point = math.ceil(self.reorder_days * per_day)
        if self.max_draw > point:
            return ""
        return (
            f"a draw of at most max_draw = {self.max_draw} usable numbers can't lift the stock above the reorder"
            f" point: reorder_days = {self.reorder_days} x {per_day:.1f} used a day = {point}"
        )

    def amount(self, free: int, estimate: Estimate, *, today: date) -> int:
        """How many usable numbers to draw now; 0 for none. May be less than is missing: ask again after it."""
        expected = self.expected(estimate)
        if expected.per_day <= 0:
            return self.min_draw if free < max(1, self.min_draw // 2) else 0
        if free > expected.need(self.reorder_days, today=today):
            return 0
        return self.order(free, expected, today=today)

    def order(self, free: int, estimate: Estimate, *, today: date) -> int:
        """What a draw is made for once the decision has fallen: up to the target, within the bounds."""
        missing = math.ceil(self.expected(estimate).need(self.target_days, today=today)) - free
        return min(max(missing, self.min_draw), self.max_draw)

    def expected(self, estimate: Estimate) -> Estimate:
        """The estimate, or what the laboratory said, while too little was learnt for one."""
        if estimate.confidence != "none":
            return estimate
        if self.used_per_day > 0:
            return Estimate(per_day=max(self.used_per_day, estimate.per_day if estimate.days_seen else 0.0))
        return estimate if estimate.days_seen >= 3 else Estimate(per_day=0.0)

    def level(self, free: int, estimate: Estimate, *, today: date) -> Level:
        """ok, low, critical or empty. `low` begins where cover is a tenth below the reorder point."""
        if free <= 0:
            return "empty"
        expected = self.expected(estimate)
        cover = expected.cover(free, today=today)
        if cover is None:
            return "critical" if free < self.min_draw // 20 else "low" if free < self.min_draw // 4 else "ok"
        if cover < self.critical_days:
            return "critical"
        return "low" if cover < 0.9 * self.reorder_days else "ok"


def check_seconds(text: str) -> float:
    """Seconds between two checks. Raises ConfigurationError naming check_every."""
    intervals = {"nightly": 86_400.0, "continuous": 60.0}
    if text in intervals:
        return intervals[text]
    factor = {"s": 1, "m": 60, "h": 3600, "d": 86_400}.get(text[-1:], 0)
    if factor and text[:-1].isascii() and text[:-1].isdigit() and int(text[:-1]) > 0:
        return float(int(text[:-1]) * factor)
    hint = 'say "nightly", "continuous", or a time such as "1h", "30m", "90s"'
    raise ConfigurationError(f"check_every = {text!r} is not a time", field="stock.check_every", hint=hint)


def _refusal(text: str, key: str, hint: str) -> ConfigurationError:
    return ConfigurationError(text, field=f"stock.{key}", hint=hint)
