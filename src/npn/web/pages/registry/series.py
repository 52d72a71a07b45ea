"""Series: a system's own in a list, one of them, drawn by hand with its start and end as a file, given back."""

import csv
import io
import uuid
from functools import partial

from npn.errors import NotFoundError, NpnError
from npn.http.answers import Answer
from npn.reading import Reading
from npn.registry.model import Draw, Series, checked_draw
from npn.registry.service import SeriesPage
from npn.systems.model import OPERATOR, Caller, Role
from npn.systems.permissions import Act
from npn.web.answers import download
from npn.web.forms import Choice, Field, Form
from npn.web.pages.systems.systems import ACTORS, LOOKERS, as_system
from npn.web.paging import older_than
from npn.web.routes import get, post
from npn.web.rules import theirs
from npn.web.texts import _
from npn.web.visit import Onward, Visit

CHANNEL = "web"
_EVERYTHING = Caller(Role.OPERATOR, OPERATOR, None, "")
_DRAW = (
    Field("count", _("How many"), kind="number", largest=10**18),
    Field(
        "of",
        _("Of what"),
        kind="select",
        choices=(
            Choice("usable", _("Usable numbers: those that pass the check")),
            Choice("count", _("Numbers in all: about one in eleven is usable")),
        ),
    ),
    Field("purpose", _("Purpose"), required=False, hint=_("For your own use; no personal data.")),
    Field("request_id", "", kind="hidden", largest=64),
)
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
    ),
)


async def system_of(visit: Visit, series_id: str) -> str:
    """Return the system of a series. Raises NotFoundError."""
    return (await visit.read(visit.services.registry.series, series_id, by=_EVERYTHING)).system


@get("/systems/{system}/series", theirs(*LOOKERS))
async def list_series(visit: Visit) -> Answer:
    """List a system's series, the newest first."""
    system = await visit.read(visit.services.systems.get, visit.arguments["system"])
    before = older_than(visit.query.get("before", ""))
    page = await visit.look(_page, system.id, before)
    return await visit.page("registry/series_list.html", system=system, page=page, first=before is None)


def _page(reading: Reading, system: str, before: int | None) -> SeriesPage:
    return reading.registry.page(by=as_system(system), before=before, limit=50)


@get("/series/{series}", theirs(*LOOKERS, by="series", find=system_of))
async def show_series(visit: Visit) -> Answer:
    """Show one series."""
    series = await visit.read(visit.services.registry.series, visit.arguments["series"], by=_EVERYTHING)
    system = await visit.read(visit.services.systems.get, series.system)
    return await visit.page(
        "registry/series.html", series=series, system=system, acts=visit.person.may_act_for(system.id)
    )


@get("/series/{series}/file.csv", theirs(*LOOKERS, by="series", find=system_of))
async def series_file(visit: Visit) -> Answer:
    """Return the start and end as a small file, to be loaded into a system by hand."""
    series = await visit.read(visit.services.registry.series, visit.arguments["series"], by=_EVERYTHING)
    if series.held_to < series.first:
        raise NotFoundError("nothing is left of the series")
    return download(_file(series), name=f"npn-{series.id}.csv", media_type="text/csv; charset=utf-8")


def _file(series: Series) -> bytes:
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\r\n")
    rows.writerow(("series", "space", "first", "last", "system", "drawn_at"))
    first, last = series.text(series.first), series.text(series.held_to)
    rows.writerow((series.id, series.space, first, last, series.system, series.drawn_at.isoformat(timespec="seconds")))
    return out.getvalue().encode()


@get("/systems/{system}/draw", theirs(*ACTORS, acts=True))
async def show_draw(visit: Visit) -> Answer:
    """Ask how many."""
    system = await visit.read(visit.services.systems.get, visit.arguments["system"])
    cover = (await visit.read(visit.services.pictures.latest)).covers.get(system.id)
    values = {"count": cover.draw or "" if cover else "", "of": "usable", "request_id": str(uuid.uuid4())}
    return await visit.page("registry/draw.html", system=system, cover=cover, form=visit.form(_DRAW, values))


@post("/systems/{system}/draw", theirs(*ACTORS, act=Act.DRAW))
async def draw(visit: Visit) -> Answer:
    """Draw for the system; the same form sent again gives the same series."""
    form, system_id = visit.form(_DRAW), visit.arguments["system"]
    return await visit.submit(
        form,
        lambda: visit.context.draw(checked_draw(_wish(visit, form, system_id))),
        then=lambda granted: visit.see_other(f"/series/{granted.series.id}", _("The series is drawn.")),
        again=lambda: _draw_again(visit, form),
        blame=partial(_blame, visit),
    )


async def _draw_again(visit: Visit, form: Form) -> Answer:
    system = await visit.read(visit.services.systems.get, visit.arguments["system"])
    return await visit.page("registry/draw.html", form=form, system=system, cover=None)


def _blame(visit: Visit, form: Form, error: NpnError) -> None:
    """Put what is wrong with either count beside the form's one field for it."""
    error.field = "count" if error.field in ("count", "usable") else error.field
    visit.blame(form, error)


def _wish(visit: Visit, form: Form, system_id: str) -> Draw:
    many = form.whole("count")
    return Draw(
        system=system_id,
        key="",
        request_id=form["request_id"],
        count=many if form["of"] == "count" else None,
        usable=many if form["of"] == "usable" else None,
        space=None,
        purpose=form["purpose"] or None,
        channel=CHANNEL,
        secure=visit.request.scope["scheme"] == "https",
        by=visit.person.by,
    )


@get("/series/{series}/release", theirs(*ACTORS, by="series", find=system_of, acts=True))
async def show_release(visit: Visit) -> Answer:
    """Ask from where on."""
    series = await visit.read(visit.services.registry.series, visit.arguments["series"], by=_EVERYTHING)
    return await visit.page("registry/release.html", series=series, form=visit.form(_RELEASE))


@post("/series/{series}/release", theirs(*ACTORS, by="series", find=system_of, act=Act.RELEASE))
async def release(visit: Visit) -> Answer:
    """Release a series or its tail; whoever does it says that nothing of it was used."""
    form = visit.form(_RELEASE)
    series = await visit.read(visit.services.registry.series, visit.arguments["series"], by=_EVERYTHING)
    if not form.errors and form["sure"] != "yes":
        form.errors["sure"] = _("Only what was certainly never used may be given back.")
    return await visit.submit(
        form,
        lambda: visit.write(
            visit.services.registry.release,
            series.id,
            by=as_system(series.system),
            from_text=form["from"] or None,
            person=visit.person.by,
        ),
        then=Onward(f"/series/{series.id}", _("The numbers are given back.")),
        again=lambda: visit.page("registry/release.html", form=form, series=series),
    )
