"""Where in the ledger something is mentioned: an index that a reader keeps in memory, and makes itself.

The ledger is append-only and every change waits for its append, so nothing is added to it for the sake of a page: no
index of the table, no second table that somebody could write otherwise. The index reads what was added since it was
asked last, a few microseconds an entry; 300,000 entries take some three megabytes.
"""

import threading
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import msgspec
import sqlalchemy as sa

from npn.ledger import store

_BATCH = 5000  # entries read at a time
_TYPE = "kind"
PLACE = "seq"
_MEMBERS = (
    *("system", "test", "holder", "by", "account", "case", "approval", "proposal", "unit", "organisation"),
    *("region", "space", "request", "vendor", "answer"),
)


class IndexedMembers(msgspec.Struct, frozen=True):
    """The members that entries are found by; an entry has some of them."""

    system: str | None = None
    test: str | None = None
    holder: str | None = None
    by: str | None = None
    account: str | None = None
    case: int | str | None = None
    approval: str | None = None
    proposal: str | None = None
    unit: str | None = None
    organisation: str | None = None
    region: str | None = None
    space: str | None = None
    request: str | None = None
    vendor: str | None = None
    answer: str | None = None
    series: str | list[str] | None = None


_decoder = msgspec.json.Decoder(IndexedMembers)


@dataclass(slots=True)
class LedgerIndex:
    """The places of the entries by what they tell of. One for a process; `find` is asked by any thread."""

    _places: "dict[tuple[str, str], array[int]]" = field(default_factory=dict)
    _known: int = 0
    _hash: str = ""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def update(self, connection: sa.Connection) -> int:
        """Read what was added since; return how many entries are known. A ledger that was set back is read again."""
        with self._lock:
            if self._known and store.hash_at(connection, self._known) not in (self._hash, None):
                self._places, self._known, self._hash = {}, 0, ""
            while added := store.added_after(connection, self._known, limit=_BATCH):
                for entry in added:
                    self._add(entry.seq, entry.type, entry.data)
                self._known, self._hash = added[-1].seq, added[-1].hash
            return self._known

    def _add(self, seq: int, kind: str, data: str) -> None:
        self._note(_TYPE, kind, seq)
        members = _decoder.decode(data)
        for name in _MEMBERS:
            value = getattr(members, name)
            if value not in (None, ""):
                self._note(name, str(value), seq)
        if members.series is not None and kind != "series_granted":  # a draw is found by the series it made
            for series in [members.series] if isinstance(members.series, str) else members.series:
                self._note("series", series, seq)

    def _note(self, member: str, value: str, seq: int) -> None:
        places = self._places.get((member, value))
        if places is None:
            places = self._places[member, value] = array("Q")
        if not places or places[-1] != seq:
            places.append(seq)

    def find(self, wanted: Sequence[Sequence[tuple[str, str]]], *, first: int, before: int) -> Iterator[int]:
        """Yield the places from `before` down to `first` that have, of each group, one member with its value."""
        groups = [self._joined(group) for group in wanted]
        rarest = min(groups, key=len)
        others = [group for group in groups if group is not rarest]
        for at in range(bisect_left(rarest, before) - 1, -1, -1):
            seq = rarest[at]
            if seq < first:
                return
            if all(_holds(other, seq) for other in others):
                yield seq

    def _of(self, member: str, value: str) -> Sequence[int]:
        """Return the places with that value; `seq` names a place itself."""
        return [int(value)] if member == PLACE else self._places.get((member, value), ())

    def _joined(self, group: Sequence[tuple[str, str]]) -> Sequence[int]:
        parts = [places for member in group if (places := self._of(*member))]
        return parts[0] if len(parts) == 1 else sorted({seq for part in parts for seq in part})


def _holds(places: Sequence[int], seq: int) -> bool:
    at = bisect_left(places, seq)
    return at < len(places) and places[at] == seq
