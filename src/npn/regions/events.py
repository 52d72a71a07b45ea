"""Events about regions' units and which unit cares for a system."""

from npn.ledger.event import Claimed, Event, Id, Name, Text


class UnitSet(Event, frozen=True):
    """A region has a unit of this name, or gave one another; how it is reached stays outside the ledger."""

    tag = "unit_set"
    free = ("unit", "name")

    unit: Id
    region: Id
    name: Name
    by: Text
    claimed: Claimed = ""


class SystemCareSet(Event, frozen=True):
    """Which unit answers the users of a system."""

    tag = "system_care_set"
    free = ("system", "unit")

    system: Id
    unit: Id | None
    by: Text
    claimed: Claimed = ""
