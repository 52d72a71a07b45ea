"""Accounts, for operators: who may sign in, as what, for which organisation."""

from functools import partial
from typing import Any, NamedTuple  # Any: what a template is given

from npn.errors import InvalidInputError, RefusedError, codes, details
from npn.http.answers import Answer
from npn.people.accounts import Link
from npn.people.approvals import Approval
from npn.people.invitations import InvitationWish, opened
from npn.people.model import (
    OF_ORGANISATIONS,
    Account,
    AccountDetails,
    AccountRole,
    AccountState,
    OrganisationRole,
)
from npn.people.operator_acts import OperatorAct, act_of
from npn.people.ties import Tie
from npn.systems.model import OrganisationKind
from npn.web.forms import REQUIRED, Choice, Field, Form
from npn.web.organisation_choice import NEW, name_in, settle
from npn.web.pages.people.names import names_of
from npn.web.pages.people.proving import proof_fields, require_proof
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
TIES = {
    Tie.MADE: _("made it"),
    Tie.RESET: _("reset it"),
    Tie.PROMOTED: _("made it an operator"),
    Tie.CHANGED: _("changed its role, state or e-mail address within the last 30 days"),
}
_REASON = Field(
    "reason",
    _("Reason"),
    required=False,
    hint=_("Needed where a second operator must approve it. It is kept in the ledger; name no persons."),
)
_WHY = (Field("reason", _("Reason"), hint=_("It is stored in the ledger, so name no persons.")),)
STATES = (Choice("active", _("May sign in")), Choice("suspended", _("May not sign in")))


class NewLink(NamedTuple):
    """An account with the one-time link that went to its address."""

    account: Account
    link: Link


async def _fields(visit: Visit, *, new: bool) -> tuple[Field, ...]:
    organisations = await visit.read(visit.services.systems.organisations)
    kinds = {"region", "owner", "vendor"}
    choices = tuple(
        Choice(organisation.id, f"{organisation.name} ({visit.text(NAMES[organisation.kind.value])})")
        for organisation in organisations
        if organisation.kind.value in kinds and (organisation.is_open or not new)
    )
    shared = (
        Field("name", _("Name")),
        Field("role", _("Role"), kind="select", choices=ROLES),
        Field(
            "organisation",
            _("Organisation"),
            kind="select",
            required=False,
            choices=(*choices, Choice(NEW, _("New: not in the list"))),
            hint=_("For a region, an owner or a vendor: the one the person acts for."),
        ),
        Field(
            "organisation_new",
            _("New organisation"),
            required=False,
            hint=_("Only where the list lacks it; it is of the kind that the role is."),
        ),
    )
    email = Field("email", _("E-mail address"), kind="email", largest=254, required=new)
    if new:
        return (email, *shared, _REASON)
    state = Field("state", _("State"), kind="select", choices=STATES)
    return (shared[0], email, *shared[1:], state, _REASON, *proof_fields(visit))


@get("/accounts/new", only(OPERATOR))
async def show_new(visit: Visit) -> Answer:
    """Ask who is to sign in."""
    fields = await _fields(visit, new=True)
    wish = await _asked_for(visit)
    values = await _invited(visit) if wish is None else _of_wish(wish)
    return await _new_page(visit, visit.form(fields, values))


async def _new_page(visit: Visit, form: Form) -> Answer:
    wish = await _asked_for(visit)
    return await visit.page(
        "people/account_new.html",
        form=form,
        mail_works=visit.services.accounts.mailing.works,
        asker=None if wish is None else await visit.read(visit.services.accounts.get, wish.asked_by),
        is_void="invitation" in visit.query and wish is None,
    )


async def _asked_for(visit: Visit) -> InvitationWish | None:
    """Return the wish that the address carries, where it holds."""
    token, at = visit.query.get("invitation", ""), visit.services.ledger.clock()
    return await visit.read(opened, visit.services.database, token, at=at) if token else None


def _of_wish(wish: InvitationWish) -> dict[str, object]:
    return {"name": wish.name, "email": wish.email, "role": wish.role.value, "organisation": wish.organisation}


