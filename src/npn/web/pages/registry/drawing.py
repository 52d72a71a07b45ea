"""A series drawn by hand: asked for, checked on a page before it is drawn, drawn once, and its receipt.

The id of the request is made when the form is first asked for and stands in its address: whatever is sent again, by a
double click, by going back or by reloading, draws nothing more and leads to the receipt of the series that was drawn.
"""

import re
import uuid
from functools import partial
from urllib.parse import urlencode

from npn.errors import NpnError
from npn.http.answers import Answer
from npn.registry.draws import GrantedSeries
from npn.registry.model import Draw, Series, checked_draw
from npn.stock.cover import Cover
from npn.systems.model import ConnectedSystem
from npn.systems.permissions import Act
from npn.web.checking import CheckedAnswers, is_to_be_changed, submit_checked
from npn.web.forms import Choice, Field, Form
from npn.web.pages.systems.systems import ACTORS
from npn.web.routes import get, post
from npn.web.rules import theirs
from npn.web.texts import Msgid, _
from npn.web.visit import Visit

CHANNEL = "web"
_REQUEST = re.compile(r"[0-9a-f-]{36}", re.ASCII)
_YEAR = 365
_UNUSUAL = 2  # times the recommended draw that are pointed out
_DRAW = (
    Field("count", _("How many"), kind="number", smallest=1, largest=10**18),
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
DRAWN_ALREADY = _("This form has drawn this series already. Nothing more was drawn.")


@get("/systems/{system}/draw", theirs(*ACTORS, acts=True))
async def show_draw(visit: Visit) -> Answer:
    """Ask how many; the suggestion is filled in only for whoever chooses it."""
    request_id = visit.query.get("request", "")
    if not _REQUEST.fullmatch(request_id):
        suggestion = {name: visit.query[name] for name in ("count", "of") if name in visit.query}
        return visit.see_other(f"{visit.path}?{urlencode({'request': uuid.uuid4(), **suggestion})}")
    drawn = await _drawn(visit, request_id)
    if drawn is not None:
        return _to_receipt(visit, drawn, said=DRAWN_ALREADY)
    values = {"of": "usable", "count": "", **visit.query, "request_id": request_id}
    return await _page(visit, visit.form(_DRAW, values))


async def _page(visit: Visit, form: Form) -> Answer:
    system = await visit.read(visit.services.systems.get, visit.arguments["system"])
    cover = await _cover(visit, system.id)
    return await visit.page("registry/draw.html", system=system, cover=cover, form=form)


@post("/systems/{system}/draw", theirs(*ACTORS, act=Act.DRAW))
async def draw(visit: Visit) -> Answer:
    """Show what would be drawn, or draw it; a form that has drawn leads to its receipt, whatever it says now."""
    form = visit.form(_DRAW)
    drawn = await _drawn(visit, form["request_id"])
    if drawn is not None:
        return _to_receipt(visit, drawn, said=DRAWN_ALREADY)
    if is_to_be_changed(visit):
        return visit.see_other(_address(visit.path, form))
    return await submit_checked(
        visit,
        form,
        lambda: _draw(visit, form),
        then=lambda granted: _to_receipt(visit, granted.series, said=_("The series is drawn.")),
        again=partial(_page, visit, form),
        answers=lambda: _lead_to_check(visit, form),
    )


async def _lead_to_check(visit: Visit, form: Form) -> Answer:
    """Lead to the page on which the answers are checked; it has an address, so that one can go back to it."""
    await _answers(visit, form)
    return visit.see_other(_address(f"{visit.path}/check", form))


def _address(path: str, form: Form) -> str:
    """Return the address of a page with what the form holds, so that going back leads to it."""
    answers = {name: form[name] for name in ("count", "of", "purpose")}
    return f"{path}?{urlencode({'request': form['request_id'], **answers})}"


@get("/systems/{system}/draw/check", theirs(*ACTORS, acts=True))
async def check_draw(visit: Visit) -> Answer:
    """Show what would be drawn; where it is drawn already, lead to its receipt."""
    form = Form.of(_DRAW).read({**visit.query, "request_id": visit.query.get("request", "")}, visit.texts)
    drawn = await _drawn(visit, form["request_id"])
    if drawn is not None:
        return _to_receipt(visit, drawn, said=DRAWN_ALREADY)
    if not form.errors:
        try:
            return await visit.page("check.html", form=form, check=await _answers(visit, form))
        except NpnError as error:
            visit.blame(form, error)
    return await _page(visit, form)


async def _drawn(visit: Visit, request_id: str) -> Series | None:
    """Return the series that this form has drawn before; None for a form that has drawn nothing."""
    find = visit.services.registry.series_of_request
    return await visit.read(find, system=visit.arguments["system"], channel=CHANNEL, request_id=request_id)


def _to_receipt(visit: Visit, series: Series, *, said: Msgid) -> Answer:
    return visit.see_other(f"/series/{series.id}/receipt", said)


async def _cover(visit: Visit, system_id: str) -> Cover | None:
    return (await visit.read(visit.services.pictures.latest)).covers.get(system_id)


def _wish(visit: Visit, form: Form) -> Draw:
    many = form.whole("count")
    return checked_draw(
        Draw(
            system=visit.arguments["system"],
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
    )


async def _draw(visit: Visit, form: Form) -> GrantedSeries:
    try:
        return await visit.context.draw(_wish(visit, form))
    except NpnError as error:
        _named(error)
        raise


async def _answers(visit: Visit, form: Form) -> CheckedAnswers:
    """Try the draw, and return what it would come to. Raises what would refuse it."""
    outcome = await visit.write(visit.services.registry.try_draw, _wish(visit, form))
    if not isinstance(outcome, GrantedSeries):
        raise _named(outcome)
    system = await visit.read(visit.services.systems.get, visit.arguments["system"])
    cover, series = await _cover(visit, system.id), outcome.series
    rows = [*_what(visit, series, system), *_stock(visit, cover, series.usable)]
    rows += await _quota(visit, system, series.size)
    days = await visit.read(visit.services.quarantine.days)
    return CheckedAnswers(
        title=visit.text(_("Check the draw for %(name)s"), name=system.name),
        button=visit.text(_("Draw the series")),
        rows=rows,
        meaning=_meaning(visit, days),
        warnings=_warnings(visit, cover, series.usable),
        danger=False,
        action=f"/systems/{system.id}/draw",
    )


def _named(error: NpnError) -> NpnError:
    """Put what is wrong with either count beside the form's one field for it."""
    error.field = "count" if error.field in ("count", "usable") else error.field
    return error


def _what(visit: Visit, series: Series, system: ConnectedSystem) -> list[tuple[str, str]]:
    number = visit.texts.number
    environment = _("Production") if system.environment == "production" else _("Test")
    size = _("%(usable)s usable numbers, in a series of %(size)s numbers in all")
    rows = [
        (visit.text(_("For")), f"{system.name}, {system.owner}"),
        (visit.text(_("Environment")), visit.text(environment)),
        (visit.text(_("How many")), visit.text(size, usable=number(series.usable), size=number(series.size))),
        (visit.text(_("Number space")), visit.texts.space_name(series.space)),
    ]
    return [*rows, (visit.text(_("Purpose")), series.purpose)] if series.purpose else rows


def _stock(visit: Visit, cover: Cover | None, usable: int) -> list[tuple[str, str]]:
    """Return how long the stock lasts before and after, as far as that is known."""
    before, after = visit.text(_("Stock before")), visit.text(_("Stock after"))
    if cover is None or cover.free is None:
        return [(before, visit.text(_("not known"))), (after, visit.text(_("not known")))]
    return [
        (before, _lasting(visit, cover.free, cover)),
        (after, _lasting(visit, cover.free + usable, cover)),
    ]


def _lasting(visit: Visit, free: int, cover: Cover) -> str:
    number, rate = visit.texts.number, cover.used_per_day
    if not rate:
        return visit.text(_("%(free)s usable numbers"), free=number(free))
    text = _("%(free)s usable numbers: %(days)s days")
    estimate = _("%(free)s usable numbers: about %(days)s days (estimated)")
    return visit.text(text if cover.source == "reported" else estimate, free=number(free), days=number(free / rate))


async def _quota(visit: Visit, system: ConnectedSystem, size: int) -> list[tuple[str, str]]:
    number = visit.texts.number
    if system.quota is None or system.quota_days is None:
        return [(visit.text(_("Quota")), visit.text(_("none")))]
    left = system.quota - await visit.read(visit.services.registry.drawn, system.id, days=system.quota_days)
    text = _("%(left)s of %(quota)s numbers in %(days)s days are left; after the draw %(after)s")
    values = {"left": number(left), "quota": number(system.quota), "days": number(system.quota_days)}
    return [(visit.text(_("Quota")), visit.text(text, **values, after=number(left - size)))]


def _meaning(visit: Visit, days: int) -> list[str]:
    return [
        visit.text(_("The series belongs to the system from the moment it is drawn, and to no other.")),
        visit.text(_("First and last number are known once it is drawn: somebody else may draw before you.")),
        visit.text(
            _("A draw can't be undone. Numbers that were never used can be released; they then wait %(days)s days."),
            days=visit.texts.number(days),
        ),
    ]


def _warnings(visit: Visit, cover: Cover | None, usable: int) -> list[str]:
    """Point out a draw that is far larger than what the system needs."""
    if cover is None or cover.free is None or not cover.used_per_day:
        return []
    lasts = (cover.free + usable) / cover.used_per_day
    wanted = cover.draw or 0
    if wanted and usable > _UNUSUAL * wanted:
        text = _("That is %(times)s times the recommended draw of %(draw)s usable numbers.")
        values = {"times": visit.texts.number(usable / wanted, 1), "draw": visit.texts.number(wanted)}
        return [visit.text(text, **values)]
    if lasts > 2 * _YEAR:
        return [visit.text(_("The stock would last %(years)s years."), years=visit.texts.number(lasts / _YEAR, 1))]
    return []
