"""What recoveries withheld, and what of it was taken back by receipts of the time that was lost."""

from dataclasses import dataclass, field

from npn.ledger import events
from npn.ledger.proof.spaces import Space
from npn.ledger.proof.wrong import WrongError


@dataclass(frozen=True, slots=True)
class LostTime:
    """The entries that a restore had forgotten: those after `after`, up to `to`; `taken_back` by their receipts.

    `several`: they are of more than one ledger, which the witness followed one after another, so that two entries may
    have stood at one place.
    """

    after: int
    to: int
    several: bool = False
    taken_back: set[tuple[int, str]] = field(default_factory=set)

    def receipt(self, seq: int, digest: str) -> None:
        """Use up the receipt of a lost entry. Raises WrongError where it is of no such entry, or was used before."""
        if not self.after < seq <= self.to:
            raise WrongError(
                f"the receipt is of entry {seq}, but what was lost are the entries {self.after + 1} to {self.to}"
            )
        one = (seq, digest if self.several else "")
        if one in self.taken_back:
            raise WrongError(f"the receipt of entry {seq} brought a series back before")
        self.taken_back.add(one)


def lost_time(event: events.Recovered) -> LostTime:
    """Return what a recovery says was lost."""
    after = event.database.length if event.shared is None else event.shared
    return LostTime(after, max(event.witness.length, event.longest or 0), several=event.longest is not None)


@dataclass(frozen=True, slots=True)
class WithheldRange:
    """Numbers that a recovery took out of use. `holders` had them before; None where they were granted once."""

    space: Space
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

    def take_back(self, event: events.SeriesReRegistered, space: Space, numbers: tuple[int, int]) -> WithheldRange:
        """Take away the range that a series comes back into. Its receipt is of the time that was lost, used once."""
        part = self._ranges.pop(event.withheld, None)
        if part is None or part.space is not space:
            raise WrongError(f"{event.withheld} is not withheld in space {space.name}")
        first, last = numbers
        if first < part.first or last > part.last:
            raise WrongError(f"the series {event.series} leaves the withheld range {event.withheld}")
        if part.holders is not None and event.system in part.holders:
            raise WrongError(
                f"the series {event.series} was taken back by {event.system}, which had its numbers before"
            )
        part.lost.receipt(event.receipt_seq, event.receipt_hash)
        rest = [(a, b) for a, b in ((part.first, first - 1), (last + 1, part.last)) if a <= b]
        if [(int(left.first), int(left.last)) for left in event.left] != rest:
            raise WrongError(f"what is left of the withheld range {event.withheld} does not fit the series")
        return part
