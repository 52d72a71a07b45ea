"""Pairs the items of two lists that belong together, in time that is in line with how many there are."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")
Keys = Callable[[Item], Iterable[Hashable]]


class Pairing(Generic[Item]):
    """The items of two lists, by their indexes, and which of them have been paired."""

    def __init__(self, first: Sequence[Item], second: Sequence[Item]) -> None:
        """Take the lists; nothing is paired yet."""
        self.first, self.second = first, second
        self._partners: dict[int, int] = {}
        self._taken: set[int] = set()

    def unmoved(self, key: Callable[[Item], Hashable]) -> None:
        """Pair what has the same key and stands at the same place, counted from the front or from the back."""
        firsts, seconds = list(map(key, self.first)), list(map(key, self.second))
        for shift in (0, len(seconds) - len(firsts)):
            for at, first in enumerate(firsts):
                if 0 <= at + shift < len(seconds) and first == seconds[at + shift]:
                    self._pair(at, at + shift)

    def by_keys(self, keys: Keys[Item]) -> None:
        """Pair what shares a key, in its order."""
        waiting: dict[Hashable, list[int]] = defaultdict(list)
        for at in reversed(range(len(self.second))):
            for key in keys(self.second[at]):
                waiting[key].append(at)
        for at, item in enumerate(self.first):
            for key in keys(item) if at not in self._partners else ():
                candidates = waiting.get(key, [])
                while candidates and at not in self._partners:
                    self._pair(at, candidates.pop())

    def in_order(self) -> None:
        """Pair what is left, in its order."""
        self.by_keys(lambda _: ("",))

    def pairs(self) -> list[tuple[Item | None, Item | None]]:
        """Return the pairs in the order of the first list, then what only the second has."""
        partners = [self._partners.get(at) for at in range(len(self.first))]
        return [
            *(
                (item, None if partner is None else self.second[partner])
                for item, partner in zip(self.first, partners, strict=True)
            ),
            *((None, item) for at, item in enumerate(self.second) if at not in self._taken),
        ]

    @property
    def is_in_order(self) -> bool:
        """Whether what is paired comes in the same order in both lists."""
        places = [self._partners[at] for at in range(len(self.first)) if at in self._partners]
        return places == sorted(places)

    def _pair(self, first: int, second: int) -> None:
        if first not in self._partners and second not in self._taken:
            self._partners[first] = second
            self._taken.add(second)
