"""The end of plain HTTP: what was announced, moved or withdrawn, and the brown-outs before it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from npn.errors import check_all
from npn.http.answers import Answer
from npn.people.model import AccountRole
from npn.transport.model import BrownOut, TransportExemption
from npn.web.checking import CheckedAnswers, submit_checked, summary
from npn.web.forms import Field, Form
from npn.web.pages.transport.times import instant_of
from npn.web.pages.transport.watchers import WATCHERS
from npn.web.routes import get, post
from npn.web.rules import only
from npn.web.texts import Msgid, _
from npn.web.visit import Onward, Visit

REASON = Field("reason", _("Reason"), hint=_("It is sent to those concerned and stored in the ledger."), largest=400)
_ENDS = ("starts_at", "ends_at")
_SHORT = Field("short_notice", _("Override the notice period"), kind="checkbox", required=False)
_ANNOUNCE = (
    Field("cut_off", _("Plain HTTP ends on"), kind="date", hint=_("From the beginning of that day, Danish time.")),
    REASON,
    _SHORT,
)
_WITHDRAW = (REASON,)
_BROWN_OUT = (
    Field("day", _("Day"), kind="date"),
    Field("starts_at", _("From"), kind="time", hint=_("Danish time."), largest=5),
    Field("ends_at", _("To"), kind="time", largest=5),
    REASON,
    _SHORT,
)


@get("/transport/sunset", only(*WATCHERS))
async def show_sunset(visit: Visit) -> Answer:
    """Show what was announced: the end, brown-outs, exceptions."""
    plan = await visit.read(visit.services.transport.plan)
    brown_outs = await visit.read(visit.services.transport.brown_outs)
    exemptions = await visit.read(visit.services.transport.exemptions)
    now = visit.services.ledger.clock()
    return await visit.page(
        "transport/transport_sunset.html",
        plan=plan,
        brown_outs=[_Window(brown_out, cancelled, now) for brown_out, cancelled in brown_outs],
        exemptions=[_Exempt(exemption, ended, now) for exemption, ended in exemptions],
        systems={system.id: system.name for system in await visit.read(visit.services.systems.list, closed=True)},
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

    exemption: TransportExemption
    ended_at: datetime | None
    now: datetime

    @property
    def holds(self) -> bool:
        """Whether it holds now."""
        return self.ended_at is None and self.now < self.exemption.until


_ANNOUNCED = (
    _("The contacts of every system are written to at once, and every answer over plain HTTP says the day."),
    _("From the beginning of that day nothing is answered over plain HTTP: whoever still uses it can't draw."),
    _("The day can be moved or withdrawn; that is written to everybody too."),
)
_WITHDRAWN = (
    _("Plain HTTP goes on without an end, and the brown-outs to come are called off."),
    _("The contacts of every system are written to at once."),
)
_BROWNED_OUT = (
    _("Calls over plain HTTP are refused in that time: laboratories that still use it can't draw."),
    _("Whoever has called over plain HTTP in the last thirty days is written to at once."),
    _("It can be called off until it is over."),
)
_FORM = "transport/transport_form.html"
_ANNOUNCING = {
    "heading": _("Announce or move the end"),
    "lead": _(
        "Once announced, every answer over plain HTTP says when it ends, and the contacts of every "
        "system get an e-mail. From the day itself plain HTTP is refused. Six months' notice is agreed."
    ),
    "button": _("Announce"),
}
_WITHDRAWING = {
    "heading": _("Withdraw the announcement"),
    "lead": _("Plain HTTP continues, and coming brown-outs are called off. The contacts get an e-mail."),
    "button": _("Withdraw"),
}
_BROWNING_OUT = {
    "heading": _("Announce a brown-out"),
    "lead": _("Whoever has called over plain HTTP in the last 30 days gets an e-mail. A week's notice is agreed."),
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
    return await submit_checked(
        visit,
        form,
        lambda: visit.write(
            visit.services.transport.announce,
            instant_of(form["cut_off"], "00:00", "cut_off"),
            by=visit.person.by,
            reason=form["reason"],
            short_notice=form["short_notice"] == "yes",
        ),
        then=Onward("/transport/sunset", _("The end of plain HTTP is announced.")),
        again=lambda: visit.page(_FORM, form=form, words=_ANNOUNCING),
        answers=lambda: _answers(visit, form, title=_("Announce the end of plain HTTP?"), meaning=_ANNOUNCED),
        check=lambda: _check_day(visit, form),
    )


def _check_day(visit: Visit, form: Form) -> None:
    """Hold the day to the notice, where it could be read. Raises InvalidInputError."""
    if form.is_sound("cut_off"):
        day = instant_of(form["cut_off"], "00:00", "cut_off")
        visit.services.transport.check_cut_off(day, short_notice=form["short_notice"] == "yes")


@get("/transport/sunset/withdraw", only(AccountRole.OPERATOR))
async def show_withdraw(visit: Visit) -> Answer:
    """Ask why."""
    return await visit.page(_FORM, form=visit.form(_WITHDRAW), words=_WITHDRAWING)


@post("/transport/sunset/withdraw", only(AccountRole.OPERATOR))
async def withdraw(visit: Visit) -> Answer:
    """Take the announcement back."""
    form = visit.form(_WITHDRAW)
    return await submit_checked(
        visit,
        form,
        lambda: visit.write(visit.services.transport.withdraw, by=visit.person.by, reason=form["reason"]),
        then=Onward("/transport/sunset", _("The announcement is withdrawn.")),
        again=lambda: visit.page(_FORM, form=form, words=_WITHDRAWING),
        answers=lambda: _answers(visit, form, title=_("Withdraw the announcement?"), meaning=_WITHDRAWN),
    )


@get("/transport/brown-outs/new", only(AccountRole.OPERATOR))
async def show_brown_out(visit: Visit) -> Answer:
    """Ask for the window."""
    return await visit.page(_FORM, form=visit.form(_BROWN_OUT), words=_BROWNING_OUT)


@post("/transport/brown-outs/new", only(AccountRole.OPERATOR))
async def announce_brown_out(visit: Visit) -> Answer:
    """Announce a window in which plain HTTP is refused."""
    form = visit.form(_BROWN_OUT)
    return await submit_checked(
        visit,
        form,
        lambda: visit.write(
            visit.services.transport.announce_brown_out,
            *_window(form),
            by=visit.person.by,
            reason=form["reason"],
            short_notice=form["short_notice"] == "yes",
        ),
        then=Onward("/transport/sunset", _("The brown-out is announced.")),
        again=lambda: visit.page(_FORM, form=form, words=_BROWNING_OUT),
        answers=lambda: _answers(visit, form, title=_("Announce the brown-out?"), meaning=_BROWNED_OUT),
        check=lambda: _check_window(visit, form),
    )


async def _answers(visit: Visit, form: Form, *, title: Msgid, meaning: Sequence[Msgid]) -> CheckedAnswers:
    return await summary(visit, form, title=visit.text(title), button=_("Confirm and send"), meaning=meaning)


def _window(form: Form) -> list[datetime]:
    """Read when a brown-out begins and ends. Raises InvalidInputError for either, or both."""
    return check_all(*(partial(instant_of, form["day"], form[name], name) for name in _ENDS))


async def _check_window(visit: Visit, form: Form) -> None:
    """Hold a brown-out to its bounds, as far as it could be read. Raises InvalidInputError."""
    names = [name for name in _ENDS if form.is_sound("day", name)]
    instants = check_all(*(partial(instant_of, form["day"], form[name], name) for name in names))
    window = dict(zip(names, instants, strict=True))
    await visit.read(
        visit.services.transport.check_brown_out,
        window.get("starts_at"),
        window.get("ends_at"),
        short_notice=form["short_notice"] == "yes",
    )


@post("/transport/brown-outs/{brown_out}/cancel", only(AccountRole.OPERATOR), page="/transport/sunset")
async def cancel_brown_out(visit: Visit) -> Answer:
    """Call a brown-out off."""
    cancel, wanted = visit.services.transport.cancel_brown_out, visit.arguments["brown_out"]
    await visit.write(cancel, wanted, by=visit.person.by, reason="called off in the pages")
    return visit.see_other("/transport/sunset", _("The brown-out is called off."))
