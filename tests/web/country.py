"""A country's volume in a town: its systems with their draws, stock reports, calls, contacts, cases and mail.

What the roles of the town see grows with it: the owner has a third of the systems, the vendor a third, the region
nearly all. The town's own system has a fifth of all series.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from msgspec.structs import replace

from letters import the_last
from npn.agreements.model import Evidence, VersionNumber
from npn.config import Settings
from npn.db import Database
from npn.instants import danish_day
from npn.mail.model import Email
from npn.mail.service import put
from npn.registry.draws import GrantedSeries
from npn.registry.model import Draw
from npn.stock.tables import stock_report
from npn.support.model import CaseKind, Requester
from npn.support.service import CaseMessage, add_said
from npn.systems.model import Environment, OrganisationKind
from npn.transport.tables import call_day
from npn.wiring.assembly import build
from npn.wiring.service import Service
from web.town import ASKED

_DRAWS_AT_ONCE, _CASES_AT_ONCE, _REPORTED_AT_ONCE = 2500, 200, 50
_PRODUCTS = ("Labka II", "BCC Web", "MADS", "Patologisystemet", "Blodbank", "MikroLab", "GenLab", "Almen Lab")
_PLACES = (
    *("Aalborg", "Hjørring", "Thisted", "Viborg", "Randers", "Aarhus", "Horsens", "Herning", "Gødstrup", "Kolding"),
    *("Vejle", "Esbjerg", "Aabenraa", "Sønderborg", "Odense", "Svendborg", "Køge", "Slagelse", "Holbæk", "Nykøbing F"),
    *("Roskilde", "Hillerød", "Herlev", "Glostrup", "Hvidovre", "Bispebjerg"),
)
_VENDORS = ("CSC Sundhed", "Autonik", "CGI", "Labware", "Sectra", "Tieto", "Softlab", "Bio-IT", "EG", "Dedalus")
_OWNERS = ("Nordsygehuset", *(f"{place} Sygehus" for place in _PLACES[3:]))
_TOWNS_OWN = ("labka-nord", "fremmed-lab")  # its systems in production


@dataclass(frozen=True, slots=True)
class CountrySize:
    """How much there is; `days` of history."""

    systems: int = 201
    series: int = 100_000
    days: int = 3 * 365
    cases: int = 1000
    emails: int = 5000
    requests: int = 40


class SetClock:
    """A clock that is set."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


def grow(settings: Settings, size: CountrySize) -> None:
    """Fill a founded town with a country's volume."""
    now = datetime.now(UTC)
    clock = SetClock(now - timedelta(days=size.days))
    service = build(settings, clock=clock)
    try:
        keys = _systems(service, size.systems - len(_TOWNS_OWN))
        names = list(keys)
        _draws(service, clock, keys, size)
        clock.at = now
        _work(service, names)
        _requests(service, clock, size.requests)
        _cases(service, names, size.cases)
        _emails(service.database, now, size.emails)
        _reports(service.database, names, days=size.days)
        _calls(service.database, names, days=min(size.days, 90))
    finally:
        service.close()


def _systems(service: Service, count: int) -> dict[str, str]:
    """Connect the systems; return each one's key, as draws name it, those of the town first."""
    keys = {system: service.systems.rotate_key(system, by="admin:t").digest for system in _TOWNS_OWN}
    for number in range(count):
        product, place = _PRODUCTS[number % len(_PRODUCTS)], _PLACES[number % len(_PLACES)]
        system, key = service.systems.add(
            by="admin:t",
            name=f"{product} {place} {number:03}",
            vendor=_VENDORS[number % len(_VENDORS)] if number % 3 else _VENDORS[0],
            owner=_OWNERS[number % len(_OWNERS)] if (number + 1) % 3 else _OWNERS[0],
            environment=Environment.PRODUCTION if number % 10 else Environment.TEST,
            new_organisations=True,
        )
        keys[system.id] = key.digest
    region = service.systems.organisation(OrganisationKind.REGION, "Region Nord")
    for organisation in service.systems.organisations():
        if organisation.kind is OrganisationKind.OWNER and organisation.name in _OWNERS:
            service.systems.set_region(organisation.id, region, by="admin:t")
    return keys


def _draws(service: Service, clock: SetClock, keys: dict[str, str], size: CountrySize) -> None:
    """Draw over all the years; last by the town's own, so that theirs are the newest."""
    chance, names, began = random.Random(4), list(keys), clock.at
    span = timedelta(days=size.days)
    for start in range(0, size.series, _DRAWS_AT_ONCE):
        clock.at = began + span * (start / size.series)
        wishes = []
        for number in range(start, min(start + _DRAWS_AT_ONCE, size.series)):
            system = names[0] if number % 5 == 0 else chance.choice(names)
            count = chance.randint(500, 5000)
            wishes.append(Draw(system, keys[system], f"c{number}", count, None, None, None))
        _granted(service, wishes)
    clock.at = began + span
    _granted(service, [Draw(system, keys[system], "last", 1000, None, None, None) for system in _TOWNS_OWN])


