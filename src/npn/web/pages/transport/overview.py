"""How systems call: the operator's overview, open to auditors."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from markupsafe import Markup

from npn.http.answers import Answer
from npn.instants import danish_day
from npn.systems.service import Systems
from npn.transport.expiry import Expiries
from npn.transport.model import DayCalls, Plan
from npn.transport.service import Transport
from npn.web import charts
from npn.web.lists.pages import listed
from npn.web.pages.transport.callers import CALLERS, DAYS, SystemCalls, callers
from npn.web.pages.transport.watchers import WATCHERS
from npn.web.routes import get
from npn.web.rules import only
from npn.web.texts import Texts, _
from npn.web.visit import Visit

_WEEKS = 13


@dataclass(frozen=True, slots=True)
class TransportPicture:
    """What the overview shows."""

    plan: Plan
    callers: list[SystemCalls]
    weeks: list[DayCalls]
    expiring: int


@get("/transport", only(*WATCHERS))
async def show_transport(visit: Visit) -> Answer:
    """Show what was announced, who calls how, and the mix over time."""
    services = visit.services
    picture = await visit.read(
        _picture, services.transport, services.expiries, services.systems, now=services.ledger.clock()
    )
    return await visit.page(
        "transport/transport.html",
        plan=picture.plan,
        callers=await listed(visit, CALLERS, picture.callers),
        weeks=picture.weeks,
        expiring=picture.expiring,
        chart=mix(visit.texts, picture.weeks),
        days=DAYS,
    )


def _picture(transport: Transport, expiries: Expiries, systems: Systems, *, now: datetime) -> TransportPicture:
    plan = transport.plan()
    expiring = sum(not row.renewed and row.step(now) is not None for row in expiries.all())
    weeks = weekly(transport.calls(days=_WEEKS * 7), danish_day(now))
    return TransportPicture(plan, callers(transport, systems), weeks, expiring)


def weekly(days: list[DayCalls], today: date) -> list[DayCalls]:
    """Add days up to weeks, oldest first; a week is named by its Monday."""
    this = today - timedelta(days=today.weekday())
    mondays = [this - timedelta(weeks=ago) for ago in range(_WEEKS - 1, -1, -1)]
    sums = {monday: [0, 0, 0, 0] for monday in mondays}
    for day in days:
        week = sums.get(day.day - timedelta(days=day.day.weekday()))
        if week is not None:
            for at, figure in enumerate((day.plain, day.secure, day.certified, day.refused)):
                week[at] += figure
    return [DayCalls(monday, *sums[monday]) for monday in mondays]


def mix(texts: Texts, weeks: list[DayCalls]) -> Markup | None:
    """Draw the calls of each week by how they came; None where there were none."""
    plain, secure = sum(week.plain for week in weeks), sum(week.secure for week in weeks)
    if not plain + secure:
        return None
    names = [texts.gettext(name) for name in (_("Plain HTTP"), _("TLS with a key"), _("TLS with a certificate"))]
    stacks = [
        charts.Stack(texts.day_of_year(week.day), (week.plain, week.secure - week.certified, week.certified))
        for week in weeks
    ]
    share = texts.number(100 * plain / (plain + secure), 1)
    summary = texts.gettext(_("%(share)s per cent of the calls in thirteen weeks came over plain HTTP."))
    title = texts.gettext(_("Calls by week and transport"))
    return charts.stacked(texts, stacks, names, title=title, summary=summary % {"share": share})
