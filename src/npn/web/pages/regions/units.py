"""The regions' units, and who answers the users of each system."""

from npn.errors import NotFoundError
from npn.http.answers import Answer
from npn.people.model import AccountRole, Person
from npn.regions.model import Unit
from npn.regions.service import Manager, Regions
from npn.web.forms import Choice, Field, Form
from npn.web.lists.model import Column, LinkCell, ListDefinition
from npn.web.lists.pages import listed, offer_file
from npn.web.pages.onboarding.step_words import WORDS
from npn.web.routes import get, post
from npn.web.rules import only, theirs
from npn.web.texts import _
from npn.web.visit import Onward, Visit

_OPERATOR, _REGION = AccountRole.OPERATOR, AccountRole.REGION
_UNIT = (
    Field("name", _("The unit's name")),
    Field("email", _("E-mail"), kind="email", largest=254),
    Field("telephone", _("Telephone"), kind="tel", required=False, largest=60),
    Field("hours", _("When it answers"), required=False),
)
_NAMES = tuple(field.name for field in _UNIT)
_MANAGER = (
    Field("manager_name", _("Local system manager"), required=False),
    Field("manager_email", _("The manager's e-mail"), kind="email", required=False, largest=254),
    Field("manager_telephone", _("The manager's telephone"), kind="tel", required=False, largest=60),
)

UNITS = ListDefinition[Unit](
    name="units",
    path="/units",
    caption=_("Units"),
    columns=(
        Column[Unit]("name", _("Unit"), lambda row: row.name, cell=lambda row: LinkCell(row.name, f"/units/{row.id}")),
        Column[Unit]("region", _("Region"), lambda row: row.region_name),
        Column[Unit]("email", _("E-mail"), lambda row: row.email),
        Column[Unit]("telephone", _("Telephone"), lambda row: row.telephone),
        Column[Unit]("hours", _("When it answers"), lambda row: row.hours),
    ),
    empty=_("There are no units yet."),
    none_left=_("No unit fits the search."),
    order="name",
)


def _region_of(person: Person) -> str | None:
    return None if person.is_operator else person.organisation


@get("/units", only(_OPERATOR, _REGION))
async def list_units(visit: Visit) -> Answer:
    """List a region's units; the operator sees all."""
    return await _units_page(visit, visit.form(_UNIT))


async def _units_page(visit: Visit, form: Form) -> Answer:
    units = await listed(visit, UNITS, await _rows(visit))
    own = visit.person.role is _REGION
    return await visit.page("regions/units.html", units=units, form=form, own=own)


async def _rows(visit: Visit) -> list[Unit]:
    return await visit.read(visit.services.regions.units, _region_of(visit.person))


offer_file(UNITS.path, only(_OPERATOR, _REGION), rows=_rows, definition=lambda _visit: UNITS)


@post("/units", only(_REGION))
async def add_unit(visit: Visit) -> Answer:
    """Add a unit to the visitor's own region."""
    form, person = visit.form(_UNIT), visit.person
    set_unit, region = visit.services.regions.set_unit, person.organisation or ""
    return await visit.submit(
        form,
        lambda: visit.write(set_unit, by=person.by, region=region, **_values(form)),
        then=Onward("/units", _("The unit is added.")),
        again=lambda: _units_page(visit, form),
    )


def _values(form: Form) -> dict[str, str]:
    return {name: form[name] for name in _NAMES}


@get("/units/{unit}", only(_OPERATOR, _REGION))
async def show_unit(visit: Visit) -> Answer:
    """Show a unit, to be changed by its own region, or by the operator for it."""
    unit = await visit.read(_unit, visit.services.regions, visit.person, visit.arguments["unit"])
    form = visit.form(_UNIT, {name: getattr(unit, name) for name in _NAMES})
    return await visit.page("regions/unit.html", unit=unit, form=form)


def _unit(regions: Regions, person: Person, unit_id: str) -> Unit:
    """Return a unit of the visitor's; another region's is not there for them."""
    unit = next((unit for unit in regions.units(_region_of(person)) if unit.id == unit_id), None)
    if unit is None:
        raise NotFoundError("there is no such unit", field="unit")
    return unit


@post("/units/{unit}", only(_OPERATOR, _REGION))
async def change_unit(visit: Visit) -> Answer:
    """Change a unit's name, and how and when it is reached."""
    form, set_unit = visit.form(_UNIT), visit.services.regions.set_unit
    unit = await visit.read(_unit, visit.services.regions, visit.person, visit.arguments["unit"])
    return await visit.submit(
        form,
        lambda: visit.write(set_unit, by=visit.person.by, region=unit.region, unit_id=unit.id, **_values(form)),
        then=Onward("/units", _("The unit is changed.")),
        again=lambda: visit.page("regions/unit.html", form=form, unit=unit),
    )


@get("/systems/{system}/care", theirs(_OPERATOR, _REGION))
async def show_care(visit: Visit) -> Answer:
    """Show who answers a system's users."""
    system = await visit.read(visit.services.systems.get, visit.arguments["system"])
    care = await visit.read(visit.services.regions.care, system.id)
    values = {"unit": care.unit.id if care and care.unit else ""}
    if care is not None:
        values |= {f"manager_{part}": getattr(care, f"manager_{part}") for part in ("name", "email", "telephone")}
    fields = await visit.read(_care_fields, visit.services.regions, visit.person)
    return await visit.page("regions/care.html", status=200, system=system, form=visit.form(fields, values), **WORDS)


@post("/systems/{system}/care", theirs(_OPERATOR, _REGION))
async def set_care(visit: Visit) -> Answer:
    """Set who answers a system's users."""
    system = await visit.read(visit.services.systems.get, visit.arguments["system"])
    form = visit.form(await visit.read(_care_fields, visit.services.regions, visit.person))
    manager = Manager(form["manager_name"], form["manager_email"], form["manager_telephone"])
    set_care, by = visit.services.regions.set_care, visit.person.by
    return await visit.submit(
        form,
        lambda: visit.write(set_care, system.id, by=by, unit_id=form["unit"] or None, manager=manager),
        then=Onward(f"/systems/{system.id}", _("Saved who answers the users.")),
        again=lambda: visit.page("regions/care.html", status=422, form=form, system=system, **WORDS),
    )


def _care_fields(regions: Regions, person: Person) -> tuple[Field, ...]:
    units: list[Unit] = regions.units(_region_of(person))
    choices = [Choice(unit.id, f"{unit.name} ({unit.region_name})") for unit in units]
    return (Field("unit", _("Unit that answers the users"), kind="select", required=False, choices=choices), *_MANAGER)
