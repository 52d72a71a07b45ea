"""What a recovery says was lost, and which receipts are of it: the same for the service and for the proof."""

from dataclasses import dataclass, field

from npn.registry.events import Recovered


class NotLostError(Exception):
    """A receipt is of no entry that was lost, or was used before."""


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
        """Use up the receipt of a lost entry. Raises NotLostError where it is of no such entry, or was used before."""
        if not self.after < seq <= self.to:
            raise NotLostError(
                f"the receipt is of entry {seq}, but what was lost are the entries {self.after + 1} to {self.to}"
            )
        one = (seq, digest if self.several else "")
        if one in self.taken_back:
            raise NotLostError(f"the receipt of entry {seq} brought a series back before")
        self.taken_back.add(one)


def lost_time(event: Recovered) -> LostTime:
    """Return what a recovery says was lost."""
    after = event.database.length if event.shared is None else event.shared
    return LostTime(after, max(event.witness.length, event.longest or 0), several=event.longest is not None)
