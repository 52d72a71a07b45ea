"""The outermost layer: request ids, security headers, one log line and one figure for every answer.

Never in a log: keys, bodies, purposes, sample numbers.
"""

import time
from collections.abc import Callable, Sequence

import structlog
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from npn.http.exchange import HttpExchange, begin
from npn.http.inside import refuse_all_but_figures
from npn.http.metrics import Metrics
from npn.http.proxies import Proxies
from npn.http.transports import Transports
from npn.systems.model import CallerName
from npn.wire.problems import INTERNAL, MEDIA_TYPE, RequestError, internal, render

_log = structlog.get_logger("npn.access")

SECURITY: Sequence[tuple[bytes, bytes]] = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cache-control", b"no-store"),
)
_HTTPS = (b"strict-transport-security", b"max-age=31536000")


class Edge:
    """Everything passes here, what the application knows and what it does not."""

    def __init__(
        self,
        app: ASGIApp,
        metrics: Metrics,
        proxies: Proxies,
        *,
        transports: Transports,
        refused: Callable[[CallerName, str], None],
    ) -> None:
        """`app` is the application behind it; `refused` is told who was refused, with the code."""
        self.app = app
        self.metrics = metrics
        self.proxies = proxies
        self.transports = transports
        self.refused = refused

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, whatever happens."""
        if scope["type"] != ScopeType.HTTP:
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        method = scope["method"]
        if method == "HEAD":  # what GET answers, without the content (RFC 9110, 9.3.2)
            scope, send = {**scope, "method": "GET"}, _without_content(send)
        exchange = begin(scope)

        async def send_on(message: Message) -> None:
            if message["type"] == "http.response.start":
                exchange.status = message["status"]
                secure = scope["scheme"] == "https"
                headers = [*message["headers"], *self.transports.headers(scope, exchange)]
                message["headers"] = _framed(headers, exchange, secure=secure)
            await send(message)

        try:
            refuse_all_but_figures(scope)
            self.proxies.see_through(scope)
            await self.app(scope, receive, send_on)
        except RequestError as error:
            await _refused(exchange, send_on, error)
        except Exception as error:  # noqa: BLE001  # the last line: hidden from the caller, logged whole
            await _failed(exchange, send_on, error)
        finally:
            self._note(scope, exchange, method, seconds=time.perf_counter() - started)

    def _note(self, scope: HTTPScope, exchange: HttpExchange, method: str, *, seconds: float) -> None:
        route = str(scope.get("path_template") or "other")
        self.metrics.request(route=route, method=method, status=exchange.status, seconds=seconds)
        self.transports.count(scope, exchange)
        if exchange.code:
            self.metrics.refusals.labels(exchange.code).inc()
            if exchange.caller is not None:
                self.refused(exchange.caller, exchange.code)
        say = _log.warning if exchange.status >= 500 else _log.info
        fields = {"error": exchange.error} if exchange.error else {}
        say(
            "request",
            request_id=exchange.request_id,
            method=method,
            route=route,
            status=exchange.status,
            ms=round(seconds * 1000, 2),
            system="" if exchange.caller is None else str(exchange.caller),
            code=exchange.code,
            **fields,
        )


def _framed(headers: list[tuple[bytes, bytes]], exchange: HttpExchange, *, secure: bool) -> list[tuple[bytes, bytes]]:
    """Add what every answer carries; what the handler has said itself stays."""
    names = {name for name, _ in headers}
    headers += [pair for pair in SECURITY if pair[0] not in names]
    headers.append((b"x-request-id", exchange.request_id.encode("ascii")))
    if exchange.age is not None:
        headers.append((b"npn-data-age", b"%.1f" % exchange.age))
    if secure:
        headers.append(_HTTPS)
    return headers


def _without_content(send: Send) -> Send:
    """Send the head of an answer and end it there: what is streamed then sees that nobody listens."""
    ended = False

    async def send_head(message: Message) -> None:
        nonlocal ended
        if message["type"] == "http.response.start":
            await send(message)
        elif not ended:
            ended = True
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    return send_head


async def _refused(exchange: HttpExchange, send: Send, error: RequestError) -> None:
    """Answer what was refused before the application saw it."""
    problem = render(error, request_id=exchange.request_id)
    exchange.code = problem.code
    headers = [(b"content-type", MEDIA_TYPE.encode()), (b"content-length", b"%d" % len(problem.body))]
    await send({"type": "http.response.start", "status": problem.status, "headers": headers})
    await send({"type": "http.response.body", "body": problem.body, "more_body": False})


async def _failed(exchange: HttpExchange, send: Send, error: Exception) -> None:
    """Log it whole; answer only where nothing was answered yet, else the connection is cut by the server."""
    _log.error("failure", request_id=exchange.request_id, exc_info=error)
    if exchange.status:
        raise error
    exchange.code = INTERNAL
    problem = internal(request_id=exchange.request_id)
    headers = [(b"content-type", MEDIA_TYPE.encode()), (b"content-length", b"%d" % len(problem.body))]
    await send({"type": "http.response.start", "status": 500, "headers": headers})
    await send({"type": "http.response.body", "body": problem.body, "more_body": False})
