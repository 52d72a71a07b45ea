"""What a system is called and whose it is, changed by the operator after a look at what follows; and its end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from npn.agreements.model import Acceptance
from npn.agreements.service import Agreements
from npn.http.answers import Answer
from npn.people.model import AccountRole
from npn.registry.model import Series
from npn.registry.service import Registry
from npn.systems.model import ConnectedSystem, Environment, Organisation, OrganisationKind
from npn.systems.service import Systems
from npn.web.forms import Field, Form
from npn.web.organisation_choice import ORGANISATIONS, OWNER, VENDOR, choice_fields, name_in, settle
from npn.web.pages.systems.systems import as_system
from npn.web.routes import get, post
from npn.web.rules import theirs
from npn.web.texts import Msgid, _
from npn.web.visit import Onward, Visit

_OPERATOR = AccountRole.OPERATOR
_NAME = Field("name", _("Name"), hint=_("As its users know it. The id stays."))
_WHY = (Field("reason", _("Reason"), hint=_("It is stored in the ledger, so name no persons.")),)
_HELD = 50  # series that the page of a closure shows


@dataclass(frozen=True, slots=True)
class IdentityPlan:
    """What a change of name, vendor or owner does. `checked` says which change was shown."""

    name: str
    vendor: str
    owner: str
    system: ConnectedSystem
    acceptances: list[Acceptance]
    refuse_from: date | None
    is_refused: bool

    @property
    def is_new_name(self) -> bool:
        """Whether the name changes."""
        return self.name != self.system.name

    @property
    def is_new_vendor(self) -> bool:
        """Whether the vendor changes."""
        return self.vendor != self.system.vendor

    @property
    def is_new_owner(self) -> bool:
        """Whether the owner changes."""
        return self.owner != self.system.owner

    @property
    def old_vendor(self) -> str:
        """Return the vendor until now."""
        return self.system.vendor

    @property
    def old_owner(self) -> str:
        """Return the owner until now."""
        return self.system.owner

    @property
    def changes(self) -> list[tuple[Msgid, str, str]]:
        """Return what changes: a label, what it was, what it is afterwards."""
        rows = (
            (_("Name"), self.system.name, self.name),
            (_("Vendor"), self.system.vendor, self.vendor),
            (_("Owner"), self.system.owner, self.owner),
        )
        return [row for row in rows if row[1] != row[2]]

    @property
    def checked(self) -> str:
        """Return what distinguishes this change from any other."""
        return repr(self.changes)


async def _form(visit: Visit, system: ConnectedSystem) -> Form:
    organisations = await visit.read(visit.services.organisations.list)
    vendor = choice_fields(VENDOR, OrganisationKind.VENDOR, organisations)
    owner = choice_fields(OWNER, OrganisationKind.OWNER, organisations)
    values = {
        "name": system.name,
        "vendor": _id_of(organisations, OrganisationKind.VENDOR, system.vendor),
        "owner": _id_of(organisations, OrganisationKind.OWNER, system.owner),
    }
    return visit.form((_NAME, *vendor, *owner), values)


def _id_of(organisations: Sequence[Organisation], kind: OrganisationKind, name: str) -> str:
    return next((one.id for one in organisations if one.kind is kind and one.name == name), "")


@get("/systems/{system}/identity", theirs(_OPERATOR))
async def show_identity(visit: Visit) -> Answer:
    """Ask what the system is called, who makes it and who runs it."""
    system = await visit.read(visit.services.systems.get, visit.arguments["system"])
    return await visit.page("systems/identity.html", system=system, form=await _form(visit, system), plan=None)


@post("/systems/{system}/identity", theirs(_OPERATOR))
async def set_identity(visit: Visit) -> Answer:
    """Show what a change does, and make it once that was looked at."""
    system = await visit.read(visit.services.systems.get, visit.arguments["system"])
    form = await _form(visit, system)
    await settle(visit, form, ORGANISATIONS)
    if form.errors:
        return await visit.page("systems/identity.html", system=system, form=form, plan=None)
    plan = await visit.read(_plan, visit.services.agreements, system, form)
    if not plan.changes:
        return visit.see_other(f"/systems/{system.id}", _("Nothing was changed."))
    if visit.sent.get("checked") != plan.checked:
        return await visit.page("systems/identity.html", system=system, form=form, plan=plan)
    return await visit.submit(
        form,
        lambda: visit.write(_change, visit.services.systems, plan, by=visit.person.by),
        then=Onward(f"/systems/{system.id}", _("The changes are made.")),
        again=lambda: visit.page("systems/identity.html", system=system, form=form, plan=None),
    )


def _plan(agreements: Agreements, system: ConnectedSystem, form: Form) -> IdentityPlan:
    days = [dates.refuse_from for dates in agreements.dates() if dates.refuse_from is not None]
    is_refusable = system.environment is Environment.PRODUCTION and bool(days)
    respite = next((one.until for one in agreements.respites() if one.system == system.id), None)
    first = max(min(days), respite or min(days)) if is_refusable else None
    return IdentityPlan(
        name=form["name"],
        vendor=name_in(form, "vendor"),
        owner=name_in(form, "owner"),
        system=system,
        acceptances=agreements.acceptances(system.id),
        refuse_from=first,
        is_refused=first is not None and first <= agreements.today,
    )


def _change(systems: Systems, plan: IdentityPlan, *, by: str) -> None:
    """Make the changes; whatever name is near was asked about."""
    if plan.is_new_vendor:
        systems.set_vendor(plan.system.id, plan.vendor, by=by, new_organisation=True)
    if plan.is_new_owner:
        systems.set_owner(plan.system.id, plan.owner, by=by, new_organisation=True)
    if plan.is_new_name:
        systems.rename(plan.system.id, plan.name, by=by)


@get("/systems/{system}/close", theirs(_OPERATOR))
async def show_close(visit: Visit) -> Answer:
    """Ask why a system is to be closed, and show what ends and what it still holds."""
    return await _close_page(visit, visit.form(_WHY))


@post("/systems/{system}/close", theirs(_OPERATOR))
async def close(visit: Visit) -> Answer:
    """Close a system for good."""
    form, system_id = visit.form(_WHY), visit.arguments["system"]
    return await visit.submit(
        form,
        lambda: visit.write(visit.services.systems.close, system_id, by=visit.person.by, reason=form["reason"]),
        then=Onward(f"/systems/{system_id}/close", _("The system is closed. Release what it has not used.")),
        again=lambda: _close_page(visit, form),
    )


async def _close_page(visit: Visit, form: Form) -> Answer:
    systems, system_id = visit.services.systems, visit.arguments["system"]
    return await visit.page(
        "systems/close.html",
        form=form,
        system=await visit.read(systems.get, system_id),
        details=await visit.read(systems.details, system_id),
        held=await visit.read(_held, visit.services.registry, system_id),
    )


def _held(registry: Registry, system_id: str) -> list[Series]:
    """Return series of which something was not released, the newest first."""
    series: list[Series] = []
    before: int | None = None
    while len(series) < _HELD:
        page = registry.page(by=as_system(system_id), before=before, limit=500)
        series += [one for one in page.items if one.held_to >= one.first]
        before = page.before
        if before is None:
            break
    return series[:_HELD]
