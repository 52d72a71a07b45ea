"""How systems call, and the phasing-out of plain HTTP: the operator's pages, open to auditors."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from markupsafe import Markup

from npn.errors import ConflictError, InvalidInputError, NotFoundError
from npn.http.answers import Answer
from npn.people.model import AccountRole
from npn.systems.model import ConnectedSystem
from npn.transport.expiry import Expiry
from npn.transport.model import BrownOut, Exemption, Plan
from npn.transport.planner import Prospect, Rhythm
from npn.transport.store import DayCalls, Usage
from npn.web import charts
from npn.web.forms import Choice, Field, Form
from npn.web.routes import get, post
from npn.web.rules import only, theirs
from npn.web.texts import ZONE, Texts, _
from npn.web.visit import Visit
from npn.wiring.service import Service

_WATCHES = (AccountRole.OPERATOR, AccountRole.AUDITOR)
_PLANS = (AccountRole.OPERATOR, AccountRole.AUDITOR, AccountRole.GROUP)
_DAYS, _WEEKS = 30, 13
_REASON = Field("reason", _("Reason"), hint=_("It is told to those it concerns, and kept in the ledger."), largest=400)
_SHORT = Field("short_notice", _("At short notice, on purpose"), kind="checkbox", required=False)
_ANNOUNCE = (
    Field("cut_off", _("Plain HTTP ends on"), kind="date", hint=_("From the beginning of that day, Danish time.")),
    _REASON,
    _SHORT,
)
_WITHDRAW = (_REASON,)
_BROWN_OUT = (
    Field("day", _("Day"), kind="date"),
    Field("starts_at", _("From"), kind="time", hint=_("Danish time."), largest=5),
    Field("ends_at", _("To"), kind="time", largest=5),
    _REASON,
    _SHORT,
)


@dataclass(frozen=True, slots=True)
class Caller:
    """A system and how it has called lately."""

    system: ConnectedSystem
    used: Usage
    exemption: Exemption | None


@dataclass(frozen=True, slots=True)
class Picture:
    """What the overview shows."""

    plan: Plan
    callers: list[Caller]
    weeks: list[DayCalls]
    expiring: int


@get("/transport", only(*_WATCHES))
async def show_transport(visit: Visit) -> Answer:
    """Show what was announced, who calls how, and the mix over time."""
    found = await visit.read(_picture, visit.service)
    return await visit.page(
        "transport/transport.html",
        plan=found.plan,
        callers=found.callers,
        weeks=found.weeks,
        expiring=found.expiring,
        chart=mix(visit.texts, found.weeks),
        days=_DAYS,
    )


def _picture(service: Service) -> Picture:
    plan, usage = service.transport.plan(), service.transport.usage(days=_DAYS)
    callers = [
        Caller(system, usage.get(system.id) or Usage(system.id), plan.exemptions.get(system.id))
        for system in service.systems.list()
    ]
    now = service.ledger.clock()
    expiring = sum(not each.renewed and each.step(now) is not None for each in service.expiries.all())
    weeks = weekly(service.transport.calls(days=_WEEKS * 7), now.astimezone(UTC).date())
    return Picture(plan, sorted(callers, key=lambda c: (-c.used.plain, c.system.name)), weeks, expiring)


def weekly(days: list[DayCalls], today: date) -> list[DayCalls]:
    """Add days up to weeks, oldest first; a week is named by its Monday."""
    this = today - timedelta(days=today.weekday())
    mondays = [this - timedelta(weeks=ago) for ago in range(_WEEKS - 1, -1, -1)]
    sums = {monday: [0, 0, 0, 0] for monday in mondays}
    for each in days:
        found = sums.get(each.day - timedelta(days=each.day.weekday()))
        if found is not None:
            for at, figure in enumerate((each.plain, each.secure, each.certified, each.refused)):
                found[at] += figure
    return [DayCalls(monday, *sums[monday]) for monday in mondays]


def mix(texts: Texts, weeks: list[DayCalls]) -> Markup | None:
    """Draw the calls of each week by how they came; None where there were none."""
    plain, secure = sum(week.plain for week in weeks), sum(week.secure for week in weeks)
    if not plain + secure:
        return None
    names = [texts.gettext(name) for name in (_("Plain HTTP"), _("TLS with a key"), _("TLS with a certificate"))]
    stacks = [
        charts.Stack(f"{week.day:%d.%m}", (week.plain, week.secure - week.certified, week.certified)) for week in weeks
    ]
    share = texts.number(100 * plain / (plain + secure), 1)
    told = texts.gettext(_("%(share)s per cent of the calls in thirteen weeks came over plain HTTP."))
    title, said = texts.gettext(_("Calls by week and transport")), told % {"share": share}
    return charts.stacked(texts, stacks, names, title=title, said=said)


@get("/transport/sunset", only(*_WATCHES))
async def show_sunset(visit: Visit) -> Answer:
    """Show what was announced: the end, brown-outs, exceptions."""
    plan = await visit.read(visit.service.transport.plan)
    brown_outs = await visit.read(visit.service.transport.brown_outs)
    exemptions = await visit.read(visit.service.transport.exemptions)
    now = visit.service.ledger.clock()
    return await visit.page(
        "transport/transport_sunset.html",
        plan=plan,
        brown_outs=[_Window(each, cancelled, now) for each, cancelled in brown_outs],
        exemptions=[_Exempt(each, ended, now) for each, ended in exemptions],
    )


@dataclass(frozen=True, slots=True)
class _Window:
    """A brown-out as the page lists it."""

    brown_out: BrownOut
    cancelled_at: datetime | None
    now: datetime

    @property
    def is_coming(self) -> bool:
        """Whether it can still be called off."""
        return self.cancelled_at is None and self.now < self.brown_out.ends_at


@dataclass(frozen=True, slots=True)
class _Exempt:
    """An exception as the page lists it."""

    exemption: Exemption
    ended_at: datetime | None
    now: datetime

    @property
    def holds(self) -> bool:
        """Whether it holds now."""
        return self.ended_at is None and self.now < self.exemption.until


_FORM = "transport/transport_form.html"
_ANNOUNCING = {
    "heading": _("Announce or move the end"),
    "lead": _(
        "From then on every answer over plain HTTP says when it ends, the contacts of every system are written to, "
        "and from that day on plain HTTP is refused. Six months' notice is agreed."
    ),
    "button": _("Announce"),
}
_WITHDRAWING = {
    "heading": _("Withdraw the announcement"),
    "lead": _("Plain HTTP goes on, and the brown-outs to come are called off. Contacts are written to."),
    "button": _("Withdraw"),
}
_BROWNING_OUT = {
    "heading": _("Announce a brown-out"),
    "lead": _("Who has called over plain HTTP in the last thirty days is written to. A week's notice is agreed."),
    "button": _("Announce the brown-out"),
}


@get("/transport/sunset/announce", only(AccountRole.OPERATOR))
async def show_announce(visit: Visit) -> Answer:
    """Ask for the day."""
    return await visit.page(_FORM, form=visit.form(_ANNOUNCE), words=_ANNOUNCING)


@post("/transport/sunset/announce", only(AccountRole.OPERATOR))
async def announce(visit: Visit) -> Answer:
    """Announce, or move, the end of plain HTTP."""
    form = visit.form(_ANNOUNCE)
    if not form.errors:
        try:
            await visit.write(
                visit.service.transport.announce,
                _instant(form["cut_off"], "00:00", "cut_off"),
                by=visit.person.by,
                reason=form["reason"],
                short_notice=form["short_notice"] == "yes",
            )
        except InvalidInputError as error:
            visit.blame(form, error)
        else:
            return visit.see_other("/transport/sunset", visit.text(_("The end of plain HTTP is announced.")))
    return await visit.again(_FORM, form, words=_ANNOUNCING)


@get("/transport/sunset/withdraw", only(AccountRole.OPERATOR))
async def show_withdraw(visit: Visit) -> Answer:
    """Ask why."""
    return await visit.page(_FORM, form=visit.form(_WITHDRAW), words=_WITHDRAWING)


@post("/transport/sunset/withdraw", only(AccountRole.OPERATOR))
async def withdraw(visit: Visit) -> Answer:
    """Take the announcement back."""
    form = visit.form(_WITHDRAW)
    if not form.errors:
        try:
            await visit.write(visit.service.transport.withdraw, by=visit.person.by, reason=form["reason"])
        except (InvalidInputError, ConflictError) as error:
            visit.blame(form, error)
        else:
            return visit.see_other("/transport/sunset", visit.text(_("The announcement is withdrawn.")))
    return await visit.again(_FORM, form, words=_WITHDRAWING)


@get("/transport/brown-outs/new", only(AccountRole.OPERATOR))
async def show_brown_out(visit: Visit) -> Answer:
    """Ask for the window."""
    return await visit.page(_FORM, form=visit.form(_BROWN_OUT), words=_BROWNING_OUT)


@post("/transport/brown-outs/new", only(AccountRole.OPERATOR))
async def announce_brown_out(visit: Visit) -> Answer:
    """Announce a window in which plain HTTP is refused."""
    form = visit.form(_BROWN_OUT)
    if not form.errors:
        try:
            await visit.write(
                visit.service.transport.announce_brown_out,
                _instant(form["day"], form["starts_at"], "day"),
                _instant(form["day"], form["ends_at"], "day"),
                by=visit.person.by,
                reason=form["reason"],
                short_notice=form["short_notice"] == "yes",
            )
        except (InvalidInputError, ConflictError) as error:
            visit.blame(form, error)
        else:
            return visit.see_other("/transport/sunset", visit.text(_("The brown-out is announced.")))
    return await visit.again(_FORM, form, words=_BROWNING_OUT)


@post("/transport/brown-outs/{brown_out}/cancel", only(AccountRole.OPERATOR))
async def cancel_brown_out(visit: Visit) -> Answer:
    """Call a brown-out off."""
    cancel, wanted = visit.service.transport.cancel_brown_out, visit.arguments["brown_out"]
    await visit.write(cancel, wanted, by=visit.person.by, reason="called off in the pages")
    return visit.see_other("/transport/sunset", visit.text(_("The brown-out is called off.")))


_EXCEPTION = (
    Field("until", _("Until"), kind="date", hint=_("To the beginning of that day, Danish time.")),
    _REASON,
)


@get("/systems/{system}/transport/exception", theirs(AccountRole.OPERATOR))
async def show_exception(visit: Visit) -> Answer:
    """Show a system's exception, with the form to give one."""
    return await _exception(visit)


