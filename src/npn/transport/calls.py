"""Calls counted per system and Danish day: by channel, over plain HTTP or TLS, with a client certificate, refused.

Counting is adding to a row in memory, on the event loop's thread; the rows are written by the writer, all of them in
one transaction, at most every few seconds. A process that is killed loses what it counted since.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from npn.instants import danish_day

EVERY = 20.0  # seconds between writing the figures


@dataclass(slots=True)
class Tally:
    """One system's calls of one day and channel that are not written yet."""

    system: str
    day: date
    channel: str
    plain: int = 0
    secure: int = 0
    certified: int = 0
    refused: int = 0
    plain_at: datetime | None = None
    plain_from: str | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a known system. `certified`: over TLS with a client certificate; `refused`: for its transport."""

    system: str
    channel: str
    secure: bool
    certified: bool
    refused: bool
    address: str


class Counter:
    """Counts calls of one process."""

    def __init__(self, write: Callable[[list[Tally]], None], *, clock: Callable[[], datetime]) -> None:
        """`write` has rows added to what the database holds; it must not hold up the caller."""
        self._write = write
        self._clock = clock
        self._rows: dict[tuple[str, date, str], Tally] = {}

    def count(self, call: Call) -> None:
        """Count a call."""
        now = self._clock().astimezone(UTC)
        key = (call.system, danish_day(now), call.channel)
        row = self._rows.get(key)
        if row is None:
            row = self._rows[key] = Tally(*key)
        if call.secure:
            row.secure += 1
            row.certified += call.certified
        else:
            row.plain += 1
            row.plain_at, row.plain_from = now, call.address[:60] or None
        row.refused += call.refused

    def flush(self) -> None:
        """Have what was counted written, where there is anything."""
        if self._rows:
            rows, self._rows = list(self._rows.values()), {}
            self._write(rows)
