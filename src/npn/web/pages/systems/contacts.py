"""A system's contacts: all of them on one page, to be changed and removed."""

from npn.http.answers import Answer
from npn.support.contacts import KIND_ORDER, Contact, checked_contacts
from npn.web.forms import Field, Form
from npn.web.pages.onboarding.contact_fields import contact_fields, contacts_in, groups, values_of
from npn.web.pages.systems.systems import ACTORS
from npn.web.routes import get, post
from npn.web.rules import theirs
from npn.web.texts import _
from npn.web.visit import Onward, Visit

_FIELDS = contact_fields(optional=frozenset(KIND_ORDER))


@get("/systems/{system}/contacts", theirs(*ACTORS, acts=True))
async def show_contacts(visit: Visit) -> Answer:
    """Show a system's contacts, to be changed."""
    contacts = await visit.read(visit.services.contacts.of, visit.arguments["system"])
    return await _page(visit, visit.form(_fields(contacts), values_of(contacts)))


async def _page(visit: Visit, form: Form) -> Answer:
    system = await visit.read(visit.services.systems.get, visit.arguments["system"])
    return await visit.page("systems/contacts.html", system=system, form=form, groups=groups(form))


def _fields(contacts: tuple[Contact, ...]) -> tuple[Field, ...]:
    """Return the fields of all kinds; a contact that is there can be removed by a tick."""
    removable = [
        Field(f"{contact.kind}_remove", _("Remove this contact"), kind="checkbox", required=False)
        for contact in contacts
        if contact.is_filled_in
    ]
    return (*_FIELDS, *removable)


@post("/systems/{system}/contacts", theirs(*ACTORS))
async def set_contacts(visit: Visit) -> Answer:
    """Put the contacts as they are now in the place of those that were there."""
    system_id = visit.arguments["system"]
    form = visit.form(_fields(await visit.read(visit.services.contacts.of, system_id)))
    for kind in KIND_ORDER:
        if form[f"{kind}_remove"] == "yes":  # what is wrong with it matters no more
            form.errors = {name: error for name, error in form.errors.items() if not name.startswith(f"{kind}_")}
    wanted = [contact for contact in contacts_in(form) if form[f"{contact.kind}_remove"] != "yes"]
    return await visit.submit(
        form,
        lambda: visit.write(visit.services.contacts.replace, system_id, wanted, by=visit.person.by),
        then=Onward(f"/systems/{system_id}", _("The contacts are saved.")),
        again=lambda: _page(visit, form),
        check=lambda: checked_contacts(wanted),
    )
