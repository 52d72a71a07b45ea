"""Connections that want nothing, and clients that draw beside them."""

import resource
import socket
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx

from running import Running

IDLE = b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
HALF_A_HEAD = b"GET /healthz HTTP/1.1\r\nHost: a\r\nX-Never: "
HALF_A_BODY = b"POST /v1/series HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n{"
NOTHING = b""


@dataclass
class Drawn:
    """What clients got: statuses, seconds of each draw, and what was no answer."""

    statuses: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


@contextmanager
def crowd(server: Running, count: int, sent: bytes, *, every: float = 0.0) -> Iterator[list[socket.socket]]:
    """Open so many connections and leave them: each has sent `sent` and reads nothing."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, count + 512)), hard))
    made: list[socket.socket] = []
    try:
        for _ in range(count):
            made.append(socket.create_connection(server.address, timeout=20))
            made[-1].sendall(sent)
            time.sleep(every)
        yield made
    finally:
        for connection in made:
            connection.close()


def drawing(clients: Sequence[httpx.Client], times: int) -> Drawn:
    """Let every client draw so many times, all at once; a connection closed while idle is recreated."""
    drawn = Drawn()

    def draw(client: httpx.Client) -> None:
        for _ in range(times):
            headers = {"Idempotency-Key": str(uuid.uuid4())}
            started = time.monotonic()
            for attempt in (1, 2):
                try:
                    answer = client.post("/v1/series", json={"count": 1}, headers=headers)
                except httpx.TransportError as error:
                    if attempt == 2:
                        drawn.problems.append(repr(error))
                    continue
                drawn.statuses.append(answer.status_code)
                if answer.status_code != 201:
                    drawn.problems.append(answer.text)
                break
            drawn.seconds.append(time.monotonic() - started)

    threads = [threading.Thread(target=draw, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return drawn