def _granted(service: Service, wishes: Sequence[Draw]) -> None:
    for answer in service.registry.draw(wishes):
        if not isinstance(answer, GrantedSeries):
            raise answer


def _work(service: Service, names: Sequence[str]) -> None:
    """Make what people have done: contacts, questions to them, acceptances, units, proposals."""
    region = service.systems.organisation(OrganisationKind.REGION, "Region Nord")
    number_in_force = VersionNumber(1, 0)
    for number, name in enumerate(names):
        for kind in ("technical", "administrative"):
            email = f"{kind}{number}@example.dk"
            service.systems.set_contact(
                name, by="admin:t", kind=kind, name="Tore Holm", email=email, telephone="33123456"
            )
        if number % 4 == 0:
            service.contacts.ask(name, by="admin:t")
        if number % 2:
            seen, capacity = Evidence("brev"), "laboratoriechef"
            service.agreements.accept(
                name, by="admin:t", accepted_by="Olga Dam", capacity=capacity, number=number_in_force, evidence=seen
            )
        if number % 5 == 0:
            service.regions.set_unit(
                by="admin:t", region=region, name=f"Labdrift {number}", email=f"drift{number}@example.dk"
            )
        if number % 10 == 5:
            wish = {"system": name, "smallest_draw": 1, "largest_draw": 10**8, "quota": None, "quota_days": None}
            service.approvals.propose("limits", wish, by="account:other", reason="Et års lager på én gang")


def _requests(service: Service, clock: SetClock, count: int) -> None:
    for number in range(count):
        clock.at += timedelta(milliseconds=1)
        who = Requester("Rikke Lund", f"rikke{number}@example.dk")
        asked = replace(ASKED, system=f"Nyt laboratorium {number}")
        service.onboarding.asking.ask(asked, requester=who, remote=f"192.0.2.{number}")
        service.onboarding.asking.confirm(the_last(service, "apply/confirm").token)


def _cases(service: Service, names: Sequence[str], count: int) -> None:
    for start in range(0, count, _CASES_AT_ONCE):
        with service.ledger.transaction() as tx:
            for number in range(start, min(start + _CASES_AT_ONCE, count)):
                system = names[number % len(names)]
                case = service.cases.open_in(
                    tx,
                    by="admin:t",
                    kind=CaseKind.SUPPORT,
                    subject=f"Træk afvises {number}",
                    requester=Requester("Olga Dam", f"olga{number}@example.dk"),
                    system=system,
                )
                add_said(tx, case.number, CaseMessage("Hvad nu?", "Olga Dam"))
    for case in service.cases.some()[: count // 2]:  # some wait for an answer
        if case.number % 3 == 0:
            service.cases.reply(case.number, "Prøv igen i morgen.", by="admin:t", author="Anna")


def _emails(database: Database, now: datetime, count: int) -> None:
    with database.write() as connection:
        for number in range(count):
            email = Email(f"modtager{number}@example.dk", f"Besked {number}", "Kære modtager\n" + "linje\n" * 20)
            put(connection, email, at=now - timedelta(minutes=number + 60))


def _reports(database: Database, names: Sequence[str], *, days: int) -> None:
    """Write a report a day of each, three in four of them; the others never say what they have."""
    now = datetime.now(UTC)
    reporting = [name for number, name in enumerate(names) if number % 4 != 3]
    for day in range(days, 0, -_REPORTED_AT_ONCE):
        rows = []
        for back in range(day, max(day - _REPORTED_AT_ONCE, 0), -1):
            at = now - timedelta(days=back)
            rows += [
                {"system_id": name, "free": 20_000 + 400 * n - 20 * (back % 60), "used_per_day": 150.0}
                | {"as_of": at, "received_at": at}
                for n, name in enumerate(reporting)
            ]
        with database.write() as connection:
            connection.execute(sa.insert(stock_report), rows)


def _calls(database: Database, names: Sequence[str], *, days: int) -> None:
    """Count every day's calls, every third system's over plain HTTP."""
    now = datetime.now(UTC)
    rows = [
        {"system_id": name, "day": danish_day(at), "channel": "rest", "plain": 0 if n % 3 else 20, "secure": 20}
        | {"certified": 0, "refused": 0, "plain_at": None if n % 3 else at, "plain_from": None}
        for at in (now - timedelta(days=back) for back in range(days))
        for n, name in enumerate(names)
    ]
    with database.write() as connection:
        connection.execute(sa.insert(call_day), rows)
