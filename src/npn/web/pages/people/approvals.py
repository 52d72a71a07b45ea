"""What two operators must agree on: proposals, decisions; and the limits of a system, which may need them."""

import msgspec

from npn.errors import InvalidInputError, NpnError, RefusedError
from npn.http.answers import Answer
from npn.ledger.canonical import Json
from npn.people.approvals import DONE, Approval, Decision
from npn.people.model import AccountRole
from npn.people.operators import KIND
from npn.registry.quarantine import LONGEST_DAYS
from npn.registry.recovery import diagnose
from npn.systems.model import Limits
from npn.web.forms import Choice, Field, Form
from npn.web.pages.people.proving import is_proved, proof_fields
from npn.web.paging import part
from npn.web.refusals import BY_CODE
from npn.web.routes import get, post
from npn.web.rules import only, theirs
from npn.web.texts import Texts, _
from npn.web.visit import Visit
from npn.wiring.service import Service

OPERATOR = AccountRole.OPERATOR
KINDS = {
    "limits": _("Limits beyond the usual"),
    "recovery": _("Recovery: skip ahead to what the witness knows"),
    "regrant": _("Released numbers to be granted again"),
    "quarantine": _("How long released numbers wait"),
    "space": _("Another number space for a system"),
    "operator": _("An operator"),
}
ACTS = {
    "make": _("A new operator"),
    "promote": _("Make it an operator"),
    "reset": _("Reset: a new one-time link ends its password, second factor and sessions"),
    "reactivate": _("Let it sign in again as an operator"),
}
STATES = {
    "open": _("waits for a second person"),
    "approved": _("approved"),
    "rejected": _("rejected"),
    "withdrawn": _("withdrawn"),
}
_LIMITS = (
    Field("smallest_draw", _("Smallest draw"), kind="number", largest=10**18),
    Field("largest_draw", _("Largest draw"), kind="number", largest=10**18),
    Field("quota", _("Quota"), kind="number", largest=10**18, required=False, hint=_("Numbers; empty for no quota.")),
    Field("quota_days", _("In how many days"), kind="number", largest=3660, required=False),
    Field("reason", _("Reason"), hint=_("It is kept in the ledger; name no persons.")),
)
_REASON = (Field("reason", _("Reason"), hint=_("It is kept in the ledger; name no persons.")),)
_QUARANTINE = (
    Field("days", _("Days of quarantine"), kind="number", largest=LONGEST_DAYS, hint=_("365 or more.")),
    *_REASON,
)
_REGRANT = (
    Field("series", _("Id of the series"), largest=40),
    Field("first", _("First"), largest=18),
    Field("last", _("Last"), largest=18),
    *_REASON,
)
_CALLED = {
    "account": _("Account"),
    "act": _("What"),
    "system": _("System"),
    "space": _("Number space"),
    "series": _("Id of the series"),
    "first": _("First"),
    "last": _("Last"),
    "smallest_draw": _("Smallest draw"),
    "largest_draw": _("Largest draw"),
    "quota": _("Quota"),
    "quota_days": _("In how many days"),
    "days": _("Days of quarantine"),
}
_DECISION = (
    Field(
        "decision",
        "",
        kind="hidden",
        choices=tuple(Choice(each, "") for each in ("approved", "rejected", "withdrawn", "again")),
    ),
)


@get("/systems/{system}/limits", theirs(OPERATOR))
async def show_limits(visit: Visit) -> Answer:
    """Show a system's limits, to be changed."""
    system = await visit.read(visit.service.systems.get, visit.arguments["system"])
    known = {name: getattr(system, name) for name in ("smallest_draw", "largest_draw", "quota", "quota_days")}
    return await visit.page("systems/limits.html", system=system, form=visit.form(_LIMITS, known))


