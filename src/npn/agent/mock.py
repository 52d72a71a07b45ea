r"""A mock of the number service for vendors' tests: the contract in memory, with failures on demand.

    with MockService() as service:
        settings = f'url = "{service.url}"\nkey = "{service.key}"'
        service.fail("lose_reply")           # the next draw is made, its answer lost
        service.down = True                  # nobody answers

It follows docs/guide/rest.md: request ids, refusals, releases, the chain of tokens; the suite runs the same
checks against it and against the real service. Not for production: nothing is stored.
"""

import argparse
import contextlib
import random
import socket
import threading
from collections import deque
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Literal, Self

import httpx
import msgspec

from npn.agent.mock_answers import MockReply, problem
from npn.agent.mock_registry import MockRegistry
from npn.errors import UnavailableError, codes
from npn.wire.requests import MAX_BODY_BYTES, Headers, too_large

Failure = Literal["lose_reply", "drop", "error", "unavailable", "garbage"]


class MockService:
    """Serves a MockRegistry on loopback, or in process by `transport()`; `registry` holds its whole state.

    down          nobody answers while it is true
    failure_rate  the share of calls that fail at random, by a generator seeded with `seed`
    calls         (method, path, status) of every call, 0 where no answer went out
    """

    def __init__(self, *, registry: MockRegistry | None = None, failure_rate: float = 0.0, seed: int = 0) -> None:
        """A new one has a space `production` and one system, whose key is `key`."""
        self.registry = registry or MockRegistry()
        self.failure_rate = failure_rate
        self.down = False
        self.calls: list[tuple[str, str, int]] = []
        self._planned: deque[Failure] = deque()
        self._random = random.Random(seed)  # noqa: S311  # failures, no secrets
        self._lock = threading.Lock()
        self._server: ThreadingHTTPServer | None = None

    @property
    def key(self) -> str:
        """The key of its first system."""
        return next(iter(self.registry.keys))

    @property
    def url(self) -> str:
        """Where it listens; only while it is entered."""
        if self._server is None:
            return "http://127.0.0.1:1"
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def fail(self, kind: Failure, times: int = 1) -> None:
        """Let the next calls fail.

        lose_reply   done, but the answer never arrives        drop     not done, the connection ends
        error        500 without a problem document               garbage  200 with what is not a document
        unavailable  503 `witness_behind`
        """
        with self._lock:
            self._planned.extend([kind] * times)

    def answer(
        self, method: str, target: str, headers: Mapping[str, str] | Headers, *, body: bytes
    ) -> MockReply | None:
        """One call; None where nobody answers. `headers` with names in lower case."""
        with self._lock:
            failure = self._failure()
            reply: MockReply | None
            if failure == "drop":
                reply = None
            elif failure == "error":
                reply = MockReply(500, b"<h1>Internal Server Error</h1>", "text/html")
            elif failure == "unavailable":
                reply = problem(UnavailableError("the database is behind", code=codes.WITNESS_BEHIND), "mock")
            elif failure == "garbage":
                reply = MockReply(200, b"{}")
            else:
                reply = self.registry.answer(method, target, headers, body=body)
                if failure == "lose_reply":
                    reply = None
            self.calls.append((method, target, reply.status if reply else 0))
            return reply

    def _failure(self) -> Failure | None:
        if self.down:
            return "drop"
        if self._planned:
            return self._planned.popleft()
        if self.failure_rate and self._random.random() < self.failure_rate:
            return self._random.choice(("lose_reply", "drop", "error", "unavailable"))
        return None

    def transport(self) -> httpx.BaseTransport:
        """The same service without sockets, for httpx."""

        def handle(request: httpx.Request) -> httpx.Response:
            target = request.url.raw_path.decode("ascii")
            reply = self.answer(request.method, target, dict(request.headers), body=request.read())
            if reply is None:
                raise httpx.ReadError("the mock does not answer", request=request)
            headers = {"Content-Type": reply.kind, **reply.headers}
            return httpx.Response(reply.status, content=reply.body, headers=headers)

        return httpx.MockTransport(handle)

    def __enter__(self) -> Self:
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class's name
                """Log nothing."""

            def _serve(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                if length > MAX_BODY_BYTES:
                    reply: MockReply | None = problem(too_large(), "mock")
                    self.close_connection = True
                else:
                    headers = [(n.lower().encode("latin-1"), v.encode("latin-1")) for n, v in self.headers.items()]
                    reply = service.answer(self.command, self.path, headers, body=self.rfile.read(length))
                if reply is None:
                    self.close_connection = True
                    self.connection.shutdown(socket.SHUT_RDWR)
                    return
                self.send_response(reply.status)
                for name, value in {"Content-Type": reply.kind, **reply.headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(reply.body)))
                self.end_headers()
                self.wfile.write(reply.body)

            do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = _serve  # noqa: N815  # its names

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


def main() -> None:
    """Serve until interrupted: `python -m npn.agent.mock`, for clients in other languages."""
    text = "A mock of the number service, in memory, on a free port of loopback. Prints its url and a key as JSON."
    parser = argparse.ArgumentParser(prog="python -m npn.agent.mock", description=text)
    parser.add_argument("--failure-rate", type=float, default=0.0, metavar="SHARE", help="calls that fail, 0 to 1")
    parser.add_argument("--seed", type=int, default=0, help="of the failures' generator")
    parser.add_argument("--smallest", type=int, default=1, metavar="N", help="the system's smallest draw")
    parser.add_argument("--largest", type=int, default=10_000_000, metavar="N", help="the system's largest draw")
    arguments = parser.parse_args()
    registry = MockRegistry(smallest_draw=arguments.smallest, largest_draw=arguments.largest)
    with MockService(registry=registry, failure_rate=arguments.failure_rate, seed=arguments.seed) as service:
        print(msgspec.json.encode({"url": service.url, "key": service.key}).decode(), flush=True)  # noqa: T201  # its output
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()


if __name__ == "__main__":
    main()
