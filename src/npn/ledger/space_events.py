"""The shape of the events about spaces and who draws from them: docs/ledger.md in types, as `events.py`."""

from npn.ledger.events import Claimed, Environment, Event, Id, SpaceName, Text


class SpaceDefaultSet(Event, frozen=True):
    """Draws of the environment go there that name no space, of systems that have drawn nothing yet."""

    free = ("space", "environment")

    space: SpaceName
    environment: Environment
    by: Text
    claimed: Claimed = ""


class SpaceOpenChanged(Event, frozen=True):
    """From here on nothing, or something again, is granted from the space."""

    free = ("space",)

    space: SpaceName
    by: Text
    claimed: Claimed = ""


class SystemSpaceSet(Event, frozen=True):
    """The system's draws that name no space go there. `approval`: the proposal that two people agreed on."""

    free = ("system", "space")

    system: Id
    space: SpaceName
    by: Text
    approval: Id | None = None
    claimed: Claimed = ""


TYPES: dict[str, type[Event]] = {
    "space_default_set": SpaceDefaultSet,
    "space_closed": SpaceOpenChanged,
    "space_opened": SpaceOpenChanged,
    "system_space_set": SystemSpaceSet,
}
