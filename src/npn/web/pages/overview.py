"""Where everybody begins: what needs them today, the most pressing first.

A room that has something to ask of people adds a function to `ASKERS`: it is given the service and the person, runs in
a thread, and gives what it asks. What is about a system is asked only of those whose system it is.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import IntEnum

from npn.agreements.model import Stage
from npn.agreements.proposals.model import ProposalState
from npn.errors import UnavailableError
from npn.http.answers import Answer
from npn.ledger.places import is_on_same_device
from npn.ledger.secrets import loose_files
from npn.people.approvals import Decision
from npn.people.model import AccountRole, Person
from npn.stock.cover import Colour
from npn.support.model import CaseState
from npn.systems.model import SystemState
from npn.web.routes import get
from npn.web.rules import signed_in
from npn.web.texts import Msgid, _
from npn.web.visit import Visit
from npn.wiring.service import Service

AHEAD = timedelta(days=90)
_MOST = 60


class Press(IntEnum):
    """How much it presses."""

    NOW = 0
    SOON = 1
    SOMETIME = 2


@dataclass(frozen=True, slots=True)
class Ask:
    """Something that needs somebody. `text` is to be translated, with `values` put in; `path` is where it is done."""

    press: Press
    text: Msgid
    path: str
    values: dict[str, object] = field(default_factory=dict)


Asker = Callable[[Service, Person], list[Ask]]


@get("/overview", signed_in())
async def overview(visit: Visit) -> Answer:
    """Show what needs the visitor today."""
    asks = await visit.read(_asks, visit.service, visit.person)
    figures = await visit.read(_figures, visit.service, visit.person)
    return await visit.page("overview.html", asks=asks[:_MOST], more=max(0, len(asks) - _MOST), figures=figures)


def _asks(service: Service, person: Person) -> list[Ask]:
    return sorted((ask for asker in ASKERS for ask in asker(service, person)), key=lambda ask: ask.press)


@dataclass(frozen=True, slots=True)
class Figures:
    """The visitor's systems in figures; `covers` counts them by colour."""

    systems: int
    production: int
    suspended: int
    covers: dict[Colour, int]


def _figures(service: Service, person: Person) -> Figures:
    mine = [each for each in service.systems.list() if person.may_see(each.id)]
    covers = service.pictures.latest().covers
    colours = [covers[each.id].colour if each.id in covers else Colour.UNKNOWN for each in mine]
    return Figures(
        systems=len(mine),
        production=sum(each.environment == "production" for each in mine),
        suspended=sum(each.state is SystemState.SUSPENDED for each in mine),
        covers={colour: colours.count(colour) for colour in Colour},
    )


def _witness(service: Service, person: Person) -> list[Ask]:
    if not person.is_operator:
        return []
    try:
        service.ledger.check()
    except UnavailableError:
        return [Ask(Press.NOW, _("Nothing can be drawn: the witness and the database don't agree."), "/approvals")]
    if is_on_same_device(service.database, service.ledger.witness):
        text = _("The witness is on the same disk as the database: move it, or one loss takes both.")
        return [Ask(Press.SOON, text, "/ledger")]
    return []


def _files(service: Service, person: Person) -> list[Ask]:
    if not person.is_operator:
        return []
    loose = loose_files(service.settings, service.database, service.ledger.witness)
    text = _("Other users of the server's machine can read %(file)s, which holds secrets: chmod 600.")
    return [Ask(Press.NOW, text, "/settings", {"file": str(each.path)}) for each in loose]


def _background(service: Service, person: Person) -> list[Ask]:
    """Return what this server does by itself and can't at the moment, for each operator."""
    if not person.is_operator:
        return []
    text = _("The background work %(name)s has failed since %(since)s: %(error)s. The server's log says more.")
    return [
        Ask(Press.NOW, text, "/settings", {"name": work.name, "since": _utc(work.failing_since), "error": work.error})
        for work in service.rounds.all()
        if work.failing_since is not None
    ]


