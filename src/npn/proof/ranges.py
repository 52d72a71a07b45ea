"""Disjoint ranges of numbers, kept in order in flat arrays: what the proof that nothing overlaps rests on.

Twenty-four bytes a range. Ranges arrive nearly in order, so adding one is nearly always an append.
"""

from array import array
from bisect import bisect_right
from typing import NamedTuple


class HeldRange(NamedTuple):
    """A range that is there, and the entry that brought it."""

    first: int
    last: int
    seq: int


class Ranges:
    """The live ranges of one space."""

    __slots__ = ("_firsts", "_lasts", "_seqs")

    def __init__(self) -> None:
        """Start with none."""
        self._firsts, self._lasts, self._seqs = array("q"), array("q"), array("q")

    def __len__(self) -> int:
        """Count them."""
        return len(self._firsts)

    def add(self, first: int, last: int, seq: int) -> HeldRange | None:
        """Add a range; where it shares a number with one that is there, give that one and change nothing."""
        place = bisect_right(self._firsts, last)
        if place and self._lasts[place - 1] >= first:
            return self._at(place - 1)
        self._firsts.insert(place, first)
        self._lasts.insert(place, last)
        self._seqs.insert(place, seq)
        return None

    def remove(self, first: int) -> None:
        """Take away the range that starts at `first`."""
        place = bisect_right(self._firsts, first) - 1
        if place < 0 or self._firsts[place] != first:
            raise KeyError(first)
        del self._firsts[place], self._lasts[place], self._seqs[place]

    def holding(self, number: int) -> HeldRange | None:
        """Return the range that `number` lies in, or None."""
        place = bisect_right(self._firsts, number) - 1
        return self._at(place) if place >= 0 and self._lasts[place] >= number else None

    def cover(self, first: int, last: int) -> bool:
        """Whether every number from `first` to `last` lies in some range."""
        while first <= last:
            holding = self.holding(first)
            if holding is None:
                return False
            first = holding.last + 1
        return True

    def _at(self, place: int) -> HeldRange:
        return HeldRange(self._firsts[place], self._lasts[place], self._seqs[place])
