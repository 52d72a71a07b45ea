"""Organisations, for operators: owners, regions and vendors, each with all that is its own; rename, merge, close."""

from dataclasses import dataclass

from npn.agreements.model import Acceptance
from npn.agreements.service import Agreements
from npn.http.answers import Answer
from npn.organisations.model import OrganisationDetails
from npn.organisations.service import Organisations
from npn.people.model import AccountRole
from npn.support.model import Case
from npn.support.service import Cases
from npn.systems.model import OrganisationKind
from npn.web.forms import Choice, Field, Form
from npn.web.organisation_choice import choice_fields, name_in, settle
from npn.web.pages.systems.organisations_list import KINDS, LOOKERS
from npn.web.routes import get, post
from npn.web.rules import only
from npn.web.texts import _
from npn.web.visit import Onward, Visit

_OPERATOR = AccountRole.OPERATOR
_NAME = (Field("name", _("Name"), hint=_("The names before lead to it, in lists and requests too.")),)
_REGION = Field("region", _("Region"))
_REGIONS = {"region": OrganisationKind.REGION}


@dataclass(frozen=True, slots=True)
class OrganisationPicture:
    """What one organisation's page shows."""

    details: OrganisationDetails
    regions: dict[str, str]
    acceptances: list[Acceptance]
    cases: list[Case]


@get("/organisations/{organisation}", only(*LOOKERS))
async def show_organisation(visit: Visit) -> Answer:
    """Show one organisation with all that is its own; the id of a merged one leads to where it went."""
    picture = await visit.read(
        _picture,
        visit.services.organisations,
        visit.services.agreements,
        visit.services.cases,
        organisation_id=visit.arguments["organisation"],
    )
    organisation_id = picture.details.organisation.id
    if organisation_id != visit.arguments["organisation"]:
        return visit.see_other(f"/organisations/{organisation_id}", _("The organisation is part of this one."))
    return await visit.page("systems/organisation.html", picture=picture, kinds=KINDS)


def _picture(
    organisations: Organisations, agreements: Agreements, cases: Cases, *, organisation_id: str
) -> OrganisationPicture:
    details = organisations.details(organisation_id)
    theirs = {system.id for system in details.systems}
    return OrganisationPicture(
        details=details,
        regions={one.id: one.name for one in organisations.list()},
        acceptances=[one for one in agreements.acceptances() if one.system in theirs],
        cases=cases.some(states=(), systems=frozenset(theirs)) if theirs else [],
    )


@get("/organisations/{organisation}/name", only(_OPERATOR))
async def show_name(visit: Visit) -> Answer:
    """Ask for another name."""
    details = await visit.read(visit.services.organisations.details, visit.arguments["organisation"])
    form = visit.form(_NAME, {"name": details.organisation.name})
    return await visit.page("systems/organisation_name.html", details=details, form=form)


@post("/organisations/{organisation}/name", only(_OPERATOR))
async def rename(visit: Visit) -> Answer:
    """Rename an organisation; its id stays."""
    form = visit.form(_NAME)
    details = await visit.read(visit.services.organisations.details, visit.arguments["organisation"])
    rename, organisation_id = visit.services.organisations.rename, details.organisation.id
    return await visit.submit(
        form,
        lambda: visit.write(rename, organisation_id, form["name"], by=visit.person.by),
        then=Onward(f"/organisations/{organisation_id}", _("The organisation is renamed.")),
        again=lambda: visit.page("systems/organisation_name.html", details=details, form=form),
    )


async def _region_form(visit: Visit, details: OrganisationDetails) -> Form:
    organisations = await visit.read(visit.services.organisations.list)
    fields = choice_fields(_REGION, OrganisationKind.REGION, organisations)
    return visit.form(fields, {"region": details.organisation.region})


