"""One requirement and one system: how it is met, how that was shown where nobody can see it, and exemptions from it."""

from dataclasses import dataclass
from datetime import date

from npn.agreements.model import Language, RequirementEvidence
from npn.agreements.requirements import SEEN, Check
from npn.agreements.service import Agreements
from npn.agreements.status import Status
from npn.agreements.text import Section
from npn.errors import InvalidInputError, NotFoundError, codes
from npn.http.answers import Answer
from npn.people.model import AccountRole
from npn.systems.model import ConnectedSystem
from npn.systems.service import Systems
from npn.web.forms import Choice, Field, Form
from npn.web.pages.agreements.agreement import (
    COLOURS,
    OWNERS,
    VERDICTS,
    body,
    edition,
    evidence_of,
    language_of,
)
from npn.web.pages.agreements.proposals import day_of
from npn.web.pages.people.names import names_of
from npn.web.pages.systems.systems import LOOKERS
from npn.web.routes import get, post
from npn.web.rules import theirs
from npn.web.texts import _
from npn.web.visit import Onward, Visit

OPERATOR = AccountRole.OPERATOR
_STATE = (OPERATOR, *OWNERS)
_PATH = "/systems/{system}/agreement/requirements/{requirement}"
_SHOWN = (
    Field(
        "met",
        _("Result"),
        kind="select",
        choices=(Choice("yes", _("The requirement is met")), Choice("no", _("The requirement is not met"))),
    ),
    Field(
        "how",
        _("Evidence"),
        kind="textarea",
        largest=400,
        hint=_("Such as: the connection was cut during a draw in the test environment; one series afterwards."),
    ),
    Field("shown_on", _("Shown on"), kind="date"),
    Field(
        "expires_on",
        _("To be shown again on"),
        kind="date",
        required=False,
        hint=_("Leave empty if it applies until further notice."),
    ),
)
_EXEMPTION = (
    Field("until", _("Until"), kind="date", hint=_("The day from which the requirement holds again.")),
    Field("reason", _("Reason"), hint=_("It is stored in the ledger, so name no persons."), largest=400),
)


@dataclass(frozen=True, slots=True)
class _RequirementView:
    """What the page shows. `seen_by_service`: it holds the system against the requirement by itself."""

    system: ConnectedSystem
    section: Section
    explained: Section | None
    check: Check
    evidence: RequirementEvidence | None
    version: object
    seen_by_service: bool


async def _view(visit: Visit) -> _RequirementView:
    """Return the requirement and the system that the address names. Raises NotFoundError."""
    services = visit.services
    return await visit.read(
        _view_of,
        services.agreements,
        services.requirements,
        services.systems,
        system_id=visit.arguments["system"],
        name=visit.arguments["requirement"],
        language=language_of(visit),
    )


def _view_of(
    agreements: Agreements,
    requirements: Status,
    systems: Systems,
    *,
    system_id: str,
    name: str,
    language: Language,
) -> _RequirementView:
    current = edition(agreements, "", language)
    section = None if current is None else next((s for s in current.text.requirements if s.name == name), None)
    if current is None or section is None:
        raise NotFoundError("the agreement has no such requirement", field="requirement")
    checks = requirements.of(system_id, current.text)
    return _RequirementView(
        system=systems.get(system_id),
        section=section,
        explained=current.text.explaining(name),
        check=next(check for check in checks if check.requirement == name),
        evidence=requirements.shown(system_id).get(name),
        version=current.version.number,
        seen_by_service=name in SEEN,
    )


@get(_PATH, theirs(*LOOKERS))
async def show_requirement(visit: Visit) -> Answer:
    """Show how a system meets a requirement."""
    return await _page(visit)


async def _page(visit: Visit, *, shown: Form | None = None, exemption: Form | None = None) -> Answer:
    view = await _view(visit)
    names = await visit.read(names_of, visit.services.accounts)
    sent = shown or exemption
    today = visit.services.agreements.today
    acts = visit.person.may_act_for(view.system.id)
    return await visit.page(
        "agreements/requirement.html",
        status=422 if sent is not None else 200,
        system=view.system,
        view=view,
        evidence=evidence_of(view.check, language_of(visit), names),
        body=body,
        verdicts=VERDICTS,
        colours=COLOURS,
        shown=shown or Form.of(_SHOWN, {"shown_on": today}),
        exemption=exemption or Form.of(_EXEMPTION),
        names=names,
        states=visit.person.role in _STATE and acts,
        path=_address(visit),
    )


def _address(visit: Visit) -> str:
    return f"/systems/{visit.arguments['system']}/agreement/requirements/{visit.arguments['requirement']}"


@post(f"{_PATH}/shown", theirs(*_STATE))
async def state(visit: Visit) -> Answer:
    """Keep how it was shown that the system meets the requirement, or does not."""
    view, form = await _view(visit), visit.form(_SHOWN)
    return await visit.submit(
        form,
        lambda: visit.write(
            visit.services.requirements.show,
            view.system.id,
            view.section.name,
            met=form["met"] == "yes",
            how=form["how"],
            shown_on=day_of(form["shown_on"], "shown_on"),
            expires_on=_day(form["expires_on"], "expires_on"),
            by=visit.person.by,
        ),
        then=Onward(_address(visit), _("The evidence is saved.")),
        again=lambda: _page(visit, shown=form),
        check=lambda: _check_days(visit, form),
    )


def _check_days(visit: Visit, form: Form) -> None:
    """Hold the days on which it was shown, and is to be shown again, to their order. Raises InvalidInputError."""
    if form.is_sound("shown_on"):
        expires_on = form["expires_on"] if form.is_sound("expires_on") else ""
        days = (day_of(form["shown_on"], "shown_on"), _day(expires_on, "expires_on"))
        visit.services.requirements.check_days(*days)


@post(f"{_PATH}/exemption", theirs(OPERATOR))
async def exempt(visit: Visit) -> Answer:
    """Let the system not meet the requirement before a day."""
    view, form = await _view(visit), visit.form(_EXEMPTION)
    return await visit.submit(
        form,
        lambda: visit.write(
            visit.services.requirements.exempt,
            view.system.id,
            view.section.name,
            until=coming_day(visit, form["until"], "until"),
            reason=form["reason"],
            by=visit.person.by,
        ),
        then=Onward(_address(visit), _("The exemption is given.")),
        again=lambda: _page(visit, exemption=form),
        check=lambda: check_coming(visit, form),
    )


@post(f"{_PATH}/exemption/end", theirs(OPERATOR))
async def end_exemption(visit: Visit) -> Answer:
    """Hold the system to the requirement from today."""
    view = await _view(visit)
    if view.check.exempt is not None:
        await visit.write(
            visit.services.requirements.exempt,
            view.system.id,
            view.section.name,
            until=visit.services.agreements.today,
            reason="ended in the pages",
            by=visit.person.by,
        )
    return visit.see_other(_address(visit), _("The exemption has ended."))


def coming_day(visit: Visit, text: str, field: str) -> date:
    """Read a day that is to come. Raises InvalidInputError naming the field."""
    day = day_of(text, field)
    if day <= visit.services.agreements.today:
        raise InvalidInputError("the day has passed", code=codes.DAY_PASSED, field=field)
    return day


def check_coming(visit: Visit, form: Form) -> None:
    """Hold the day until which something is granted to be to come, where it could be read. Raises InvalidInputError."""
    if form.is_sound("until"):
        coming_day(visit, form["until"], "until")


def _day(text: str, field: str) -> date | None:
    return day_of(text, field) if text else None
