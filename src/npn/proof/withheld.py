"""What recoveries withheld, and what of it was taken back by receipts of the time that was lost."""

from dataclasses import dataclass

from npn.proof.spaces import SpaceRecord
from npn.proof.wrong import WrongError
from npn.registry.events import SeriesReRegistered
from npn.registry.lost_time import LostTime, NotLostError


@dataclass(frozen=True, slots=True)
class WithheldRange:
    """Numbers that a recovery took out of use. `holders` had them before; None where they were granted once."""

    space: SpaceRecord
    first: int
    last: int
    lost: LostTime
    holders: frozenset[str] | None = None


class WithheldRanges:
    """Those that are withheld now, by id."""

    def __init__(self) -> None:
        """Start with none."""
        self._ranges: dict[str, WithheldRange] = {}

    def add(self, range_id: str, part: WithheldRange) -> None:
        """Withhold a range."""
        self._ranges[range_id] = part

    def take_back(self, event: SeriesReRegistered, *, space: SpaceRecord, first: int, last: int) -> WithheldRange:
        """Take away the range that a series comes back into. Its receipt is of the time that was lost, used once."""
        part = self._ranges.pop(event.withheld, None)
        if part is None or part.space is not space:
            raise WrongError(f"{event.withheld} is not withheld in space {space.name}")
        if first < part.first or last > part.last:
            raise WrongError(f"the series {event.series} leaves the withheld range {event.withheld}")
        if part.holders is not None and event.system in part.holders:
            raise WrongError(
                f"the series {event.series} was taken back by {event.system}, which had its numbers before"
            )
        try:
            part.lost.receipt(event.receipt_seq, event.receipt_hash)
        except NotLostError as error:
            raise WrongError(str(error)) from error
        rest = [(a, b) for a, b in ((part.first, first - 1), (last + 1, part.last)) if a <= b]
        if [(int(left.first), int(left.last)) for left in event.left] != rest:
            raise WrongError(f"what is left of the withheld range {event.withheld} does not fit the series")
        return part
