"""The list of a system's series, sorted, searched and as a file."""

from npn.http.answers import Answer
from npn.reading import Reading
from npn.registry.model import Series
from npn.web.forms import Choice, Field
from npn.web.lists.model import CodeCell, Column, Filter, Kind, LinkCell, ListDefinition, TagCell
from npn.web.lists.pages import listed, offer_file
from npn.web.pages.systems.systems import LOOKERS, as_system
from npn.web.routes import get
from npn.web.rules import theirs
from npn.web.texts import SPACES, _
from npn.web.visit import Visit

STATES = {"granted": _("in use"), "partly_released": _("partly given back"), "released": _("given back")}
_BATCH = 500  # series read at a time


def series_list(visit: Visit) -> ListDefinition[Series]:
    """Return the list of the series of the system that the address names."""
    return ListDefinition[Series](
        name=f"series-{visit.arguments['system']}",
        path=f"/systems/{visit.arguments['system']}/series",
        caption=_("Series"),
        columns=_COLUMNS,
        empty=_("The system has drawn nothing yet."),
        none_left=_("No series fits the search."),
        order="-drawn",
        filters=(
            Filter(
                Field(
                    "state",
                    _("State"),
                    kind="select",
                    required=False,
                    choices=[Choice(state, label) for state, label in STATES.items()],
                ),
                lambda row, value: row.state == value,
            ),
        ),
        also=lambda row: f"{row.id} {row.request_id}",
    )


_COLUMNS = (
    Column[Series](
        "first",
        _("First"),
        lambda row: row.text(row.first),
        cell=lambda row: LinkCell(row.text(row.first), f"/series/{row.id}"),
    ),
    Column[Series]("last", _("Last"), lambda row: row.text(row.last), cell=lambda row: CodeCell(row.text(row.last))),
    Column[Series]("id", _("Id of the series"), lambda row: row.id, only="file"),
    Column[Series]("drawn", _("Drawn"), lambda row: row.drawn_at, kind=Kind.TIME),
    Column[Series]("size", _("Numbers"), lambda row: row.size, kind=Kind.NUMBER),
    Column[Series]("usable", _("Usable"), lambda row: row.usable, kind=Kind.NUMBER),
    Column[Series](
        "state",
        _("State"),
        lambda row: STATES[row.state],
        cell=lambda row: TagCell(STATES[row.state], "" if row.state == "granted" else "warn"),
    ),
    Column[Series]("purpose", _("Purpose"), lambda row: row.purpose),
    Column[Series]("space", _("Number space"), lambda row: SPACES.get(row.space, row.space), only="file"),
    Column[Series]("request", _("Id of the request"), lambda row: row.request_id, only="file"),
)


async def _rows(visit: Visit) -> list[Series]:
    return await visit.look(_all_of, visit.arguments["system"])


def _all_of(reading: Reading, system: str) -> list[Series]:
    """Return every series of a system, the newest first."""
    rows: list[Series] = []
    before = None
    while True:
        page = reading.registry.page(by=as_system(system), before=before, limit=_BATCH)
        rows += page.items
        before = page.before
        if before is None:
            return rows


@get("/systems/{system}/series", theirs(*LOOKERS))
async def list_series(visit: Visit) -> Answer:
    """List a system's series, the newest first."""
    system = await visit.read(visit.services.systems.get, visit.arguments["system"])
    series = await listed(visit, series_list(visit), await _rows(visit))
    return await visit.page("registry/series_list.html", system=system, series=series)


offer_file("/systems/{system}/series", theirs(*LOOKERS), rows=_rows, definition=series_list)