def _utc(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"


def _approvals(service: Service, person: Person) -> list[Ask]:
    if not person.is_operator:
        return []
    waiting = [
        each for each in service.approvals.list() if each.state is Decision.OPEN and each.proposed_by != person.by
    ]
    text = _("A proposal waits for a second person: %(reason)s")
    return [Ask(Press.NOW, text, f"/approvals/{each.id}", {"reason": each.reason}) for each in waiting]


def _stock(service: Service, person: Person) -> list[Ask]:
    if person.role in (AccountRole.GROUP, AccountRole.AUDITOR):
        return []
    found = []
    names = {each.id: each.name for each in service.systems.list() if person.may_see(each.id)}
    for system, cover in sorted(service.pictures.latest().covers.items(), key=lambda item: item[1].days or 0):
        if system not in names or cover.colour not in (Colour.RED, Colour.AMBER):
            continue
        press = Press.NOW if cover.colour is Colour.RED else Press.SOON
        text = _("%(name)s has stock for %(days)s days; six months are agreed.")
        values: dict[str, object] = {"name": names[system], "days": int(cover.days or 0)}
        found.append(Ask(press, text, f"/systems/{system}", values))
    return found


def _unusual(service: Service, person: Person) -> list[Ask]:
    if not person.is_operator:
        return []
    text = _(
        "%(name)s drew %(usable)s usable numbers at once, %(times)s times its normal draw: ask whether it was meant."
    )
    return [
        Ask(
            Press.SOON,
            text,
            f"/systems/{each.system}",
            {"name": each.system, "usable": each.usable, "times": int(each.usable / max(each.mean, 1))},
        )
        for each in service.pictures.latest().unusual
    ]


def _certificates(service: Service, person: Person) -> list[Ask]:
    if person.role in (AccountRole.GROUP, AccountRole.AUDITOR):
        return []
    now = service.ledger.clock()
    found = []
    for each in service.certificates.expiring(within=AHEAD, now=now):
        if person.may_see(each.system):
            left = (each.not_after - now).days
            press = Press.NOW if left < 7 else Press.SOON if left < 30 else Press.SOMETIME
            text = (
                _("A certificate of %(name)s ends in %(days)s days.")
                if left >= 0
                else _("A certificate of %(name)s has expired.")
            )
            path = f"/systems/{each.system}/certificates"
            found.append(Ask(press, text, path, {"name": each.system, "days": left}))
    return found


def _contacts(service: Service, person: Person) -> list[Ask]:
    if person.role in (AccountRole.GROUP, AccountRole.AUDITOR, AccountRole.VENDOR):
        return []
    missing = service.systems.without_contact()
    return [
        Ask(
            Press.SOMETIME,
            _("Nobody is named as a contact of %(name)s."),
            f"/systems/{each.id}/contacts",
            {"name": each.name},
        )
        for each in service.systems.list()
        if each.id in missing and person.may_act_for(each.id)
    ]


def _pools(service: Service, person: Person) -> list[Ask]:
    if person.role in (AccountRole.GROUP, AccountRole.AUDITOR):
        return []
    text = _("An agent's pool of %(name)s was copied or restored: some of its numbers may have been used twice.")
    return [
        Ask(Press.NOW, text, f"/systems/{each.pool.system}", {"name": each.pool.system})
        for each in service.pools.list(contested=True)
        if person.may_see(each.pool.system)
    ]


def _proposals(service: Service, person: Person) -> list[Ask]:
    if person.role is AccountRole.AUDITOR:
        return []
    today, found = service.agreements.today, []
    for each in service.proposals.all():
        if each.state is not ProposalState.OPEN:
            continue
        path, values = f"/agreements/proposals/{each.id}", {"id": each.id, "title": each.title}
        if each.comments_until is None or each.comments_until >= today:
            text = _("Change proposal %(id)s is open for comments: %(title)s")
            found.append(Ask(Press.SOMETIME, text, path, {**values}))
        elif person.is_operator:
            text = _("Change proposal %(id)s waits for the decision: %(title)s")
            found.append(Ask(Press.SOON, text, path, {**values}))
    return found


def _agreements(service: Service, person: Person) -> list[Ask]:
    if person.role not in (AccountRole.OPERATOR, AccountRole.REGION, AccountRole.OWNER):
        return []
    names = {each.id: each.name for each in service.systems.list() if person.may_act_for(each.id)}
    lacking, today = _("The connection agreement is not accepted for %(name)s."), service.agreements.today
    found = [
        Ask(
            Press.NOW if each.stage is Stage.REFUSE else Press.SOON,
            lacking,
            f"/systems/{each.system}/agreement",
            {"name": names[each.system]},
        )
        for each in (service.agreements.standings() if service.agreements.dates() else ())
        if each.stage is not Stage.NONE and each.system in names
    ]
    due = _("A place where %(name)s does not use NPN is to be considered again: %(place)s")
    for each in service.requirements.others():
        if each.system in names and each.review_on is not None and each.review_on <= today:
            values: dict[str, object] = {"name": names[each.system], "place": each.place}
            found.append(Ask(Press.SOMETIME, due, f"/systems/{each.system}/other-numbers", values))
    return found


def _plain_http(service: Service, person: Person) -> list[Ask]:
    """Name who still calls over plain HTTP: it presses once its end is announced, and more the nearer that is."""
    if person.role in (AccountRole.GROUP, AccountRole.AUDITOR):
        return []
    plan, now = service.transport.plan(), service.ledger.clock()
    names = {each.id: each.name for each in service.systems.list() if person.may_see(each.id)}
    found = []
    for system, used in service.transport.usage().items():
        if system not in names or not used.plain:
            continue
        ends, press = plan.ends_for(system), Press.SOMETIME
        text = _("%(name)s called over plain HTTP %(calls)s times in 30 days.")
        values: dict[str, object] = {"name": names[system], "calls": used.plain}
        if ends is not None:
            press = Press.NOW if ends - now < timedelta(days=30) else Press.SOON
            text = _("%(name)s called over plain HTTP %(calls)s times in 30 days; it ends on %(day)s.")
            values["day"] = f"{ends:%Y-%m-%d}"
        found.append(Ask(press, text, f"/systems/{system}/transport", values))
    return found


def _cases(service: Service, person: Person) -> list[Ask]:
    """Return each operator's tasks: the cases that are theirs, and of those nobody looks after yet."""
    if not person.is_operator:
        return []
    waiting = service.cases.some(states=(CaseState.OPEN,))
    return [
        Ask(
            Press.SOON,
            _("Case %(number)s is yours: %(subject)s") if case.assigned else _("Case %(number)s waits: %(subject)s"),
            f"/cases/{case.number}",
            {"number": case.number, "subject": case.subject},
        )
        for case in waiting
        if case.assigned in ("", person.by)
    ]


def _beginning(service: Service, person: Person) -> list[Ask]:
    """Return what comes next for whoever has just set the service up."""
    if not person.is_operator:
        return []
    asks = []
    if not service.systems.list():
        asks.append(Ask(Press.SOON, _("No system is connected yet: connect the first."), "/add-system"))
    if sum(each.role is AccountRole.OPERATOR for each in service.accounts.list()) < 2:
        text = _("You are the only operator: make a second one, for some things need two.")
        asks.append(Ask(Press.SOMETIME, text, "/accounts/new"))
    return asks


ASKERS: Sequence[Asker] = (
    _beginning,
    _witness,
    _files,
    _background,
    _approvals,
    _pools,
    _cases,
    _stock,
    _unusual,
    _certificates,
    _plain_http,
    _contacts,
    _agreements,
    _proposals,
)
