"""Where everybody begins: what needs them today, the most pressing first.

A room that has something to ask of people adds a function, and its call to `_asks`: it is given the person and the
services that it needs, runs in a thread, and gives what it asks. What is about a system is asked only of those whose
system it is.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import IntEnum
from itertools import chain

from npn.agreements.model import Stage
from npn.agreements.proposals.model import ProposalState
from npn.agreements.proposals.service import Proposals
from npn.agreements.service import Agreements
from npn.agreements.status import Status
from npn.chores import Rounds
from npn.config import Settings
from npn.db import Database
from npn.errors import UnavailableError
from npn.http.answers import Answer
from npn.ledger.places import is_on_same_device
from npn.ledger.secrets import loose_files
from npn.ledger.service import Ledger
from npn.people.accounts import Accounts
from npn.people.approvals import Approvals, Decision
from npn.people.model import AccountRole, Person
from npn.pools.service import Pools
from npn.stock.cover import Colour
from npn.stock.picture import Pictures
from npn.support.model import CaseState
from npn.support.service import Cases
from npn.systems.certificates import Certificates
from npn.systems.model import SystemState
from npn.systems.service import Systems
from npn.transport.service import Transport
from npn.web.routes import get
from npn.web.rules import signed_in
from npn.web.services import WebServices
from npn.web.texts import Msgid, _
from npn.web.visit import Visit

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


@get("/overview", signed_in())
async def overview(visit: Visit) -> Answer:
    """Show what needs the visitor today."""
    asks = await visit.read(_asks, visit.services, visit.person)
    figures = await visit.read(_figures, visit.person, visit.services.systems, visit.services.pictures)
    return await visit.page("overview.html", asks=asks[:_MOST], more=max(0, len(asks) - _MOST), figures=figures)


def _asks(services: WebServices, person: Person) -> list[Ask]:
    """Ask every room; of those that press alike, in this order."""
    systems, pictures, ledger, database = services.systems, services.pictures, services.ledger, services.database
    asks = (
        _beginning(person, systems, services.accounts),
        _witness(person, ledger, database),
        _files(person, ledger, database, settings=services.settings),
        _background(person, services.rounds),
        _approvals(person, services.approvals),
        _pools(person, services.pools),
        _cases(person, services.cases),
        _stock(person, systems, pictures),
        _unusual(person, pictures),
        _certificates(person, services.certificates, ledger.clock()),
        _plain_http(person, systems, services.transport, now=ledger.clock()),
        _contacts(person, systems),
        _agreements(person, systems, services.agreements, requirements=services.requirements),
        _proposals(person, services.proposals, services.agreements.today),
    )
    return sorted(chain.from_iterable(asks), key=lambda ask: ask.press)


@dataclass(frozen=True, slots=True)
class SystemFigures:
    """The visitor's systems in figures; `covers` counts them by colour."""

    systems: int
    production: int
    suspended: int
    covers: dict[Colour, int]


def _figures(person: Person, systems: Systems, pictures: Pictures) -> SystemFigures:
    mine = [system for system in systems.list() if person.may_see(system.id)]
    covers = pictures.latest().covers
    colours = [covers[system.id].colour if system.id in covers else Colour.UNKNOWN for system in mine]
    return SystemFigures(
        systems=len(mine),
        production=sum(system.environment == "production" for system in mine),
        suspended=sum(system.state is SystemState.SUSPENDED for system in mine),
        covers={colour: colours.count(colour) for colour in Colour},
    )


def _witness(person: Person, ledger: Ledger, database: Database) -> list[Ask]:
    if not person.is_operator:
        return []
    try:
        ledger.check()
    except UnavailableError:
        return [Ask(Press.NOW, _("Nothing can be drawn: the witness and the database don't agree."), "/approvals")]
    if is_on_same_device(database, ledger.witness):
        text = _("The witness is on the same disk as the database: move it, or one loss takes both.")
        return [Ask(Press.SOON, text, "/ledger")]
    return []


