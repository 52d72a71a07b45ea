"""Released numbers: which there are, how long they wait, and the proposals that they be granted again."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from urllib.parse import urlencode

from npn.http.answers import Answer
from npn.ledger.canonical import Json
from npn.people.approvals import Approval
from npn.people.model import AccountRole
from npn.registry.quarantine import LONGEST_DAYS
from npn.registry.regrants import Regrants, ReturnedNumbers
from npn.systems.service import Systems
from npn.web.checking import submit_checked, summary
from npn.web.forms import Choice, Field, Form
from npn.web.lists.model import Cell, CodeCell, Column, Filter, Kind, LinkCell, ListDefinition
from npn.web.lists.pages import listed, offer_file
from npn.web.routes import get, post
from npn.web.rules import only
from npn.web.texts import SPACES, _
from npn.web.visit import Visit

OPERATOR = AccountRole.OPERATOR
_REASON = Field("reason", _("Reason"), hint=_("It is stored in the ledger, so name no persons."))
_QUARANTINE = (
    Field("days", _("Days of quarantine"), kind="number", largest=LONGEST_DAYS, hint=_("365 or more.")),
    _REASON,
)
_REGRANTING = (
    _("Nothing is granted yet: a second operator must approve it."),
    _("Once approved, the numbers go to other systems. A number that was used before then stands for two samples."),
)
_REGRANT = (
    Field("series", _("Id of the series"), largest=40),
    Field("first", _("First"), largest=18),
    Field("last", _("Last"), largest=18),
    _REASON,
)
_QUARANTINES = (Choice("over", _("is over")), Choice("lasts", _("lasts")))


def _first(row: "ReleasedRow") -> Cell:
    return LinkCell(row.numbers.first, f"/series/{row.numbers.series}")


def _system(row: "ReleasedRow") -> Cell:
    return LinkCell(row.name, f"/systems/{row.numbers.system}")


_COLUMNS: tuple[Column["ReleasedRow"], ...] = (
    Column("first", _("First"), lambda row: row.numbers.first, cell=_first),
    Column("last", _("Last"), lambda row: row.numbers.last, cell=lambda row: CodeCell(row.numbers.last)),
    Column("space", _("Number space"), lambda row: SPACES.get(row.numbers.space, row.numbers.space)),
    Column("system", _("System"), lambda row: row.name, cell=_system),
    Column("until", _("In quarantine until"), lambda row: row.numbers.quarantine_until, kind=Kind.DAY),
)


@get("/approvals/quarantine", only(OPERATOR))
async def show_quarantine(visit: Visit) -> Answer:
    """Show how long released numbers wait, to be changed by two people."""
    return await _quarantine(visit, visit.form(_QUARANTINE, {}))


async def _quarantine(visit: Visit, form: Form) -> Answer:
    days = await visit.read(visit.services.quarantine.days)
    return await visit.page("registry/quarantine.html", days=days, form=form)


@post("/approvals/quarantine", only(OPERATOR))
async def propose_quarantine(visit: Visit) -> Answer:
    """Propose another quarantine."""
    form = visit.form(_QUARANTINE)
    return await visit.submit(
        form,
        lambda: visit.write(
            visit.services.approvals.propose,
            "quarantine",
            {"days": form.whole("days")},
            by=visit.person.by,
            reason=form["reason"],
        ),
        then=partial(_show_proposal, visit),
        again=lambda: _quarantine(visit, form),
    )


def _show_proposal(visit: Visit, proposal: Approval) -> Answer:
    return visit.see_other(f"/approvals/{proposal.id}", _("It waits for another operator."))


@get("/released", only(OPERATOR, AccountRole.AUDITOR))
async def list_released(visit: Visit) -> Answer:
    """List what was released and may be proposed to be granted again, now or when its quarantine is over."""
    form = visit.form(_REGRANT, {name: visit.query.get(name, "") for name in ("series", "first", "last")})
    return await _released(visit, form)


async def _released(visit: Visit, form: Form) -> Answer:
    return await visit.page(
        "registry/released.html",
        released=await listed(visit, released_list(visit), await _rows(visit)),
        form=form,
        days=await visit.read(visit.services.quarantine.days),
    )


@dataclass(frozen=True, slots=True)
class ReleasedRow:
    """Released numbers, with the name of the system that had them, and whether they may be proposed now."""

    numbers: ReturnedNumbers
    name: str
    is_due: bool


async def _rows(visit: Visit) -> list[ReleasedRow]:
    return await visit.read(_named, visit.services.regrants, visit.services.systems, visit.services.ledger.clock())


def _named(regrants: Regrants, systems: Systems, now: datetime) -> list[ReleasedRow]:
    names = {system.id: system.name for system in systems.list(closed=True)}
    return [
        ReleasedRow(row, names.get(row.system, row.system), row.quarantine_until <= now) for row in regrants.returned()
    ]


def released_list(visit: Visit) -> ListDefinition[ReleasedRow]:
    """Return the list in the visitor's language: what leads to a proposal names its first number."""

    def proposal(row: ReleasedRow) -> Cell:
        if not row.is_due:
            return None
        numbers = row.numbers
        query = urlencode({"series": numbers.series, "first": numbers.first, "last": numbers.last})
        return LinkCell(visit.text(_("From %(first)s on"), first=numbers.first), f"/released?{query}#propose")

    return ListDefinition[ReleasedRow](
        name="released", path="/released", caption=_("Released numbers"),
        columns=(
            *_COLUMNS,
            Column[ReleasedRow](
                "again", _("Grant again"), lambda _row: None, cell=proposal, only="page", is_sorted=False,
                roles=frozenset({OPERATOR}),
            ),
        ),
        empty=_("Nothing was released."), none_left=_("No released numbers fit the search."),
        filters=(
            Filter(
                Field("due", _("Quarantine"), kind="select", required=False, choices=_QUARANTINES),
                lambda row, value: row.is_due == (value == "over"),
            ),
        ),
        also=lambda row: f"{row.numbers.series} {row.numbers.system}",
    )  # fmt: skip


offer_file("/released", only(OPERATOR, AccountRole.AUDITOR), rows=_rows, definition=released_list)


@post("/released", only(OPERATOR))
async def propose_regrant(visit: Visit) -> Answer:
    """Propose that released numbers be granted again."""
    form = visit.form(_REGRANT)
    wish: dict[str, Json] = {name: form[name] for name in ("series", "first", "last")}
    return await submit_checked(
        visit,
        form,
        lambda: visit.write(
            visit.services.approvals.propose, "regrant", wish, by=visit.person.by, reason=form["reason"]
        ),
        then=partial(_show_proposal, visit),
        again=lambda: _released(visit, form),
        answers=lambda: summary(
            visit,
            form,
            title=visit.text(_("Propose that these numbers be granted again?")),
            button=_("Propose"),
            meaning=_REGRANTING,
        ),
    )