async def _invited(visit: Visit) -> dict[str, object]:
    """Return what a link to this page knows of who is invited: the name, the address, and for whom they act."""
    wanted = {name: visit.query.get(name, "")[:254] for name in ("name", "email", "role", "of")}
    role = wanted["role"] if wanted["role"] in {choice.value for choice in ROLES} else "owner"
    organisations = await visit.read(visit.services.systems.organisations)
    acts_for = (o.id for o in organisations if (o.kind.value, o.name) == (role, wanted["of"]))
    return {"name": wanted["name"], "email": wanted["email"], "role": role, "organisation": next(acts_for, "")}


@post("/accounts/new", only(OPERATOR))
async def add(visit: Visit) -> Answer:
    """Add an account, whose link goes to its address; or propose an operator, where that takes two."""
    form = visit.form(await _fields(visit, new=True))
    await _settle(visit, form)
    await _require_reason(visit, form)
    return await visit.submit(
        form,
        lambda: _add_or_propose(visit, form),
        then=partial(_after, visit),
        again=lambda: _new_page(visit, form),
        check=lambda: _check(visit, form),
    )


async def _require_reason(visit: Visit, form: Form) -> None:
    """Ask for the reason where the account is proposed to a second operator."""
    proposes = form.is_sound("role") and AccountRole(form["role"]) is OPERATOR and not form["reason"]
    if proposes and await visit.read(visit.services.operators.take_two, visit.person.by):
        form.errors.setdefault("reason", REQUIRED)


async def _check(visit: Visit, form: Form, *, account_id: str = "") -> None:
    """Hold the address and the organisation, as far as they were read, to what is there. Raises InvalidInputError."""
    acts_for = None
    if form.is_sound("role", "organisation") and form["organisation"] != NEW:
        role = AccountRole(form["role"])
        acts_for = OrganisationRole(role, form["organisation"] or None if role in OF_ORGANISATIONS else None)
    email = form["email"] if form.is_sound("email") else ""
    await visit.read(visit.services.accounts.check, email=email or None, acts_for=acts_for, account_id=account_id)


async def _add_or_propose(visit: Visit, form: Form) -> Approval | NewLink:
    operators, by, role = visit.services.operators, visit.person.by, AccountRole(form["role"])
    email, name = form["email"], form["name"]
    if role is OPERATOR and await visit.read(operators.take_two, by):
        return await visit.write(operators.propose_new, by=by, email=email, name=name, reason=form["reason"])
    add, organisation = visit.services.accounts.add, await _organisation(visit, form)
    return NewLink(*await visit.write(add, by=by, email=email, name=name, role=role, organisation=organisation))


async def _after(visit: Visit, outcome: Approval | NewLink | None) -> Answer:
    """Lead on to the proposal, or show where the link went: nobody but the account's holder sees it."""
    if isinstance(outcome, Approval):
        return visit.see_other(f"/approvals/{outcome.id}", _("A second operator must approve that."))
    if outcome is None:
        return visit.see_other("/accounts", _("The account is changed."))
    return await visit.page("people/account_link.html", account=outcome.account, link=outcome.link)


async def _settle(visit: Visit, form: Form) -> None:
    """Ask about a new organisation whose name is near, where the role belongs to one."""
    if "role" not in form.errors and AccountRole(form["role"]) in OF_ORGANISATIONS:
        await settle(visit, form, {"organisation": OrganisationKind(form["role"])})


async def _organisation(visit: Visit, form: Form) -> str | None:
    """Return the id of the organisation chosen, made where it is new; one that the role has no use for is left out."""
    if AccountRole(form["role"]) not in OF_ORGANISATIONS:
        return None
    if form["organisation"] != NEW:
        return form["organisation"] or None
    kind, name = OrganisationKind(form["role"]), name_in(form, "organisation")
    return (await visit.write(visit.services.organisations.add, kind, name, is_meant=True)).id


@get("/accounts/{account}", only(OPERATOR))
async def show(visit: Visit) -> Answer:
    """Show an account, to be changed."""
    account = await visit.read(visit.services.accounts.get, visit.arguments["account"])
    return await visit.page("people/account.html", form=await _present(visit, account), **await _about(visit, account))