def _files(person: Person, ledger: Ledger, database: Database, *, settings: Settings) -> list[Ask]:
    if not person.is_operator:
        return []
    loose = loose_files(settings, database, ledger.witness)
    text = _("Other users of the server's machine can read %(file)s, which holds secrets: chmod 600.")
    return [Ask(Press.NOW, text, "/settings", {"file": str(file.path)}) for file in loose]


def _background(person: Person, rounds: Rounds) -> list[Ask]:
    """Return what this server does by itself and can't at the moment, for each operator."""
    if not person.is_operator:
        return []
    text = _("The background work %(name)s has failed since %(since)s: %(error)s. The server's log says more.")
    return [
        Ask(Press.NOW, text, "/settings", {"name": work.name, "since": _utc(work.failing_since), "error": work.error})
        for work in rounds.all()
        if work.failing_since is not None
    ]


def _utc(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"


def _approvals(person: Person, approvals: Approvals) -> list[Ask]:
    if not person.is_operator:
        return []
    waiting = [
        approval
        for approval in approvals.list()
        if approval.state is Decision.OPEN and approval.proposed_by != person.by
    ]
    text = _("A proposal waits for a second person: %(reason)s")
    return [Ask(Press.NOW, text, f"/approvals/{approval.id}", {"reason": approval.reason}) for approval in waiting]


def _stock(person: Person, systems: Systems, pictures: Pictures) -> list[Ask]:
    if person.role in (AccountRole.GROUP, AccountRole.AUDITOR):
        return []
    asks = []
    names = {system.id: system.name for system in systems.list() if person.may_see(system.id)}
    for system, cover in sorted(pictures.latest().covers.items(), key=lambda item: item[1].days or 0):
        if system not in names or cover.colour not in (Colour.RED, Colour.AMBER):
            continue
        press = Press.NOW if cover.colour is Colour.RED else Press.SOON
        text = _("%(name)s has stock for %(days)s days; six months are agreed.")
        values: dict[str, object] = {"name": names[system], "days": int(cover.days or 0)}
        asks.append(Ask(press, text, f"/systems/{system}", values))
    return asks


def _unusual(person: Person, pictures: Pictures) -> list[Ask]:
    if not person.is_operator:
        return []
    text = _(
        "%(name)s drew %(usable)s usable numbers at once, %(times)s times its normal draw: ask whether it was meant."
    )
    return [
        Ask(
            Press.SOON,
            text,
            f"/systems/{draw.system}",
            {"name": draw.system, "usable": draw.usable, "times": int(draw.usable / max(draw.mean, 1))},
        )
        for draw in pictures.latest().unusual
    ]


def _certificates(person: Person, certificates: Certificates, now: datetime) -> list[Ask]:
    if person.role in (AccountRole.GROUP, AccountRole.AUDITOR):
        return []
    asks = []
    for certificate in certificates.expiring(within=AHEAD, now=now):
        if person.may_see(certificate.system):
            left = (certificate.not_after - now).days
            press = Press.NOW if left < 7 else Press.SOON if left < 30 else Press.SOMETIME
            text = (
                _("A certificate of %(name)s ends in %(days)s days.")
                if left >= 0
                else _("A certificate of %(name)s has expired.")
            )
            path = f"/systems/{certificate.system}/certificates"
            asks.append(Ask(press, text, path, {"name": certificate.system, "days": left}))
    return asks


def _contacts(person: Person, systems: Systems) -> list[Ask]:
    if person.role in (AccountRole.GROUP, AccountRole.AUDITOR, AccountRole.VENDOR):
        return []
    missing = systems.without_contact()
    return [
        Ask(
            Press.SOMETIME,
            _("Nobody is named as a contact of %(name)s."),
            f"/systems/{system.id}/contacts",
            {"name": system.name},
        )
        for system in systems.list()
        if system.id in missing and person.may_act_for(system.id)
    ]


def _pools(person: Person, pools: Pools) -> list[Ask]:
    if person.role in (AccountRole.GROUP, AccountRole.AUDITOR):
        return []
    text = _("An agent's pool of %(name)s was copied or restored: some of its numbers may have been used twice.")
    return [
        Ask(Press.NOW, text, f"/systems/{pool.pool.system}", {"name": pool.pool.system})
        for pool in pools.list(contested=True)
        if person.may_see(pool.pool.system)
    ]


def _proposals(person: Person, proposals: Proposals, today: date) -> list[Ask]:
    if person.role is AccountRole.AUDITOR:
        return []
    asks = []
    for proposal in proposals.all():
        if proposal.state is not ProposalState.OPEN:
            continue
        path, values = f"/agreements/proposals/{proposal.id}", {"id": proposal.id, "title": proposal.title}
        if proposal.comments_until is None or proposal.comments_until >= today:
            text = _("Change proposal %(id)s is open for comments: %(title)s")
            asks.append(Ask(Press.SOMETIME, text, path, {**values}))
        elif person.is_operator:
            text = _("Change proposal %(id)s waits for the decision: %(title)s")
            asks.append(Ask(Press.SOON, text, path, {**values}))
    return asks


def _agreements(person: Person, systems: Systems, agreements: Agreements, *, requirements: Status) -> list[Ask]:
    if person.role not in (AccountRole.OPERATOR, AccountRole.REGION, AccountRole.OWNER):
        return []
    names = {system.id: system.name for system in systems.list() if person.may_act_for(system.id)}
    lacking, today = _("The connection agreement is not accepted for %(name)s."), agreements.today
    asks = [
        Ask(
            Press.NOW if standing.stage is Stage.REFUSE else Press.SOON,
            lacking,
            f"/systems/{standing.system}/agreement",
            {"name": names[standing.system]},
        )
        for standing in (agreements.standings() if agreements.dates() else ())
        if standing.stage is not Stage.NONE and standing.system in names
    ]
    due = _("A place where %(name)s does not use NPN is to be considered again: %(place)s")
    for place in requirements.others():
        if place.system in names and place.review_on is not None and place.review_on <= today:
            values: dict[str, object] = {"name": names[place.system], "place": place.place}
            asks.append(Ask(Press.SOMETIME, due, f"/systems/{place.system}/other-numbers", values))
    return asks


def _plain_http(person: Person, systems: Systems, transport: Transport, *, now: datetime) -> list[Ask]:
    """Name who still calls over plain HTTP: it presses once its end is announced, and more the nearer that is."""
    if person.role in (AccountRole.GROUP, AccountRole.AUDITOR):
        return []
    plan = transport.plan()
    names = {system.id: system.name for system in systems.list() if person.may_see(system.id)}
    asks = []
    for system, used in transport.usage().items():
        if system not in names or not used.plain:
            continue
        ends, press = plan.ends_for(system), Press.SOMETIME
        text = _("%(name)s called over plain HTTP %(calls)s times in 30 days.")
        values: dict[str, object] = {"name": names[system], "calls": used.plain}
        if ends is not None:
            press = Press.NOW if ends - now < timedelta(days=30) else Press.SOON
            text = _("%(name)s called over plain HTTP %(calls)s times in 30 days; it ends on %(day)s.")
            values["day"] = f"{ends:%Y-%m-%d}"
        asks.append(Ask(press, text, f"/systems/{system}/transport", values))
    return asks


def _cases(person: Person, cases: Cases) -> list[Ask]:
    """Return each operator's tasks: the cases that are theirs, and of those nobody looks after yet."""
    if not person.is_operator:
        return []
    waiting = cases.some(states=(CaseState.OPEN,))
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


def _beginning(person: Person, systems: Systems, accounts: Accounts) -> list[Ask]:
    """Return what comes next for whoever has just set the service up."""
    if not person.is_operator:
        return []
    asks = []
    if not systems.list():
        asks.append(Ask(Press.SOON, _("No system is connected yet: connect the first."), "/add-system"))
    if sum(account.role is AccountRole.OPERATOR for account in accounts.list()) < 2:
        text = _("You are the only operator: make a second one, for some things need two.")
        asks.append(Ask(Press.SOMETIME, text, "/accounts/new"))
    return asks