@get("/organisations/{organisation}/region", only(_OPERATOR))
async def show_region(visit: Visit) -> Answer:
    """Ask which region an owner belongs to."""
    details = await visit.read(visit.services.organisations.details, visit.arguments["organisation"])
    form = await _region_form(visit, details)
    return await visit.page("systems/organisation_region.html", details=details, form=form)


@post("/organisations/{organisation}/region", only(_OPERATOR))
async def set_region(visit: Visit) -> Answer:
    """Set which region an owner belongs to."""
    details = await visit.read(visit.services.organisations.details, visit.arguments["organisation"])
    form = await _region_form(visit, details)
    await settle(visit, form, _REGIONS)
    return await visit.submit(
        form,
        lambda: _set_region(visit, form, details.organisation.id),
        then=Onward(f"/organisations/{details.organisation.id}", _("The region is saved.")),
        again=lambda: visit.page("systems/organisation_region.html", details=details, form=form),
    )


async def _set_region(visit: Visit, form: Form, owner: str) -> None:
    add, name = visit.services.organisations.add, name_in(form, "region")
    region = await visit.write(add, OrganisationKind.REGION, name, is_meant=True)
    await visit.write(visit.services.systems.set_region, owner, region.id, by=visit.person.by)


async def _merge_form(visit: Visit, details: OrganisationDetails) -> Form:
    organisation = details.organisation
    others = await visit.read(visit.services.organisations.list)
    fitting = [o for o in others if o.kind is organisation.kind and o.is_open and o.id != organisation.id]
    into = Field("into", _("Organisation to keep"), kind="select", choices=[Choice(o.id, o.name) for o in fitting])
    return visit.form((into,), visit.query)


@get("/organisations/{organisation}/merge", only(_OPERATOR))
async def show_merge(visit: Visit) -> Answer:
    """Ask which organisation this one is, and once that is known show what would move."""
    organisations = visit.services.organisations
    details = await visit.read(organisations.details, visit.arguments["organisation"])
    form, plan = await _merge_form(visit, details), None
    if form["into"]:
        plan = await visit.read(organisations.plan_merge, details.organisation.id, form["into"])
    return await visit.page("systems/organisation_merge.html", details=details, form=form, plan=plan)


@post("/organisations/{organisation}/merge", only(_OPERATOR))
async def merge(visit: Visit) -> Answer:
    """Merge an organisation into another, as it was shown."""
    organisations = visit.services.organisations
    details = await visit.read(organisations.details, visit.arguments["organisation"])
    form, organisation_id = await _merge_form(visit, details), details.organisation.id
    return await visit.submit(
        form,
        lambda: visit.write(organisations.merge, organisation_id, form["into"], by=visit.person.by),
        then=lambda plan: visit.see_other(
            f"/organisations/{plan.into.organisation.id}", _("The two organisations are one.")
        ),
        again=lambda: visit.page("systems/organisation_merge.html", details=details, form=form, plan=None),
    )


@get("/organisations/{organisation}/state", only(_OPERATOR))
async def show_state(visit: Visit) -> Answer:
    """Ask whether an organisation is to be closed, or opened again."""
    details = await visit.read(visit.services.organisations.details, visit.arguments["organisation"])
    return await visit.page("systems/organisation_state.html", details=details, form=visit.form(()))


@post("/organisations/{organisation}/state", only(_OPERATOR))
async def set_state(visit: Visit) -> Answer:
    """Close what is open, open what is closed."""
    organisations, form = visit.services.organisations, visit.form(())
    details = await visit.read(organisations.details, visit.arguments["organisation"])
    closes = details.organisation.closed_at is None
    change, organisation_id = organisations.close if closes else organisations.reopen, details.organisation.id
    return await visit.submit(
        form,
        lambda: visit.write(change, organisation_id, by=visit.person.by),
        then=Onward(
            f"/organisations/{organisation_id}",
            _("The organisation is closed.") if closes else _("The organisation is open again."),
        ),
        again=lambda: visit.page("systems/organisation_state.html", details=details, form=form),
    )
