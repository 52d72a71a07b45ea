"""What the witness knows, how it is written down, and what any place that keeps it must be able to do."""

import json
from typing import Protocol

import msgspec

from npn.errors import UnavailableError
from npn.ledger.model import Head

_HINT = "restore the witness, or run `npn recover --rebuild-witness` once you are sure of the database"


class WitnessState(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the witness knows; `cursors` are texts of digits, one a space."""

    database: str
    length: int
    hash: str
    cursors: dict[str, str]

    @property
    def head(self) -> Head:
        """Give the ledger's head as the witness saw it."""
        return Head(self.length, self.hash)


class Witness(Protocol):
    """Where the witness is kept."""

    def read(self) -> WitnessState:
        """Raise UnavailableError `witness_missing` where there is none or it can't be understood."""

    def advance(self, expected: WitnessState, new: WitnessState) -> bool:
        """Replace `expected` by `new` durably; False, and nothing changed, where it is no longer `expected`."""

    def replace(self, new: WitnessState) -> None:
        """Set it whatever it was: for `admin init` and `recover` alone."""

    def exists(self) -> bool:
        """Say whether anything is there, sound or not. Raises UnavailableError where that can't be told."""

    def close(self) -> None:
        """Let go of what it holds open."""


def missing(reason: str) -> UnavailableError:
    """Make the error that stops draws where the witness can't speak."""
    return UnavailableError(f"the witness is missing: {reason}", code="witness_missing", hint=_HINT, retry_after=60)


def encode(state: WitnessState) -> bytes:
    """Write it down: one line of JSON, always the same for the same state."""
    return (json.dumps(msgspec.to_builtins(state), sort_keys=True) + "\n").encode()


def decode(data: bytes) -> WitnessState:
    """Read it. Raises UnavailableError `witness_missing` where it is corrupt."""
    try:
        state = msgspec.json.decode(data, type=WitnessState)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise missing("it is corrupt") from error
    if len(state.hash) != 64 or state.length < 0 or not all(c.isdecimal() for c in state.cursors.values()):
        raise missing("it is corrupt")
    return state
