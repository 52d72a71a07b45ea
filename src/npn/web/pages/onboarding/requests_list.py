"""The list of requests to be connected, each with its next step and who must take it."""

from dataclasses import dataclass

from npn.http.answers import Answer
from npn.onboarding.model import Actor, Request, State
from npn.onboarding.service import Onboarding
from npn.people.model import AccountRole
from npn.web.forms import Choice, Field
from npn.web.lists.model import Cell, Column, Filter, Kind, LinkCell, ListDefinition, TagCell
from npn.web.lists.pages import listed, offer_file
from npn.web.pages.onboarding.step_words import STATES, TODO, WHO
from npn.web.routes import get
from npn.web.rules import only
from npn.web.texts import _
from npn.web.visit import Visit

_SEE = (AccountRole.OPERATOR, AccountRole.AUDITOR)
_SHOWN = (
    Choice("open", _("Only those under way")),
    *(Choice(state, label) for state, label in STATES.items() if state != "under_way"),
    Choice("all", _("All")),
)


@dataclass(frozen=True, slots=True)
class ListedRequest:
    """A request with its next step, where there is one, and who must take it."""

    request: Request
    todo: str | None
    who: tuple[Actor, ...]


def _is_shown(row: ListedRequest, wanted: str) -> bool:
    if wanted == "open":
        return row.request.state is State.UNDER_WAY
    return wanted in ("all", row.request.state)


def _system(row: ListedRequest) -> Cell:
    name, case = row.request.asked.system, row.request.case
    return name if case is None else LinkCell(name, f"/cases/{case}")


def _who(row: ListedRequest) -> Cell:
    return tuple(TagCell(WHO[actor], "warn" if actor is Actor.OPERATOR else "") for actor in row.who)


REQUESTS = ListDefinition[ListedRequest](
    name="requests",
    path="/requests",
    caption=_("Requests to be connected"),
    columns=(
        Column[ListedRequest]("system", _("System"), lambda row: row.request.asked.system, cell=_system),
        Column[ListedRequest]("owner", _("Owner"), lambda row: row.request.asked.owner, under="system"),
        Column[ListedRequest]("vendor", _("Vendor"), lambda row: row.request.asked.vendor),
        Column[ListedRequest]("state", _("State"), lambda row: STATES[row.request.state]),
        Column[ListedRequest]("todo", _("Next step"), lambda row: None if row.todo is None else TODO[row.todo]),
        Column[ListedRequest]("who", _("Who"), lambda row: WHO[row.who[0]] if row.who else None, cell=_who),
        Column[ListedRequest]("created", _("Asked"), lambda row: row.request.created_at, kind=Kind.DAY),
    ),
    empty=_("Nobody waits to be connected."),
    none_left=_("No request fits the search."),
    order="created",  # whoever has waited longest stands first
    filters=(
        Filter(Field("show", _("State"), kind="select", choices=_SHOWN), _is_shown, usual="open"),
        Filter(
            Field(
                "who",
                _("Who"),
                kind="select",
                required=False,
                choices=[Choice(actor.value, label) for actor, label in WHO.items()],
            ),
            lambda row, value: value in row.who,
        ),
    ),
    also=lambda row: f"{row.request.requester_name} {row.request.requester_email}",
)


async def _rows(visit: Visit) -> list[ListedRequest]:
    return await visit.read(_listed, visit.services.onboarding)


def _listed(onboarding: Onboarding) -> list[ListedRequest]:
    rows = []
    for request in onboarding.requests(all_=True):
        turn = onboarding.turn(request)
        rows.append(ListedRequest(request, turn.todo or None, turn.who))
    return rows


@get("/requests", only(*_SEE))
async def list_requests(visit: Visit) -> Answer:
    """List the requests, each with its next step and who must take it."""
    return await visit.page("onboarding/requests.html", requests=await listed(visit, REQUESTS, await _rows(visit)))


offer_file(REQUESTS.path, only(*_SEE), rows=_rows, definition=lambda _visit: REQUESTS)
