"""The limits of a system: changed at once, or proposed where two people must agree."""

from functools import partial

import msgspec

from npn.errors import RefusedError, check_all, codes
from npn.http.answers import Answer
from npn.ledger.canonical import Json
from npn.people.approvals import Approval
from npn.people.model import AccountRole
from npn.systems.model import Limits
from npn.systems.service import MOST_QUOTA_DAYS, check_draws, check_quota
from npn.web.forms import Field, Form
from npn.web.routes import get, post
from npn.web.rules import theirs
from npn.web.texts import _
from npn.web.visit import Visit

_LIMITS = (
    Field("smallest_draw", _("Smallest draw"), kind="number", smallest=1, largest=10**18),
    Field("largest_draw", _("Largest draw"), kind="number", smallest=1, largest=10**18),
    Field(
        "quota",
        _("Quota"),
        kind="number",
        smallest=1,
        largest=10**18,
        required=False,
        hint=_("Numbers; empty for no quota."),
    ),
    Field("quota_days", _("In how many days"), kind="number", smallest=1, largest=MOST_QUOTA_DAYS, required=False),
    Field("reason", _("Reason"), hint=_("It is stored in the ledger, so name no persons.")),
)
_NAMES = ("smallest_draw", "largest_draw", "quota", "quota_days")


@get("/systems/{system}/limits", theirs(AccountRole.OPERATOR))
async def show_limits(visit: Visit) -> Answer:
    """Show a system's limits, to be changed."""
    system = await visit.read(visit.services.systems.get, visit.arguments["system"])
    form = visit.form(_LIMITS, {name: getattr(system, name) for name in _NAMES})
    return await visit.page("systems/limits.html", system=system, form=form)


@post("/systems/{system}/limits", theirs(AccountRole.OPERATOR))
async def set_limits(visit: Visit) -> Answer:
    """Change a system's limits at once, or propose it where two people must agree."""
    form = visit.form(_LIMITS)
    system = await visit.read(visit.services.systems.get, visit.arguments["system"])
    return await visit.submit(
        form,
        lambda: _set_or_propose(visit, _limits(form, system.id), reason=form["reason"]),
        then=partial(_lead_on, visit, system.id),
        again=lambda: visit.page("systems/limits.html", form=form, system=system),
        check=lambda: _check(form),
    )


def _check(form: Form) -> None:
    """Hold the figures that could be read against each other. Raises InvalidInputError."""
    checks = []
    if form.is_sound("smallest_draw", "largest_draw"):
        checks.append(partial(check_draws, form.whole("smallest_draw") or 0, form.whole("largest_draw") or 0))
    if form.is_sound("quota", "quota_days"):
        checks.append(partial(check_quota, form.whole("quota"), form.whole("quota_days")))
    check_all(*checks)


def _lead_on(visit: Visit, system_id: str, proposal: Approval | None) -> Answer:
    if proposal is None:
        return visit.see_other(f"/systems/{system_id}", _("The limits are saved."))
    text = _("The limit is higher than usual. A second operator must approve it.")
    return visit.see_other(f"/approvals/{proposal.id}", text)


async def _set_or_propose(visit: Visit, limits: Limits, *, reason: str) -> Approval | None:
    """Set the limits; return the proposal where two people must agree."""
    wish: dict[str, Json] = msgspec.to_builtins(limits)
    values = {name: getattr(limits, name) for name in _NAMES}
    try:
        await visit.write(visit.services.systems.set_limits, limits.system, by=visit.person.by, **values)
    except RefusedError as error:
        if error.code != codes.TWO_PEOPLE_NEEDED:
            raise
        return await visit.write(visit.services.approvals.propose, "limits", wish, by=visit.person.by, reason=reason)
    return None


def _limits(form: Form, system_id: str) -> Limits:
    return Limits(
        system_id,
        form.whole("smallest_draw") or 0,
        form.whole("largest_draw") or 0,
        form.whole("quota"),
        form.whole("quota_days"),
    )
