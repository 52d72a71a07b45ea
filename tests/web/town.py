"""A running service with somebody of every role, two worlds that must not see each other, and browsers for both.

`EXAMPLES` gives, for every parameter that a page's path may have, a value of one's own and one of the others'. A page
with a parameter that is not here fails the tests: say what to put in its place.
"""

import itertools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import httpx

from agreements_texts import TEXTS, months_of_stock
from drawing import draw
from letters import the_last
from npn.agreements.model import Language, Numbering, VersionNumber
from npn.agreements.proposals.model import Forum, ProposalSubject
from npn.config import Settings
from npn.mail.model import Email
from npn.onboarding.model import ConnectionWishes, State, StepName
from npn.people.model import Account, AccountRole
from npn.standards.listing import read_list
from npn.standards.model import CapabilityState, Direction
from npn.standards.products import CapabilityWish, InstallationWish
from npn.support.contacts import Contact
from npn.support.model import Requester
from npn.systems.model import Caller, Environment, OrganisationKind, Role
from npn.systems.register import COLUMNS
from npn.tasks.mailing import DailyText, DueEmail
from npn.wiring.assembly import build
from npn.wiring.service import Service
from prepared import initialised
from running import Running
from running_service import Served

ROLES = tuple(AccountRole)
FOREIGN = "fremmed"  # in every name and id of the other world, and nowhere else
_number = itertools.count(1)
_TOKEN = re.compile(r'name="token" value="([^"]+)"')


@dataclass
class Town:
    """The service, and its own way to the same database. `accounts` by role; `ours` and `foreign` name systems."""

    server: Running | Served
    service: Service
    accounts: Mapping[AccountRole, Account]
    ours: str
    test: str
    foreign: str
    series: Mapping[str, str]
    approval: str
    connections: httpx.HTTPTransport  # shared by all browsers: making one takes longer than asking

    def browser(self, role: AccountRole | None, *, language: str = "en") -> "Browser":
        """Return a browser in which somebody of the role, or nobody, has signed in."""
        return self.browser_of(None if role is None else self.accounts[role], language=language)

    def browser_of(self, account: Account | None, *, language: str = "en") -> "Browser":
        """Return a browser in which somebody has signed in."""
        client = httpx.Client(base_url=self.server.url, timeout=60.0, trust_env=False, transport=self.connections)
        client.cookies.set("npn_language", language)
        if account is not None:
            session = self.service.sessions.begin(account, proved=True)
            client.cookies.set("npn_session", session.token)
        return Browser(client)

    @property
    def everything(self) -> Caller:
        """A caller who sees every series."""
        return Caller(Role.OPERATOR, "operator", None, "")

    def letters(self) -> list[str]:
        """Return what is in the outbox: receiver and text."""
        return [f"{letter.to}: {letter.text}" for letter in self.service.outbox.emails()]

    def entries(self) -> int:
        """Count the ledger's entries."""
        return self.service.ledger.state().length

    def address(self, path: str, *, foreign: bool = False) -> str:
        """Fill in a path's parameters."""
        return re.sub(r"\{([a-z_]+)\}", lambda found: EXAMPLES[found[1]](self)[foreign], path)


@dataclass
class Browser:
    """What a browser does with forms."""

    client: httpx.Client

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.client.get(path, headers={"Accept": "text/html"}, **more)

    def token(self) -> str:
        """Find the token that this browser's forms carry."""
        found = _TOKEN.search(self.get("/").text) or _TOKEN.search(self.get("/sign-in").text)
        assert found is not None
        return found[1]

    def post(self, path: str, values: Mapping[str, str] | None = None, *, token: str | None = None) -> httpx.Response:
        fields = {**(values or {}), "token": self.token() if token is None else token}
        return self.client.post(path, data=fields)


EXAMPLES: Mapping[str, Callable[[Town], tuple[str, str]]] = {
    "acceptance": lambda town: (acceptance_of(town, town.ours), acceptance_of(town, town.foreign)),
    "place": lambda town: (place_of(town, town.ours), place_of(town, town.foreign)),
    "standard": lambda _town: ("RPT02", "RPT02"),
    "sample": lambda _town: ("answer-edifact", "answer-edifact"),
    "message_rule": lambda _town: ("result.comma", "result.comma"),
    "requirement": lambda _town: ("repeatable", "repeatable"),
    "case": lambda town: (case_about(town, town.ours), case_about(town, town.foreign)),
    "case_link": lambda town: (private_link(town), "none"),
    "confirm_link": lambda town: (confirm_link(town), "none"),
    "contact_link": lambda town: (contact_link(town), "none"),
    "key_link": lambda town: (key_link(town), "none"),
    "email": lambda town: (town.service.outbox.emails(limit=1)[0].id, "none"),
    "asked": lambda town: (town.service.onboarding.requests()[0].id, "none"),
    "account": lambda town: (town.accounts[AccountRole.OWNER].id, town.accounts[AccountRole.GROUP].id),
    "approval": lambda town: (town.approval, town.approval),
    "brown_out": lambda _town: ("t0000000000", "t0000000000"),
    "document": lambda _town: ("owner", "rest"),
    "decision": lambda _town: ("0001-one-table-of-live-ranges", "0054-two-people"),
    "file": lambda _town: ("architecture.svg", "verify.mjs"),
    "language": lambda _town: ("da", "en"),
    "step_link": lambda town: (step_link(town), "none"),
    "link": lambda _town: ("none", "none"),
    "organisation": lambda _town: ("owner-nordsygehuset", "owner-fremmedsygehuset"),
    "reset_link": lambda _town: ("none", "none"),
    "proposal": lambda town: (town.service.proposals.all()[-1].id, "1999-1"),
    "series": lambda town: (town.series[town.ours], town.series[town.foreign]),
    "system": lambda town: (town.ours, town.foreign),
    "daily_link": lambda town: (daily_link(town), "none"),
    "test_mail_link": lambda town: (test_mail_link(town), "none"),
    "task_kind": lambda _town: ("cases", "cases"),
    "answer": lambda _town: ("key", "certificate"),
    "unit": lambda _town: ("region-nord-labdrift", "fremmed-fremmed-it"),
}


