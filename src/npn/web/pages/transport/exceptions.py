"""A system's exception from the end of plain HTTP."""

from npn.http.answers import Answer
from npn.people.model import AccountRole
from npn.web.forms import Field, Form
from npn.web.pages.transport.sunset import REASON
from npn.web.pages.transport.times import instant_of
from npn.web.routes import get, post
from npn.web.rules import theirs
from npn.web.texts import _
from npn.web.visit import Onward, Visit

_EXCEPTION = (
    Field("until", _("Until"), kind="date", hint=_("To the beginning of that day, Danish time.")),
    REASON,
)


@get("/systems/{system}/transport/exception", theirs(AccountRole.OPERATOR))
async def show_exception(visit: Visit) -> Answer:
    """Show a system's exception, with the form to give one."""
    return await _exception(visit, visit.form(_EXCEPTION))


async def _exception(visit: Visit, form: Form) -> Answer:
    system = await visit.read(visit.services.systems.get, visit.arguments["system"])
    plan = await visit.read(visit.services.transport.plan)
    return await visit.page(
        "transport/transport_exception.html",
        system=system,
        exemption=plan.exemptions.get(system.id),
        form=form,
    )


@post("/systems/{system}/transport/exception", theirs(AccountRole.OPERATOR))
async def give_exception(visit: Visit) -> Answer:
    """Let a system go on over plain HTTP for a while."""
    form, system = visit.form(_EXCEPTION), visit.arguments["system"]
    return await visit.submit(
        form,
        lambda: visit.write(
            visit.services.transport.exempt,
            system,
            instant_of(form["until"], "00:00", "until"),
            by=visit.person.by,
            reason=form["reason"],
        ),
        then=Onward(f"/systems/{system}/transport", _("The exemption is given.")),
        again=lambda: _exception(visit, form),
        check=lambda: _check(visit, form),
    )


def _check(visit: Visit, form: Form) -> None:
    """Hold the day to its bounds, where it could be read. Raises InvalidInputError."""
    if form.is_sound("until"):
        visit.services.transport.check_exemption(instant_of(form["until"], "00:00", "until"))


@post("/systems/{system}/transport/exception/end", theirs(AccountRole.OPERATOR))
async def end_exception(visit: Visit) -> Answer:
    """End a system's exception now."""
    system = visit.arguments["system"]
    end = visit.services.transport.end_exemption
    await visit.write(end, system, by=visit.person.by, reason="ended in the pages")
    return visit.see_other(f"/systems/{system}/transport", _("The exemption has ended."))
