"""What the witness knows, how it is written down, and what any place that keeps it must be able to do."""

import json
import re
import secrets
from collections.abc import Sequence
from itertools import pairwise
from typing import Protocol

import msgspec

from npn.errors import UnavailableError, codes
from npn.ledger.model import Head

MOST_RANGES = 500  # that are kept of one space; where there are more, the nearest are told as one
MISSING, WRONG = codes.WITNESS_MISSING, codes.WITNESS_WRONG
_CURSOR, _RANGE = re.compile(r"[0-9]{1,19}"), re.compile(r"[0-9]{1,18}-[0-9]{1,18}")
_IDENTITY = re.compile(r"(?:[0-9a-f]{32})?")
_WRONG = (
    "name the one that it knows with --witness (compare `npn admin witness show`); "
    "where the database was restored to before its witness was moved or rebuilt: `npn recover`"
)
_HINT = "restore the witness, or run `npn recover --rebuild-witness` once you are sure of the database"


class Fork(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A recovery, after which the witness followed another ledger than before: `length` and `hash` of its entry.

    `shared`: how long the beginning is that the two are known to have in common; `longest`: the longest ledger that
    the witness followed before and the recovered database lacked.
    """

    length: int
    hash: str
    shared: int
    longest: int


class WitnessState(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """What the witness knows; `cursors` are texts of digits, one a space.

    `ahead`: by space, the ranges in use at or ahead of its cursor (imports above all), each `first-last`, in order.
    Between the ends of one may lie numbers that are free: it is what a recovery must not let be granted, so rather
    too much than too little. None in a document of an older version: not known.
    `identity`: random, and in the database too, so that each knows the other; new at each rebuild, recovery and move;
    empty in a document of an older version. `successor`: the identity of the witness that took this one's place when
    it was moved; empty in the one that counts.
    `forks`: the recoveries that set it back, the oldest first.
    """

    database: str
    length: int
    hash: str
    cursors: dict[str, str]
    ahead: dict[str, list[str]] | None = None
    identity: str = ""
    successor: str = ""
    forks: list[Fork] = []

    @property
    def head(self) -> Head:
        """Return the ledger's head as the witness saw it."""
        return Head(self.length, self.hash)


def new_identity() -> str:
    """Return an identity that no witness ever had."""
    return secrets.token_hex(16)


def bounds(text: str) -> tuple[int, int]:
    """Read a range of `ahead`."""
    first, _, last = text.partition("-")
    return int(first), int(last)


def told(ranges: Sequence[tuple[int, int]], *, most: int = MOST_RANGES) -> list[str]:
    """Write ranges, in order and apart, as `ahead` holds them: a limited number, the narrowest gaps closed."""
    gaps = [after[0] - before[1] - 1 for before, after in pairwise(ranges)]
    narrowest_first = sorted(range(len(gaps)), key=gaps.__getitem__)
    closed = set(narrowest_first[: max(gaps.count(0), len(ranges) - most)])
    stretches: list[tuple[int, int]] = []
    for place, (first, last) in enumerate(ranges):
        if place - 1 in closed:
            stretches[-1] = (stretches[-1][0], last)
        else:
            stretches.append((first, last))
    return [f"{first}-{last}" for first, last in stretches]


class Witness(Protocol):
    """Where the witness is kept."""

    def read(self) -> WitnessState:
        """Raise UnavailableError `witness_missing` where there is none or it can't be understood."""

    def advance(self, expected: WitnessState, new: WitnessState) -> bool:
        """Replace `expected` by `new` durably; False, and nothing changed, where it is no longer `expected`."""

    def replace(self, new: WitnessState) -> None:
        """Set it whatever it was: for `admin init` and `recover` alone."""

    def exists(self) -> bool:
        """Return whether anything is there, sound or not. Raises UnavailableError where that can't be told."""

    def close(self) -> None:
        """Let go of what it holds open."""


def missing(reason: str) -> UnavailableError:
    """Make the error that stops draws where the witness can't speak."""
    return UnavailableError(f"the witness is missing: {reason}", code=MISSING, hint=_HINT, retry_after=60)


def wrong(reason: str) -> UnavailableError:
    """Return the error that stops draws where the witness is not the one that the database knows."""
    return UnavailableError(f"this is not the database's witness: {reason}", code=WRONG, hint=_WRONG, retry_after=60)


def encode(state: WitnessState) -> bytes:
    """Write it down: one line of JSON, always the same for the same state."""
    return (json.dumps(msgspec.to_builtins(state), sort_keys=True) + "\n").encode()


def decode(data: bytes) -> WitnessState:
    """Read it. Raises UnavailableError `witness_missing` where it is corrupt."""
    try:
        state = msgspec.json.decode(data, type=WitnessState)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise missing("it is corrupt") from error
    ranges = [text for texts in (state.ahead or {}).values() for text in texts]
    sound = all(map(_CURSOR.fullmatch, state.cursors.values())) and all(map(_RANGE.fullmatch, ranges))
    sound = sound and all(map(_IDENTITY.fullmatch, (state.identity, state.successor)))
    if len(state.hash) != 64 or state.length < 0 or not sound:
        raise missing("it is corrupt")
    return state
