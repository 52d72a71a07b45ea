"""Requests to be connected: what the operator does to one on its case's page."""

from collections.abc import Callable

from npn.http.answers import Answer
from npn.onboarding.model import Request, StepName
from npn.people.model import AccountRole
from npn.systems.model import OrganisationKind
from npn.web.forms import Form
from npn.web.organisation_choice import NEW, ORGANISATIONS, OWNER, VENDOR, choice_fields, name_in, settle
from npn.web.pages.onboarding.step_words import WORDS
from npn.web.pages.support.case_forms import DESPITE_FIELDS, LINK_FIELDS, REFUSE_FIELDS, WAIVE_FIELDS, named
from npn.web.pages.support.cases import case_page
from npn.web.routes import get, post
from npn.web.rules import only
from npn.web.texts import Msgid, _
from npn.web.visit import Onward, Visit

_OPERATOR = AccountRole.OPERATOR


async def page_of_request(visit: Visit) -> str:
    """Return the page where a request is dealt with: its case's, else the list."""
    request = await visit.read(visit.services.onboarding.get, visit.arguments["asked"])
    return "/requests" if request.case is None else f"/cases/{request.case}"


async def _act(visit: Visit, work: Callable[[], Request | object], said: Msgid) -> Answer:
    """Do something to a request, and go back to its case."""
    await visit.write(work)
    return visit.see_other(await page_of_request(visit), said)


async def _organisations_form(visit: Visit, request: Request) -> Form:
    """Return the form with the organisations that the request means, as far as that is clear."""
    organisations = await visit.read(visit.services.organisations.list)
    fields = [
        *choice_fields(VENDOR, OrganisationKind.VENDOR, organisations),
        *choice_fields(OWNER, OrganisationKind.OWNER, organisations),
    ]
    values: dict[str, object] = {}
    for field, kind in ORGANISATIONS.items():
        typed = getattr(request.asked, field)
        same = [one.id for one in organisations if one.kind is kind and one.name == typed]
        values |= {field: same[0]} if same else {field: NEW, f"{field}_new": typed}
    return visit.form(fields, values)


@get("/requests/{asked}/organisations", only(_OPERATOR))
async def show_organisations(visit: Visit) -> Answer:
    """Ask which vendor and owner a request means."""
    request = await visit.read(visit.services.onboarding.get, visit.arguments["asked"])
    form = await _organisations_form(visit, request)
    return await visit.page("onboarding/request_organisations.html", status=200, request=request, form=form, **WORDS)


@post("/requests/{asked}/organisations", only(_OPERATOR))
async def set_organisations(visit: Visit) -> Answer:
    """Set which vendor and owner a request means."""
    request = await visit.read(visit.services.onboarding.get, visit.arguments["asked"])
    form, set_organisations = await _organisations_form(visit, request), visit.services.onboarding.set_organisations
    await settle(visit, form, ORGANISATIONS)
    return await visit.submit(
        form,
        lambda: visit.write(
            set_organisations,
            request.id,
            vendor=name_in(form, "vendor"),
            owner=name_in(form, "owner"),
            by=visit.person.by,
        ),
        then=Onward(f"/cases/{request.case}", _("The vendor and the owner are settled.")),
        again=lambda: visit.page(
            "onboarding/request_organisations.html", status=form.status, request=request, form=form, **WORDS
        ),
    )


@post("/requests/{asked}/give-test", only(_OPERATOR), page=page_of_request)
async def give_test(visit: Visit) -> Answer:
    """Make the test system; the link to its key is sent."""
    request, by = visit.arguments["asked"], visit.person.by
    work = visit.services.onboarding.give_test
    return await _act(visit, lambda: work(request, by=by), _("The test system is there, and its key's link is sent."))


@post("/requests/{asked}/bind-certificate", only(_OPERATOR), page=page_of_request)
async def bind_certificate(visit: Visit) -> Answer:
    """Bind the certificate that was sent."""
    request, by = visit.arguments["asked"], visit.person.by
    work = visit.services.onboarding.bind_proposed
    return await _act(visit, lambda: work(request, by=by), _("The certificate is linked."))


@post("/requests/{asked}/offer-key", only(_OPERATOR), page=page_of_request)
async def offer_key(visit: Visit) -> Answer:
    """Send a new link for the key that is due."""
    request, by = visit.arguments["asked"], visit.person.by
    work = visit.services.onboarding.offer_key
    return await _act(visit, lambda: work(request, by=by), _("A new link is sent; the one before it has ended."))


@post("/requests/{asked}/send-link", only(_OPERATOR), page=page_of_request)
async def send_link(visit: Visit) -> Answer:
    """Send a new link to a step, to whoever the operator names; the one before it ends."""
    form, act = visit.form(LINK_FIELDS), visit.services.onboarding.send_link
    return await _act_by_form(
        visit,
        named("send-link", form["step"]),
        form,
        work=lambda request: act(
            request, StepName(form["step"]), name=form["name"], email=form["email"], by=visit.person.by
        ),
        said=_("A new link is sent; the one before it has ended."),
    )


@post("/requests/{asked}/waive", only(_OPERATOR), page=page_of_request)
async def waive(visit: Visit) -> Answer:
    """Go on without a step, for a reason."""
    form, act = visit.form(WAIVE_FIELDS), visit.services.onboarding.waive
    return await _act_by_form(
        visit,
        named("waive", form["step"]),
        form,
        work=lambda request: act(request, StepName(form["step"]), reason=form["reason"], by=visit.person.by),
        said=_("The step is left out."),
    )


@post("/requests/{asked}/give-production", only(_OPERATOR), page=page_of_request)
async def give_production(visit: Visit) -> Answer:
    """Make the production system; the link to its key is sent."""
    form, act = visit.form(DESPITE_FIELDS), visit.services.onboarding.give_production
    return await _act_by_form(
        visit,
        "despite",
        form,
        work=lambda request: act(request, by=visit.person.by, despite=form["despite"]),
        said=_("The production system is there, and its key's link is sent."),
    )


@post("/requests/{asked}/refuse", only(_OPERATOR), page=page_of_request)
async def refuse(visit: Visit) -> Answer:
    """Refuse a request, with the reason."""
    form, act = visit.form(REFUSE_FIELDS), visit.services.onboarding.refuse
    return await _act_by_form(
        visit,
        "refuse",
        form,
        work=lambda request: act(request, reason=form["reason"], by=visit.person.by),
        said=_("The request is refused, and that is sent."),
    )


async def _act_by_form(
    visit: Visit, name: str, form: Form, *, work: Callable[[str], Request | object], said: Msgid
) -> Answer:
    """Do something to a request by a form of its case's page, and go back there."""
    request = await visit.read(visit.services.onboarding.get, visit.arguments["asked"])
    return await visit.submit(
        form,
        lambda: visit.write(work, request.id),
        then=Onward(await page_of_request(visit), said),
        again=lambda: case_page(visit, str(request.case or 0), name=name, sent=form),
    )
