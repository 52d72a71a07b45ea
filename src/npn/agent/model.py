"""The agent's values: what is in the pool and what became of it. All are frozen; numbers are integers here.

`first` and `last` are inclusive everywhere. Texts of digits are made and read by the series' own scheme.
"""

from datetime import date, datetime
from typing import Literal

import msgspec

from npn.numbers.scheme import NumberScheme

SeriesState = Literal["arrived", "open", "withheld"]
RequestState = Literal["pending", "granted", "refused", "abandoned"]
ReleaseState = Literal["pending", "done", "refused", "abandoned"]
GapReason = Literal["crash", "cloned", "reset"]
OnClone = Literal["new_pool", "stop"]
ON_CLONE: tuple[OnClone, ...] = ("new_pool", "stop")


class PooledSeries(msgspec.Struct, frozen=True, kw_only=True):
    """One series as the pool holds it: granted `first` to `last`, still ours and not reserved `next` to `stop`.

    arrived   adopted, waiting for the contact that proves no copy of this pool has it too
    open      is handed out
    withheld  never handed out again
    """

    id: str
    request_id: str
    space: str
    scheme: NumberScheme
    first: int
    last: int
    next: int
    stop: int
    state: SeriesState
    drawn_at: datetime
    has_receipt: bool

    @property
    def free(self) -> int:
        """Usable numbers not reserved yet."""
        return self.scheme.count(self.next, self.stop) if self.next <= self.stop else 0


class Stretch(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a series that was reserved for hand-out at one time; `count` usable numbers."""

    series: str
    scheme: NumberScheme
    first: int
    last: int
    count: int

    def texts(self) -> list[str]:
        """Its usable numbers, in order."""
        format_number = f"{{:0{self.scheme.length}d}}".format
        return list(map(format_number, self.scheme.usable(self.first, self.last)))

    def tail(self, count: int) -> "Stretch":
        """Its last `count` usable numbers, from the first of them on."""
        if count >= self.count:
            return self
        first = self.scheme.nth(self.first, self.count - count + 1)
        return msgspec.structs.replace(self, first=self.first if first is None else first, count=count)


class UnusedGap(msgspec.Struct, frozen=True, kw_only=True):
    """Numbers that are not handed out any more: at most `at_most` usable ones between `first` and `last`."""

    series: str
    first: str
    last: str
    at_most: int
    reason: GapReason
    at: datetime


class DrawIntent(msgspec.Struct, frozen=True, kw_only=True):
    """A draw as it is logged before it is sent, under the pool id of that time."""

    request_id: str
    pool_id: str
    usable: int
    space: str | None
    state: RequestState
    attempts: int
    series: str | None


class ReleaseIntent(msgspec.Struct, frozen=True, kw_only=True):
    """A release whose numbers have left the pool; `from_` is None for a whole series."""

    series: str
    from_: str | None
    state: ReleaseState
    detail: str


class Flag(msgspec.Struct, frozen=True, kw_only=True):
    """A difference between what the service says of a series and what the pool knows of it."""

    kind: Literal["unknown_series", "missing_at_service", "differs", "bad_series", "bad_receipt"]
    series: str
    detail: str
    at: datetime | None = None


class DayUse(msgspec.Struct, frozen=True):
    """How many numbers left the pool on one local day."""

    day: date
    taken: int


class PoolIdentity(msgspec.Struct, frozen=True, kw_only=True):
    """Who the pool is towards the service, and where its chain of tokens stands."""

    pool_id: str
    token: str
    pending: str | None
    generation: int
    stopped: str | None


class PoolStatus(msgspec.Struct, frozen=True, kw_only=True):
    """What is in the pool. `free`: usable numbers that can be handed out now, `arrived`: not confirmed yet.

    `verified`: the series whose receipt's signature was verified.
    """

    pool_id: str
    free: int
    arrived: int
    withheld: int
    handed_out: int
    returned: int
    lost: int
    series: list[PooledSeries]
    gaps: list[UnusedGap]
    flags: list[Flag]
    alarm: str | None
    stopped: str | None
    generation: int
    verified: frozenset[str] = frozenset()
