"""How long a page takes at the server and how large it is, with a country's register behind it.

200 systems, 100,000 series drawn over three years, a stock report a day from each. Every page of the table is asked
for over loopback, one at a time, as an operator sees it: the whole country.
"""

import random
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

import httpx
import sqlalchemy as sa
from tests.running import running

from npn.config import Settings
from npn.db import Database
from npn.people.model import AccountRole
from npn.registry.model import Draw
from npn.stock.tables import stock_report
from npn.systems.model import OPERATOR, Caller, Environment, Role
from npn.web import pages
from npn.web.routes import TABLE
from npn.wiring import Service, build, initialise

SYSTEMS, SERIES, DAYS, BATCH, ROUNDS = 200, 100_000, 3 * 365, 2500, 9
LIMIT_MS, LIMIT_BYTES = 100, 150_000


class Clock:
    """A clock that is set."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        """Tell what it is set to."""
        return self.at


def run() -> dict[str, object]:
    """Fill, serve, ask for every page."""
    with tempfile.TemporaryDirectory(prefix="npn-bench-") as name:
        folder = Path(name)
        settings = Settings(database=f"sqlite:///{folder / 'npn.db'}", witness=str(folder / "npn.witness"))
        initialise(settings)
        examples = _filled(settings)
        with running(settings, folder) as server:
            session = _session(settings)
            with httpx.Client(base_url=server.url, timeout=60.0, trust_env=False) as client:
                client.cookies.set("npn_session", session)
                found = {path: _asked(client, path, examples) for path in _paths(examples)}
            idle = round(server.memory(), 1)
    return {
        "systems": SYSTEMS,
        "series": SERIES,
        "stock_reports": SYSTEMS * DAYS,
        "slowest_median_ms": max(each["median_ms"] for each in found.values()),
        "largest_bytes": max(each["bytes"] for each in found.values()),
        "server_mb_after": idle,
        "over_the_limits": [path for path, each in found.items() if _is_over(each)],
        "pages": found,
    }


def _is_over(each: dict[str, float]) -> bool:
    return each["median_ms"] > LIMIT_MS or each["bytes"] > LIMIT_BYTES


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
    account, _ = service.accounts.add(by="bench", email="a@example.dk", name="Anna", role=AccountRole.OPERATOR)
    page = service.registry.page(by=Caller(Role.OPERATOR, OPERATOR, None, ""), before=None, limit=1)
    examples = {"system": names[0], "series": page.items[0].id, "account": account.id}
    _reports(service.database, names, now)
    service.close()
    return examples


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


def _paths(examples: dict[str, str]) -> list[str]:
    pages.load()
    return sorted(
        route.path
        for route in TABLE.values()
        if route.method == "GET"
        and route.parameters <= set(examples)
        and not route.path.startswith(("/sign-in", "/second-factor", "/ledger/export"))
    )


def _asked(client: httpx.Client, path: str, examples: dict[str, str]) -> dict[str, float]:
    address = path.format(**examples)
    client.get(address)  # templates are compiled, and the picture of the moment is made, once
    taken, size = [], 0
    for _ in range(ROUNDS):
        started = time.perf_counter()
        answer = client.get(address, headers={"Accept": "text/html"})
        taken.append((time.perf_counter() - started) * 1000)
        size = len(answer.content)
        if answer.status_code >= 400:
            return {"status": answer.status_code, "median_ms": 0, "bytes": size}
    return {"median_ms": round(median(taken), 1), "bytes": size}
