"""Draws per second at service level: waiting draws folded into one transaction, against one commit per draw.

Both ways do the same work for every draw (policy, series, ledger row, constraints, witness) with the same number of
callers waiting, on a new database of the same engine. On PostgreSQL a third figure stands beside them: pgbench's bare
cursor, one row updated per draw and nothing else.
"""

import asyncio
import itertools
import os
import re
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any  # what a draw is answered with differs, and nobody looks at it

from tests.postgres import Cluster, cluster, installed

from npn.config import Settings
from npn.http.arrivals import Arrivals
from npn.registry.draws import Answer
from npn.registry.model import Draw
from npn.systems.model import Environment
from npn.wiring.assembly import build
from npn.wiring.service import Service
from npn.wiring.setup import initialise

WAITERS = (1, 8, 64)
SECONDS = 3.0
WARM_UP = 0.5
CLIENTS = 64

Result = dict[str, object]
DrawOne = Callable[[Draw], Future[Any]]


@contextmanager
def service_on(database: str, folder: Path) -> Iterator[tuple[Service, str, str]]:
    """Return a service on a new database, a system's id and the digest of its key."""
    settings = Settings(database=database, witness=str(folder / "npn.witness"))
    initialise(settings)
    service = build(settings)
    try:
        system, key = service.systems.add(
            by="bench", name="Bench", vendor="Bench", owner="Bench", environment=Environment.PRODUCTION
        )
        yield service, system.id, key.digest
    finally:
        service.close()


def per_second(draw_one: DrawOne, wish: Callable[[str], Draw], waiters: int) -> float:
    """Keep that many callers drawing for `SECONDS`; return draws a second, those of the warm-up left out.

    Each caller waits for its answer before it asks again, a task of one event loop as the server's requests are.
    """
    return asyncio.run(_drawing(draw_one, wish, waiters))


async def _drawing(draw_one: DrawOne, wish: Callable[[str], Draw], waiters: int) -> float:
    done, running = [0] * waiters, True
    arrivals: Arrivals[object] = Arrivals(asyncio.get_running_loop())

    async def caller(number: int) -> None:
        for n in itertools.count():
            if not running:
                return
            await arrivals.wait(draw_one(wish(f"{number}-{n}")), seconds=60)
            done[number] += 1

    callers = [asyncio.create_task(caller(number)) for number in range(waiters)]
    await asyncio.sleep(WARM_UP)
    before, started = sum(done), time.perf_counter()
    await asyncio.sleep(SECONDS)
    rate = (sum(done) - before) / (time.perf_counter() - started)
    running = False
    await asyncio.gather(*callers)
    return rate


def measured(service: Service, system: str, key: str, waiters: int) -> Result:
    """Both ways in turn, twice each, with that many callers: so that other work on the machine meets both alike."""
    again = itertools.count()

    def wish(request: str) -> Draw:
        return Draw(system, key, f"{turn}-{waiters}-{request}", 100, None, None, None)

    def single(draw: Draw) -> Future[list[Answer]]:
        return service.writer.submit(service.registry.draw, [draw])

    ways: dict[str, DrawOne] = {"combining": service.allocator.draw, "single": single}
    rates: dict[str, list[float]] = {way: [] for way in ways}
    for way in ("single", "combining", "single", "combining"):
        turn = next(again)
        rates[way].append(per_second(ways[way], wish, waiters))
    combining, one_by_one = statistics.mean(rates["combining"]), statistics.mean(rates["single"])
    return {
        "waiters": waiters,
        "combining_per_second": round(combining),
        "one_commit_per_draw_per_second": round(one_by_one),
        "ratio": round(combining / one_by_one, 2),
    }


def pgbench(server: Cluster, clients: int) -> float:
    """Transactions a second of the barest cursor there can be: one row, one UPDATE … RETURNING, as many clients."""
    name = server.new_database().rpartition("/")[2]
    server.run("CREATE TABLE bare_cursor (id int PRIMARY KEY, next bigint NOT NULL)", name)
    server.run("INSERT INTO bare_cursor VALUES (1, 1)", name)
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "draw.sql"
        script.write_text("UPDATE bare_cursor SET next = next + 100 WHERE id = 1 RETURNING next;\n", "ascii")
        command = [
            str(server.bin / "pgbench"), "--no-vacuum", f"--client={clients}", "--jobs=2",
            f"--time={SECONDS:.0f}", f"--file={script}", "--host=127.0.0.1", f"--port={server.port}",
            "--username=postgres", name,
        ]  # fmt: skip
        done = subprocess.run(command, check=True, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"})
    found = re.search(r"^tps = ([0-9.]+)", done.stdout, re.MULTILINE)
    if found is None:
        raise RuntimeError(f"pgbench said no rate: {done.stdout}")
    return float(found[1])


def on_sqlite() -> Result:
    """Measure on a new SQLite file on this machine's disk."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        with service_on(f"sqlite:///{path / 'npn.db'}", path) as (service, system, key):
            return {"waiting": [measured(service, system, key, n) for n in WAITERS]}


def on_postgresql() -> Result:
    """Measure on a PostgreSQL of our own with its defaults; where none is installed say so."""
    programs = installed()
    if programs is None:
        return {"skipped": "no PostgreSQL server is installed"}
    with (
        cluster(programs) as server,
        tempfile.TemporaryDirectory() as folder,
        service_on(server.new_database(), Path(folder)) as (service, system, key),
    ):
        rows = [measured(service, system, key, n) for n in WAITERS[:-1]]
        bare = [pgbench(server, CLIENTS)]
        rows.append(measured(service, system, key, WAITERS[-1]))
        bare.append(pgbench(server, CLIENTS))
    combining = float(str(rows[-1]["combining_per_second"]))
    return {
        "waiting": rows,
        "pgbench_clients": CLIENTS,
        "pgbench_bare_cursor_per_second": [round(rate) for rate in bare],
        "ratio_to_pgbench": round(combining / statistics.mean(bare), 2),
    }


def run() -> Result:
    """Measure on both engines; draws a second and ratios of one run."""
    return {"seconds_each": SECONDS, "sqlite": on_sqlite(), "postgresql": on_postgresql()}
