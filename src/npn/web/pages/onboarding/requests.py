"""Requests to be connected: the operator's list, and what the operator does to one on its case's page."""

from collections.abc import Callable

from npn.errors import InvalidInputError
from npn.http.answers import Answer
from npn.onboarding.model import Request, StepName
from npn.onboarding.service import Onboarding
from npn.onboarding.steps import next_step
from npn.people.model import AccountRole
from npn.web.pages.onboarding.step_words import WORDS
from npn.web.routes import get, post
from npn.web.rules import only
from npn.web.texts import Msgid, _
from npn.web.visit import Visit

_OPERATOR = AccountRole.OPERATOR


@get("/requests", only(_OPERATOR, AccountRole.AUDITOR))
async def list_requests(visit: Visit) -> Answer:
    """List the requests, each with its next step and who must take it."""
    everything = visit.query.get("show") == "all"
    rows = await visit.read(_list, visit.services.onboarding, everything=everything)
    return await visit.page("onboarding/requests.html", status=200, rows=rows, everything=everything, **WORDS)


def _list(onboarding: Onboarding, *, everything: bool) -> list[dict[str, object]]:
    requests = onboarding.requests(all_=everything)
    return [{"request": request, "next": next_step(onboarding.steps(request))} for request in requests]


async def _act(visit: Visit, work: Callable[[], Request | object], said: Msgid) -> Answer:
    """Do something to a request, and go back to its case."""
    await visit.write(work)
    request = await visit.read(visit.services.onboarding.get, visit.arguments["asked"])
    return visit.see_other("/requests" if request.case is None else f"/cases/{request.case}", said)


@post("/requests/{asked}/give-test", only(_OPERATOR))
async def give_test(visit: Visit) -> Answer:
    """Make the test system; the link to its key is sent."""
    request, by = visit.arguments["asked"], visit.person.by
    work = visit.services.onboarding.give_test
    return await _act(visit, lambda: work(request, by=by), _("The test system is there, and its key's link is sent."))


@post("/requests/{asked}/bind-certificate", only(_OPERATOR))
async def bind_certificate(visit: Visit) -> Answer:
    """Bind the certificate that was sent."""
    request, by = visit.arguments["asked"], visit.person.by
    work = visit.services.onboarding.bind_proposed
    return await _act(visit, lambda: work(request, by=by), _("The certificate is bound."))


@post("/requests/{asked}/offer-key", only(_OPERATOR))
async def offer_key(visit: Visit) -> Answer:
    """Send a new link for the key that is due."""
    request, by = visit.arguments["asked"], visit.person.by
    work = visit.services.onboarding.offer_key
    return await _act(visit, lambda: work(request, by=by), _("A new link is sent; the one before it has ended."))


@post("/requests/{asked}/waive", only(_OPERATOR))
async def waive(visit: Visit) -> Answer:
    """Go on without a step, for a reason."""
    request, by, reason = visit.arguments["asked"], visit.person.by, visit.sent.get("reason", "")[:400]
    try:
        step = StepName(visit.sent.get("step", ""))
    except ValueError as error:
        raise InvalidInputError("there is no such step", field="step") from error
    work = visit.services.onboarding.waive
    return await _act(visit, lambda: work(request, step, reason=reason, by=by), _("The step is left out."))


@post("/requests/{asked}/give-production", only(_OPERATOR))
async def give_production(visit: Visit) -> Answer:
    """Make the production system; the link to its key is sent."""
    request, by, despite = visit.arguments["asked"], visit.person.by, visit.sent.get("despite", "")[:400]
    work = visit.services.onboarding.give_production
    text = _("The production system is there, and its key's link is sent.")
    return await _act(visit, lambda: work(request, by=by, despite=despite), text)


@post("/requests/{asked}/refuse", only(_OPERATOR))
async def refuse(visit: Visit) -> Answer:
    """Refuse a request, with the reason."""
    request, by, reason = visit.arguments["asked"], visit.person.by, visit.sent.get("reason", "")[:2000]
    work = visit.services.onboarding.refuse
    return await _act(
        visit, lambda: work(request, reason=reason, by=by), _("The request is refused, and that is sent.")
    )
