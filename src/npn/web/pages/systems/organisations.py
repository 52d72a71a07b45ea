"""Organisations, for operators: owners, regions and vendors, and which region an owner belongs to."""

from collections.abc import Sequence

from npn.http.answers import Answer
from npn.people.model import AccountRole
from npn.systems.model import Organisation, OrganisationKind
from npn.web.forms import Choice, Field, Form
from npn.web.routes import get, post
from npn.web.rules import only
from npn.web.texts import _
from npn.web.visit import Onward, Visit


def _fields(organisations: Sequence[Organisation]) -> tuple[Field, ...]:
    owners = tuple(Choice(o.id, o.name) for o in organisations if o.kind is OrganisationKind.OWNER)
    return (
        Field("owner", _("Owner"), kind="select", choices=owners),
        Field("region", _("Region"), hint=_("A region that is not known yet is made.")),
    )


@get("/organisations", only(AccountRole.OPERATOR))
async def list_organisations(visit: Visit) -> Answer:
    """List owners, regions and vendors."""
    organisations = await visit.read(visit.services.systems.organisations)
    form = visit.form(_fields(organisations))
    return await visit.page("systems/organisations.html", organisations=organisations, form=form)


@post("/organisations", only(AccountRole.OPERATOR))
async def set_region(visit: Visit) -> Answer:
    """Set which region an owner belongs to."""
    organisations = await visit.read(visit.services.systems.organisations)
    form = visit.form(_fields(organisations))
    return await visit.submit(
        form,
        lambda: _set_region(visit, form),
        then=Onward("/organisations", _("The region is kept.")),
        again=lambda: visit.page("systems/organisations.html", form=form, organisations=organisations),
    )


async def _set_region(visit: Visit, form: Form) -> None:
    systems = visit.services.systems
    region = await visit.write(systems.organisation, OrganisationKind.REGION, form["region"])
    await visit.write(systems.set_region, form["owner"], region, by=visit.person.by)
