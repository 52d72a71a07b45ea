"""What the ledger is made of: entries, each with the hash of the one before."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec

from npn.instants import rfc3339
from npn.ledger.canonical import Json, canonical

GENESIS = "0" * 64


class Head(msgspec.Struct, frozen=True):
    """How long the ledger is, and the hash of its last entry (64 hexadecimal digits)."""

    length: int
    hash: str


class Entry(msgspec.Struct, frozen=True):  # made for every draw: a dataclass takes ten times as long
    """One event. `data` is canonical JSON; `hash` is SHA-256 of `previous` and the canonical JSON of the rest."""

    seq: int
    at: str
    type: str
    data: str
    previous: str
    hash: str

    def line(self) -> str:
        """Return the entry as a line of the export, without the line's end."""
        return (
            f'{{"seq":{self.seq},"at":"{self.at}","type":"{self.type}","data":{self.data},'
            f'"previous":"{self.previous}","hash":"{self.hash}"}}'
        )


def hash_of(line: Mapping[str, Json]) -> str:
    """Compute an entry's hash from its line; a `hash` member is left out of it."""
    body = {name: value for name, value in line.items() if name != "hash"}
    return hashlib.sha256(str(line["previous"]).encode("ascii") + canonical(body)).hexdigest()


def chained(head: Head, at: datetime, kind: str, *, data: bytes) -> Entry:
    """Return the entry that follows `head`; `data`: its event as canonical JSON."""
    seq, instant, content = head.length + 1, rfc3339(at), data.decode("utf-8")
    # The canonical form of the line, its members in order: `hash_of` without encoding the data a second time.
    body = f'{{"at":"{instant}","data":{content},"previous":"{head.hash}","seq":{seq},"type":"{kind}"}}'
    digest = hashlib.sha256(f"{head.hash}{body}".encode()).hexdigest()
    return Entry(seq, instant, kind, content, head.hash, digest)


def checkpoint_line(payload: dict[str, Json], token: str) -> bytes:
    """Return the last line: what is signed, to be read, and the compact JWS that signs it, to be believed."""
    return b'{"checkpoint":' + canonical(payload) + b',"jws":"' + token.encode("ascii") + b'"}\n'


@dataclass(frozen=True, slots=True)
class BackupNote:
    """A backup that somebody noted: when it was taken, and who noted it when."""

    taken_at: datetime
    noted_at: datetime
    noted_by: str
