"""Accounts, for operators: who may sign in, as what, for which organisation; and which region an owner belongs to."""

from npn.errors import InvalidInputError, NpnError
from npn.people.accounts import Link
from npn.people.model import OF_ORGANISATIONS, Account, AccountRole, AccountState
from npn.systems.model import Organisation, OrganisationKind
from npn.web.answers import Answer
from npn.web.forms import Choice, Field, Form
from npn.web.paging import part
from npn.web.routes import get, post
from npn.web.rules import only
from npn.web.texts import _
from npn.web.visit import Visit

OPERATOR = AccountRole.OPERATOR
ROLES = (
    Choice("operator", _("Operator: runs the service")),
    Choice("region", _("Region: sees and acts for its owners' systems")),
    Choice("owner", _("Owner: sees and acts for its systems")),
    Choice("vendor", _("Vendor: sees its systems, acts for those in test")),
    Choice("group", _("Reference group: figures and proposals")),
    Choice("auditor", _("Auditor: sees everything, changes nothing")),
)
NAMES = {
    "operator": _("Operator"),
    "region": _("Region"),
    "owner": _("Owner"),
    "vendor": _("Vendor"),
    "group": _("Reference group"),
    "auditor": _("Auditor"),
}
STATES = (Choice("active", _("May sign in")), Choice("suspended", _("May not sign in")))


async def _fields(visit: Visit, *, new: bool) -> tuple[Field, ...]:
    organisations = await visit.read(visit.service.systems.organisations)
    kinds = {"region", "owner", "vendor"}
    choices = tuple(
        Choice(each.id, f"{each.name} ({visit.text(NAMES[each.kind.value])})")
        for each in organisations
        if each.kind.value in kinds
    )
    shared = (
        Field("name", _("Name")),
        Field("role", _("Role"), kind="select", choices=ROLES),
        Field(
            "organisation",
            _("Organisation"),
            kind="select",
            required=False,
            choices=choices,
            hint=_("For a region, an owner or a vendor: the one the person acts for."),
        ),
    )
    if new:
        return (Field("email", _("E-mail address"), kind="email", largest=254), *shared)
    return (*shared, Field("state", _("State"), kind="select", choices=STATES))


@get("/accounts", only(OPERATOR))
async def list_accounts(visit: Visit) -> Answer:
    """List everybody who may sign in."""
    accounts = await visit.read(visit.service.accounts.list)
    return await visit.page("accounts.html", part=part(accounts, visit.query.get("page", "")), roles=NAMES)


@get("/accounts/new", only(OPERATOR))
async def show_new(visit: Visit) -> Answer:
    """Ask who is to sign in."""
    fields = await _fields(visit, new=True)
    return await visit.page("account_new.html", form=visit.form(fields, {"role": "owner"}))


@post("/accounts/new", only(OPERATOR))
async def add(visit: Visit) -> Answer:
    """Add an account; its one-time link is shown this once."""
    form = visit.form(await _fields(visit, new=True))
    if not form.errors:
        try:
            account, link = await visit.write(
                visit.service.accounts.add,
                by=visit.person.by,
                email=form["email"],
                name=form["name"],
                role=AccountRole(form["role"]),
                organisation=_organisation(form),
            )
        except NpnError as error:
            visit.blame(form, error)
        else:
            return await _handed_over(visit, account, link)
    return await visit.again("account_new.html", form)


def _organisation(form: Form) -> str | None:
    """Give the organisation chosen; one that the role has no use for is left out."""
    return form["organisation"] or None if AccountRole(form["role"]) in OF_ORGANISATIONS else None


async def _handed_over(visit: Visit, account: Account, link: Link) -> Answer:
    origin = visit.service.settings.public_url or str(visit.request.base_url)
    address = origin.rstrip("/") + link.path
    return await visit.page("account_link.html", account=account, address=address, link=link)


@get("/accounts/{account}", only(OPERATOR))
async def show(visit: Visit) -> Answer:
    """Show an account, to be changed."""
    account = await visit.read(visit.service.accounts.get, visit.arguments["account"])
    fields = await _fields(visit, new=False)
    known = {
        "name": account.name,
        "role": account.role.value,
        "organisation": account.organisation,
        "state": account.state.value,
    }
    return await visit.page("account.html", account=account, form=visit.form(fields, known))


@post("/accounts/{account}", only(OPERATOR))
async def change(visit: Visit) -> Answer:
    """Change who somebody is."""
    account = await visit.read(visit.service.accounts.get, visit.arguments["account"])
    form = visit.form(await _fields(visit, new=False))
    if not form.errors:
        try:
            await visit.write(
                visit.service.accounts.change,
                account.id,
                by=visit.person.by,
                name=form["name"],
                role=AccountRole(form["role"]),
                organisation=_organisation(form),
                state=AccountState(form["state"]),
            )
        except NpnError as error:
            visit.blame(form, error)
        else:
            return visit.see_other("/accounts", visit.text(_("The account is changed.")))
    return await visit.again("account.html", form, account=account)


@post("/accounts/{account}/link", only(OPERATOR), largest=4096)
async def new_link(visit: Visit) -> Answer:
    """Make another one-time link: password, second factor and sessions end."""
    account = await visit.read(visit.service.accounts.get, visit.arguments["account"])
    if account.id == visit.person.id:
        raise InvalidInputError("one's own password is changed on one's own page")
    link = await visit.write(visit.service.accounts.new_link, account.id, by=visit.person.by)
    return await _handed_over(visit, account, link)


def _region_fields(organisations: list[Organisation]) -> tuple[Field, ...]:
    owners = tuple(Choice(o.id, o.name) for o in organisations if o.kind is OrganisationKind.OWNER)
    return (
        Field("owner", _("Owner"), kind="select", choices=owners),
        Field("region", _("Region"), hint=_("A region that is not known yet is made.")),
    )


@get("/organisations", only(OPERATOR))
async def list_organisations(visit: Visit) -> Answer:
    """List owners, regions and vendors."""
    found = await visit.read(visit.service.systems.organisations)
    return await visit.page("organisations.html", organisations=found, form=visit.form(_region_fields(found)))


@post("/organisations", only(OPERATOR))
async def set_region(visit: Visit) -> Answer:
    """Say which region an owner belongs to."""
    found = await visit.read(visit.service.systems.organisations)
    form = visit.form(_region_fields(found))
    if not form.errors:
        systems = visit.service.systems
        try:
            region = await visit.write(systems.organisation, OrganisationKind.REGION, form["region"])
            await visit.write(systems.set_region, form["owner"], region, by=visit.person.by)
        except NpnError as error:
            visit.blame(form, error)
        else:
            return visit.see_other("/organisations", visit.text(_("The region is kept.")))
    return await visit.again("organisations.html", form, organisations=found)
