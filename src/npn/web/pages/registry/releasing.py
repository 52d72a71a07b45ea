"""Numbers given back by hand: a series or its tail, checked on a page before anything happens."""

from functools import partial
from urllib.parse import urlencode

from npn.errors import InvalidInputError
from npn.http.answers import Answer
from npn.registry.model import Series
from npn.systems.permissions import Act
from npn.web.checking import CheckedAnswers, is_to_be_changed, submit_checked
from npn.web.forms import Field, Form
from npn.web.pages.registry.series import named, scheme_of, system_of
from npn.web.pages.systems.systems import ACTORS, as_system
from npn.web.routes import get, post
from npn.web.rules import theirs
from npn.web.texts import _
from npn.web.visit import Onward, Visit
from npn.wire.requests import start_of_tail

_RELEASE = (
    Field(
        "from",
        _("From number"),
        required=False,
        largest=18,
        hint=_("The first number to give back; everything from there to the end goes. Empty: the whole series."),
    ),
    Field(
        "sure",
        _("None of these numbers was used, and none will be"),
        kind="checkbox",
        unticked=_("Only what was certainly never used may be given back."),
    ),
)


@get("/series/{series}/release", theirs(*ACTORS, by="series", find=system_of, acts=True))
async def show_release(visit: Visit) -> Answer:
    """Ask from where on."""
    return await _page(visit, visit.form(_RELEASE, visit.query))


async def _page(visit: Visit, form: Form) -> Answer:
    return await visit.page("registry/release.html", series=await named(visit), form=form)


@post("/series/{series}/release", theirs(*ACTORS, by="series", find=system_of, act=Act.RELEASE))
async def release(visit: Visit) -> Answer:
    """Show what would be released, or release it; whoever does it says that nothing of it was used."""
    form, series = visit.form(_RELEASE), await named(visit)
    if is_to_be_changed(visit):
        return visit.see_other(f"{visit.path}?{urlencode({name: form[name] for name in form.fields})}")
    return await submit_checked(
        visit,
        form,
        lambda: visit.write(
            visit.services.registry.release,
            series.id,
            by=as_system(series.system),
            from_text=_from(form),
            person=visit.person.by,
        ),
        then=Onward(f"/series/{series.id}/receipt", _("The numbers are given back.")),
        again=partial(_page, visit, form),
        answers=lambda: _lead_to_check(visit, form, series),
        check=lambda: _start(form, series),
    )


async def _lead_to_check(visit: Visit, form: Form, series: Series) -> Answer:
    """Lead to the page on which the answers are checked; it has an address, so that one can go back to it."""
    if _start(form, series) > series.held_to:
        return visit.see_other(f"/series/{series.id}/receipt", _("These numbers were released already."))
    return visit.see_other(f"{visit.path}/check?{urlencode({name: form[name] for name in form.fields})}")


@get("/series/{series}/release/check", theirs(*ACTORS, by="series", find=system_of, acts=True))
async def check_release(visit: Visit) -> Answer:
    """Show what would be released; where that is done already, lead to its receipt."""
    form, series = Form.of(_RELEASE).read(visit.query, visit.texts), await named(visit)
    try:
        start = _start(form, series)
    except InvalidInputError as error:
        visit.blame(form, error)
        start = series.first
    if form.errors:
        return await _page(visit, form)
    if start > series.held_to:
        return visit.see_other(f"/series/{series.id}/receipt", _("These numbers were released already."))
    return await visit.page("check.html", form=form, check=await _answers(visit, series, start=start))


def _from(form: Form) -> str | None:
    """Return the number typed without the blanks and hyphens that people set it with."""
    return "".join(c for c in form["from"] if c not in " -\u00a0\u202f") or None


def _start(form: Form, series: Series) -> int:
    """Return the first number to be released. Raises InvalidInputError naming `from`."""
    text = _from(form)
    if text is None:
        return series.first
    return start_of_tail(text, first=series.first, last=series.last, length=series.length)


async def _answers(visit: Visit, series: Series, *, start: int) -> CheckedAnswers:
    """Return what would be released."""
    end = series.held_to
    system = await visit.read(visit.services.systems.get, series.system)
    scheme, number = await scheme_of(visit, series), visit.texts.number
    days = await visit.read(visit.services.quarantine.days)
    size = _("%(usable)s usable numbers, %(size)s numbers in all")
    cover = (await visit.read(visit.services.pictures.latest)).covers.get(system.id)
    usable = scheme.count(start, end)
    rows = [
        (visit.text(_("Of")), f"{system.name}, {system.owner}"),
        (visit.text(_("What")), visit.text(_("the whole series") if start == series.first else _("the end of it"))),
        (visit.text(_("From")), series.text(start)),
        (visit.text(_("To")), series.text(end)),
        (visit.text(_("How many")), visit.text(size, usable=number(usable), size=number(end - start + 1))),
    ]
    if cover is not None and cover.free is not None:
        rows += [(visit.text(_("Stock before")), number(cover.free))]
        rows += [(visit.text(_("Stock after")), number(max(cover.free - usable, 0)))]
    return CheckedAnswers(
        action=f"/series/{series.id}/release",
        title=visit.text(_("Check what is given back")),
        button=visit.text(_("Give the numbers back")),
        rows=rows,
        meaning=[
            visit.text(_("A release can't be undone, not even by the system itself.")),
            visit.text(
                _("The numbers are held in quarantine for %(days)s days, and nobody is given them meanwhile."),
                days=number(days),
            ),
            visit.text(_("If one of the numbers was used after all, two samples may later have the same number.")),
        ],
    )
