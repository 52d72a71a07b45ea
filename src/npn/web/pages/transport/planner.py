"""The notice planner: which vendors can be ready by a proposed day."""

from markupsafe import Markup

from npn.http.answers import Answer
from npn.people.model import AccountRole
from npn.transport.planner import Prospect, Rhythm
from npn.web.charts_ahead import VendorPlan, timeline
from npn.web.forms import Choice, Field, Form
from npn.web.pages.transport.times import day_of
from npn.web.routes import get, post
from npn.web.rules import only
from npn.web.texts import Texts, _
from npn.web.visit import Onward, Visit

_PLANS = (AccountRole.OPERATOR, AccountRole.AUDITOR, AccountRole.GROUP)
_PROPOSED = (
    Field("proposed", _("Proposed day"), kind="date"),
    Field("notice", _("Vendors are told on"), kind="date", hint=_("Today if left empty."), required=False),
)


def _rhythm_fields(vendors: list[str]) -> tuple[Field, ...]:
    return (
        Field("vendor", _("Vendor"), kind="select", choices=[Choice(name, name) for name in vendors]),
        Field("release", _("The day of one release"), kind="date", hint=_("Past or future.")),
        Field("every_months", _("Months from one release to the next"), kind="number", smallest=1, largest=60),
        Field("freeze_months", _("Months of code freeze before a release"), kind="number", largest=24),
        Field("work_weeks", _("Weeks that the change itself takes"), kind="number", largest=260),
        Field("note", _("Note"), hint=_("Such as who said so, and when."), required=False, largest=400),
    )


@get("/transport/planner", only(*_PLANS))
async def show_planner(visit: Visit) -> Answer:
    """Show who can be ready by a proposed day, and the earliest day that all can."""
    form, prospect = visit.question(_PROPOSED), None
    if form["proposed"] and not form.errors:
        prospect = await _prospect(visit, form)
    return await _page(visit, form, prospect=prospect)


async def _prospect(visit: Visit, form: Form) -> Prospect:
    day, notice = day_of(form["proposed"], "proposed"), form["notice"]
    notice_on = day_of(notice, "notice") if notice else None
    return await visit.read(visit.services.release_notices.prospect, day, notice=notice_on)


async def _page(visit: Visit, form: Form, *, rhythm: Form | None = None, prospect: Prospect | None = None) -> Answer:
    vendors = await visit.read(visit.services.release_notices.vendors)
    return await visit.page(
        "transport/transport_planner.html",
        status=422 if rhythm is not None else 0,
        vendors=vendors,
        stated=await visit.read(visit.services.release_notices.stated),
        form=form,
        prospect=prospect,
        chart=None if prospect is None else _chart(visit.texts, prospect),
        rhythm=rhythm or Form.of(_rhythm_fields(list(vendors))),
    )


def _chart(texts: Texts, prospect: Prospect) -> Markup | None:
    """Draw when each vendor that has stated its releases is ready."""
    rows = [
        VendorPlan(name, ready.freeze, ready.release) for name, ready in prospect.ready.items() if ready is not None
    ]
    if not rows:
        return None
    rows.sort(key=lambda row: (row.released, row.vendor))
    late = texts.number(len(prospect.late))
    summary = texts.gettext(_("Vendors that can't be ready by %(day)s: %(late)s."))
    return timeline(
        texts,
        rows,
        notice=prospect.notice,
        proposed=prospect.proposed,
        title=texts.gettext(_("When each vendor can be ready")),
        summary=summary % {"day": texts.day(prospect.proposed), "late": late},
    )


@post("/transport/planner", only(AccountRole.OPERATOR))
async def state_rhythm(visit: Visit) -> Answer:
    """Keep what a vendor states of its releases."""
    vendors = await visit.read(visit.services.release_notices.vendors)
    form, state = visit.form(_rhythm_fields(list(vendors))), visit.services.release_notices.state
    return await visit.submit(
        form,
        lambda: visit.write(state, form["vendor"], _rhythm(form), by=visit.person.by, note=form["note"]),
        then=Onward("/transport/planner", visit.text(_("What %(vendor)s has stated is saved."), vendor=form["vendor"])),
        again=lambda: _page(visit, Form.of(_PROPOSED), rhythm=form),
    )


def _rhythm(form: Form) -> Rhythm:
    figures = [form.whole(name) or 0 for name in ("every_months", "freeze_months", "work_weeks")]
    return Rhythm(day_of(form["release"], "release"), *figures)