async def _exception(visit: Visit, sent: Form | None = None) -> Answer:
    system = await visit.read(visit.service.systems.get, visit.arguments["system"])
    plan = await visit.read(visit.service.transport.plan)
    found = plan.exemptions.get(system.id)
    status, form = (422, sent) if sent is not None else (200, visit.form(_EXCEPTION))
    return await visit.page(
        "transport/transport_exception.html", status=status, system=system, exemption=found, form=form
    )


@post("/systems/{system}/transport/exception", theirs(AccountRole.OPERATOR))
async def give_exception(visit: Visit) -> Answer:
    """Let a system go on over plain HTTP for a while."""
    form, system = visit.form(_EXCEPTION), visit.arguments["system"]
    if not form.errors:
        try:
            until = _instant(form["until"], "00:00", "until")
            exempt = visit.service.transport.exempt
            await visit.write(exempt, system, until, by=visit.person.by, reason=form["reason"])
        except InvalidInputError as error:
            visit.blame(form, error)
        else:
            return visit.see_other(f"/systems/{system}/transport", visit.text(_("The exception is given.")))
    return await _exception(visit, form)


@post("/systems/{system}/transport/exception/end", theirs(AccountRole.OPERATOR))
async def end_exception(visit: Visit) -> Answer:
    """End a system's exception now."""
    system = visit.arguments["system"]
    end = visit.service.transport.end_exemption
    await visit.write(end, system, by=visit.person.by, reason="ended in the pages")
    return visit.see_other(f"/systems/{system}/transport", visit.text(_("The exception has ended.")))


