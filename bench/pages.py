"""How long a page takes at the server and how large it is, with a country's register behind it.

200 systems, 100,000 series drawn over three years, a stock report a day from each; contacts, questions to them, an
agreement that half have accepted, calls of ninety days, cases, requests and proposals. Every page that an operator
may open is asked for over loopback, one at a time, as the operator sees it: the whole country. Each has the median of
what the client waited and the processor time that the server spent: on a machine that is busy elsewhere the second is
what the page costs. `NPN_BENCH_DATABASE` names an empty PostgreSQL database to use in place of an SQLite file.
"""

import os
import random
import tempfile
import time
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from statistics import median

import httpx
import sqlalchemy as sa
from msgspec.structs import replace
from tests.letters import the_last
from tests.running import Running, running

from npn.agreements.model import Evidence, Language, VersionNumber
from npn.config import Settings
from npn.db import Database
from npn.onboarding.model import ConnectionWishes
from npn.people.approvals import Wish
from npn.people.model import AccountRole
from npn.registry.model import Draw
from npn.stock.tables import stock_report
from npn.support.contacts import Contact
from npn.support.model import Requester
from npn.systems.model import OPERATOR, Caller, Environment, OrganisationKind, Role
from npn.transport.calls import Tally
from npn.web import pages
from npn.web.routes import TABLE
from npn.wiring.assembly import build
from npn.wiring.service import Service
from npn.wiring.setup import initialise

SYSTEMS, SERIES, DAYS, BATCH, ROUNDS = 200, 100_000, 3 * 365, 2500, 11
REQUESTS = 40  # confirmed ones; a year has some ten
LIMIT_MS, LIMIT_BYTES = 100, 150_000
_ASKED = ConnectionWishes(
    system="New",
    vendor="Vendor 1",
    owner="Owner 1",
    expected_per_day=100,
    transport="https_key",
    contacts=(Contact("technical", "T", "t@example.dk"), Contact("administrative", "A", "a@example.dk")),
)


