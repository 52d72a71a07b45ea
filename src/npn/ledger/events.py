"""The shape of every event the ledger may hold: docs/ledger.md in types.

An event of another type, or one with a member more, less or of another form, is no event of ours: the proof
refuses it by name. Numbers and figures that may pass 2^53 are text, so that every JSON reader sees them exactly.
"""

from typing import Annotated, ClassVar, Literal

import msgspec
from msgspec import Meta

Text = Annotated[str, Meta(max_length=400)]
Name = Annotated[str, Meta(min_length=1, max_length=200)]
Id = Annotated[str, Meta(pattern=r"\A[a-z0-9][a-z0-9-]{0,79}\Z")]
SpaceName = Annotated[str, Meta(pattern=r"\A[a-z0-9_-]{1,64}\Z")]
RangeId = Annotated[str, Meta(pattern=r"\A[siw][0-9a-f]{20}\Z")]
RegrantId = Annotated[str, Meta(pattern=r"\Ar[0-9a-f]{20}\Z")]
Number = Annotated[str, Meta(pattern=r"\A[0-9]{6,18}\Z")]
Figure = Annotated[str, Meta(pattern=r"\A(0|[1-9][0-9]{0,18})\Z")]
Instant = Annotated[
    str,
    Meta(
        pattern=r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{6})?Z\Z",
        extra={"calendar": "instant"},
    ),
]
Digest = Annotated[str, Meta(pattern=r"\A[0-9a-f]{64}\Z")]
RequestId = Annotated[str, Meta(pattern=r"\A[!-~]{1,128}\Z")]
Name400 = Annotated[str, Meta(min_length=1, max_length=400)]
Day = Annotated[str, Meta(pattern=r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}\Z", extra={"calendar": "day"})]
Purpose = Annotated[str, Meta(max_length=200)]
Claimed = Annotated[str, Meta(max_length=80)]  # by a shell's user; absent where empty
Count = Annotated[int, Meta(ge=0)]
Environment = Literal["production", "test"]


class Event(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """What an entry's `data` holds. Members with a default are left out where they have it, and never written.

    `free`: members that may have another value, where the rules allow that one, without a figure or a remark of the
    summary being another; a change of any other member is found, or named. Free is all that no second entry knows.
    `summed`: members that may have another value which no rule can know to be wrong, and the sums then differ.
    """

    free: ClassVar[tuple[str, ...]] = ("by", "claimed")
    summed: ClassVar[tuple[str, ...]] = ()


class OrganisationAdded(Event, frozen=True):
    """An organisation became known."""

    free = ("organisation", "name")

    organisation: Id
    kind: Literal["operator", "region", "vendor", "owner"]
    name: Name


class SystemAdded(Event, frozen=True):
    """A system was connected; it is active from here on."""

    free = ("name", "environment")

    system: Id
    name: Name
    vendor: Name
    owner: Name
    environment: Environment
    by: Text
    claimed: Claimed = ""


class SystemStateChanged(Event, frozen=True):
    """A system was suspended, or resumed."""

    free = ("reason",)

    system: Id
    by: Text
    reason: Text
    claimed: Claimed = ""


class SystemLimitsSet(Event, frozen=True):
    """What one draw, and all draws in so many days, may be."""

    free = ("smallest_draw", "largest_draw", "quota", "quota_days")

    system: Id
    by: Text
    smallest_draw: Figure
    largest_draw: Figure
    quota: Figure | None
    quota_days: Count | None
    claimed: Claimed = ""


class SystemOwnerSet(Event, frozen=True):
    """Another organisation runs the system."""

    free = ("system", "owner")

    system: Id
    owner: Name
    by: Text
    claimed: Claimed = ""


class SystemContactSet(Event, frozen=True):
    """A contact changed; who it is stays outside the ledger."""

    free = ("system", "kind")

    system: Id
    kind: Literal["technical", "administrative", "on_call"]
    by: Text
    claimed: Claimed = ""


class SystemNamed(Event, frozen=True):
    """A source outside has a (new) name for a system."""

    free = ("system", "source", "alias")

    system: Id
    source: Id
    alias: Name
    by: Text
    claimed: Claimed = ""


class SystemListed(Event, frozen=True):
    """A system left a source's list, or came back; it is neither suspended nor resumed by that."""

    free = ("source",)

    system: Id
    source: Id
    by: Text
    claimed: Claimed = ""


class KeyAdded(Event, frozen=True):
    """A system or the operator got a further key; `ended` older ones ended."""

    free = ("holder", "ended")

    holder: Id
    by: Text
    ended: Count
    claimed: Claimed = ""


class CertificateChanged(Event, frozen=True):
    """A certificate, known by the SHA-256 of its DER form, stands for a system from here on, or no longer."""

    system: Id
    certificate: Digest
    by: Text
    claimed: Claimed = ""


class SecurityLevelsSet(Event, frozen=True):
    """Which DGWS security levels a system may use."""

    free = ("system", "levels")

    system: Id
    levels: list[Annotated[int, Meta(ge=1, le=4)]]
    by: Text
    claimed: Claimed = ""


class Jwk(Event, frozen=True):
    """The public half of an Ed25519 key (RFC 8037)."""

    kty: Literal["OKP"]
    crv: Literal["Ed25519"]
    x: Annotated[str, Meta(pattern=r"\A[A-Za-z0-9_-]{43}\Z")]
    kid: Annotated[str, Meta(pattern=r"\A[A-Za-z0-9_-]{43}\Z")]
    use: Literal["sig"]
    alg: Literal["EdDSA"]


class SigningKeyAdded(Event, frozen=True):
    """From here on receipts and checkpoints are signed with this key."""

    kid: Annotated[str, Meta(pattern=r"\A[A-Za-z0-9_-]{43}\Z")]
    jwk: Jwk
    by: Text
    claimed: Claimed = ""


class SpaceAdded(Event, frozen=True):
    """A number space was opened; none of this ever changes."""

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


class Part(Event, frozen=True):
    """Numbers of the event's own space, both ends included."""

    first: Number
    last: Number


class SeriesGranted(Event, frozen=True):
    """A series was drawn. `skipped`: what the cursor jumped on the way to it, occupied ranges at the ends.

    `regrant`: the numbers were granted before and given free; no cursor of a space moves.
    """

    free = ("series", "system", "request_id", "channel", "purpose", "skipped")
    summed = ("last",)

    series: RangeId
    space: SpaceName
    first: Number
    last: Number
    usable: Figure
    system: Id
    request_id: RequestId
    channel: Id
    purpose: Purpose | None
    skipped: list[Part] = []
    regrant: RegrantId | None = None
    by: Text = ""
    claimed: Claimed = ""


class SeriesReleased(Event, frozen=True):
    """The tail of what its owner still held of a series was given back."""

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


class At(Event, frozen=True):
    """A place in a ledger."""

    length: Count
    hash: Digest


class Withheld(Event, frozen=True):
    """Numbers never to be granted again."""

    range: RangeId
    space: SpaceName
    first: Number
    last: Number


class CursorMoved(Event, frozen=True):
    """`before` and `after`: the next number to grant, as text; `after` may be one past the space's last."""

    space: SpaceName
    before: Figure
    after: Figure


class Recovered(Event, frozen=True):
    """After a restore: cursors skip to where the witness knows them, and what was skipped is withheld.

    `shared`: the length of the beginning that this ledger is known to have in common with all that the witness
    followed, where that is not the whole; `longest`: that of the longest one before a recovery that this one lacks.
    """

    free = ("reason", "witness", "withheld", "cursors", "shared", "longest")
    summed = ("withheld",)

    by: Text
    reason: Text
    witness: At
    database: At
    cursors: list[CursorMoved]
    withheld: list[Withheld]
    shared: Count | None = None
    longest: Count | None = None
    claimed: Claimed = ""


class WitnessRebuilt(Event, frozen=True):
    """The witness was lost and made anew from the database as it was: the head before this entry."""

    by: Text
    length: Count
    hash: Digest
    claimed: Claimed = ""


class Left(Event, frozen=True):
    """What is left of a withheld range beside a series taken back into it."""

    range: RangeId
    first: Number
    last: Number


class SeriesReRegistered(Event, frozen=True):
    """A series that a restore had forgotten was taken back by its receipt, into the range withheld for it."""

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
    left: list[Left]
    receipt_seq: Annotated[int, Meta(ge=1)]
    receipt_hash: Digest
    by: Text
    claimed: Claimed = ""


class PoolContested(Event, frozen=True):
    """An agent's pool was copied or restored; these series of it may have been handed out from twice."""

    free = ("pool", "series")

    pool: Text
    system: Id
    series: list[RangeId]


class PoolRejoined(Event, frozen=True):
    """A contested pool showed that the service had been set back, and that it was no copy."""

    free = ("pool",)

    pool: Text
    system: Id


class OrganisationRegionSet(Event, frozen=True):
    """An organisation belongs to a region, whose people see and act for its systems."""

    organisation: Id
    region: Id
    by: Text
    claimed: Claimed = ""


TYPES: dict[str, type[Event]] = {
    "organisation_region_set": OrganisationRegionSet,
    "organisation_added": OrganisationAdded,
    "system_added": SystemAdded,
    "system_suspended": SystemStateChanged,
    "system_resumed": SystemStateChanged,
    "system_limits_set": SystemLimitsSet,
    "system_owner_set": SystemOwnerSet,
    "system_contact_set": SystemContactSet,
    "system_named": SystemNamed,
    "system_left_list": SystemListed,
    "system_back_on_list": SystemListed,
    "key_added": KeyAdded,
    "certificate_bound": CertificateChanged,
    "certificate_ended": CertificateChanged,
    "security_levels_set": SecurityLevelsSet,
    "signing_key_added": SigningKeyAdded,
    "space_added": SpaceAdded,
    "series_granted": SeriesGranted,
    "series_released": SeriesReleased,
    "range_imported": RangeImported,
    "recovered": Recovered,
    "witness_rebuilt": WitnessRebuilt,
    "series_re_registered": SeriesReRegistered,
    "pool_contested": PoolContested,
    "pool_rejoined": PoolRejoined,
}


class CheckpointPayload(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the last line of an export signs."""

    length: Count
    head: Digest
    database: Annotated[str, Meta(pattern=r"\A[0-9a-f-]{36}\Z")]
    at: Instant
