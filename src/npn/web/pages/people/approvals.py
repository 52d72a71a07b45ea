"""What two operators must agree on: proposals and decisions."""

from npn.errors import InvalidInputError, NotFoundError, details
from npn.http.answers import Answer
from npn.people.approvals import LONGEST_COMMENT, Approval, Decision
from npn.people.model import AccountRole
from npn.people.operators import KIND
from npn.registry.recovery import diagnose
from npn.systems.model import ConnectedSystem
from npn.systems.service import Systems
from npn.web.forms import Choice, Field, Form
from npn.web.pages.people.approval_changes import LIMITS, changes
from npn.web.pages.people.names import names_of
from npn.web.pages.people.outcomes import outcome_in, own_words
from npn.web.pages.people.proving import proof_fields, require_proof
from npn.web.refusals import text_of_code
from npn.web.routes import get, post
from npn.web.rules import only
from npn.web.texts import _
from npn.web.visit import Visit

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
_REASON = (Field("reason", _("Reason"), hint=_("It is stored in the ledger, so name no persons.")),)
_CALLED = {
    "account": _("Account"),
    "act": _("What"),
    "system": _("System"),
    "space": _("Number space"),
    "series": _("Id of the series"),
    "first": _("First"),
    "last": _("Last"),
    **LIMITS,
    "days": _("Days of quarantine"),
}
_COMMENT = Field(
    "comment",
    _("Comment"),
    kind="textarea",
    required=False,
    largest=LONGEST_COMMENT,
    hint=_("Such as what you looked at, or why not. Operators and auditors read it; it is not in the ledger."),
)
_DECISION = (
    Field(
        "decision",
        "",
        kind="hidden",
        choices=tuple(Choice(name, "") for name in ("approved", "rejected", "withdrawn", "again")),
    ),
)


@get("/approvals", only(OPERATOR, AccountRole.AUDITOR))
async def list_approvals(visit: Visit) -> Answer:
    """List proposals, the open ones first; say whether a recovery is called for."""
    approvals = await visit.read(visit.services.approvals.list)
    behind = await visit.read(diagnose, visit.services.ledger)
    return await visit.page(
        "people/approvals.html",
        approvals=approvals,
        behind=behind,
        behind_text=text_of_code(visit.texts, behind.code or ""),
        names=await visit.read(names_of, visit.services.accounts),
        kinds=KINDS,
        states=STATES,
        form=visit.form(_REASON),
        given=await visit.read(visit.services.regrants.given),
    )


@post("/approvals/recovery", only(OPERATOR))
async def propose_recovery(visit: Visit) -> Answer:
    """Propose a recovery, where one is called for."""
    form = visit.form(_REASON)
    behind = await visit.read(diagnose, visit.services.ledger)
    if form.errors or not behind.reason:
        return visit.see_other("/approvals", _("Nothing was proposed."))
    proposal = await visit.write(
        visit.services.approvals.propose, "recovery", {}, by=visit.person.by, reason=form["reason"]
    )
    return visit.see_other(f"/approvals/{proposal.id}")


@get("/approvals/{approval}", only(OPERATOR, AccountRole.AUDITOR))
async def show_approval(visit: Visit) -> Answer:
    """Show a proposal, to be decided by another operator than who made it."""
    approval = await visit.read(visit.services.approvals.get, visit.arguments["approval"])
    return await _approval(visit, approval, Form.of(_proof(visit, approval)))


def _proof(visit: Visit, approval: Approval) -> tuple[Field, ...]:
    """Ask for a comment, and for the present factor where an account's role or credentials change by it."""
    return (_COMMENT, *proof_fields(visit)) if approval.kind == KIND else (_COMMENT,)


async def _approval(visit: Visit, approval: Approval, proof: Form) -> Answer:
    return await visit.page(
        "people/approval.html",
        status=422 if proof.errors else 200,
        approval=approval,
        wish=_shown(approval),
        changes=await visit.read(changes, visit.services, approval),
        about=await visit.read(_about, visit.services.systems, approval),
        outcome=outcome_in(visit.texts, approval),
        own_words=own_words(approval),
        whom=await visit.read(visit.services.operators.whom, approval),
        acts=ACTS,
        may_approve=await visit.read(visit.services.approvals.may_approve, approval, visit.person.by),
        names=await visit.read(names_of, visit.services.accounts),
        kinds=KINDS,
        states=STATES,
        proof=proof,
        comment=await visit.read(visit.services.approvals.comment, approval.id),
        rejecting=Form.of((_COMMENT,)),
    )


def _shown(approval: Approval) -> list[tuple[str, str, object]]:
    """Return what is wished: its name, what that is called on a page, and the value."""
    wish = approval.wish.items()
    return [(name, _CALLED.get(name, name), value) for name, value in wish if value is not None]


def _about(systems: Systems, approval: Approval) -> ConnectedSystem | None:
    """Return the system that a proposal is about; None where it is about none, or that is not there."""
    try:
        return systems.get(str(approval.wish["system"])) if "system" in approval.wish else None
    except NotFoundError:
        return None


@post("/approvals/{approval}", only(OPERATOR), largest=4096)
async def decide(visit: Visit) -> Answer:
    """Approve or reject what another proposed, withdraw one's own, or carry out again what was approved."""
    form, approval_id = visit.form(_DECISION), visit.arguments["approval"]
    if form.errors:
        raise InvalidInputError(details.NOT_A_DECISION)
    if form["decision"] == "again":
        await visit.write(visit.services.approvals.carry_out, approval_id)
        return visit.see_other(f"/approvals/{approval_id}", _("The decision is kept."))
    approval, decision = await visit.read(visit.services.approvals.get, approval_id), Decision(form["decision"])
    proves = decision is Decision.APPROVED and approval.kind == KIND
    proof = visit.form(_proof(visit, approval) if proves else (_COMMENT,))
    return await visit.submit(
        proof,
        lambda: _prove(visit, proof, proves=proves),
        then=lambda _proof: _decide(visit, approval, decision, comment=proof["comment"]),
        again=lambda: _approval(visit, approval, proof),
    )


async def _prove(visit: Visit, proof: Form, *, proves: bool) -> None:
    if proves:
        await require_proof(visit, proof)


async def _decide(visit: Visit, approval: Approval, decision: Decision, *, comment: str) -> Answer:
    decide, by = visit.services.approvals.decide, visit.person.by
    await visit.write(decide, approval.id, decision, by=by, comment=comment)
    return visit.see_other(f"/approvals/{approval.id}", _("The decision is kept."))