class Clock:
    """A clock that is set."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        """Return what it is set to."""
        return self.at


def run() -> dict[str, object]:
    """Fill, serve, ask for every page."""
    with tempfile.TemporaryDirectory(prefix="npn-bench-") as name:
        folder = Path(name)
        database = os.environ.get("NPN_BENCH_DATABASE") or f"sqlite:///{folder / 'npn.db'}"
        settings = Settings(database=database, witness=str(folder / "npn.witness"))
        initialise(settings)
        examples = _filled(settings)
        with running(settings, folder) as server:
            session = _session(settings)
            with httpx.Client(base_url=server.url, timeout=60.0, trust_env=False) as client:
                client.cookies.set("npn_session", session)
                found = {path: _asked(server, client, path, examples) for path in _paths(examples)}
            idle = round(server.memory(), 1)
    return {
        "engine": settings.database.partition(":")[0],
        "systems": SYSTEMS,
        "series": SERIES,
        "stock_reports": SYSTEMS * DAYS,
        "slowest_median_ms": max(each["median_ms"] for each in found.values()),
        "slowest_server_ms": max(each.get("server_ms", 0) for each in found.values()),
        "largest_bytes": max(each["bytes"] for each in found.values()),
        "server_mb_after": idle,
        "over_the_limits": [path for path, each in found.items() if _is_over(each)],
        "pages": found,
    }


def _is_over(each: dict[str, float]) -> bool:
    return "status" in each or each["server_ms"] > LIMIT_MS or each["bytes"] > LIMIT_BYTES


def _filled(settings: Settings) -> dict[str, str]:
    chance, now = random.Random(4), datetime.now(UTC)
    clock = Clock(now - timedelta(days=DAYS))
    service = build(settings, clock=clock)
    keys = {}
    for number in range(SYSTEMS):
        system, key = service.systems.add(
            by="bench",
            name=f"System {number:03}",
            vendor=f"Vendor {number % 12}",
            owner=f"Owner {number % 30}",
            environment=Environment.PRODUCTION,
        )
        keys[system.id] = key.digest
    names = list(keys)
    for start in range(0, SERIES, BATCH):
        clock.at = now - timedelta(days=DAYS) * (1 - start / SERIES)
        wishes = []
        for number in range(start, start + BATCH):
            system_id = names[0] if number % 5 == 0 else chance.choice(names)
            count = chance.randint(500, 5000)
            wishes.append(Draw(system_id, keys[system_id], f"r{number}", count, None, None, None))
        service.registry.draw(wishes)
    page = service.registry.page(by=Caller(Role.OPERATOR, OPERATOR, None, ""), before=None, limit=1)
    examples = {"system": names[0], "series": page.items[0].id, **_desk(service, clock, names)}
    _reports(service.database, names, now)
    _calls(service, names, now)
    service.close()
    return examples


def _desk(service: Service, clock: Clock, names: list[str]) -> dict[str, str]:
    """Fill what people work with, and name one of each."""
    account, _ = service.accounts.add(by="bench", email="a@example.dk", name="Anna", role=AccountRole.OPERATOR)
    texts = {
        language: files("npn.agreements").joinpath("texts", f"connection.{language}.md").read_text("utf-8")
        for language in Language
    }
    agreed = VersionNumber(1, 0)
    service.agreements.publish(agreed, texts, by="bench", effective_from=service.agreements.today)
    region = service.systems.organisation(OrganisationKind.REGION, "Region Nord")
    for number, name in enumerate(names):
        clock.at += timedelta(seconds=1)
        for kind in ("technical", "administrative"):
            email = f"{kind}{number}@example.dk"
            service.systems.set_contact(name, by="bench", kind=kind, name="Tore", email=email, telephone="33123456")
        service.contacts.ask(name, by="bench")
        if number % 2:
            capacity, seen = "head of laboratory", Evidence("a letter")
            service.agreements.accept(
                name, by="bench", accepted_by="Olga", capacity=capacity, number=agreed, evidence=seen
            )
        who = Requester("Olga", f"olga{number}@example.dk")
        case = service.cases.open(by="bench", subject=f"About {name}", text="?", requester=who, system=name)
        service.cases.reply(case.number, "!", by="bench", author="Anna")
        service.regions.set_unit(
            by="bench", region=region, name=f"Unit {number}", email=f"u{number}@example.dk", telephone="", hours=""
        )
        service.onboarding.asking.ask(
            replace(_ASKED, system=f"New {number}"), requester=who, remote=f"192.0.2.{number}"
        )
        if number < REQUESTS:
            service.onboarding.asking.confirm(the_last(service, "apply/confirm").token)
        wish: Wish = {"system": name, "smallest_draw": 1, "largest_draw": 10**8, "quota": None, "quota_days": None}
        proposal = service.approvals.propose("limits", wish, by="account:other", reason="a year's stock at once")
    return {
        "account": account.id,
        "case": str(service.cases.get(case.number).number),
        "task_kind": "plain-http",
        "approval": proposal.id,
        "unit": service.regions.units(None)[0].id,
    }


def _calls(service: Service, names: list[str], now: datetime) -> None:
    """Ninety days of calls, every third system over plain HTTP."""
    for back in range(90):
        at = now - timedelta(days=back)
        told = [
            Tally(name, at.date(), "rest", plain=0 if n % 3 else 20, secure=20, plain_at=None if n % 3 else at)
            for n, name in enumerate(names)
        ]
        service.transport.add_calls(told)


def _reports(database: Database, names: list[str], now: datetime) -> None:
    """A report a day from each, in a few statements."""
    for day in range(DAYS, 0, -100):
        rows = []
        for back in range(day, max(day - 100, 0), -1):
            at = now - timedelta(days=back)
            rows += [
                {
                    "system_id": name,
                    "free": 20_000 + 100 * number,
                    "used_per_day": 150.0,
                    "as_of": at,
                    "received_at": at,
                }
                for number, name in enumerate(names)
            ]
        with database.write() as connection:
            connection.execute(sa.insert(stock_report), rows)


def _session(settings: Settings) -> str:
    service: Service = build(settings)
    account = service.accounts.list()[0]
    token = service.sessions.begin(account, proved=True).token
    service.close()
    return token


_NOT_ASKED = (
    "/sign-in",
    "/second-factor",
    "/ledger/export",
    "/agreement.pdf",
    "/agreement/annex",
)  # refusals, and files


def _paths(examples: dict[str, str]) -> list[str]:
    pages.load()
    return sorted(
        route.path
        for route in TABLE.values()
        if route.method == "GET" and route.parameters <= set(examples) and not route.path.startswith(_NOT_ASKED)
    )


def _asked(server: Running, client: httpx.Client, path: str, examples: dict[str, str]) -> dict[str, float]:
    address = path.format(**examples)
    client.get(address)  # templates are compiled, and the picture of the moment is made, once
    waited, spent, size = [], [], 0
    for _ in range(ROUNDS):
        before, started = _processor_ms(server), time.perf_counter()
        answer = client.get(address, headers={"Accept": "text/html"})
        waited.append((time.perf_counter() - started) * 1000)
        spent.append(_processor_ms(server) - before)
        size = len(answer.content)
        if answer.status_code >= 400:
            return {"status": answer.status_code, "median_ms": 0, "bytes": size}
    return {"median_ms": round(median(waited), 1), "server_ms": round(median(spent), 1), "bytes": size}


def _processor_ms(server: Running) -> float:
    """Return what the server's threads have spent so far."""
    threads = Path(f"/proc/{server.process.pid}/task").glob("*/schedstat")
    return sum(int(thread.read_text("ascii").split()[0]) for thread in threads) / 1e6