async def _present(visit: Visit, account: Account) -> Form:
    """Return the form with what an account is now."""
    values = {
        "name": account.name,
        "email": account.email,
        "role": account.role.value,
        "organisation": account.organisation,
        "state": account.state.value,
    }
    return Form.of(await _fields(visit, new=False), values)


async def _about(visit: Visit, account: Account, *, link: Form | None = None) -> dict[str, Any]:
    """Return what the page of an account shows beside the form."""
    return {
        "account": account,
        "ties": await visit.read(visit.services.accounts.tied_to, account.id),
        "kinds": TIES,
        "names": await visit.read(names_of, visit.services.accounts),
        "why": Form.of(_WHY),
        "link": link or Form.of(_link_fields(visit, account)),
        "mail_works": visit.services.accounts.mailing.works,
    }


@post("/accounts/{account}", only(OPERATOR))
async def change(visit: Visit) -> Answer:
    """Change who somebody is; what makes an operator is proposed, where that takes two."""
    account = await visit.read(visit.services.accounts.get, visit.arguments["account"])
    form, about = visit.form(await _fields(visit, new=False)), await _about(visit, account)
    await _settle(visit, form)
    return await visit.submit(
        form,
        lambda: _change(visit, account, form),
        then=partial(_after, visit),
        again=lambda: visit.page("people/account.html", form=form, **about),
        check=lambda: _check(visit, form, account_id=account.id),
    )


async def _change(visit: Visit, account: Account, form: Form) -> Approval | None:
    """Make the changes that one may make; return the proposal of what takes two."""
    await require_proof(visit, form)
    operators, by = visit.services.operators, visit.person.by
    role, state = AccountRole(form["role"]), AccountState(form["state"])
    organisation = await _organisation(visit, form)
    act = act_of(account, role, state)
    proposal = None
    if act is not None and await visit.read(operators.take_two, by):
        proposal = await visit.write(operators.propose, account.id, act, by=by, reason=form["reason"])
        role, organisation, state = account.role, account.organisation, account.state
    await visit.write(
        visit.services.accounts.change,
        account.id,
        AccountDetails(name=form["name"], role=role, organisation=organisation, state=state),
        by=by,
        email=form["email"] or None,
    )
    return proposal


def _link_fields(visit: Visit, account: Account) -> tuple[Field, ...]:
    return (*_WHY, *proof_fields(visit)) if account.role is OPERATOR else proof_fields(visit)


@post("/accounts/{account}/link", only(OPERATOR), largest=4096)
async def new_link(visit: Visit) -> Answer:
    """Mail another one-time link: password, second factor and sessions end. An operator's is proposed."""
    account = await visit.read(visit.services.accounts.get, visit.arguments["account"])
    if account.id == visit.person.id:
        raise InvalidInputError(details.OWN_PASSWORD)
    if not visit.services.accounts.mailing.works:
        raise RefusedError("no mail is set up, so the link would reach nobody", code=codes.MAIL_NOT_SET_UP)
    form = visit.form(_link_fields(visit, account))
    return await visit.submit(
        form,
        lambda: require_proof(visit, form),
        then=lambda _proof: _renew_link(visit, account, form),
        again=lambda: _show_again(visit, account, link=form),
    )


async def _renew_link(visit: Visit, account: Account, form: Form) -> Answer:
    operators, by = visit.services.operators, visit.person.by
    if account.role is OPERATOR and await visit.read(operators.take_two, by):
        proposal = await visit.write(operators.propose, account.id, OperatorAct.RESET, by=by, reason=form["reason"])
        return await _after(visit, proposal)
    return await _after(visit, NewLink(account, await visit.write(visit.services.accounts.new_link, account.id, by=by)))


async def _show_again(visit: Visit, account: Account, *, link: Form) -> Answer:
    about = await _about(visit, account, link=link)
    return await visit.page("people/account.html", status=422, form=await _present(visit, account), **about)


@post("/accounts/{account}/vouch", only(OPERATOR), largest=4096)
async def vouch(visit: Visit) -> Answer:
    """Vouch that an account is another person's than of those who made or changed it."""
    account_id = visit.arguments["account"]
    await visit.write(visit.services.accounts.vouch, account_id, by=visit.person.by, reason=visit.form(_WHY)["reason"])
    return visit.see_other(f"/accounts/{account_id}", _("You have vouched for the account."))
