"""Numbers granted again: only what was released and out of quarantine, as two people agreed, and only once."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from npn.proof.edition import YEAR_DAYS, Edition
from npn.proof.spaces import SpaceRecord
from npn.proof.wrong import WrongError

_YEAR = timedelta(days=YEAR_DAYS)
_ROUNDING = timedelta(seconds=1)  # the end of a quarantine is written in whole seconds


@dataclass(slots=True)
class OpenRegrant:
    """Numbers given free to be granted again, from `cursor` on; `holders` had them before, ever."""

    space: SpaceRecord
    holders: frozenset[str]
    cursor: int
    last: int


@dataclass(frozen=True, slots=True)
class ReleasedTail:
    """A part of a series that was released, when, and until when it is in quarantine."""

    first: int
    last: int
    at: datetime
    until: datetime


class RegrantProof:
    """What was released of each series, and what of it was given free."""

    def __init__(self, edition: Edition) -> None:
        """`edition` knows the policy of quarantine."""
        self._edition = edition
        self._released: dict[str, list[ReleasedTail]] = {}
        self._given: dict[str, list[tuple[int, int]]] = {}
        self._free: dict[str, OpenRegrant] = {}

    def released(self, series: str, part: ReleasedTail) -> None:
        """Remember a release, whose quarantine is as long as the policy in force says."""
        days = self._edition.quarantine_days or 0
        if part.until < part.at + timedelta(days=days) - _ROUNDING:
            early = f"{days} days after its release" if days else "its release"
            raise WrongError(f"the quarantine of a part of {series} ends before {early}")
        self._released.setdefault(series, []).append(part)

    def give(self, regrant: str, series: str, free: OpenRegrant, *, at: datetime) -> None:
        """Check that what is given free was released, is through its quarantine, and was not given free before."""
        first, last = free.cursor, free.last
        if regrant in self._free:
            raise WrongError(f"the regrant {regrant} is there already")
        parts = [r for r in self._released.get(series, []) if r.first <= last and r.last >= first]
        if sum(min(r.last, last) - max(r.first, first) + 1 for r in parts) != last - first + 1:
            raise WrongError(f"the regrant {regrant} has numbers that {series} still holds, or never had")
        if any(r.until > at for r in parts):
            raise WrongError(f"the regrant {regrant} has numbers that are in quarantine")
        if any(at - r.at < _YEAR for r in parts):
            self._edition.short_quarantine(regrant)
        regranted = self._given.setdefault(series, [])
        if any(a <= last and b >= first for a, b in regranted):
            raise WrongError(f"the regrant {regrant} has numbers that were given free before")
        regranted.append((first, last))
        self._free[regrant] = free

    def grant(self, regrant: str, *, space: SpaceRecord, system: str, first: int, last: int) -> frozenset[str]:
        """Check a draw against the regrant's own cursor and end; return the former holders, never this system."""
        free = self._free.get(regrant)
        if free is None or free.space is not space:
            raise WrongError(f"the regrant {regrant} was never approved in space {space.name}")
        if first != free.cursor or last > free.last:
            raise WrongError(f"the series does not start at the cursor of the regrant {regrant}, or leaves it")
        if system in free.holders:
            raise WrongError(f"the numbers of the regrant {regrant} were granted again to {system}, which had them")
        free.cursor = last + 1
        return free.holders

    def close(self) -> None:
        """Leave nothing of any: after a recovery, or with a new witness, nobody knows what was granted since."""
        for free in self._free.values():
            free.cursor = free.last + 1

    def withhold(self, space: SpaceRecord, *, first: int, last: int) -> frozenset[str] | None:
        """Take what is left of a regrant out of use where these numbers are just that; return their holders."""
        for free in self._free.values():
            if free.space is space and (free.cursor, free.last) == (first, last):
                free.cursor = free.last + 1
                return free.holders
        return None
