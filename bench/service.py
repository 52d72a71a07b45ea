"""Draws per second at service level: waiting draws folded into one transaction, against one commit per draw.

Both ways do the same work for every draw (policy, series, ledger row, constraints, witness) with the same number
of threads on a new database of the same engine. On PostgreSQL a third figure stands beside them: pgbench's bare
cursor, one row updated per draw and nothing else.
"""

import os
import re
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.postgres import Cluster, cluster, installed

from npn.config import Settings
from npn.registry.model import Draw
from npn.systems.model import Environment
from npn.wiring import Service, build, initialise

WAITERS = (1, 8, 64)
SECONDS = 4.0
WARM_UP = 0.5
CLIENTS = 64

Result = dict[str, object]
DrawOne = Callable[[Draw], object]


@contextmanager
def service_on(database: str, folder: Path) -> Iterator[tuple[Service, str, str]]:
    """Give a service on a new database, a system's id and the digest of its key."""
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


def per_second(draw_one: DrawOne, wish: Callable[[str], Draw], threads: int) -> float:
    """Draw from so many threads for `SECONDS`; give draws a second, those of the warm-up left out."""
    counts = [0] * threads
    begin, stop = threading.Event(), threading.Event()

    def loop(thread: int) -> None:
        n = 0
        while not stop.is_set():
            n += 1
            draw_one(wish(f"{thread}-{n}"))
            if begin.is_set():
                counts[thread] += 1

    workers = [threading.Thread(target=loop, args=(t,)) for t in range(threads)]
    for worker in workers:
        worker.start()
    time.sleep(WARM_UP)
    begin.set()
    started = time.perf_counter()
    time.sleep(SECONDS)
    stop.set()
    elapsed = time.perf_counter() - started
    for worker in workers:
        worker.join()
    return sum(counts) / elapsed


def measured(service: Service, system: str, key: str, threads: int) -> Result:
    """Both ways, side by side, with so many threads."""

    def wish(way: str) -> Callable[[str], Draw]:
        return lambda request: Draw(system, key, f"{way}-{threads}-{request}", 100, None, None, None)

    combining = per_second(lambda draw: service.allocator.draw(draw).result(), wish("combining"), threads)
    single = per_second(lambda draw: service.registry.draw([draw]), wish("single"), threads)
    return {
        "waiters": threads,
        "combining_per_second": round(combining),
        "one_commit_per_draw_per_second": round(single),
        "ratio": round(combining / single, 2),
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
            str(server.bin / "pgbench"), "--no-vacuum", "--protocol=prepared", f"--client={clients}", "--jobs=2",
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
    with cluster(programs) as server, tempfile.TemporaryDirectory() as folder:
        with service_on(server.new_database(), Path(folder)) as (service, system, key):
            rows = [measured(service, system, key, n) for n in WAITERS]
        bare = pgbench(server, CLIENTS)
    most = max(float(str(row["combining_per_second"])) for row in rows if row["waiters"] == CLIENTS)
    return {
        "waiting": rows,
        "pgbench_bare_cursor_per_second": round(bare),
        "pgbench_clients": CLIENTS,
        "ratio_to_pgbench": round(most / bare, 2),
    }


def run() -> Result:
    """Measure on both engines; draws a second and ratios of one run."""
    return {"seconds_each": SECONDS, "sqlite": on_sqlite(), "postgresql": on_postgresql()}
