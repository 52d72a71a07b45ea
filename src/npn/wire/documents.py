"""The documents of REST version 1, as typed values that msgspec reads, checks and writes.

Requests refuse unknown members; clients read answers leniently, so that a newer service may add to them.
Source: docs/guide/rest.md and `GET /openapi.json`.
"""

from datetime import datetime
from typing import Literal

import msgspec

from npn.allowance import Allowance

SeriesState = Literal["granted", "partly_released", "released"]
NumberState = Literal["granted", "released", "imported", "withheld", "never_issued"]


class DrawRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`POST /v1/series`: exactly one of `count` (numbers) and `usable` (usable numbers)."""

    count: int | None = None
    usable: int | None = None
    space: str | None = None
    purpose: str | None = None


class ReleaseRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`POST /v1/series/{id}/release`: the whole series, or its tail from the number `from` on."""

    from_: str | None = msgspec.field(default=None, name="from")


class StockReport(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`PUT /v1/stock`: free usable numbers, usable numbers used a day, and when that was true."""

    free: int
    used_per_day: float
    as_of: datetime


class Series(msgspec.Struct, frozen=True, kw_only=True):
    """One series. `size` counts its numbers, `usable` those that pass the check; `receipt` is an address."""

    id: str
    space: str
    first: str
    last: str
    size: int
    usable: int
    state: SeriesState
    released_from: str | None
    drawn_at: datetime
    system: str
    purpose: str | None
    request_id: str
    receipt: str


class SeriesPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of series, newest first; `next` is the cursor of the following page, or null."""

    items: list[Series]
    next: str | None


class HistoryEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened to a number."""

    at: datetime
    event: str
    series: str | None = None
    system: str | None = None
    detail: str | None = None


class Suggestion(msgspec.Struct, frozen=True, kw_only=True):
    """A usable number one mistake away from the one asked for, most likely first."""

    number: str
    mistake: str
    state: NumberState


class NumberInformation(msgspec.Struct, frozen=True, kw_only=True):
    """`GET /v1/numbers/{number}`: everything the service knows of one number."""

    number: str
    state: NumberState
    usable: bool
    space: str | None
    series: str | None
    system: str | None
    drawn_at: datetime | None
    history: list[HistoryEntry]
    suggestions: list[Suggestion]


class Quota(msgspec.Struct, frozen=True, kw_only=True):
    """What one system may draw: bounds on the figure a draw asks for, and `numbers` in `days` days (null: no quota)."""

    smallest_draw: int
    largest_draw: int
    numbers: int | None
    days: int | None
    used: int | None

    @property
    def allowance(self) -> Allowance:
        """Return the rule that the service itself applies."""
        return Allowance(self.smallest_draw, self.largest_draw, self.numbers, self.days)


class Space(msgspec.Struct, frozen=True, kw_only=True):
    """A number space the caller may draw from, with all that is needed to check a number locally."""

    name: str
    environment: Literal["production", "test"]
    length: int
    weights: list[int]
    modulus: int
    remainder: int
    first: str
    last: str
    open: bool = True


class SpaceScheme(msgspec.Struct, frozen=True, kw_only=True):
    """What makes a number of a space usable. `name` is a known one's (`npn10`, `npn14`), or as the space was added."""

    name: str
    length: int
    weights: list[int]
    modulus: int
    remainder: int


class PublicSpace(msgspec.Struct, frozen=True, kw_only=True):
    """A number space as anybody may know it.

    `default`: draws of its environment go there that name no space, of systems that have drawn nothing yet. `open`:
    draws are granted from it.
    """

    name: str
    environment: Literal["production", "test"]
    default: bool
    open: bool
    scheme: SpaceScheme
    first: str
    last: str


class SpaceList(msgspec.Struct, frozen=True, kw_only=True):
    """`GET /v1/spaces`, by name."""

    items: list[PublicSpace]


class Me(msgspec.Struct, frozen=True, kw_only=True):
    """`GET /v1/me`: the caller as the service sees it. `cover_days` from the latest stock report.

    `space`: where its draws go that name no space; null for an operator, and from older services.
    """

    system: str
    name: str
    role: Literal["system", "operator"]
    environment: Literal["production", "test"] | None
    state: Literal["active", "suspended"]
    spaces: list[Space]
    quota: Quota | None
    stock: StockReport | None
    cover_days: float | None
    notices: list[str]
    deadlines: list[str]
    space: str | None = None


class SuspectSeries(msgspec.Struct, frozen=True, kw_only=True):
    """A series that copies of a contested pool may both have handed out from."""

    series: str
    space: str
    first: str
    last: str


class Pool(msgspec.Struct, frozen=True, kw_only=True):
    """An agent's pool as the service sees it; `suspects` only where it is contested."""

    id: str
    system: str
    state: Literal["active", "contested"]
    first_at: datetime
    contact_at: datetime
    contested_at: datetime | None
    suspects: list[SuspectSeries]


class PoolList(msgspec.Struct, frozen=True, kw_only=True):
    """`GET /v1/pools`, newest contact first."""

    items: list[Pool]


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An error, RFC 9457. `code` is stable; `field` names the member that is to blame, where one is."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    field: str | None = None
    hint: str | None = None
    request_id: str | None = None
