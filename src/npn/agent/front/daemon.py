"""`npn agent run`: the agent with its local HTTP interface, until SIGTERM or SIGINT.

POST /take, POST /return, GET /status, /metrics, /health; POST /refill and POST /release for the command line.
"""

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable
from urllib.parse import quote, unquote

import msgspec

from npn.agent.agent import Agent
from npn.agent.errors import TooFewNumbersError
from npn.agent.front.figures import metrics
from npn.agent.front.http import LocalAnswer, LocalRequest, LocalServer, problem
from npn.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    NpnError,
    RefusedError,
    UnavailableError,
    codes,
)

log = logging.getLogger("npn.agent")
FEW = 100  # numbers to be returned that are worth no thread


class TakeRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /take`."""

    count: int = 1


class ReturnRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /return`."""

    numbers: list[str]


class ReleaseTail(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /release`: a series, or its tail, or all that is in stock."""

    series: str | None = None
    from_: str | None = msgspec.field(default=None, name="from")
    all: bool = False


_STATUS = (
    (InvalidInputError, 422),
    (NotFoundError, 404),
    (ConflictError, 409),
    (UnavailableError, 503),
    (RefusedError, 403),
)


class LocalApi:
    """Answers local requests: parse, ask the pool, render."""

    def __init__(self, agent: Agent) -> None:
        """Over one open agent."""
        self._agent = agent
        self._pool = agent.pool
        self._pool_name = quote(agent.settings.pool_name)
        self._settings_file = quote(agent.settings.file)
        self._take = msgspec.json.Decoder(TakeRequest)
        self._encode = msgspec.json.Encoder().encode
        self._routes: dict[tuple[str, str], Callable[[bytes], LocalAnswer | Awaitable[LocalAnswer]]] = {
            ("POST", "/take"): self.take,
            ("POST", "/return"): self.give_back,
            ("GET", "/status"): self.status,
            ("GET", "/metrics"): self.metrics,
            ("GET", "/health"): self.health,
            ("POST", "/refill"): self.refill,
            ("POST", "/release"): self.release,
        }

    def handle(self, request: LocalRequest) -> LocalAnswer | Awaitable[LocalAnswer]:
        """One request, one answer; nothing is raised."""
        route = self._routes.get((request.method, request.path))
        if route is None:
            return self._no_route(request.method, request.path)
        try:
            return self._against(request) or route(request.body)
        except msgspec.MsgspecError as error:
            return problem(
                422, codes.UNKNOWN_FIELD if "unknown field" in str(error) else codes.INVALID_BODY, str(error)
            )
        except NpnError as error:
            return refusal(error)
        except Exception:  # one request's fault must not end the agent that hands out a laboratory's numbers
            log.exception("a fault in answering %s %s", request.method, request.path)
            return problem(500, codes.INTERNAL, "a fault in the agent; its log has more")

    def _against(self, request: LocalRequest) -> LocalAnswer | None:
        """Return the refusal of a request that is for another pool, or has parameters in its address."""
        if request.pool and request.pool != self._pool_name:
            return _other_pool("the pool", self._pool_name, request.pool)
        if request.settings and request.settings != self._settings_file:
            return _other_pool("the settings", self._settings_file, request.settings)
        if request.query:
            return problem(
                422,
                codes.INVALID_PARAMETER,
                f"{request.path} takes no parameters in its address",
                field=request.query.partition("=")[0][:100],
                hint='numbers are taken by POST /take with the body {"count": n}',
            )
        return None

    def _no_route(self, method: str, path: str) -> LocalAnswer:
        allowed = [allowed_method for allowed_method, other in self._routes if other == path]
        if not allowed:
            return problem(404, codes.NOT_FOUND, f"there is nothing at {path[:100]}")
        allow = f"Allow: {', '.join(allowed)}\r\n".encode()
        return problem(405, codes.METHOD_NOT_ALLOWED, f"{method[:20]} is not for {path}", headers=allow)

    def take(self, body: bytes) -> LocalAnswer | Awaitable[LocalAnswer]:
        """Hand out; all or none. Right after a start the first contact is waited for, within its time."""
        count = self._take.decode(body).count if body else 1
        return self._taken_later(count) if self._agent.waits_for_contact else self._taken(count)

    async def _taken_later(self, count: int) -> LocalAnswer:
        await asyncio.to_thread(self._agent.wait_for_contact)
        try:
            return self._taken(count)
        except NpnError as error:
            return refusal(error)

    def _taken(self, count: int) -> LocalAnswer:
        try:
            numbers = [self._pool.take()] if count == 1 else self._pool.take_many(count)
        except TooFewNumbersError:
            self._agent.wake()
            raise
        return LocalAnswer(200, self._encode({"numbers": numbers}))

    def give_back(self, body: bytes) -> LocalAnswer | Awaitable[LocalAnswer]:
        """Record numbers as certainly unused; many of them in a thread, while hand-out goes on."""
        numbers = msgspec.json.decode(body, type=ReturnRequest).numbers
        if len(numbers) <= FEW:
            return LocalAnswer(200, self._encode({"recorded": self._pool.give_back(numbers)}))
        return self._elsewhere(lambda: {"recorded": self._pool.give_back(numbers)})

    def status(self, _: bytes) -> LocalAnswer:
        """The whole condition."""
        return LocalAnswer(200, self._encode(self._agent.condition()))

    def metrics(self, _: bytes) -> LocalAnswer:
        """Prometheus text."""
        text = metrics(self._agent.condition()).encode()
        return LocalAnswer(200, text, b"text/plain; version=0.0.4; charset=utf-8")

    def health(self, _: bytes) -> LocalAnswer:
        """ok, low, critical or empty; 503 where no number can be handed out."""
        condition = self._agent.condition()
        document = {"state": condition.state, "severity": condition.severity, "text": condition.line}
        return LocalAnswer(200 if condition.hands_out else 503, self._encode(document))

    def refill(self, _: bytes) -> Awaitable[LocalAnswer]:
        """A round now, up to the target."""
        return self._elsewhere(lambda: msgspec.to_builtins(self._agent.round(to_target=True)))

    def release(self, body: bytes) -> Awaitable[LocalAnswer]:
        """Take a tail, or everything, out of the pool and give it back to the service."""
        tail = msgspec.json.decode(body, type=ReleaseTail)
        if tail.all == (tail.series is not None) or (tail.all and tail.from_ is not None):
            raise InvalidInputError('give a series, or {"all": true}', field="series")

        def act() -> object:
            if tail.series is None:
                return {"released": self._agent.release_all()}
            self._agent.refill.release(tail.series, tail.from_)
            return {"released": tail.series}

        return self._elsewhere(act)

    async def _elsewhere(self, act: Callable[[], object]) -> LocalAnswer:
        """In a thread: it calls the service, and hand-out must go on meanwhile."""
        try:
            return LocalAnswer(200, self._encode(await asyncio.to_thread(act)))
        except NpnError as error:
            return refusal(error)
        except Exception:  # logged here, in the thread's own words; raised on to be answered as a fault
            log.exception("a fault in a call to the service")
            raise


def refusal(error: NpnError) -> LocalAnswer:
    """The one map from the agent's errors to HTTP."""
    status = next((status for kind, status in _STATUS if isinstance(error, kind)), 500)
    retry = getattr(error, "retry_after", None)
    headers = b"Retry-After: %d\r\n" % retry if retry else b""
    return problem(status, error.code, error.message, field=error.field, hint=error.hint, headers=headers)


def _other_pool(what: str, own: str, wanted: str) -> LocalAnswer:
    """Return the refusal of who means another agent than this one, whose numbers may be another system's."""
    return problem(
        409,
        codes.OTHER_POOL,
        f"the agent that listens here has {what} {unquote(own) or 'of no file'}, not {unquote(wanted)[:300]}",
        field="listen",
        hint="give each agent its own `listen`; --listen ADDRESS asks whichever agent is there",
    )


async def serve(agent: Agent, *, ready: Callable[[LocalServer], None]) -> None:
    """Serve until a signal; then stop listening first and close the pool last, so that nothing falls between."""
    desk = LocalApi(agent)
    server = LocalServer(desk.handle, agent.settings.listening)
    await server.start()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    agent.start()
    ready(server)
    try:
        await stop.wait()
    finally:
        await server.stop()
