"""Events about requests to be connected: by number and id, never by name."""

from typing import Annotated, Literal

from msgspec import Meta

from npn.ledger.event import Claimed, Count, Event, Id, Text

RequestName = Annotated[str, Meta(pattern=r"\A[0-9a-f]{16}\Z")]
StepTag = Literal[
    "requested",
    "test_access",
    "agreement_accepted",
    "certificate_in_place",
    "test_shown",
    "production_access",
    "first_draw",
]


class RequestConfirmed(Event, frozen=True):
    """A request to be connected was confirmed by mail; its case was opened."""

    tag = "request_confirmed"

    request: RequestName
    case: Count
    by: Text
    claimed: Claimed = ""


class TestAccessGiven(Event, frozen=True):
    """A test system was made for a request."""

    tag = "test_access_given"

    request: RequestName
    system: Id
    by: Text
    claimed: Claimed = ""


class ProductionAccessGiven(Event, frozen=True):
    """A production system was made beside the test one, although `missing` steps were not done."""

    tag = "production_access_given"
    free = ("missing",)

    request: RequestName
    system: Id
    test: Id
    missing: list[StepTag]
    by: Text
    claimed: Claimed = ""


class StepWaived(Event, frozen=True):
    """The operator goes on without a step."""

    tag = "step_waived"
    free = ("step", "reason")

    request: RequestName
    step: StepTag
    reason: Text
    by: Text
    claimed: Claimed = ""


class RequestRefused(Event, frozen=True):
    """The operator said no."""

    tag = "request_refused"
    free = ("reason",)

    request: RequestName
    reason: Text
    by: Text
    claimed: Claimed = ""


class KeyOffered(Event, frozen=True):
    """A link that gives a key, once, was sent; the key itself is `key_added` when it is fetched."""

    tag = "key_offered"
    free = ("system",)

    system: Id
    by: Text
    claimed: Claimed = ""
