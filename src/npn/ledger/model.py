"""What the ledger is made of: entries, each with the hash of the one before."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from npn.db.types import rfc3339
from npn.ledger.canonical import Json, canonical

GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class Head:
    """How long the ledger is, and the hash of its last entry (64 hexadecimal digits)."""

    length: int
    hash: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One event. `hash` is SHA-256 of `previous` (as text) followed by the canonical JSON of the rest."""

    seq: int
    at: str
    type: str
    data: dict[str, Json]
    previous: str
    hash: str

    def line(self) -> dict[str, Json]:
        """Give the entry as a line of the export."""
        return {
            "seq": self.seq,
            "at": self.at,
            "type": self.type,
            "data": self.data,
            "previous": self.previous,
            "hash": self.hash,
        }


def entry_hash(line: dict[str, Json]) -> str:
    """Compute the hash of an entry from its line; any `hash` member is left out of it."""
    body = {key: value for key, value in line.items() if key != "hash"}
    return hashlib.sha256(str(line["previous"]).encode("ascii") + canonical(body)).hexdigest()


def chained(head: Head, at: datetime, kind: str, data: dict[str, Json]) -> Entry:
    """Make the entry that follows `head`."""
    line: dict[str, Json] = {
        "seq": head.length + 1,
        "at": rfc3339(at),
        "type": kind,
        "data": data,
        "previous": head.hash,
    }
    return Entry(head.length + 1, rfc3339(at), kind, data, head.hash, entry_hash(line))
