"""The shape of the events about what two people agree on: docs/ledger.md in types, as `events.py`."""

from typing import Annotated, Literal

from msgspec import Meta

from npn.ledger.events import Claimed, Event, Id, Number, RangeId, RegrantId, SpaceName, Text


class ApprovalProposed(Event, frozen=True):
    """Something that two people must agree on was proposed by one. `wish` is JSON: what is to be done."""

    free = ("kind", "reason", "wish")

    approval: Id
    kind: Id
    wish: Annotated[str, Meta(max_length=4000)]
    reason: Text
    by: Text
    claimed: Claimed = ""


class ApprovalDecided(Event, frozen=True):
    """A proposal was decided by another, or withdrawn by who made it."""

    free = ("decision",)

    approval: Id
    decision: Literal["approved", "rejected", "withdrawn"]
    by: Text
    claimed: Claimed = ""


class RegrantApproved(Event, frozen=True):
    """Released numbers of a series were given free to be granted again, as two people agreed."""

    free = ("regrant",)

    regrant: RegrantId
    series: RangeId
    space: SpaceName
    first: Number
    last: Number
    approval: Id
    by: Text
    claimed: Claimed = ""


TYPES: dict[str, type[Event]] = {
    "approval_proposed": ApprovalProposed,
    "approval_decided": ApprovalDecided,
    "regrant_approved": RegrantApproved,
}
