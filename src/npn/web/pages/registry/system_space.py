"""The space of a system: shown, and changed by two people where it is a production system."""

from npn.errors import NpnError, RefusedError
from npn.http.answers import Answer
from npn.ledger.canonical import Json
from npn.people.model import AccountRole
from npn.registry.draws import space_of
from npn.systems.model import ConnectedSystem
from npn.web.forms import Choice, Field, Form
from npn.web.routes import get, post
from npn.web.rules import theirs
from npn.web.texts import _
from npn.web.visit import Visit

OPERATOR = AccountRole.OPERATOR


async def _form(visit: Visit, system: ConnectedSystem) -> tuple[Field, ...]:
    spaces = await visit.read(visit.service.registry.spaces)
    mine = [space for space in spaces if space.environment is system.environment]
    choices = tuple(Choice(space.name, f"{space.name} ({space.scheme.name}, {space.scheme.length})") for space in mine)
    reason = Field("reason", _("Reason"), hint=_("It is kept in the ledger; name no persons."))
    return (Field("space", _("Number space"), kind="select", choices=choices), reason)


@get("/systems/{system}/space", theirs(OPERATOR))
async def show_space(visit: Visit) -> Answer:
    """Show from which space a system draws."""
    system = await visit.read(visit.service.systems.get, visit.arguments["system"])
    own = space_of(system, await visit.read(visit.service.registry.spaces))
    known = {"space": "" if own is None else own.name}
    return await visit.page(
        "registry/system_space.html", system=system, own=own, form=visit.form(await _form(visit, system), known)
    )


@post("/systems/{system}/space", theirs(OPERATOR))
async def set_space(visit: Visit) -> Answer:
    """Move a system to another space, or propose it where two people must agree."""
    system = await visit.read(visit.service.systems.get, visit.arguments["system"])
    form = visit.form(await _form(visit, system))
    if form.errors:
        return await _again(visit, system, form)
    try:
        return await _moved(visit, system, form)
    except NpnError as error:
        visit.blame(form, error)
        return await _again(visit, system, form)


async def _moved(visit: Visit, system: ConnectedSystem, form: Form) -> Answer:
    try:
        await visit.write(visit.service.spaces.move, system.id, form["space"], by=visit.person.by)
    except RefusedError as error:
        if error.code != "two_people_needed":
            raise
        wish: dict[str, Json] = {"system": system.id, "space": form["space"]}
        proposal = await visit.write(
            visit.service.approvals.propose, "space", wish, by=visit.person.by, reason=form["reason"]
        )
        return visit.see_other(f"/approvals/{proposal.id}", visit.text(_("It waits for another operator.")))
    return visit.see_other(f"/systems/{system.id}", visit.text(_("The system draws from another number space.")))


async def _again(visit: Visit, system: ConnectedSystem, form: Form) -> Answer:
    own = space_of(system, await visit.read(visit.service.registry.spaces))
    return await visit.again("registry/system_space.html", form, system=system, own=own)
