"""The agent: hand-out in process and over the Unix socket, start and memory with a large stock.

`take()` is measured against a bare counter in memory and against one SQLite commit for each number; the socket
against a handler that does nothing, on the same server, in the same run; clients are threads of other processes.
"""

import asyncio
import itertools
import json
import multiprocessing
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from npn.agent.front.http import LocalAnswer, LocalServer
from npn.agent.mock import MockService
from npn.agent.stock.pool import Pool
from npn.agent.upstream.client import ServiceClient
from npn.agent.upstream.refill import Refill
from npn.replenishment.policy import StockPolicy

TAKES = 200_000
COMMITS = 3_000
REQUESTS = 12_000
STOCK = 10_000_000
ROUNDS = 3
_REQUEST = b"POST /take HTTP/1.1\r\nHost: localhost\r\nContent-Length: 11\r\n\r\n" + b'{"count":1}'


def run() -> dict[str, object]:
    """Figures, and ratios measured side by side."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        _fill(path / "agent.db", STOCK)
        return {"in_process": _in_process(path), "socket": _over_the_socket(path), "large_stock": _large_stock(path)}


def _fill(path: Path, usable: int) -> None:
    service = MockService()
    service.registry.largest_draw = 10**10
    client = ServiceClient("http://127.0.0.1:1", service.key, transport=service.transport())
    with Pool.open(path) as pool:
        Refill(pool, client, StockPolicy(min_draw=usable, max_draw=usable)).round()
    client.close()


def _rate(times: int, act: Callable[[], object]) -> float:
    started = time.perf_counter()
    for _ in range(times):
        act()
    return times / (time.perf_counter() - started)


def _in_process(folder: Path) -> dict[str, float]:
    counter = itertools.count(1_000_000_000)
    database = sqlite3.connect(folder / "bare.db", isolation_level=None)
    database.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE t (n INTEGER)")
    database.execute("INSERT INTO t VALUES (1000000000)")
    takes, commits, bare = [], [], []
    with Pool.open(folder / "agent.db") as pool:
        for _ in range(ROUNDS):
            takes.append(_rate(TAKES, pool.take))
            commits.append(_rate(COMMITS, lambda: database.execute("UPDATE t SET n = n + 1")))
            bare.append(_rate(TAKES, lambda: next(counter)))
    database.close()
    take, commit, count = (statistics.median(figures) for figures in (takes, commits, bare))
    return {
        "takes_per_second": round(take),
        "commits_per_second": round(commit),
        "counter_per_second": round(count),
        "take_to_commit": round(take / commit, 1),
        "take_to_counter": round(take / count, 3),
    }


def _clients(socket_path: str, requests: int, threads: int, answer: "multiprocessing.Queue[float]") -> None:
    """One process of clients; each keeps its connection."""
    ready = threading.Barrier(threads + 1)

    def client() -> None:
        with socket.socket(socket.AF_UNIX) as sock:
            sock.connect(socket_path)
            ready.wait()
            for _ in range(requests // threads):
                sock.sendall(_REQUEST)
                if not sock.recv(4096).startswith(b"HTTP/1.1 200"):
                    raise RuntimeError("no number")

    running = [threading.Thread(target=client) for _ in range(threads)]
    for thread in running:
        thread.start()
    ready.wait()
    started = time.perf_counter()
    for thread in running:
        thread.join()
    answer.put(requests / (time.perf_counter() - started))


def _measured(socket_path: Path, clients: int) -> float:
    context = multiprocessing.get_context("spawn")
    answer: multiprocessing.Queue[float] = context.Queue()
    process = context.Process(target=_clients, args=(str(socket_path), REQUESTS, clients, answer))
    process.start()
    rate = answer.get(timeout=120)
    process.join()
    return rate


@contextmanager
def _empty_server(path: Path) -> Iterator[None]:
    """The agent's own server with a handler that does nothing, in its own process."""
    command = [sys.executable, "-c", "import sys; from bench.agent import serve_empty; serve_empty(sys.argv[1])"]
    process = subprocess.Popen([*command, str(path)], stdout=subprocess.PIPE, cwd=Path(__file__).parent.parent)
    assert process.stdout is not None
    process.stdout.readline()
    try:
        yield
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


def serve_empty(path: str) -> None:
    """Answer everything with the same bytes, until terminated."""
    answer = LocalAnswer(200, b'{"numbers":["1000000015"]}')

    async def serve() -> None:
        await LocalServer(lambda *_: answer, Path(path)).start()
        print("ready", flush=True)
        await asyncio.Event().wait()

    asyncio.run(serve())


@contextmanager
def _agent(folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], float]]:
    """`npn agent run` on the filled pool, the service away; how long until it was ready."""
    config = folder / "agent.toml"
    config.write_text('url = "http://127.0.0.1:1"\nkey = "npn_bench_x"\n')
    started = time.perf_counter()
    command = [sys.executable, "-c", "from npn.cli import main; main()", "agent", "run", "--config", str(config)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert process.stdout is not None
    process.stdout.readline()
    took = time.perf_counter() - started
    try:
        yield process, took
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


def _over_the_socket(folder: Path) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    with _agent(folder), _empty_server(folder / "empty.sock"):
        for clients in (1, 8, 32):
            pairs = [
                (_measured(folder / "agent.sock", clients), _measured(folder / "empty.sock", clients))
                for _ in range(ROUNDS)
            ]
            take, empty = (statistics.median(figures) for figures in zip(*pairs, strict=True))
            ratio = statistics.median(a / b for a, b in pairs)
            found[f"{clients}_clients"] = {
                "takes_per_second": round(take),
                "empty_per_second": round(empty),
                "ratio": round(ratio, 3),
            }
    return found


def _large_stock(folder: Path) -> dict[str, float]:
    starts = []
    memory = 0.0
    for _ in range(ROUNDS):
        with _agent(folder) as (process, took):
            starts.append(took)
            status = Path(f"/proc/{process.pid}/status").read_text("ascii")
            memory = int(status.partition("VmHWM:")[2].split()[0]) / 1024
    started = time.perf_counter()
    with Pool.open(folder / "agent.db"):
        opened = time.perf_counter() - started
    return {
        "usable_numbers": STOCK,
        "start_to_ready_seconds": round(statistics.median(starts), 3),
        "open_seconds": round(opened, 4),
        "peak_memory_mib": round(memory, 1),
        "pool_file_bytes": (folder / "agent.db").stat().st_size,
    }


if __name__ == "__main__":
    print(json.dumps(run(), indent=2))
