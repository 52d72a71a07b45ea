"""Released numbers: which there are, how long they wait, and the proposals that they be granted again."""

from functools import partial

from npn.http.answers import Answer
from npn.ledger.canonical import Json
from npn.people.approvals import Approval
from npn.people.model import AccountRole
from npn.registry.quarantine import LONGEST_DAYS
from npn.web.checking import submit_checked, summary
from npn.web.forms import Field, Form
from npn.web.paging import part
from npn.web.routes import get, post
from npn.web.rules import only
from npn.web.texts import _
from npn.web.visit import Visit

OPERATOR = AccountRole.OPERATOR
_REASON = Field("reason", _("Reason"), hint=_("It is kept in the ledger; name no persons."))
_QUARANTINE = (
    Field("days", _("Days of quarantine"), kind="number", largest=LONGEST_DAYS, hint=_("365 or more.")),
    _REASON,
)
_REGRANTING = (
    _("Nothing is granted yet: a second operator must approve it."),
    _("Once approved, the numbers go to other systems. A number that was used before then stands for two samples."),
)
_REGRANT = (
    Field("series", _("Id of the series"), largest=40),
    Field("first", _("First"), largest=18),
    Field("last", _("Last"), largest=18),
    _REASON,
)


@get("/approvals/quarantine", only(OPERATOR))
async def show_quarantine(visit: Visit) -> Answer:
    """Show how long released numbers wait, to be changed by two people."""
    return await _quarantine(visit, visit.form(_QUARANTINE, {}))


async def _quarantine(visit: Visit, form: Form) -> Answer:
    days = await visit.read(visit.services.quarantine.days)
    return await visit.page("registry/quarantine.html", days=days, form=form)


@post("/approvals/quarantine", only(OPERATOR))
async def propose_quarantine(visit: Visit) -> Answer:
    """Propose another quarantine."""
    form = visit.form(_QUARANTINE)
    return await visit.submit(
        form,
        lambda: visit.write(
            visit.services.approvals.propose,
            "quarantine",
            {"days": form.whole("days")},
            by=visit.person.by,
            reason=form["reason"],
        ),
        then=partial(_show_proposal, visit),
        again=lambda: _quarantine(visit, form),
    )


def _show_proposal(visit: Visit, proposal: Approval) -> Answer:
    return visit.see_other(f"/approvals/{proposal.id}", _("It waits for another operator."))


@get("/released", only(OPERATOR, AccountRole.AUDITOR))
async def list_released(visit: Visit) -> Answer:
    """List what was released and may be proposed to be granted again, now or when its quarantine is over."""
    form = visit.form(_REGRANT, {name: visit.query.get(name, "") for name in ("series", "first", "last")})
    return await _released(visit, form)


async def _released(visit: Visit, form: Form) -> Answer:
    rows = await visit.read(visit.services.regrants.returned)
    return await visit.page(
        "registry/released.html",
        part=part(rows, visit.query.get("page", "")),
        now=visit.services.ledger.clock(),
        form=form,
        days=await visit.read(visit.services.quarantine.days),
    )


@post("/released", only(OPERATOR))
async def propose_regrant(visit: Visit) -> Answer:
    """Propose that released numbers be granted again."""
    form = visit.form(_REGRANT)
    wish: dict[str, Json] = {name: form[name] for name in ("series", "first", "last")}
    return await submit_checked(
        visit,
        form,
        lambda: visit.write(
            visit.services.approvals.propose, "regrant", wish, by=visit.person.by, reason=form["reason"]
        ),
        then=partial(_show_proposal, visit),
        again=lambda: _released(visit, form),
        answers=lambda: summary(
            visit,
            form,
            title=visit.text(_("Propose that these numbers be granted again?")),
            button=_("Propose"),
            meaning=_REGRANTING,
        ),
    )
