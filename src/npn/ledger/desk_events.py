"""The events of regions' units, contacts, cases and requests to be connected: by number and id, never by name."""

from typing import Annotated, Literal

from msgspec import Meta

from npn.ledger.events import Claimed, Count, Event, Id, Name, Text


class UnitSet(Event, frozen=True):
    """A region has a unit of this name, or gave one another; how it is reached stays outside the ledger."""

    free = ("name",)

    unit: Id
    region: Id
    name: Name
    by: Text
    claimed: Claimed = ""


class SystemCareSet(Event, frozen=True):
    """Which unit answers the users of a system."""

    free = ("system", "unit")

    system: Id
    unit: Id | None
    by: Text
    claimed: Claimed = ""


class ContactsTold(Event, frozen=True):
    """A system's contacts were asked whether they are right, or said that they are."""

    free = ("system",)

    system: Id
    by: Text
    claimed: Claimed = ""


class CaseOpened(Event, frozen=True):
    """A case was opened by somebody with an account, or by a confirmed request. What is said in it stays outside."""

    free = ("case", "kind", "system")

    case: Count
    kind: Literal["connection", "support"]
    system: Id | None
    by: Text
    claimed: Claimed = ""


class CaseChanged(Event, frozen=True):
    """What somebody with an account did to a case."""

    free = ("case", "what")

    case: Count
    what: Literal["answered", "noted", "written_to", "closed", "reopened", "assigned", "linked"]
    by: Text
    claimed: Claimed = ""


RequestName = Annotated[str, Meta(pattern=r"\A[0-9a-f]{16}\Z")]
Step = Literal[
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

    request: RequestName
    case: Count
    by: Text
    claimed: Claimed = ""


class TestAccessGiven(Event, frozen=True):
    """A test system was made for a request."""

    request: RequestName
    system: Id
    by: Text
    claimed: Claimed = ""


class ProductionAccessGiven(Event, frozen=True):
    """A production system was made beside the test one, although `missing` steps were not done."""

    free = ("missing",)

    request: RequestName
    system: Id
    test: Id
    missing: list[Step]
    by: Text
    claimed: Claimed = ""


class StepWaived(Event, frozen=True):
    """The operator goes on without a step."""

    free = ("step", "reason")

    request: RequestName
    step: Step
    reason: Text
    by: Text
    claimed: Claimed = ""


class RequestRefused(Event, frozen=True):
    """The operator said no."""

    free = ("reason",)

    request: RequestName
    reason: Text
    by: Text
    claimed: Claimed = ""


class KeyOffered(Event, frozen=True):
    """A link that gives a key, once, was sent; the key itself is `key_added` when it is fetched."""

    free = ("system",)

    system: Id
    by: Text
    claimed: Claimed = ""


TYPES: dict[str, type[Event]] = {
    "unit_set": UnitSet,
    "system_care_set": SystemCareSet,
    "contacts_asked": ContactsTold,
    "contacts_confirmed": ContactsTold,
    "case_opened": CaseOpened,
    "case_changed": CaseChanged,
    "request_confirmed": RequestConfirmed,
    "test_access_given": TestAccessGiven,
    "production_access_given": ProductionAccessGiven,
    "step_waived": StepWaived,
    "request_refused": RequestRefused,
    "key_offered": KeyOffered,
}
