"""How long the stocks last, and when the number spaces end."""

from dataclasses import dataclass
from datetime import date, timedelta

from markupsafe import Markup

from npn.http.answers import Answer
from npn.instants import danish_day
from npn.people.model import AccountRole
from npn.reading import Reading
from npn.registry.model import Space
from npn.stock import store
from npn.stock.cover import RULE_DAYS, Cover, Month
from npn.stock.forecast import Forecast
from npn.stock.model import Report
from npn.systems.model import ConnectedSystem
from npn.web import charts
from npn.web.chart_frame import month_name
from npn.web.charts_ahead import SpaceOutlook, projection
from npn.web.pages.stock.covers_list import SEES_SYSTEMS
from npn.web.routes import get
from npn.web.rules import only, theirs
from npn.web.texts import Texts, _
from npn.web.visit import Visit

_HISTORY = timedelta(days=730)
_POINTS = 400  # reports shown in a chart; of more, every so manieth


@dataclass(frozen=True, slots=True)
class _Stock:
    system: ConnectedSystem
    cover: Cover
    months: list[Month]
    reports: list[Report]


@get("/systems/{system}/stock", theirs(*SEES_SYSTEMS))
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


def month_bar(texts: Texts, month: date, value: float, *, is_last: bool) -> charts.Bar:
    """Return a month's column; that of the current month, which is not over, is hatched and says so."""
    name = month_name(texts, month)
    tooltip = (
        texts.gettext(_("%(month)s, so far: %(figure)s")) if is_last else texts.gettext(_("%(month)s: %(figure)s"))
    )
    tooltip %= {"month": name, "figure": texts.number(value)}
    return charts.Bar(texts.gettext(_("so far")) if is_last else name, value, tooltip, is_last)


def _by_month(texts: Texts, months: list[Month]) -> Markup:
    bars = [month_bar(texts, month.month, float(month.usable), is_last=month is months[-1]) for month in months]
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
    ahead: Markup

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
        _outlook(
            texts,
            space,
            forecast=picture.forecasts[space.name],
            months=picture.use[space.name],
            today=danish_day(picture.at),
        )
        for space in reading.registry.spaces()
        if space.name in picture.forecasts
    ]


def _outlook(texts: Texts, space: Space, *, forecast: Forecast, months: list[Month], today: date) -> Outlook:
    used = (space.cursor - space.first) / (space.last - space.first + 1)
    percent = texts.gettext(_("%(percent)s %% of the space is used.")) % {"percent": texts.number(used * 100, 2)}
    bars = [month_bar(texts, month.month, float(month.numbers), is_last=month is months[-1]) for month in months]
    total = texts.number(sum(month.numbers for month in months))
    summary = texts.gettext(_("%(total)s numbers in thirteen months.")) % {"total": total}
    return Outlook(
        space=space,
        forecast=forecast,
        used=used,
        months=months,
        bar=charts.share(used, title=texts.gettext(_("Space used")), summary=percent),
        ahead=_ahead(texts, space, forecast=forecast, months=months, today=today),
        chart=charts.columns(
            texts,
            bars,
            title=texts.gettext(_("Numbers drawn by month: %(space)s")) % {"space": texts.space_name(space.name)},
            summary=summary,
        ),
    )


def _ahead(texts: Texts, space: Space, *, forecast: Forecast, months: list[Month], today: date) -> Markup:
    """Draw what was left at the beginning of each month, and on to the end."""
    left, points = float(forecast.left), [(today, float(forecast.left))]
    for month in reversed(months):
        left += month.numbers
        if month.month < points[-1][0]:
            points.append((month.month, left))
    outlook = SpaceOutlook(points[::-1], forecast.ends, forecast.earliest, forecast.latest)
    title = texts.gettext(_("Numbers left, and how long they last: %(space)s")) % {
        "space": texts.space_name(space.name)
    }
    if forecast.ends is None:
        summary = texts.gettext(_("%(left)s numbers are left; no end is in sight."))
    else:
        summary = texts.gettext(_("%(left)s numbers are left; they are expected to last until %(day)s."))
    values = {"left": texts.number(forecast.left), "day": texts.day(forecast.ends)}
    return projection(texts, outlook, title=title, summary=summary % values)
