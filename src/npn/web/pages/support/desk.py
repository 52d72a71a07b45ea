"""Beside the cases: contacts in doubt, the outbox, and who answers the users of each system."""

from npn.errors import ConflictError, InvalidInputError, NotFoundError
from npn.http.answers import Answer
from npn.mail.model import MailState
from npn.people.model import AccountRole, Person
from npn.regions.model import Unit
from npn.regions.service import Manager
from npn.web.forms import Choice, Field
from npn.web.pages.onboarding.step_words import WORDS
from npn.web.routes import get, post
from npn.web.rules import only, theirs
from npn.web.texts import _
from npn.web.visit import Visit
from npn.wiring.service import Service

_OPERATOR, _REGION = AccountRole.OPERATOR, AccountRole.REGION
REASONS = {
    "old": _("not confirmed for a year"),
    "unanswered": _("the question is unanswered"),
    "bounced": _("a letter could not be delivered"),
    "missing:technical": _("no technical contact"),
    "missing:administrative": _("no administrative contact"),
    "missing:on_call": _("nobody on call"),
}
MAIL_STATES = {
    MailState.WAITING: _("Waiting"),
    MailState.SENT: _("Sent"),
    MailState.FAILED: _("Failed"),
}
_UNIT = (
    Field("name", _("The unit's name")),
    Field("email", _("E-mail"), kind="email", largest=254),
    Field("telephone", _("Telephone"), kind="tel", required=False, largest=60),
    Field("hours", _("When it answers"), required=False),
)
_MANAGER = (
    Field("manager_name", _("Local system manager"), required=False),
    Field("manager_email", _("The manager's e-mail"), kind="email", required=False, largest=254),
    Field("manager_telephone", _("The manager's telephone"), kind="tel", required=False, largest=60),
)


@get("/contacts", only(_OPERATOR))
async def list_stale(visit: Visit) -> Answer:
    """List the systems whose contacts are in doubt."""
    stale = await visit.read(visit.service.contacts.stale)
    return await visit.page("support/stale_contacts.html", stale=stale, reasons=REASONS)


@post("/systems/{system}/ask-contacts", theirs(_OPERATOR))
async def ask_contacts(visit: Visit) -> Answer:
    """Ask a system's contacts now."""
    await visit.write(visit.service.contacts.ask, visit.arguments["system"], by=visit.person.by)
    return visit.see_other("/contacts", visit.text(_("The question is sent.")))


@get("/mail", only(_OPERATOR))
async def show_outbox(visit: Visit) -> Answer:
    """Show the outbox, never a letter's text: it may hold a private link."""
    letters = await visit.read(visit.service.outbox.letters, limit=200)
    has_server = visit.service.outbox.smtp is not None
    return await visit.page("mail/mail.html", letters=letters, has_server=has_server, mail_called=MAIL_STATES)


@post("/mail/{letter}/retry", only(_OPERATOR))
async def retry(visit: Visit) -> Answer:
    """Send a letter again."""
    await visit.write(visit.service.outbox.retry, visit.arguments["letter"])
    return visit.see_other("/mail", visit.text(_("The letter is due again.")))


def _region_of(person: Person) -> str | None:
    return None if person.is_operator else person.organisation


@get("/units", only(_OPERATOR, _REGION))
async def list_units(visit: Visit) -> Answer:
    """List a region's units; the operator sees all."""
    units = await visit.read(visit.service.regions.units, _region_of(visit.person))
    return await visit.page("regions/units.html", units=units, form=visit.form(_UNIT), own=visit.person.role is _REGION)


@post("/units", only(_REGION))
async def add_unit(visit: Visit) -> Answer:
    """Add a unit to the visitor's own region."""
    form, person = visit.form(_UNIT), visit.person
    if not form.errors:
        try:
            await visit.write(
                visit.service.regions.set_unit,
                by=person.by,
                region=person.organisation or "",
                name=form["name"],
                email=form["email"],
                telephone=form["telephone"],
                hours=form["hours"],
            )
        except (InvalidInputError, ConflictError) as error:
            visit.blame(form, error)
        else:
            return visit.see_other("/units", visit.text(_("The unit is added.")))
    units = await visit.read(visit.service.regions.units, _region_of(person))
    return await visit.again("regions/units.html", form, units=units, own=True)


@get("/units/{unit}", only(_OPERATOR, _REGION))
async def show_unit(visit: Visit) -> Answer:
    """Show a unit, to be changed by its own region, or by the operator for it."""
    unit = await visit.read(_unit, visit.service, visit.person, visit.arguments["unit"])
    known = {name: getattr(unit, name) for name in ("name", "email", "telephone", "hours")}
    return await visit.page("regions/unit.html", unit=unit, form=visit.form(_UNIT, known))


def _unit(service: Service, person: Person, unit_id: str) -> Unit:
    """Return a unit of the visitor's; another region's is not there for them."""
    found = next((unit for unit in service.regions.units(_region_of(person)) if unit.id == unit_id), None)
    if found is None:
        raise NotFoundError("there is no such unit", field="unit")
    return found


@post("/units/{unit}", only(_OPERATOR, _REGION))
async def change_unit(visit: Visit) -> Answer:
    """Change a unit's name, and how and when it is reached."""
    form = visit.form(_UNIT)
    unit = await visit.read(_unit, visit.service, visit.person, visit.arguments["unit"])
    if not form.errors:
        values = {name: form[name] for name in ("name", "email", "telephone", "hours")}
        by = visit.person.by
        try:
            await visit.write(visit.service.regions.set_unit, by=by, region=unit.region, unit_id=unit.id, **values)
        except (InvalidInputError, ConflictError) as error:
            visit.blame(form, error)
        else:
            return visit.see_other("/units", visit.text(_("The unit is changed.")))
    return await visit.again("regions/unit.html", form, unit=unit)


@get("/systems/{system}/care", theirs(_OPERATOR, _REGION))
async def show_care(visit: Visit) -> Answer:
    """Show who answers a system's users."""
    system = await visit.read(visit.service.systems.get, visit.arguments["system"])
    care = await visit.read(visit.service.regions.care, system.id)
    known = {"unit": care.unit.id if care and care.unit else ""}
    if care is not None:
        known |= {f"manager_{part}": getattr(care, f"manager_{part}") for part in ("name", "email", "telephone")}
    fields = await visit.read(_care_fields, visit.service, visit.person)
    return await visit.page("regions/care.html", status=200, system=system, form=visit.form(fields, known), **WORDS)


@post("/systems/{system}/care", theirs(_OPERATOR, _REGION))
async def set_care(visit: Visit) -> Answer:
    """Set who answers a system's users."""
    system = await visit.read(visit.service.systems.get, visit.arguments["system"])
    form = visit.form(await visit.read(_care_fields, visit.service, visit.person))
    if not form.errors:
        manager = Manager(form["manager_name"], form["manager_email"], form["manager_telephone"])
        unit, by = form["unit"] or None, visit.person.by
        try:
            await visit.write(visit.service.regions.set_care, system.id, by=by, unit_id=unit, manager=manager)
        except InvalidInputError as error:
            visit.blame(form, error)
        else:
            return visit.see_other(f"/systems/{system.id}", visit.text(_("It is kept who answers the users.")))
    return await visit.again("regions/care.html", form, system=system, **WORDS)


def _care_fields(service: Service, person: Person) -> tuple[Field, ...]:
    units: list[Unit] = service.regions.units(_region_of(person))
    choices = [Choice(unit.id, f"{unit.name} ({unit.region_name})") for unit in units]
    return (Field("unit", _("Unit that answers the users"), kind="select", required=False, choices=choices), *_MANAGER)