ASKED = ConnectionWishes(
    system="Nyt Lab",
    vendor="CSC Sundhed",
    owner="Nordsygehuset",
    expected_per_day=100,
    transport="https_key",
    contacts=(Contact("technical", "Tore Teknik", "tore@example.dk"), Contact("administrative", "A", "a@example.dk")),
)


def case_about(town: Town, system: str) -> str:
    """Return the number of the case about a system; a form that took its system away is undone."""
    found = next(case for case in town.service.cases.some() if case.subject == f"Om {system}")
    if found.system != system:
        town.service.cases.set_system(found.number, system, by="admin:t")
    return str(found.number)


def acceptance_of(town: Town, system: str) -> str:
    """Return an acceptance that the town has had from the first; it ended."""
    return town.service.agreements.acceptances(system, ended=True)[-1].id


def place_of(town: Town, system: str) -> str:
    """Return a place where a system does not use NPN; one that a form ended is noted again."""
    places = town.service.requirements.others(system)
    return places[0].id if places else noted(town.service, system)


def noted(service: Service, system: str) -> str:
    """Note a place where a system does not use NPN."""
    name = "Fremmed patologi" if "fremmed" in system else "Patologien"
    note = service.requirements.note_others
    return note(system, Numbering.INTERNAL, place=name, reason="Etiketter", sends_onward=None, by="admin:t").id


def private_link(town: Town) -> str:
    """Return a new link to a case's private page."""
    number = int(case_about(town, town.ours))
    with town.service.ledger.transaction() as tx:
        return town.service.cases.new_link(tx, number).rpartition("/")[2]


def confirm_link(town: Town) -> str:
    """Ask again to be connected, and give the link that confirms it."""
    requester = Requester("Rikke", f"r{next(_number)}@example.dk")
    town.service.onboarding.asking.ask(ASKED, requester=requester, remote=str(next(_number)))
    return the_last(town.service, "apply/confirm").token


def contact_link(town: Town) -> str:
    """Ask a system's contacts, and give the link of the question."""
    town.service.contacts.ask(town.ours, by="admin:t")
    return the_last(town.service, "/contacts/").token


def daily_link(town: Town) -> str:
    """Write a daily mail, and give the link that ends them."""
    account = town.accounts[AccountRole.OPERATOR]
    town.service.task_mailing.subscribe(account.id, "da")
    due = DueEmail(account, "da", date(2100, 1, next(_number) % 27 + 1))
    links: list[str] = []

    def write(link: str) -> DailyText:
        links.append(link)
        return DailyText("x", link)

    while not town.service.task_mailing.settle(due, write):
        due = replace(due, day=due.day + timedelta(days=1))
    return links[0].rpartition("/")[2]


def test_mail_link(town: Town) -> str:
    """Send a test mail, and give the link that confirms it."""
    setup = replace(town.service.setup, settings=replace(town.service.setup.settings, mail_works=True))
    setup.send_test_mail(to="anna@example.dk", by="account:t", write=lambda link: Email("anna@example.dk", "x", link))
    return the_last(town.service, "/setup/mail/").token


test_mail_link.__test__ = False  # type: ignore[attr-defined]  # a helper


def key_link(town: Town) -> str:
    """Offer a key, and give the link to it."""
    town.service.onboarding.handovers.offer(town.test, to="tore@example.dk", name="Tore", by="admin:t")
    return the_last(town.service, "/key/").token


def step_link(town: Town) -> str:
    """Send a link to a step of a request, and give it."""
    service, owner = town.service, Contact("administrative", "A", "a@example.dk")
    request = next((r for r in service.onboarding.requests() if r.state is State.UNDER_WAY), None)
    if request is None:
        request, _token = service.onboarding.asking.confirm(confirm_link(town))
    with service.ledger.transaction() as tx:
        service.onboarding.links.send_in(tx, request, "accept_agreement", step=StepName.AGREEMENT, to=owner)
    return the_last(service, "/step/").token