@dataclass(frozen=True, slots=True)
class Shown:
    """A certificate with the days it is still good for, and how the page marks it."""

    expiry: Expiry
    days: int

    @property
    def mark(self) -> str:
        """Return `good`, `warn` or `bad`."""
        if self.expiry.renewed or self.days >= 90:
            return "good"
        return "warn" if self.days >= 30 else "bad"


def certificates(service: Service, system: str | None = None) -> list[Shown]:
    """Return the certificates in use, of one system or of all."""
    now = service.ledger.clock()
    return [Shown(each, each.days(now)) for each in service.expiries.all(system)]


@get("/transport/certificates", only(*_WATCHES))
async def list_certificates(visit: Visit) -> Answer:
    """List the client certificates, the first to expire first, and the revocation lists."""
    found = await visit.read(certificates, visit.service)
    lists, now = visit.service.clients.authorities.lists, visit.service.ledger.clock()
    return await visit.page("transport/transport_certificates.html", certificates=found, lists=lists, now=now)


_PROPOSED = (
    Field("proposed", _("Proposed day"), kind="date"),
    Field("notice", _("Vendors are told on"), kind="date", hint=_("Today, where nothing is said."), required=False),
)


def _rhythm_fields(vendors: list[str]) -> tuple[Field, ...]:
    return (
        Field("vendor", _("Vendor"), kind="select", choices=[Choice(name, name) for name in vendors]),
        Field("release", _("The day of one release"), kind="date", hint=_("Past or to come.")),
        Field("every_months", _("Months from one release to the next"), kind="number"),
        Field("freeze_months", _("Months of code freeze before a release"), kind="number"),
        Field("work_weeks", _("Weeks that the change itself takes"), kind="number"),
        Field("note", _("Note"), hint=_("Such as who said so, and when."), required=False, largest=400),
    )