@post("/systems/{system}/limits", theirs(OPERATOR))
async def set_limits(visit: Visit) -> Answer:
    """Change a system's limits at once, or propose it where two people must agree."""
    form = visit.form(_LIMITS)
    system = await visit.read(visit.service.systems.get, visit.arguments["system"])
    if form.errors:
        return await visit.again("systems/limits.html", form, system=system)
    wanted = _limits(form, system.id)
    try:
        return await _set_or_propose(visit, wanted, reason=form["reason"])
    except NpnError as error:
        visit.blame(form, error)
        return await visit.again("systems/limits.html", form, system=system)


async def _set_or_propose(visit: Visit, wanted: Limits, *, reason: str) -> Answer:
    wish: dict[str, Json] = msgspec.to_builtins(wanted)
    try:
        await visit.write(
            visit.service.systems.set_limits,
            wanted.system,
            by=visit.person.by,
            smallest_draw=wanted.smallest_draw,
            largest_draw=wanted.largest_draw,
            quota=wanted.quota,
            quota_days=wanted.quota_days,
        )
    except RefusedError as error:
        if error.code != "two_people_needed":
            raise
        proposal = await visit.write(visit.service.approvals.propose, "limits", wish, by=visit.person.by, reason=reason)
        said = visit.text(_("That is more than usual: a second operator must approve it."))
        return visit.see_other(f"/approvals/{proposal.id}", said)
    return visit.see_other(f"/systems/{wanted.system}", visit.text(_("The limits are set.")))


def _limits(form: Form, system_id: str) -> Limits:
    return Limits(
        system_id,
        form.whole("smallest_draw") or 0,
        form.whole("largest_draw") or 0,
        form.whole("quota"),
        form.whole("quota_days"),
    )


@get("/approvals", only(OPERATOR, AccountRole.AUDITOR))
async def list_approvals(visit: Visit) -> Answer:
    """List proposals, the open ones first; say whether a recovery is called for."""
    found = await visit.read(visit.service.approvals.list)
    behind = await visit.read(diagnose, visit.service.ledger)
    return await visit.page(
        "people/approvals.html",
        approvals=found,
        behind=behind,
        names=await visit.read(_names, visit.service),
        kinds=KINDS,
        states=STATES,
        form=visit.form(_REASON),
        given=await visit.read(visit.service.regrants.given),
    )


def _names(service: Service) -> dict[str, str]:
    return {account.by: account.name for account in service.accounts.list()}


@post("/approvals/recovery", only(OPERATOR))
async def propose_recovery(visit: Visit) -> Answer:
    """Propose a recovery, where one is called for."""
    form = visit.form(_REASON)
    behind = await visit.read(diagnose, visit.service.ledger)
    if form.errors or not behind.reason:
        return visit.see_other("/approvals", visit.text(_("Nothing was proposed.")))
    proposal = await visit.write(
        visit.service.approvals.propose, "recovery", {}, by=visit.person.by, reason=form["reason"]
    )
    return visit.see_other(f"/approvals/{proposal.id}")


@get("/approvals/quarantine", only(OPERATOR))
async def show_quarantine(visit: Visit) -> Answer:
    """Show how long released numbers wait, to be changed by two people."""
    return await _quarantine(visit, visit.form(_QUARANTINE, {}))


async def _quarantine(visit: Visit, form: Form) -> Answer:
    days = await visit.read(visit.service.quarantine.days)
    return await visit.page("registry/quarantine.html", status=422 if form.errors else 200, days=days, form=form)


@post("/approvals/quarantine", only(OPERATOR))
async def propose_quarantine(visit: Visit) -> Answer:
    """Propose another quarantine."""
    form = visit.form(_QUARANTINE)
    if form.errors:
        return await _quarantine(visit, form)
    wish: dict[str, Json] = {"days": form.whole("days")}
    try:
        proposal = await visit.write(
            visit.service.approvals.propose, "quarantine", wish, by=visit.person.by, reason=form["reason"]
        )
    except NpnError as error:
        visit.blame(form, error)
        return await _quarantine(visit, form)
    return visit.see_other(f"/approvals/{proposal.id}", visit.text(_("It waits for another operator.")))


@get("/released", only(OPERATOR, AccountRole.AUDITOR))
async def list_released(visit: Visit) -> Answer:
    """List what was released and may be proposed to be granted again, now or when its quarantine is over."""
    form = visit.form(_REGRANT, {name: visit.query.get(name, "") for name in ("series", "first", "last")})
    return await _released(visit, form)


