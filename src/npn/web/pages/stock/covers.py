"""How long the stocks last, and when the number spaces end."""

from dataclasses import dataclass
from datetime import timedelta

from markupsafe import Markup

from npn.http.answers import Answer
from npn.people.model import ALL, AccountRole, Person
from npn.reading import Reading
from npn.registry.model import Space
from npn.stock import store
from npn.stock.cover import RULE_DAYS, Colour, Cover, Month
from npn.stock.forecast import Forecast
from npn.stock.model import Report
from npn.systems.model import ConnectedSystem
from npn.web import charts
from npn.web.routes import get
from npn.web.rules import only, theirs
from npn.web.texts import Texts, _
from npn.web.visit import Visit

_SEES_SYSTEMS = tuple(ALL - {AccountRole.GROUP})
_HISTORY = timedelta(days=730)
_POINTS = 400  # reports shown in a chart; of more, every so manieth
COLOURS = (Colour.RED, Colour.AMBER, Colour.GREEN, Colour.UNKNOWN)


@dataclass(frozen=True, slots=True)
class CoverRow:
    """A system and its cover."""

    system: ConnectedSystem
    cover: Cover


@get("/stock", only(*_SEES_SYSTEMS))
async def list_covers(visit: Visit) -> Answer:
    """List the visitor's systems, the shortest cover first."""
    rows = await visit.look(_rows, visit.person)
    counts = [(colour.value, sum(row.cover.colour is colour for row in rows)) for colour in COLOURS]
    wanted = visit.query.get("rule", "")
    matching = [row for row in rows if wanted in ("", row.cover.colour.value)]
    return await visit.page("stock/stock.html", rows=matching, counts=counts, wanted=wanted)


def _rows(reading: Reading, person: Person) -> list[CoverRow]:
    covers = reading.pictures.latest().covers
    rows = [
        CoverRow(system, covers[system.id])
        for system in reading.systems.list()
        if person.may_see(system.id) and system.id in covers
    ]
    return sorted(rows, key=lambda r: (r.cover.days is None, r.cover.days or 0.0, r.system.id))


@dataclass(frozen=True, slots=True)
class _Stock:
    system: ConnectedSystem
    cover: Cover
    months: list[Month]
    reports: list[Report]


@get("/systems/{system}/stock", theirs(*_SEES_SYSTEMS))
async def show_cover(visit: Visit) -> Answer:
    """Show one system's stock over time, and what it drew."""
    stock = await visit.look(_stock, visit.arguments["system"])
    return await visit.page(
        "stock/system_stock.html",
        system=stock.system,
        cover=stock.cover,
        months=stock.months,
        reports=stock.reports[-12:][::-1],
        over_time=_over_time(visit.texts, stock),
        by_month=_by_month(visit.texts, stock.months),
        draws=visit.person.may_act_for(stock.system.id),
    )


def _stock(reading: Reading, system_id: str) -> _Stock:
    picture = reading.pictures.latest()
    system = reading.systems.get(system_id)
    with reading.database.read() as connection:
        reports = store.history(connection, system_id, since=picture.at - _HISTORY)
    cover = picture.covers.get(system_id) or Cover.unknown(system_id)
    return _Stock(system, cover, picture.months.get(system_id, []), reports)


def _over_time(texts: Texts, found: _Stock) -> Markup | None:
    """Draw the cover in days, as it was reported; None where nothing was."""
    points = [
        charts.TimedValue(report.as_of, report.cover_days) for report in found.reports if report.cover_days is not None
    ]
    if not points:
        return None
    step = -(-len(points) // _POINTS)
    sample = points[::-step][::-1]
    rule = charts.Threshold(RULE_DAYS, texts.gettext(_("six months")))
    summary = texts.gettext(_("Lately %(days)s days.")) % {"days": texts.number(sample[-1].value)}
    return charts.line(texts, sample, title=texts.gettext(_("Cover in days")), summary=summary, rules=(rule,))


def _by_month(texts: Texts, months: list[Month]) -> Markup:
    bars = [charts.Bar(f"{month.month:%m.%y}", float(month.usable)) for month in months]
    total = texts.number(sum(month.usable for month in months))
    summary = texts.gettext(_("%(total)s usable numbers in thirteen months.")) % {"total": total}
    return charts.columns(texts, bars, title=texts.gettext(_("Usable numbers drawn by month")), summary=summary)


@dataclass(frozen=True, slots=True)
class Outlook:
    """A space, its forecast and its charts."""

    space: Space
    forecast: Forecast
    used: float
    months: list[Month]
    bar: Markup
    chart: Markup

    @property
    def soon(self) -> str:
        """Judge how near the end is: `bad` within two years, `warn` within ten, else `good`."""
        if self.forecast.ends is None or self._years > 10:
            return "good"
        return "warn" if self._years > 2 else "bad"

    @property
    def _years(self) -> float:
        per_day = self.forecast.per_day
        return self.forecast.left / per_day / 365 if per_day else float("inf")


@get("/forecast", only(AccountRole.OPERATOR, AccountRole.AUDITOR, AccountRole.GROUP))
async def show_forecast(visit: Visit) -> Answer:
    """Show when each number space ends."""
    outlooks = await visit.look(_outlooks, visit.texts)
    return await visit.page("stock/forecast.html", outlooks=outlooks)


def _outlooks(reading: Reading, texts: Texts) -> list[Outlook]:
    picture = reading.pictures.latest()
    return [
        _outlook(texts, space, forecast=picture.forecasts[space.name], months=picture.use[space.name])
        for space in reading.registry.spaces()
        if space.name in picture.forecasts
    ]


def _outlook(texts: Texts, space: Space, *, forecast: Forecast, months: list[Month]) -> Outlook:
    used = (space.cursor - space.first) / (space.last - space.first + 1)
    percent = texts.gettext(_("%(percent)s %% of the space is behind its cursor.")) % {
        "percent": texts.number(used * 100, 2)
    }
    bars = [charts.Bar(f"{month.month:%m.%y}", float(month.numbers)) for month in months]
    total = texts.number(sum(month.numbers for month in months))
    summary = texts.gettext(_("%(total)s numbers in thirteen months.")) % {"total": total}
    return Outlook(
        space=space,
        forecast=forecast,
        used=used,
        months=months,
        bar=charts.share(used, title=texts.gettext(_("Space used")), summary=percent),
        chart=charts.columns(texts, bars, title=texts.gettext(_("Numbers drawn by month")), summary=summary),
    )