def founded(settings: Settings, texts: Mapping[Language, str] = TEXTS) -> None:
    """Make the database with what is in it; `texts` are the agreement's."""
    initialised(settings)
    service = build(settings)
    try:
        for name, vendor, owner, environment in (
            ("Labka Nord", "CSC Sundhed", "Nordsygehuset", Environment.PRODUCTION),
            ("Labka Nord Test", "CSC Sundhed", "Nordsygehuset", Environment.TEST),
            ("Fremmed Lab", "Fremmed Software", "Fremmedsygehuset", Environment.PRODUCTION),
        ):
            added = service.systems.add(by="admin:t", name=name, vendor=vendor, owner=owner, environment=environment)
            draw(service, added, 1000)
        region = service.systems.organisation(OrganisationKind.REGION, "Region Nord")
        foreign_region = service.systems.organisation(OrganisationKind.REGION, "Fremmed")
        owner_id = service.systems.organisation(OrganisationKind.OWNER, "Nordsygehuset")
        vendor_id = service.systems.organisation(OrganisationKind.VENDOR, "CSC Sundhed")
        service.systems.set_region(owner_id, region, by="admin:t")
        for region_id, name in ((region, "Labdrift"), (foreign_region, "Fremmed It")):
            service.regions.set_unit(by="admin:t", region=region_id, name=name, email="it@example.dk")
        organisations = {AccountRole.REGION: region, AccountRole.OWNER: owner_id, AccountRole.VENDOR: vendor_id}
        for role in ROLES:
            service.accounts.add(
                by="admin:t",
                email=f"{role.value}@example.dk",
                name=f"Anna {role.value.title()}",
                role=role,
                organisation=organisations.get(role),
            )
        (operator,) = (account for account in service.accounts.list() if account.role is AccountRole.OPERATOR)
        wish = {"system": "labka-nord", "smallest_draw": 1, "largest_draw": 10**8, "quota": None, "quota_days": None}
        service.approvals.propose("limits", wish, by=operator.by, reason="a year's stock at once")
        service.agreements.publish(VersionNumber(1, 0), texts, by="admin:t", effective_from=service.agreements.today)
        proposed(service)
        for system in ("labka-nord", "fremmed-lab"):
            noted(service, system)
            who = "Fremmed Chef" if "fremmed" in system else "Anna"
            made = service.agreements.accept(system, by="admin:t", accepted_by=who, capacity="chef")
            service.agreements.end_acceptance(made.id, by="admin:t", reason="prøve")
        supported(service)
        listed(service)
    finally:
        service.close()


def listed(service: Service) -> None:
    """Import a list of standards, and say what an installation of one system takes."""
    rows = ["Labka,CSC Sundhed,Lab,Mikrobiologisvar,RPT02 (R0231M),Sende,Godkendt"]
    rows += [f"Novax,Novax,Læge,Mikrobiologisvar,RPT02 (R0231M),Modtage,{status}" for status in ("Godkendt", "Tester")]
    service.standards.import_list(read_list("\n".join([",".join(COLUMNS), *rows]) + "\n"), by="admin:t")
    made = service.products.set_installation("novax", by="admin:t", wish=InstallationWish(region="Region Nord"))
    said = CapabilityWish(
        service.standards.version("R0231M"),
        Direction.RECEIVE,
        CapabilityState.YES,
        "attested",
        "Region Nord",
        {"max_results": "20"},
    )
    service.products.set_capability(made.id, said, by="admin:t")


def proposed(service: Service) -> None:
    """Put a change forward, and comment on it."""
    texts = months_of_stock(274)
    made = service.proposals.propose(
        VersionNumber(1, 1),
        texts,
        subject=ProposalSubject(forum=Forum.USER_GROUP, title="Ni måneder", reason="Længere nedbrud"),
        by="admin:t",
    )
    service.proposals.comment(made.id, section="4.2", text="For meget", said_by="Bo, Region Nord", by="admin:t")


def supported(service: Service) -> None:
    """Make cases of both worlds, contacts, and a request under way."""
    for system in ("labka-nord", "fremmed-lab"):
        requester = Requester("Fremmed Person" if "fremmed" in system else "Anna", f"{system}@example.dk")
        service.cases.open(by="admin:t", subject=f"Om {system}", text="Hvad nu?", requester=requester, system=system)
    service.systems.set_contact(
        "labka-nord", by="admin:t", kind="technical", name="Tore", email="tore@example.dk", telephone="33123456"
    )
    service.onboarding.asking.ask(ASKED, requester=Requester("Rikke", "rikke@example.dk"), remote="x")
    service.onboarding.asking.confirm(the_last(service, "apply/confirm").token)


def town_of(server: Running | Served, settings: Settings) -> Town:
    """Look at what is there."""
    service = build(settings)
    accounts = {account.role: account for account in service.accounts.list()}
    page = service.registry.page(by=Caller(Role.OPERATOR, "operator", None, ""), before=None, limit=50)
    series = {found.system: found.id for found in page.items}
    proposal = service.approvals.list()[0].id
    ours, test, foreign = "labka-nord", "labka-nord-test", "fremmed-lab"
    return Town(server, service, accounts, ours, test, foreign, series, proposal, httpx.HTTPTransport())
