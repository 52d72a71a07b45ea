"""Events about number spaces, series, and what a recovery did to them."""

from typing import Annotated

import msgspec
from msgspec import Meta

from npn.ledger.event import (
    Claimed,
    Count,
    Digest,
    Event,
    Figure,
    Id,
    Instant,
    Number,
    Purpose,
    RangeId,
    RegrantId,
    RequestId,
    Shape,
    SpaceName,
    Text,
)
from npn.systems.model import Environment

FIRST_QUARANTINE_DAYS = 3650  # as `npn admin init` writes it; two people change it


class SpaceAdded(Event, frozen=True):
    """A number space was opened; none of this ever changes."""

    tag = "space_added"
    free = ("space", "environment", "scheme", "weights", "modulus", "remainder", "first", "last")

    space: SpaceName
    environment: Environment
    scheme: Annotated[str, Meta(pattern=r"\A[A-Za-z0-9][A-Za-z0-9_.-]{0,63}\Z")]
    length: Annotated[int, Meta(ge=6, le=18)]
    weights: list[int]
    modulus: int
    remainder: int
    first: Number
    last: Number
    by: Text
    claimed: Claimed = ""


class SpaceDefaultSet(Event, frozen=True):
    """Draws of the environment go there that name no space, of systems that have drawn nothing yet."""

    tag = "space_default_set"
    free = ("space", "environment")

    space: SpaceName
    environment: Environment
    by: Text
    claimed: Claimed = ""


class SpaceClosed(Event, frozen=True):
    """From here on nothing is granted from the space."""

    tag = "space_closed"
    free = ("space",)

    space: SpaceName
    by: Text
    claimed: Claimed = ""


class SpaceOpened(Event, frozen=True):
    """Series are granted from the space again."""

    tag = "space_opened"
    free = ("space",)

    space: SpaceName
    by: Text
    claimed: Claimed = ""


class SystemSpaceSet(Event, frozen=True):
    """The system's draws that name no space go there. `approval`: the proposal that two people agreed on."""

    tag = "system_space_set"
    free = ("system", "space")

    system: Id
    space: SpaceName
    by: Text
    approval: Id | None = None
    claimed: Claimed = ""


class Part(Shape, frozen=True):
    """Numbers of the event's own space, both ends included."""

    first: Number
    last: Number


class SeriesGranted(Event, frozen=True):
    """A series was drawn. `skipped`: what the cursor jumped on the way to it, occupied ranges at the ends.

    `regrant`: the numbers were granted before and given free; no cursor of a space moves.
    """

    tag = "series_granted"
    free = ("series", "system", "request_id", "channel", "purpose", "skipped")
    summed = ("last",)
    leaves_ahead = True

    series: RangeId
    space: SpaceName
    first: Number
    last: Number
    usable: Figure
    system: Id
    request_id: RequestId
    channel: Id
    purpose: Purpose | None
    skipped: list[Part] = msgspec.field(default_factory=list)
    regrant: RegrantId | None = None
    by: Text = ""
    claimed: Claimed = ""


class SeriesReleased(Event, frozen=True):
    """The tail of what its owner still held of a series was given back."""

    tag = "series_released"
    free = ("quarantine_until",)
    summed = ("first",)

    series: RangeId
    first: Number
    last: Number
    system: Id
    quarantine_until: Instant
    by: Text = ""
    claimed: Claimed = ""


class RangeImported(Event, frozen=True):
    """Numbers in use before the service was."""

    tag = "range_imported"
    free = ("range", "drawn_at")
    summed = ("first", "last")

    range: RangeId
    space: SpaceName
    system: Id
    first: Number
    last: Number
    drawn_at: Instant
    by: Text
    claimed: Claimed = ""


class RegrantApproved(Event, frozen=True):
    """Released numbers of a series were given free to be granted again, as two people agreed."""

    tag = "regrant_approved"
    free = ("regrant",)

    regrant: RegrantId
    series: RangeId
    space: SpaceName
    first: Number
    last: Number
    approval: Id
    by: Text
    claimed: Claimed = ""


class ChainPosition(Shape, frozen=True):
    """A place in a ledger."""

    length: Count
    hash: Digest


class Withheld(Shape, frozen=True):
    """Numbers never to be granted again."""

    range: RangeId
    space: SpaceName
    first: Number
    last: Number


class CursorMoved(Shape, frozen=True):
    """`before` and `after`: the next number to grant, as text; `after` may be one past the space's last."""

    space: SpaceName
    before: Figure
    after: Figure


class Recovered(Event, frozen=True):
    """After a restore: cursors skip to where the witness knows them, and what was skipped is withheld.

    `shared`: the length of the beginning that this ledger is known to have in common with all that the witness
    followed, where that is not the whole; `longest`: that of the longest one before a recovery that this one lacks.
    """

    tag = "recovered"
    free = ("reason", "witness", "withheld", "cursors", "shared", "longest")
    summed = ("withheld",)

    by: Text
    reason: Text
    witness: ChainPosition
    database: ChainPosition
    cursors: list[CursorMoved]
    withheld: list[Withheld]
    shared: Count | None = None
    longest: Count | None = None
    claimed: Claimed = ""


class WitnessRebuilt(Event, frozen=True):
    """The witness was lost and made again from the database as it was: the head before this entry."""

    tag = "witness_rebuilt"

    by: Text
    length: Count
    hash: Digest
    claimed: Claimed = ""


class LeftRange(Shape, frozen=True):
    """What is left of a withheld range beside a series taken back into it."""

    range: RangeId
    first: Number
    last: Number


class SeriesReRegistered(Event, frozen=True):
    """A series that a restore had forgotten was taken back by its receipt, into the range withheld for it."""

    tag = "series_re_registered"
    free = ("series", "request_id", "channel", "purpose", "drawn_at", "left", "receipt_seq", "receipt_hash")

    series: RangeId
    space: SpaceName
    first: Number
    last: Number
    usable: Figure
    system: Id
    request_id: RequestId
    channel: Id
    purpose: Purpose | None
    drawn_at: Instant
    withheld: RangeId
    left: list[LeftRange]
    receipt_seq: Annotated[int, Meta(ge=1)]
    receipt_hash: Digest
    by: Text
    claimed: Claimed = ""


class RulesAdopted(Event, frozen=True):
    """From this entry on the ledger keeps the rules of this edition, which an older program could break."""

    tag = "rules_adopted"

    rules: Annotated[int, Meta(ge=2)]
    by: Text
    claimed: Claimed = ""


class QuarantinePolicySet(Event, frozen=True):
    """How many days released numbers wait before two people may give them free. `approval`: who agreed to a change."""

    tag = "quarantine_policy_set"

    days: Annotated[int, Meta(ge=365, le=36500)]
    by: Text
    approval: Id | None = None
    claimed: Claimed = ""
