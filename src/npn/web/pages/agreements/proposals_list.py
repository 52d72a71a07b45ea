"""The list of change proposals, for everybody with an account."""

from npn.agreements.proposals.model import Proposal
from npn.http.answers import Answer
from npn.web.forms import Choice, Field
from npn.web.lists.model import Column, Filter, Kind, LinkCell, ListDefinition, TagCell
from npn.web.lists.pages import listed, offer_file
from npn.web.pages.agreements.proposals import COLOURS, FORUMS, STATES
from npn.web.routes import get
from npn.web.rules import signed_in
from npn.web.texts import _
from npn.web.visit import Visit

PROPOSALS = ListDefinition[Proposal](
    name="proposals",
    path="/agreements/proposals",
    caption=_("Change proposals"),
    columns=(
        Column[Proposal](
            "title",
            _("What it is about"),
            lambda row: row.title,
            cell=lambda row: LinkCell(row.title, f"/agreements/proposals/{row.id}"),
        ),
        Column[Proposal]("id", _("Proposal"), lambda row: row.id),
        Column[Proposal]("version", _("Version"), lambda row: str(row.number)),
        Column[Proposal]("forum", _("Who decides"), lambda row: FORUMS[row.forum]),
        Column[Proposal](
            "state",
            _("State"),
            lambda row: STATES[row.state],
            cell=lambda row: TagCell(STATES[row.state], COLOURS[row.state]),
        ),
        Column[Proposal]("proposed", _("Proposed"), lambda row: row.proposed_at, kind=Kind.DAY, only="file"),
        Column[Proposal]("until", _("Comments until"), lambda row: row.comments_until, kind=Kind.DAY),
        Column[Proposal]("decided", _("Decided on"), lambda row: row.decided_on, kind=Kind.DAY),
        Column[Proposal]("effective", _("With effect from"), lambda row: row.effective_from, kind=Kind.DAY),
    ),
    empty=_("No change has been proposed yet."),
    none_left=_("No proposal fits the search."),
    filters=(
        Filter(
            Field(
                "state",
                _("State"),
                kind="select",
                required=False,
                choices=[Choice(state.value, label) for state, label in STATES.items()],
            ),
            lambda row, value: row.state == value,
        ),
    ),
    also=lambda row: row.reason,
)


async def _rows(visit: Visit) -> list[Proposal]:
    return await visit.read(visit.services.proposals.all)


@get("/agreements/proposals", signed_in())
async def list_proposals(visit: Visit) -> Answer:
    """List the proposals, the newest first."""
    return await visit.page("agreements/proposals.html", proposals=await listed(visit, PROPOSALS, await _rows(visit)))


offer_file(PROPOSALS.path, signed_in(), rows=_rows, definition=lambda _visit: PROPOSALS)
