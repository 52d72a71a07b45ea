"""The application: routes, the errors' one way out, start and stop."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial

import structlog
from litestar import Litestar
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.handlers import BaseRouteHandler
from litestar.types import ASGIApp, ExceptionHandlersMap

from npn.chores import Rounds
from npn.errors import NpnError, codes
from npn.http.answers import Answer
from npn.http.arrivals import Arrivals
from npn.http.authentication import Authenticator
from npn.http.context import Context
from npn.http.edge import Edge
from npn.http.exchange import exchange_of
from npn.http.metrics import Metrics
from npn.http.proxies import Proxies
from npn.http.requests import Asked
from npn.http.services import HttpServices
from npn.http.threads import Threads
from npn.http.transports import Transports
from npn.transport.calls import EVERY, Counter, Tally
from npn.wire.problems import INTERNAL, MEDIA_TYPE, RequestError, internal, render
from npn.wire.requests import nothing_here, other_method

_COUNTING, _WARNING = "count_calls", "warn_of_certificates"
_WARN_EVERY = 900.0  # seconds between looks for certificates to warn of
_log = structlog.get_logger("npn.http")


def create_app(
    services: HttpServices,
    metrics: Metrics,
    handlers: Sequence[BaseRouteHandler],
    *,
    state: Mapping[str, object] | None = None,
) -> ASGIApp:
    """Return the application: the handlers of its fronts. It closes the services when it stops.

    `metrics` is what the services were built with (`observe=metrics.batch`); `state` is what handlers find in the
    application's state.
    """
    settings = services.settings
    counter = Counter(_writing(services), clock=services.ledger.clock)
    app = Litestar(
        route_handlers=list(handlers),
        state=State(dict(state or {})),
        lifespan=[_running(services, metrics, counter)],
        exception_handlers=_WAYS_OUT,
        openapi_config=None,
        logging_config=None,
    )
    proxies = Proxies.of(settings.trusted_proxies, settings.client_cert_header)
    return Edge(
        app,
        metrics,
        proxies,
        transports=Transports(services.transport, counter, metrics),
        refused=services.refusals.note,
    )


def _writing(services: HttpServices) -> Callable[[list[Tally]], None]:
    def write(rows: list[Tally]) -> None:
        services.writer.submit(services.rounds.attempt, _COUNTING, partial(services.transport.add_calls, rows))

    return write


async def _now_and_then(seconds: float, rounds: Rounds, name: str, *, hand_on: Callable[[], None]) -> None:
    """Hand work to the writer at an interval. That it went well is noted where it is done."""
    while True:
        await asyncio.sleep(seconds)
        try:
            hand_on()
        except Exception as error:  # noqa: BLE001  # the next round must come
            rounds.failed(name, error)


def _running(
    services: HttpServices, metrics: Metrics, counter: Counter
) -> Callable[[Litestar], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def running(app: Litestar) -> AsyncIterator[None]:
        threads = Threads(services.writer, seconds=services.settings.draw_deadline_seconds)
        per_minute = services.settings.requests_per_minute
        authenticator = Authenticator(services.systems, services.clients, services.transport, threads, per_minute)
        context = Context(services, metrics, threads, authenticator, Arrivals(asyncio.get_running_loop()))
        app.state.context = context
        warn = partial(threads.later, services.rounds.attempt, _WARNING, services.expiries.warn)
        tasks = [
            asyncio.create_task(_now_and_then(EVERY, services.rounds, _COUNTING, hand_on=counter.flush)),
            asyncio.create_task(_now_and_then(_WARN_EVERY, services.rounds, _WARNING, hand_on=warn)),
        ]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            counter.flush()
            await services.message_jobs.stop()
            context.close()

    return running


def _refused(request: Asked, error: NpnError) -> Answer:
    exchange = exchange_of(request.scope)
    problem = render(error, request_id=exchange.request_id)
    exchange.code = problem.code
    if problem.status >= 500:
        exchange.error = error.message
    if problem.code == INTERNAL:
        _log.error("failure", request_id=exchange.request_id, exc_info=error)
    return Answer(problem.body, problem.status, MEDIA_TYPE, problem.headers)


def _not_routed(request: Asked, error: HTTPException) -> Answer:
    """What the router itself refuses: no such path, another method."""
    if error.status_code == 404:
        return _refused(request, nothing_here())
    if error.status_code == 405:
        return _refused(request, other_method(_with_head((error.headers or {}).get("allow", ""))))
    if error.status_code < 500:  # such as an invalid Host header
        return _refused(request, RequestError(error.detail or "the request can't be read", code=codes.MALFORMED_HTTP))
    return _broken(request, error)


def _with_head(allow: str) -> str:
    """Add HEAD to a list of methods that has GET."""
    methods = sorted({name.strip() for name in allow.split(",")} | {"HEAD"})
    return ", ".join(methods) if "GET" in methods else allow


def _broken(request: Asked, error: Exception) -> Answer:
    exchange = exchange_of(request.scope)
    _log.error("failure", request_id=exchange.request_id, exc_info=error)
    exchange.code = INTERNAL
    return Answer(internal(request_id=exchange.request_id).body, 500, MEDIA_TYPE)


_WAYS_OUT: ExceptionHandlersMap = {
    NpnError: _refused,  # type: ignore[dict-item]  # an Answer is what litestar makes of a Response
    HTTPException: _not_routed,  # type: ignore[dict-item]  # as above
    Exception: _broken,  # type: ignore[dict-item]  # as above
}
