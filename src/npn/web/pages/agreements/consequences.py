"""What a change proposal means for each vendor's systems, and what those who know them say they need."""

from dataclasses import dataclass
from datetime import date

from npn.agreements.model import Language
from npn.agreements.proposals.model import Consequence, Proposal, VendorConsequences, by_vendor
from npn.agreements.proposals.service import Proposals
from npn.agreements.text import AgreementText, read
from npn.http.answers import Answer
from npn.people.model import AccountRole, Person
from npn.systems.model import ConnectedSystem
from npn.systems.service import Systems
from npn.web.forms import Choice, Field, Form
from npn.web.pages.agreements.agreement import language_of
from npn.web.pages.agreements.proposals import day_of, signature
from npn.web.paging import ListPage, part
from npn.web.routes import get, post
from npn.web.rules import only, signed_in
from npn.web.texts import _
from npn.web.visit import Onward, Visit

_SAY = (AccountRole.OPERATOR, AccountRole.REGION, AccountRole.OWNER, AccountRole.VENDOR)


@dataclass(frozen=True, slots=True)
class _Weighing:
    """What the page shows; `rows` are the systems that fall short, can't be told of, or have said something."""

    proposal: Proposal
    text: AgreementText
    vendors: list[VendorConsequences]
    rows: list[Consequence]
    systems: int


def _weigh(proposals: Proposals, person: Person, *, proposal_id: str, language: Language) -> _Weighing:
    """Weigh a proposal: for those who decide all systems, for others their own."""
    consequences = [
        consequence
        for consequence in proposals.consequences(proposal_id)
        if person.role is AccountRole.GROUP or person.may_see(consequence.system.id)
    ]
    draft = proposals.drafts(proposal_id)[-1]
    return _Weighing(
        proposal=proposals.get(proposal_id),
        text=read(draft.texts[language]),
        vendors=by_vendor(consequences),
        rows=[row for row in consequences if row.lacking or row.untold or row.need],
        systems=len(consequences),
    )


@get("/agreements/proposals/{proposal}/consequences", signed_in())
async def show_consequences(visit: Visit) -> Answer:
    """Show, by vendor, which systems do not meet the coming version, and what they need."""
    proposal_id = visit.arguments["proposal"]
    weighing = await visit.read(
        _weigh, visit.services.proposals, visit.person, proposal_id=proposal_id, language=language_of(visit)
    )
    rows: ListPage[Consequence] = part(weighing.rows, visit.query.get("page", ""))
    return await visit.page(
        "agreements/consequences.html",
        weighing=weighing,
        proposal=weighing.proposal,
        part=rows,
        may_say=visit.person.role in _SAY and weighing.proposal.state == "open",
    )


def _fields(systems: list[ConnectedSystem], *, on_behalf: bool) -> tuple[Field, ...]:
    choices = tuple(Choice(system.id, f"{system.name} ({system.id})") for system in systems)
    said_by = (Field("said_by", _("Who said it"), hint=_("The person, and whom they speak for.")),) if on_behalf else ()
    return (
        Field("system", _("System"), kind="select", choices=choices),
        Field(
            "needs",
            _("What the system needs to meet the coming version"),
            kind="textarea",
            largest=2000,
            hint=_("For example a release, money, time or help, or nothing. The groups read it before they decide."),
        ),
        Field("ready_on", _("Ready on"), kind="date", required=False, hint=_("From when the system meets it.")),
        *said_by,
    )


def _mine(systems: Systems, person: Person) -> list[ConnectedSystem]:
    return [system for system in systems.list() if person.may_see(system.id)]


async def _form(visit: Visit, values: dict[str, object]) -> tuple[Proposal, Form]:
    proposal = await visit.read(visit.services.proposals.get, visit.arguments["proposal"])
    systems = await visit.read(_mine, visit.services.systems, visit.person)
    return proposal, visit.form(_fields(systems, on_behalf=visit.person.is_operator), values)


@get("/agreements/proposals/{proposal}/needs", only(*_SAY))
async def show_needs(visit: Visit) -> Answer:
    """Ask what one of the visitor's systems needs; what was said before stands there."""
    system_id = visit.query.get("system", "")
    proposal, form = await _form(visit, {})
    if visit.person.may_see(system_id):
        need = await visit.read(visit.services.proposals.need, proposal.id, system_id)
        form.values["system"] = system_id
        if need is not None:
            form.values.update(needs=need.needs, ready_on="" if need.ready_on is None else str(need.ready_on))
    return await visit.page("agreements/needs.html", form=form, proposal=proposal)


@post("/agreements/proposals/{proposal}/needs", only(*_SAY))
async def say_needs(visit: Visit) -> Answer:
    """Keep what a system needs; the list of systems holds the visitor to their own."""
    proposal, form = await _form(visit, {})
    person = visit.person
    return await visit.submit(
        form,
        lambda: visit.write(
            visit.services.proposals.say_need,
            proposal.id,
            form["system"],
            needs=form["needs"],
            said_by=form["said_by"] if person.is_operator else signature(person),
            ready_on=_day(form["ready_on"]),
            by=person.by,
        ),
        then=Onward(f"/agreements/proposals/{proposal.id}/consequences", _("The system's needs are saved.")),
        again=lambda: visit.page("agreements/needs.html", form=form, proposal=proposal),
    )


def _day(text: str) -> date | None:
    return day_of(text, "ready_on") if text else None
