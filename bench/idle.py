"""Draws of 16 clients beside 2,000 connections that want nothing, against the same draws without them.

Twice: with the limit of open files that the process raises to, where all of them fit, and with 1,024 descriptors,
where the connections idle longest make way. Besides, where 4,000 stop in the middle of a head or of a body.
"""

import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from resource import RLIMIT_NOFILE, getrlimit, setrlimit
from socket import create_connection
from statistics import median, quantiles

import httpx

from npn.config import Settings
from npn.systems.model import Environment
from npn.wiring.assembly import build
from npn.wiring.setup import initialise

CLIENTS = 16
DRAWS = 50  # of each client
IDLE = 2_000
NPN = str(Path(sys.executable).with_name("npn"))
SENT = {
    "idle": b"GET /healthz HTTP/1.1\r\nHost: bench\r\n\r\n",
    "half a head": b"GET /healthz HTTP/1.1\r\nHost: bench\r\nX-Never: ",
    "half a body": b"POST /v1/series HTTP/1.1\r\nHost: bench\r\nContent-Length: 60000\r\n\r\n{",
}


def run() -> dict[str, object]:
    """Measure both."""
    hard = getrlimit(RLIMIT_NOFILE)[1]
    setrlimit(RLIMIT_NOFILE, (min(hard, 16_384), hard))
    return {"limit raised": _measure(()), "1,024 descriptors": _measure(("prlimit", "--nofile=1024:1024"))}


def _measure(under: Sequence[str]) -> dict[str, object]:
    with tempfile.TemporaryDirectory(prefix="npn-bench-") as name:
        settings = Settings(database=f"sqlite:///{name}/npn.db", witness=f"{name}/npn.witness")
        initialise(settings)
        service = build(settings)
        _, key = service.systems.add(by="b", name="b", vendor="V", owner="O", environment=Environment.PRODUCTION)
        service.close()
        with _served(settings, under) as url, ExitStack() as stack:
            headers = {"Authorization": f"Bearer {key}"}
            clients = [
                stack.enter_context(httpx.Client(base_url=url, headers=headers, timeout=60.0, trust_env=False))
                for _ in range(CLIENTS)
            ]
            found: dict[str, object] = {"alone": _draws(clients)}
            for what, sent in SENT.items():
                with _crowd(url, IDLE if what == "idle" else 2 * IDLE, sent) as count:
                    found[f"beside {count:,} {what}"] = _draws(clients)
            return found


@contextmanager
def _served(settings: Settings, under: Sequence[str]) -> Iterator[str]:
    command = [*under, NPN, "serve", "--port", "0", "--database", settings.database, "--witness", settings.witness]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        assert server.stdout is not None
        try:
            yield server.stdout.readline().split()[2]
        finally:
            server.terminate()


@contextmanager
def _crowd(url: str, count: int, sent: bytes) -> Iterator[int]:
    host, _, port = url.removeprefix("http://").partition(":")
    with ExitStack() as stack:
        for _ in range(count):
            stack.enter_context(create_connection((host, int(port)), timeout=30)).sendall(sent)
        yield count


def _draws(clients: Sequence[httpx.Client]) -> dict[str, object]:
    with ThreadPoolExecutor(len(clients)) as pool:
        started = time.perf_counter()
        rows = [row for rows in pool.map(_of_one, clients) for row in rows]
        took = time.perf_counter() - started
    seconds = [row[0] for row in rows]
    return {
        "draws": len(rows),
        "granted": sum(row[1] == 201 for row in rows),
        "sent again": sum(row[2] for row in rows),
        "draws a second": round(len(rows) / took),
        "p50 ms": round(median(seconds) * 1000, 1),
        "p99 ms": round(quantiles(seconds, n=100)[98] * 1000, 1),
        "worst ms": round(max(seconds) * 1000, 1),
    }


def _of_one(client: httpx.Client) -> list[tuple[float, int, int]]:
    """Draw; what got no answer is sent again under its request id, as every client must."""
    rows = []
    for _ in range(DRAWS):
        headers, repeated, started = {"Idempotency-Key": str(uuid.uuid4())}, 0, time.perf_counter()
        while True:
            try:
                status = client.post("/v1/series", json={"count": 1}, headers=headers).status_code
                break
            except httpx.TransportError:
                repeated += 1
        rows.append((time.perf_counter() - started, status, repeated))
    return rows
