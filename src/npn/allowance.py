"""What a system may draw: one rule for the service, the agent, the mock, the help texts and OpenAPI.

The smallest and the largest draw bound the figure that a draw asks for, whichever it is: `count` (numbers) or
`usable` (usable numbers). The quota bounds the numbers, usable or not, of all series drawn within its days.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from npn.errors import RefusedError, codes
from npn.numbers.scheme import NumberScheme

SMALLEST_TEXT = "The least that one draw may ask for, in the figure it asks for: numbers or usable numbers."
LARGEST_TEXT = "The most that one draw may ask for, in the figure it asks for: numbers or usable numbers."
QUOTA_TEXT = "The most numbers, usable or not, that all draws of the quota's days together may have."

Unit = Literal["count", "usable"]


@dataclass(frozen=True, slots=True)
class Allowance:
    """The limits of one system. `quota` numbers in `quota_days` days; both None where there is no quota."""

    smallest_draw: int = 1
    largest_draw: int = 10_000_000
    quota: int | None = None
    quota_days: int | None = None

    def refusal(
        self,
        asked: int,
        unit: Unit,
        *,
        size: int = 0,
        drawn: Sequence[tuple[datetime, int]] = (),
        at: datetime | None = None,
    ) -> RefusedError | None:
        """Return what stands against a draw that asks for this figure, or None.

        `size`: how many numbers its series has, once that is known. `drawn`: when and how many numbers were drawn
        within the quota's days before `at`, oldest first. Codes: `count_too_small`, `count_too_large`,
        `quota_exceeded`.
        """
        if asked < self.smallest_draw:
            return RefusedError(
                f"{unit} is {asked}; the smallest draw is {self.smallest_draw}",
                code=codes.COUNT_TOO_SMALL,
                field=unit,
                hint=f"ask for {self.smallest_draw} or more",
            )
        if asked > self.largest_draw:
            return RefusedError(
                f"{unit} is more than the largest draw, {self.largest_draw}",
                code=codes.COUNT_TOO_LARGE,
                field=unit,
                hint=f"ask for {self.largest_draw} or fewer, or ask the operator to raise it",
            )
        return self._over_quota(size, drawn, at)

    def _over_quota(self, size: int, drawn: Sequence[tuple[datetime, int]], at: datetime | None) -> RefusedError | None:
        if self.quota is None or self.quota_days is None:
            return None
        used = sum(count for _, count in drawn)
        if used + size <= self.quota:
            return None
        wait = self.quota_days * 86_400
        left = used
        for drawn_at, count in drawn:
            left -= count
            if at is not None and left + size <= self.quota:
                wait = max(1, int((drawn_at + timedelta(days=self.quota_days) - at).total_seconds()) + 1)
                break
        return RefusedError(
            f"the quota is {self.quota} numbers in {self.quota_days} days; {used} are drawn and {size} more were "
            "asked for",
            code=codes.QUOTA_EXCEEDED,
            hint="wait, ask for fewer, or ask the operator to raise the quota",
            retry_after=wait,
        )

    def fitted(self, wanted: int, scheme: NumberScheme, *, used: int = 0) -> int | RefusedError:
        """Return the usable numbers to ask for instead of `wanted`, so that the service takes the draw.

        The figure is raised to the smallest draw and lowered to the largest and to what is left of the quota, of
        which `used` numbers are drawn. A refusal is returned where no draw would be taken now.
        """
        largest = self.largest_draw
        if self.quota is not None:
            left = max(self.quota - used, 0)
            largest = min(largest, scheme.at_least(left))
            if largest < self.smallest_draw:
                return RefusedError(
                    f"{left} of {self.quota} numbers are left of the quota, too few for the smallest draw of "
                    f"{self.smallest_draw} usable numbers",
                    code=codes.QUOTA_EXCEEDED,
                    hint="wait, or ask the operator to raise the quota",
                )
        return min(max(wanted, self.smallest_draw), largest)

    def lets_more_be_had_than(self, before: "Allowance") -> bool:
        """Whether on some day, after some history of draws, more could be drawn than under `before`.

        That is so unless the quota is no greater and looks back at least as many days: with fewer days, draws that
        counted yesterday no longer count today.
        """
        if before.quota is None or before.quota_days is None:
            return False
        if self.quota is None or self.quota_days is None:
            return True
        return self.quota > before.quota or self.quota_days < before.quota_days
