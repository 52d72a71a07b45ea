"""A running service with somebody of every role, two worlds that must not see each other, and browsers for both.

`EXAMPLES` gives, for every parameter that a page's path may have, a value of one's own and one of the others'. A page
with a parameter that is not here fails the tests: say what to put in its place.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from drawing import draw
from npn.config import Settings
from npn.people.model import Account, AccountRole
from npn.systems.model import Caller, Environment, OrganisationKind, Role
from npn.wiring import Service, build, initialise
from running import Running

ROLES = tuple(AccountRole)
FOREIGN = "fremmed"  # in every name and id of the other world, and nowhere else
_TOKEN = re.compile(r'name="token" value="([0-9a-f]{64})"')


@dataclass
class Town:
    """The service, and its own way to the same database. `accounts` by role; `ours` and `foreign` name systems."""

    server: Running
    service: Service
    accounts: Mapping[AccountRole, Account]
    ours: str
    test: str
    foreign: str
    series: Mapping[str, str]
    approval: str
    connections: httpx.HTTPTransport  # shared by all browsers: making one takes longer than asking

    def browser(self, role: AccountRole | None, *, language: str = "en") -> "Browser":
        """Give a browser in which somebody of the role, or nobody, has signed in."""
        return self.browser_of(None if role is None else self.accounts[role], language=language)

    def browser_of(self, account: Account | None, *, language: str = "en") -> "Browser":
        """Give a browser in which somebody has signed in."""
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
    "account": lambda town: (town.accounts[AccountRole.OWNER].id, town.accounts[AccountRole.GROUP].id),
    "approval": lambda town: (town.approval, town.approval),
    "language": lambda _town: ("da", "en"),
    "link": lambda _town: ("none", "none"),
    "series": lambda town: (town.series[town.ours], town.series[town.foreign]),
    "system": lambda town: (town.ours, town.foreign),
}


def founded(settings: Settings) -> None:
    """Make the database with what is in it."""
    initialise(settings)
    service = build(settings)
    try:
        for name, vendor, owner, environment in (
            ("Labka Nord", "CSC Sundhed", "Nordsygehuset", Environment.PRODUCTION),
            ("Labka Nord Test", "CSC Sundhed", "Nordsygehuset", Environment.TEST),
            ("Fremmed Lab", "Fremmed Software", "Fremmedsygehuset", Environment.PRODUCTION),
        ):
            added = service.systems.add(by="t", name=name, vendor=vendor, owner=owner, environment=environment)
            draw(service, added, 1000)
        region = service.systems.organisation(OrganisationKind.REGION, "Region Nord")
        owner_id = service.systems.organisation(OrganisationKind.OWNER, "Nordsygehuset")
        vendor_id = service.systems.organisation(OrganisationKind.VENDOR, "CSC Sundhed")
        service.systems.set_region(owner_id, region, by="t")
        organisations = {AccountRole.REGION: region, AccountRole.OWNER: owner_id, AccountRole.VENDOR: vendor_id}
        for role in ROLES:
            service.accounts.add(
                by="t",
                email=f"{role.value}@example.dk",
                name=f"Anna {role.value.title()}",
                role=role,
                organisation=organisations.get(role),
            )
        wish = {"system": "labka-nord", "smallest_draw": 1, "largest_draw": 10**8, "quota": None, "quota_days": None}
        service.approvals.propose("limits", wish, by="account:somebody", reason="a year's stock at once")
    finally:
        service.close()


def town_of(server: Running, settings: Settings) -> Town:
    """Look at what is there."""
    service = build(settings)
    accounts = {account.role: account for account in service.accounts.list()}
    page = service.registry.page(by=Caller(Role.OPERATOR, "operator", None, ""), before=None, limit=50)
    series = {found.system: found.id for found in page.items}
    proposal = service.approvals.list()[0].id
    ours, test, foreign = "labka-nord", "labka-nord-test", "fremmed-lab"
    return Town(server, service, accounts, ours, test, foreign, series, proposal, httpx.HTTPTransport())
