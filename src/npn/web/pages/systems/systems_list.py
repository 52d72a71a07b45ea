"""The list of systems: the visitor's own, searched, sorted and as a file."""

from dataclasses import dataclass

from npn.http.answers import Answer
from npn.people.model import Person
from npn.stock.cover import Colour, Cover
from npn.stock.picture import Pictures
from npn.systems.model import ConnectedSystem, SystemState
from npn.systems.service import Systems
from npn.web.forms import Choice, Field
from npn.web.lists.model import Column, Filter, Kind, LinkCell, ListDefinition, TagCell
from npn.web.lists.pages import listed, offer_file
from npn.web.pages.systems.systems import ENVIRONMENTS, LOOKERS
from npn.web.routes import get
from npn.web.rules import only
from npn.web.texts import Msgid, _
from npn.web.visit import Visit

ENVIRONMENT_NAMES = {"production": _("Production"), "test": _("Test")}
STATE_NAMES = {
    SystemState.ACTIVE: _("Active"),
    SystemState.SUSPENDED: _("Suspended"),
    SystemState.CLOSED: _("Closed"),
}
RULE_NAMES = {
    Colour.GREEN: _("six months or more"),
    Colour.AMBER: _("a draw is due"),
    Colour.RED: _("below six months"),
    Colour.UNKNOWN: _("not known"),
}
RULE_COLOURS = {Colour.GREEN: "good", Colour.AMBER: "warn", Colour.RED: "bad", Colour.UNKNOWN: ""}
RULE_ORDER = {Colour.RED: 0, Colour.AMBER: 1, Colour.GREEN: 2, Colour.UNKNOWN: 3}


def environment_tag(system: ConnectedSystem) -> TagCell:
    """Return a system's environment as lists show it: what is not production stands out."""
    return TagCell(ENVIRONMENT_NAMES[system.environment], "" if system.environment == "production" else "warn")


def rule_tag(colour: Colour) -> TagCell:
    """Return what the six months' rule says, as lists show it."""
    return TagCell(RULE_NAMES[colour], RULE_COLOURS[colour])


@dataclass(frozen=True, slots=True)
class ListedSystem:
    """A system with its cover, where one is known."""

    system: ConnectedSystem
    cover: Cover | None

    @property
    def colour(self) -> Colour:
        """Return what the six months' rule says of it."""
        return Colour.UNKNOWN if self.cover is None else self.cover.colour


def _state_tag(row: ListedSystem) -> TagCell:
    return TagCell(_state(row), "good" if row.system.state is SystemState.ACTIVE else "bad")


def _state(row: ListedSystem) -> Msgid:
    return STATE_NAMES[row.system.state]


_COLUMNS = (
    Column[ListedSystem](
        "name",
        _("System"),
        lambda row: row.system.name,
        cell=lambda row: LinkCell(row.system.name, f"/systems/{row.system.id}"),
    ),
    Column[ListedSystem]("id", _("Id"), lambda row: row.system.id, only="file"),
    Column[ListedSystem](
        "environment",
        _("Environment"),
        lambda row: ENVIRONMENT_NAMES[row.system.environment],
        cell=lambda row: environment_tag(row.system),
    ),
    Column[ListedSystem]("state", _("State"), _state, cell=_state_tag),
    Column[ListedSystem](
        "rule",
        _("Six months' rule"),
        lambda row: RULE_NAMES[row.colour],
        cell=lambda row: rule_tag(row.colour),
        order=lambda row: RULE_ORDER[row.colour],
    ),
    Column[ListedSystem](
        "days", _("Cover in days"), lambda row: None if row.cover is None else row.cover.days, kind=Kind.NUMBER
    ),
    Column[ListedSystem]("vendor", _("Vendor"), lambda row: row.system.vendor),
    Column[ListedSystem]("owner", _("Owner"), lambda row: row.system.owner),
    Column[ListedSystem]("type", _("Kind of system"), lambda row: row.system.system_type, only="file"),
    Column[ListedSystem]("created", _("Connected"), lambda row: row.system.created_at, kind=Kind.DAY, only="file"),
)
SYSTEMS = ListDefinition[ListedSystem](
    name="systems",
    path="/systems",
    caption=_("Systems"),
    columns=_COLUMNS,
    empty=_("There are no systems yet."),
    none_left=_("No system fits the search."),
    order="name",
    filters=(
        Filter(
            Field("environment", _("Environment"), kind="select", required=False, choices=ENVIRONMENTS),
            lambda row, value: row.system.environment == value,
        ),
        Filter(
            Field(
                "state",
                _("State"),
                kind="select",
                required=False,
                choices=[Choice(state.value, label) for state, label in STATE_NAMES.items()],
            ),
            lambda row, value: row.system.state == value,
        ),
        Filter(
            Field(
                "rule",
                _("Six months' rule"),
                kind="select",
                required=False,
                choices=[Choice(colour.value, label) for colour, label in RULE_NAMES.items()],
            ),
            lambda row, value: row.colour == value,
        ),
    ),
    also=lambda row: row.system.id,
)


async def _rows(visit: Visit) -> list[ListedSystem]:
    closed = visit.query.get("state") == SystemState.CLOSED
    return await visit.read(_listed, visit.services.systems, visit.services.pictures, visit.person, closed=closed)


def _listed(systems: Systems, pictures: Pictures, person: Person, *, closed: bool) -> list[ListedSystem]:
    covers = pictures.latest().covers
    everything = systems.list(closed=closed)
    return [ListedSystem(system, covers.get(system.id)) for system in everything if person.may_see(system.id)]


@get("/systems", only(*LOOKERS))
async def list_systems(visit: Visit) -> Answer:
    """List the systems that are the visitor's."""
    return await visit.page("systems/systems.html", systems=await listed(visit, SYSTEMS, await _rows(visit)))


offer_file(SYSTEMS.path, only(*LOOKERS), rows=_rows, definition=lambda _visit: SYSTEMS)
