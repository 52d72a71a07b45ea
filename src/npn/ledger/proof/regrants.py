"""Numbers granted again: only what was released and out of quarantine, as two people agreed, and only once."""

from dataclasses import dataclass
from datetime import datetime

from npn.ledger.proof.spaces import Space
from npn.ledger.proof.wrong import WrongError


@dataclass(slots=True)
class Free:
    """Numbers given free to be granted again, from `cursor` on; `holder` had them before."""

    space: Space
    holder: str
    cursor: int
    last: int


@dataclass(frozen=True, slots=True)
class Released:
    """A part of a series that was released, and until when it is in quarantine."""

    first: int
    last: int
    until: datetime


class Regrants:
    """What was released of each series, and what of it was given free."""

    def __init__(self) -> None:
        """Start with none."""
        self._released: dict[str, list[Released]] = {}
        self._given: dict[str, list[tuple[int, int]]] = {}
        self._free: dict[str, Free] = {}

    def released(self, series: str, first: int, last: int, until: datetime) -> None:
        """Remember a release."""
        self._released.setdefault(series, []).append(Released(first, last, until))

    def give(self, regrant: str, series: str, free: Free, *, at: datetime) -> None:
        """Hold what is given free to be released, through its quarantine, and not given free before."""
        first, last = free.cursor, free.last
        if regrant in self._free:
            raise WrongError(f"the regrant {regrant} is there already")
        parts = [r for r in self._released.get(series, []) if r.first <= last and r.last >= first]
        if sum(min(r.last, last) - max(r.first, first) + 1 for r in parts) != last - first + 1:
            raise WrongError(f"the regrant {regrant} has numbers that {series} still holds, or never had")
        if any(r.until > at for r in parts):
            raise WrongError(f"the regrant {regrant} has numbers that are in quarantine")
        given = self._given.setdefault(series, [])
        if any(a <= last and b >= first for a, b in given):
            raise WrongError(f"the regrant {regrant} has numbers that were given free before")
        given.append((first, last))
        self._free[regrant] = free

    def grant(self, regrant: str, space: Space, system: str, numbers: tuple[int, int]) -> None:
        """Hold a draw to the regrant's own cursor and end, and to another holder than before."""
        found = self._free.get(regrant)
        if found is None or found.space is not space:
            raise WrongError(f"the regrant {regrant} was never approved in space {space.name}")
        if numbers[0] != found.cursor or numbers[1] > found.last:
            raise WrongError(f"the series does not start at the cursor of the regrant {regrant}, or leaves it")
        if system == found.holder:
            raise WrongError(f"the numbers of the regrant {regrant} were granted again to {system}, which had them")
        found.cursor = numbers[1] + 1

    def close(self) -> None:
        """Leave nothing of any: after a recovery, or with a new witness, nobody knows what was granted since."""
        for each in self._free.values():
            each.cursor = each.last + 1

    def withhold(self, space: Space, numbers: tuple[int, int]) -> bool:
        """Take what is left of a regrant out of use, where these numbers are just that."""
        for each in self._free.values():
            if each.space is space and (each.cursor, each.last) == numbers:
                each.cursor = each.last + 1
                return True
        return False
