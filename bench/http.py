# ruff: noqa: A005  # always imported as bench.http
"""Draws over HTTP against what the same server can do at most: a validated, authenticated POST without a database.

Both run in one server process (the route without a database exists here alone), take turns, and are asked by the
same client: 64 connections of another process, each with one request under way.
"""

import asyncio
import json
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path
from statistics import median

import httpx
import uvloop
from litestar import post

from npn import wire
from npn.api.handlers import HANDLERS
from npn.api.services import ApiServices
from npn.config import Settings
from npn.http.answers import Answer, json_answer
from npn.http.app import create_app
from npn.http.context import context_of
from npn.http.logs import configure
from npn.http.metrics import Metrics
from npn.http.requests import Asked, accepted, body_of, decoded, header
from npn.http.services import HttpServices
from npn.reference.examples import SERIES
from npn.server.fronts import selected
from npn.server.serve import run as run_server
from npn.systems.model import Environment
from npn.systems.permissions import Act
from npn.wiring.assembly import build
from npn.wiring.setup import initialise

CONNECTIONS = 64
ROUNDS = 5
SECONDS = 2.0
NPN = str(Path(sys.executable).with_name("npn"))


@post("/bench/nothing")
async def nothing(request: Asked) -> Answer:
    """Do all that a draw does but draw."""
    context = context_of(request)
    accepted(request, ("application/json",))
    await context.authenticator.system(request.scope, Act.DRAW, may_be_remembered=True)
    header(request.scope, b"idempotency-key")
    decoded(await body_of(request), wire.DrawRequest)
    return json_answer(SERIES, status=201, headers={"Location": f"/v1/series/{SERIES.id}"})


def run() -> dict[str, object]:
    """Measure throughput, then start, memory idle, memory while streaming."""
    with tempfile.TemporaryDirectory(prefix="npn-bench-") as name:
        folder = Path(name)
        settings = Settings(database=f"sqlite:///{folder / 'npn.db'}", witness=str(folder / "npn.witness"))
        key, huge = _set_up(settings)
        return {"throughput": _throughput(settings, key), "server": _server(settings, huge)}


def _set_up(settings: Settings) -> tuple[str, str]:
    initialise(settings)
    service = build(settings)
    names = {"vendor": "V", "owner": "O", "environment": Environment.PRODUCTION}
    _, key = service.systems.add(by="bench", name="bench", **names)  # type: ignore[arg-type]  # as named
    _, huge = service.systems.add(by="bench", name="huge", **names)  # type: ignore[arg-type]  # as named
    limits = {"smallest_draw": 1, "largest_draw": 10**10, "quota": None, "quota_days": None}
    service.systems.set_limits("huge", by="bench", agreed=True, **limits)  # type: ignore[arg-type]  # as named
    service.close()
    return str(key), str(huge)


def _throughput(settings: Settings, key: str) -> dict[str, object]:
    command = [sys.executable, "-m", "bench.http", "serve", settings.database, settings.witness]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        try:
            assert server.stdout is not None
            address = server.stdout.readline().strip()
            rates: dict[str, list[float]] = {"/v1/series": [], "/bench/nothing": []}
            for turn in range(ROUNDS + 1):
                for path, taken in rates.items():
                    rate = uvloop.run(_load(address, path, key))
                    if turn:  # the first round warms up
                        taken.append(rate)
        finally:
            server.terminate()
    draws, ceiling = median(rates["/v1/series"]), median(rates["/bench/nothing"])
    return {
        "connections": CONNECTIONS,
        "draws_per_s": round(draws),
        "nothing_per_s": round(ceiling),
        "draws_to_nothing": round(draws / ceiling, 2),
    }


async def _load(address: str, path: str, key: str) -> float:
    """Return the answers a second over 64 connections."""
    host, _, port = address.removeprefix("http://").partition(":")
    until = time.perf_counter() + SECONDS
    started = time.perf_counter()
    counts = await asyncio.gather(*(_one(host, int(port), _request(path, key), until) for _ in range(CONNECTIONS)))
    return sum(counts) / (time.perf_counter() - started)


def _request(path: str, key: str) -> tuple[bytes, bytes]:
    body = b'{"count":100}'
    head = (
        f"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nIdempotency-Key: "
    )
    return head.encode(), b"\r\n\r\n" + body


async def _one(host: str, port: int, request: tuple[bytes, bytes], until: float) -> int:
    """Ask again and again on one connection; every answer is read whole, and must be 201."""
    reader, writer = await asyncio.open_connection(host, port)
    mine, count = uuid.uuid4().hex, 0
    head, tail = request
    while time.perf_counter() < until:
        writer.write(head + f"{mine}-{count}".encode() + tail)
        answer = await reader.readuntil(b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 201"), answer
        start = answer.index(b"content-length: ") + 16
        await reader.readexactly(int(answer[start : answer.index(b"\r", start)]))
        count += 1
    writer.close()
    return count


def _server(settings: Settings, huge: str) -> dict[str, object]:
    """Start `npn serve` some times; then its memory, idle and while it streams a series of 10^9."""
    starts, idle, streaming, rate = [], 0.0, 0.0, 0.0
    for turn in range(ROUNDS):
        command = [NPN, "serve", "--port", "0", "--database", settings.database, "--witness", settings.witness]
        started = time.perf_counter()
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
            try:
                assert server.stdout is not None
                address = server.stdout.readline().split()[2]
                starts.append(time.perf_counter() - started)
                if turn == ROUNDS - 1:
                    idle = _memory(server.pid)
                    rate = _stream(address, huge)
                    streaming = _memory(server.pid, "VmHWM")
            finally:
                server.terminate()
    return {
        "ready_s": round(median(starts), 2),
        "idle_mb": round(idle, 1),
        "peak_mb_after_streaming_10^9": round(streaming, 1),
        "streamed_mb_per_s": round(rate),
    }


def _stream(address: str, key: str) -> float:
    """Draw 10^9 numbers and read the list of the usable ones to its end; give the megabytes a second."""
    with httpx.Client(
        base_url=address, headers={"Authorization": f"Bearer {key}"}, timeout=60, trust_env=False
    ) as client:
        made = client.post("/v1/series", json={"count": 10**9}, headers={"Idempotency-Key": "bench"}).json()
        started, size = time.perf_counter(), 0
        with client.stream("GET", f"/v1/series/{made['id']}/numbers") as answer:
            for block in answer.iter_raw():
                size += len(block)
    assert size == made["usable"] * 11, json.dumps(made)
    return size / 1e6 / (time.perf_counter() - started)


def _memory(pid: int, figure: str = "VmRSS") -> float:
    status = Path(f"/proc/{pid}/status").read_text("ascii")
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith(f"{figure}:"))


def _serve(database: str, witness: str) -> None:
    """Serve the application with the one route more."""
    configure("info")
    settings = Settings(database=database, witness=witness, port=0)
    metrics = Metrics()
    service = build(settings, observe=metrics.batch)
    state = {"api": selected(ApiServices, service)}
    app = create_app(selected(HttpServices, service), metrics, (*HANDLERS, nothing), state=state)
    run_server(settings, app, lambda address: print(address, flush=True))


if __name__ == "__main__":
    _serve(*sys.argv[2:4])