async def _released(visit: Visit, form: Form) -> Answer:
    found = await visit.read(visit.service.regrants.returned)
    shown, now = part(found, visit.query.get("page", "")), visit.service.ledger.clock()
    days = await visit.read(visit.service.quarantine.days)
    status = 422 if form.errors else 200
    return await visit.page("registry/released.html", status=status, part=shown, now=now, form=form, days=days)


@post("/released", only(OPERATOR))
async def propose_regrant(visit: Visit) -> Answer:
    """Propose that released numbers be granted again."""
    form = visit.form(_REGRANT)
    if form.errors:
        return await _released(visit, form)
    wish: dict[str, Json] = {name: form[name].strip() for name in ("series", "first", "last")}
    try:
        proposal = await visit.write(
            visit.service.approvals.propose, "regrant", wish, by=visit.person.by, reason=form["reason"]
        )
    except NpnError as error:
        visit.blame(form, error)
        return await _released(visit, form)
    return visit.see_other(f"/approvals/{proposal.id}", visit.text(_("It waits for another operator.")))


@get("/approvals/{approval}", only(OPERATOR, AccountRole.AUDITOR))
async def show_approval(visit: Visit) -> Answer:
    """Show a proposal, to be decided by another operator than who made it."""
    approval = await visit.read(visit.service.approvals.get, visit.arguments["approval"])
    return await _approval(visit, approval, Form.of(_proof(visit, approval)))


def _proof(visit: Visit, approval: Approval) -> tuple[Field, ...]:
    """Ask who approves for the present factor where an account's role or credentials change by it."""
    return proof_fields(visit) if approval.kind == KIND else ()


async def _approval(visit: Visit, approval: Approval, proof: Form) -> Answer:
    return await visit.page(
        "people/approval.html",
        status=422 if proof.errors else 200,
        approval=approval,
        wish=_shown(approval),
        outcome=_outcome(visit.texts, approval.outcome),
        whom=await visit.read(visit.service.operators.whom, approval),
        acts=ACTS,
        may_approve=await visit.read(visit.service.approvals.may_approve, approval, visit.person.by),
        names=await visit.read(_names, visit.service),
        kinds=KINDS,
        states=STATES,
        proof=proof,
    )


def _shown(approval: Approval) -> list[tuple[str, str, object]]:
    """Return what is wished: its name, what that is called on a page, and the value."""
    wish = approval.wish.items()
    return [(name, _CALLED.get(name, name), value) for name, value in wish if value is not None]


def _outcome(texts: Texts, outcome: str) -> str:
    """Return what came of it in the visitor's language; what refused it by its code, where that has words of ours."""
    if outcome.startswith(DONE):
        return texts.gettext(_("It is done."))
    code = outcome.rpartition("[")[2].rstrip("]")
    return texts.gettext(BY_CODE[code]) if code in BY_CODE else ""


@post("/approvals/{approval}", only(OPERATOR), largest=4096)
async def decide(visit: Visit) -> Answer:
    """Approve or reject what another proposed, withdraw one's own, or carry out again what was approved."""
    form, approval_id = visit.form(_DECISION), visit.arguments["approval"]
    if form.errors:
        raise InvalidInputError("there is no such decision")
    approvals, decision = visit.service.approvals, form["decision"]
    if decision == "again":
        await visit.write(approvals.carry_out, approval_id)
        return visit.see_other(f"/approvals/{approval_id}", visit.text(_("The decision is kept.")))
    approval = await visit.read(approvals.get, approval_id)
    if decision == Decision.APPROVED.value and approval.kind == KIND:
        proof = visit.form(_proof(visit, approval))
        if not await is_proved(visit, proof):
            return await _approval(visit, approval, proof)
    await visit.write(approvals.decide, approval_id, Decision(decision), by=visit.person.by)
    return visit.see_other(f"/approvals/{approval_id}", visit.text(_("The decision is kept.")))
