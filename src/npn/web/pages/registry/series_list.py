"""The list of a system's series, sorted, searched and as a file: cut by the database, for there may be very many."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice

from npn.http.answers import Answer
from npn.reading import Reading
from npn.registry.model import Series, SeriesQuery
from npn.registry.series_store import ORDERS
from npn.web.forms import Choice, Field
from npn.web.lists.arranging import word_finder
from npn.web.lists.html import FoundRows
from npn.web.lists.model import CodeCell, Column, Filter, Kind, LinkCell, ListDefinition, ListQuery, TagCell, query_of
from npn.web.lists.pages import listed_part, offer_stream
from npn.web.pages.systems.systems import LOOKERS
from npn.web.paging import ListPage, page_at
from npn.web.routes import get
from npn.web.rules import theirs
from npn.web.texts import SPACES, _
from npn.web.visit import Visit

STATES = {"granted": _("in use"), "partly_released": _("partly given back"), "released": _("given back")}
Finder = Callable[[Series], bool]


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


def _query(visit: Visit) -> tuple[ListQuery, SeriesQuery]:
    """Read what the address asks of the list, and what of that the database does."""
    query = query_of(series_list(visit), visit.query)
    order = query.order if query.sorted_by in ORDERS else "-drawn"
    return query, SeriesQuery(visit.arguments["system"], query.filters["state"], order)


def _cut(reading: Reading, query: ListQuery, wanted: SeriesQuery, *, finds: Finder | None) -> FoundRows[Series]:
    """Return the page that is asked for; no more than its series are in memory."""
    registry, everything = reading.registry, reading.registry.count_series(SeriesQuery(wanted.system))
    if finds is None:
        page: ListPage[Series] = page_at(registry.count_series(wanted), query.page, size=query.size)
        items = registry.cut_series(wanted, offset=(page.page - 1) * query.size, limit=query.size)
        return FoundRows(replace(page, items=items), everything)
    total = sum(map(finds, chain.from_iterable(registry.batches_of_series(wanted))))
    page = page_at(total, query.page, size=query.size)
    fitting = filter(finds, chain.from_iterable(registry.batches_of_series(wanted)))
    start = (page.page - 1) * query.size
    return FoundRows(replace(page, items=list(islice(fitting, start, start + query.size))), everything)


def _finder(visit: Visit, query: ListQuery) -> Finder | None:
    """Return what says whether the words that are searched for stand in a series; None where none are."""
    if not query.words:
        return None
    return word_finder(visit.texts, series_list(visit), words=query.words, person=visit.person)


def _batches(visit: Visit) -> Iterator[Sequence[Series]]:
    """Yield the series of the file."""
    query, wanted = _query(visit)
    finds = _finder(visit, query)
    for batch in visit.services.registry.batches_of_series(wanted):
        yield batch if finds is None else [series for series in batch if finds(series)]


@get("/systems/{system}/series", theirs(*LOOKERS))
async def list_series(visit: Visit) -> Answer:
    """List a system's series, the newest first."""
    system = await visit.read(visit.services.systems.get, visit.arguments["system"])
    query, wanted = _query(visit)
    rows = await visit.look(_cut, query, wanted, finds=_finder(visit, query))
    series = await listed_part(visit, series_list(visit), rows)
    return await visit.page("registry/series_list.html", system=system, series=series)


offer_stream("/systems/{system}/series", theirs(*LOOKERS), batches=_batches, definition=series_list)
