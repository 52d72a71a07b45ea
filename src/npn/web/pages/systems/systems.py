"""A connected system: its page with its facts, its state and its contacts, and a new one."""

from npn.http.answers import Answer
from npn.people.model import ALL, AccountRole
from npn.systems.model import Caller, Environment, OrganisationKind, Role, SystemState
from npn.web.checking import submit_checked, summary
from npn.web.forms import Choice, Field
from npn.web.organisation_choice import ORGANISATIONS, OWNER, VENDOR, choice_fields, name_in, settle
from npn.web.routes import get, post
from npn.web.rules import only, theirs
from npn.web.texts import _
from npn.web.visit import Onward, Visit

LOOKERS = tuple(sorted(ALL - {AccountRole.GROUP}))
ACTORS = (AccountRole.OPERATOR, AccountRole.REGION, AccountRole.OWNER, AccountRole.VENDOR)
OPERATOR = AccountRole.OPERATOR
ENVIRONMENTS = (Choice("production", _("Production")), Choice("test", _("Test")))
_CONNECT = (
    Field("name", _("Name"), hint=_("The name its users know. The system's id is made from it.")),
    Field("system_type", _("Kind of system"), required=False, hint=_("For example LIS, LAB or hospital record.")),
    Field("environment", _("Environment"), kind="select", choices=ENVIRONMENTS),
)
_SUSPEND, _RESUME = _("Suspend %(name)s?"), _("Let %(name)s draw again?")
_SUSPENDING = (
    _("The system is refused every draw from the moment you confirm, also where its laboratory runs out of numbers."),
    _("It keeps the numbers that it has and may use them. An operator can resume it at any time."),
)
_RESUMING = (_("The system may draw again from the moment you confirm."),)
_REASON = (Field("reason", _("Reason"), hint=_("It is stored in the ledger, so name no persons.")),)


def as_system(system_id: str) -> Caller:
    """Ask the registry as the system whose page it is would."""
    return Caller(Role.SYSTEM, system_id, system_id, "")


async def _connect_fields(visit: Visit) -> tuple[Field, ...]:
    organisations = await visit.read(visit.services.organisations.list)
    vendor = choice_fields(VENDOR, OrganisationKind.VENDOR, organisations)
    owner = choice_fields(OWNER, OrganisationKind.OWNER, organisations)
    return (_CONNECT[0], *vendor, *owner, *_CONNECT[1:])


@get("/add-system", only(OPERATOR))
async def show_connect(visit: Visit) -> Answer:
    """Ask for a system's facts."""
    return await visit.page("systems/connect.html", form=visit.form(await _connect_fields(visit)))


@post("/add-system", only(OPERATOR))
async def connect(visit: Visit) -> Answer:
    """Connect a system past the onboarding; its first key is shown this once."""
    form = visit.form(await _connect_fields(visit))
    await settle(visit, form, ORGANISATIONS)
    return await visit.submit(
        form,
        lambda: visit.write(
            visit.services.systems.add,
            by=visit.person.by,
            name=form["name"],
            vendor=name_in(form, "vendor"),
            owner=name_in(form, "owner"),
            environment=Environment(form["environment"]),
            system_type=form["system_type"],
            new_organisations=True,  # whatever is near was asked about
        ),
        then=lambda pair: visit.page("systems/key.html", system=pair[0], key=str(pair[1]), ended=False),
        again=lambda: visit.page("systems/connect.html", form=form),
    )


@get("/systems/{system}/state", theirs(OPERATOR))
async def show_state(visit: Visit) -> Answer:
    """Ask why a system is to be suspended or resumed."""
    system = await visit.read(visit.services.systems.get, visit.arguments["system"])
    return await visit.page("systems/state.html", system=system, form=visit.form(_REASON))


@post("/systems/{system}/state", theirs(OPERATOR))
async def set_state(visit: Visit) -> Answer:
    """Suspend what is active, resume what is suspended."""
    form = visit.form(_REASON)
    system = await visit.read(visit.services.systems.get, visit.arguments["system"])
    suspends = system.state is SystemState.ACTIVE
    state = SystemState.SUSPENDED if suspends else SystemState.ACTIVE
    set_state, by = visit.services.systems.set_state, visit.person.by
    outcome = _("The system is suspended.") if suspends else _("The system may draw again.")
    return await submit_checked(
        visit,
        form,
        lambda: visit.write(set_state, system.id, state, by=by, reason=form["reason"]),
        then=Onward(f"/systems/{system.id}", outcome),
        again=lambda: visit.page("systems/state.html", form=form, system=system),
        answers=lambda: summary(
            visit,
            form,
            title=visit.text(_SUSPEND if suspends else _RESUME, name=system.name),
            button=_("Suspend") if suspends else _("Resume"),
            meaning=_SUSPENDING if suspends else _RESUMING,
            about=((visit.text(_("System")), f"{system.name}, {system.owner}"),),
        ),
    )
