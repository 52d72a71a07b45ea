"""What the registry deals in: spaces, draws, series."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Generic, TypeVar

import msgspec

from npn.allowance import Unit
from npn.numbers.digits import format_digits
from npn.numbers.scheme import NumberScheme
from npn.pools.model import PoolContact
from npn.systems.model import Environment
from npn.wire.requests import check_draw

_T = TypeVar("_T")
_encode = msgspec.json.Encoder().encode


class RangeKind(StrEnum):
    """Why a range is live, and so never granted."""

    GRANTED = "granted"
    IMPORTED = "imported"
    WITHHELD = "withheld"


@dataclass(frozen=True, slots=True)
class Space:
    """A number space: one scheme with its own range and cursor (the next number to grant).

    `is_default`: draws of its environment go there that name no space, of systems that have drawn nothing yet.
    `is_open`: draws are granted from it.
    """

    name: str
    environment: Environment
    scheme: NumberScheme
    first: int
    last: int
    cursor: int
    is_default: bool = False
    is_open: bool = True


@dataclass(frozen=True, slots=True)
class Release:
    """A tail (or the whole) of a series given back: `first` to `last`, held until `quarantine_until`."""

    first: int
    last: int
    at: datetime
    quarantine_until: datetime
    seq: int


@dataclass(frozen=True, slots=True)
class SeriesQuery:
    """What a list asks of a system's series: their state (empty: any), and the order of `series_store.ORDERS`.

    `-` before the order's name: the other way.
    """

    system: str
    state: str = ""
    order: str = "-drawn"


class Series(msgspec.Struct, frozen=True):  # made for every draw: a dataclass takes ten times as long
    """An unbroken range granted to one system, and how much of it was released."""

    id: str
    space: str
    length: int
    first: int
    last: int
    usable: int
    system: str
    purpose: str | None
    request_id: str
    drawn_at: datetime
    seq: int
    released_from: int | None = None

    @property
    def size(self) -> int:
        """Count its numbers."""
        return self.last - self.first + 1

    @property
    def state(self) -> str:
        """Return `granted`, `partly_released` or `released`."""
        if self.released_from is None:
            return "granted"
        return "released" if self.released_from == self.first else "partly_released"

    @property
    def held_to(self) -> int:
        """Return the last number not released; below `first` where all are."""
        return self.last if self.released_from is None else self.released_from - 1

    def text(self, number: int) -> str:
        """Write one of its numbers."""
        return format_digits(number, self.length)


@dataclass(frozen=True, slots=True)
class Regrant:
    """Numbers of a series that were released, and that two people have given free to be granted again.

    They are granted once, from `cursor` on, to others than the systems of `holders`, which had them before.
    `generation` counts the times that they were granted before.
    """

    id: str
    series: str
    space: str
    length: int
    generation: int
    first: int
    last: int
    cursor: int
    holders: tuple[str, ...]
    approval: str
    at: datetime
    seq: int

    def text(self, number: int) -> str:
        """Write one of its numbers."""
        return format_digits(number, self.length)


@dataclass(frozen=True, slots=True)
class ReleasedNumbers:
    """A release with the series it is of."""

    series: str
    system: str
    space: str
    length: int
    drawn_at: datetime
    released_at: datetime
    quarantine_until: datetime
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class LiveRange:
    """A range that nobody may be granted: a series, an import, or what a recovery withheld.

    `generation`: how often its numbers were granted before.
    """

    id: str
    kind: RangeKind
    space: str
    length: int
    first: int
    last: int
    system: str | None
    at: datetime
    seq: int
    generation: int = 0


@dataclass(frozen=True, slots=True)
class DrawSummary:
    """A system's draws of some time, summed, in usable numbers.

    `count` draws, from `first_at` to `last_at`; `after_first` is what those after the first burst held together,
    `last` what those of the last burst held, `since` what was drawn after a given time.
    """

    count: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None
    after_first: int = 0
    last: int = 0
    since: int = 0


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """An answer kept as it was sent, to be given again byte for byte. `digest` tells its request from another."""

    system: str
    channel: str
    request_id: str
    digest: str
    media_type: str
    body: bytes
    at: datetime


@dataclass(frozen=True, slots=True)
class AnswerWriter(Generic[_T]):
    """A channel's wish that its answer be stored in the same transaction as what it answers.

    `digest` identifies the request as the channel compares it; `write` makes the answer (media type, body) of
    what was done. It runs inside the transaction: quick, and without a side effect.
    """

    channel: str
    request_id: str
    digest: str
    write: Callable[[_T], tuple[str, bytes]]

    def answer(self, done: _T, *, system: str, at: datetime) -> StoredAnswer:
        """Write the answer."""
        media_type, body = self.write(done)
        return StoredAnswer(system, self.channel, self.request_id, self.digest, media_type, body, at)


@dataclass(frozen=True, slots=True)
class Draw:
    """A system's wish for a series: exactly one of `count` and `usable`.

    `channel` keeps wires' ids apart; `contact` is the pool that draws, where an agent does. No part of the wish are
    `keep`, what the channel wants stored with the grant, `secure`, whether the call came over TLS, and `by`, the person
    who draws for the system by hand: known to be allowed to, so no key is asked for.
    """

    system: str
    key: str
    request_id: str
    count: int | None
    usable: int | None
    space: str | None
    purpose: str | None
    channel: str = "rest"
    keep: AnswerWriter[Series] | None = field(default=None, compare=False)
    contact: PoolContact | None = None
    secure: bool = field(default=False, compare=False)
    by: str = field(default="", compare=False)

    @property
    def asked(self) -> int:
        """Return the figure asked for, whichever it is."""
        return self.count if self.count is not None else self.usable or 0

    @property
    def unit(self) -> Unit:
        """Return what is counted: numbers, or usable ones."""
        return "usable" if self.count is None else "count"

    @property
    def digest(self) -> str:
        """Return a digest that distinguishes this wish from another under the same request id."""
        wish = (self.count, self.usable, self.space, self.purpose)
        return hashlib.sha256(_encode(wish)).hexdigest()[:32]


def checked_draw(draw: Draw) -> Draw:
    """Accept a draw whose parts are in bounds. Raises InvalidInputError naming the member."""
    check_draw(count=draw.count, usable=draw.usable, request_id=draw.request_id, purpose=draw.purpose)
    return draw