@get("/transport/planner", only(*_PLANS))
async def show_planner(visit: Visit) -> Answer:
    """Show who can be ready by a proposed day, and the earliest day that all can."""
    vendors = await visit.read(visit.service.release_notices.vendors)
    stated = await visit.read(visit.service.release_notices.stated)
    form = visit.form(_PROPOSED, visit.query)
    found: Prospect | None = None
    if form["proposed"]:
        try:
            proposed, notice = _day(form["proposed"], "proposed"), form["notice"]
            told = _day(notice, "notice") if notice else None
            found = await visit.read(visit.service.release_notices.prospect, proposed, notice=told)
        except InvalidInputError as error:
            visit.blame(form, error)
    rhythm = Form.of(_rhythm_fields(list(vendors)))
    return await visit.page(
        "transport/transport_planner.html", vendors=vendors, stated=stated, form=form, found=found, rhythm=rhythm
    )


@post("/transport/planner", only(AccountRole.OPERATOR))
async def state_rhythm(visit: Visit) -> Answer:
    """Keep what a vendor states of its releases."""
    vendors = await visit.read(visit.service.release_notices.vendors)
    form = visit.form(_rhythm_fields(list(vendors)))
    if not form.errors:
        figures = [form.whole(name) or 0 for name in ("every_months", "freeze_months", "work_weeks")]
        try:
            rhythm = Rhythm(_day(form["release"], "release"), *figures)
            state = visit.service.release_notices.state
            await visit.write(state, form["vendor"], rhythm, by=visit.person.by, note=form["note"])
        except (InvalidInputError, NotFoundError) as error:
            visit.blame(form, error)
        else:
            said = visit.text(_("What %(vendor)s has stated is kept."), vendor=form["vendor"])
            return visit.see_other("/transport/planner", said)
    stated = await visit.read(visit.service.release_notices.stated)
    page: dict[str, object] = {"vendors": vendors, "stated": stated, "form": Form.of(_PROPOSED), "found": None}
    return await visit.page("transport/transport_planner.html", status=422, rhythm=form, **page)


def _day(text: str, field: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidInputError("that is no day", code="not_a_day", field=field) from None


def _instant(day: str, clock: str, field: str) -> datetime:
    """Return a time in Denmark as an instant. Raises InvalidInputError naming the field."""
    try:
        at = datetime.combine(_day(day, field), time.fromisoformat(clock), ZONE)
        return at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise InvalidInputError("that is no time", code="not_a_day", field=field) from None
