"""The space of a system: shown, and changed by two people where it is a production system."""

from functools import partial

from npn.errors import RefusedError, codes
from npn.http.answers import Answer
from npn.people.approvals import Approval
from npn.people.model import AccountRole
from npn.registry.draws import space_of
from npn.systems.model import ConnectedSystem
from npn.web.forms import Choice, Field, Form
from npn.web.routes import get, post
from npn.web.rules import theirs
from npn.web.texts import _
from npn.web.visit import Visit

OPERATOR = AccountRole.OPERATOR


async def _fields(visit: Visit, system: ConnectedSystem) -> tuple[Field, ...]:
    spaces = await visit.read(visit.services.registry.spaces)
    mine = [space for space in spaces if space.environment is system.environment]
    choices = tuple(Choice(space.name, f"{space.name} ({space.scheme.name}, {space.scheme.length})") for space in mine)
    reason = Field("reason", _("Reason"), hint=_("It is stored in the ledger, so name no persons."))
    return (Field("space", _("Number space"), kind="select", choices=choices), reason)


@get("/systems/{system}/space", theirs(OPERATOR))
async def show_space(visit: Visit) -> Answer:
    """Show from which space a system draws."""
    system = await visit.read(visit.services.systems.get, visit.arguments["system"])
    own = space_of(system, await visit.read(visit.services.registry.spaces))
    form = visit.form(await _fields(visit, system), {"space": "" if own is None else own.name})
    return await visit.page("registry/system_space.html", system=system, own=own, form=form)


@post("/systems/{system}/space", theirs(OPERATOR))
async def set_space(visit: Visit) -> Answer:
    """Move a system to another space, or propose it where two people must agree."""
    system = await visit.read(visit.services.systems.get, visit.arguments["system"])
    form = visit.form(await _fields(visit, system))
    own = space_of(system, await visit.read(visit.services.registry.spaces))
    return await visit.submit(
        form,
        lambda: _move_or_propose(visit, system, form),
        then=partial(_lead_on, visit, system.id),
        again=lambda: visit.page("registry/system_space.html", form=form, system=system, own=own),
    )


def _lead_on(visit: Visit, system_id: str, proposal: Approval | None) -> Answer:
    if proposal is None:
        return visit.see_other(f"/systems/{system_id}", _("The system draws from another number space."))
    return visit.see_other(f"/approvals/{proposal.id}", _("It waits for another operator."))


async def _move_or_propose(visit: Visit, system: ConnectedSystem, form: Form) -> Approval | None:
    """Move the system; return the proposal where two people must agree."""
    by, wish = visit.person.by, {"system": system.id, "space": form["space"]}
    try:
        await visit.write(visit.services.spaces.move, system.id, form["space"], by=by)
    except RefusedError as error:
        if error.code != codes.TWO_PEOPLE_NEEDED:
            raise
        propose = visit.services.approvals.propose
        return await visit.write(propose, "space", {**wish}, by=by, reason=form["reason"])
    return None
