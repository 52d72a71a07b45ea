"""The list of organisations: owners, vendors and regions, searched, sorted and as a file."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from npn.http.answers import Answer
from npn.organisations.service import Organisations
from npn.people.model import AccountRole
from npn.systems.model import Organisation, OrganisationKind
from npn.systems.service import Systems
from npn.web.forms import Choice, Field
from npn.web.lists.model import Cell, Column, Filter, Kind, LinkCell, ListDefinition, TagCell
from npn.web.lists.pages import listed, offer_file
from npn.web.routes import get
from npn.web.rules import only
from npn.web.texts import Msgid, _
from npn.web.visit import Visit

LOOKERS = (AccountRole.OPERATOR, AccountRole.AUDITOR)
KINDS: dict[OrganisationKind, Msgid] = {
    OrganisationKind.OWNER: _("Owner"),
    OrganisationKind.VENDOR: _("Vendor"),
    OrganisationKind.REGION: _("Region"),
    OrganisationKind.OPERATOR: _("Operator"),
}
_OPEN, _CLOSED = "open", "closed"
_STATES = {_OPEN: _("In use"), _CLOSED: _("Closed")}


@dataclass(frozen=True, slots=True)
class ListedOrganisation:
    """An organisation with the name of its region, and how many open systems it makes, runs or sees."""

    organisation: Organisation
    region: str
    systems: int

    @property
    def state(self) -> str:
        """Return `open` or `closed`."""
        return _OPEN if self.organisation.is_open else _CLOSED


def _name(row: ListedOrganisation) -> Cell:
    link = LinkCell(row.organisation.name, f"/organisations/{row.organisation.id}")
    return link if row.organisation.is_open else (link, TagCell(_STATES[_CLOSED]))


ORGANISATIONS = ListDefinition[ListedOrganisation](
    name="organisations",
    path="/organisations",
    caption=_("Organisations"),
    columns=(
        Column[ListedOrganisation]("name", _("Name"), lambda row: row.organisation.name, cell=_name),
        Column[ListedOrganisation]("id", _("Id"), lambda row: row.organisation.id, only="file"),
        Column[ListedOrganisation]("kind", _("Kind"), lambda row: KINDS[row.organisation.kind]),
        Column[ListedOrganisation]("state", _("State"), lambda row: _STATES[row.state], only="file"),
        Column[ListedOrganisation]("region", _("Region"), lambda row: row.region),
        Column[ListedOrganisation]("systems", _("Systems"), lambda row: row.systems, kind=Kind.NUMBER),
    ),
    empty=_("There are no organisations yet."),
    none_left=_("No organisation fits the search."),
    order="name",
    filters=(
        Filter(
            Field(
                "kind",
                _("Kind"),
                kind="select",
                required=False,
                choices=[Choice(kind.value, name) for kind, name in KINDS.items() if kind != "operator"],
            ),
            lambda row, value: row.organisation.kind == value,
        ),
        Filter(
            Field(
                "state",
                _("State"),
                kind="select",
                required=False,
                choices=[Choice(state, name) for state, name in _STATES.items()],
            ),
            lambda row, value: row.state == value,
        ),
    ),
    also=lambda row: row.organisation.id,
)


async def _rows(visit: Visit) -> list[ListedOrganisation]:
    return await visit.read(_listed, visit.services.organisations, visit.services.systems)


def _listed(organisations: Organisations, systems: Systems) -> list[ListedOrganisation]:
    every = organisations.list()
    names, counts = {one.id: one.name for one in every}, _counted(systems, every)
    return [ListedOrganisation(one, names.get(one.region or "", ""), counts[one.id]) for one in every]


def _counted(systems: Systems, organisations: Sequence[Organisation]) -> Counter[str]:
    """Count the open systems of each organisation, by its id; a region's are those of its owners."""
    ids = {(one.kind, one.name): one for one in organisations}
    counts = Counter[str]()
    for system in systems.list():
        vendor = ids.get((OrganisationKind.VENDOR, system.vendor))
        owner = ids.get((OrganisationKind.OWNER, system.owner))
        counts.update(one.id for one in (vendor, owner) if one is not None)
        counts.update([owner.region] if owner is not None and owner.region else [])
    return counts


@get("/organisations", only(*LOOKERS))
async def list_organisations(visit: Visit) -> Answer:
    """List owners, regions and vendors."""
    organisations = await listed(visit, ORGANISATIONS, await _rows(visit))
    return await visit.page("systems/organisations.html", organisations=organisations)


offer_file(ORGANISATIONS.path, only(*LOOKERS), rows=_rows, definition=lambda _visit: ORGANISATIONS)
