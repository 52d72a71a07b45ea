"""The process that serves: uvicorn with time and size limits on what a slow or hostile client may send."""

import asyncio
import gc
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial

import structlog
import uvicorn
from litestar.handlers import BaseRouteHandler
from litestar.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from npn.api.app import create_app
from npn.api.door import SECURITY
from npn.api.exchange import new_request_id
from npn.api.metrics import Metrics
from npn.api.requests import LARGEST_BODY
from npn.api.rest import Rest
from npn.api.tls import Tls, check_files
from npn.chores import Chores
from npn.config import Settings
from npn.errors import ConfigurationError, UnavailableError
from npn.soap.routes import handlers as soap_handlers
from npn.soap.ways import Mounted
from npn.systems.authorities import Authorities
from npn.systems.certificates import CERTIFICATE
from npn.systems.clients import Presented, presented
from npn.web.app import handlers as page_handlers
from npn.web.ways import Mounted as PagesMounted
from npn.wire.problems import MEDIA_TYPE, RequestError, render
from npn.wiring import Service, build, chores

LARGEST_ON_THE_WIRE = 16 * LARGEST_BODY  # chunks of one byte take six; trailers come besides
LOOK_EVERY = 5.0  # seconds between looks at the files of TLS
ON_ITS_WAY = 1.0  # seconds that a stopping server waits for what its callers may just have sent
_log = structlog.get_logger("npn.server")


class Limits(uvicorn.Config):
    """uvicorn's configuration, and ours beside it, so that the protocol finds it."""

    settings: Settings


class Protocol(HttpToolsProtocol):
    """One connection. Headers and body must come in time and in size; what is left of a refused body is read past."""

    config: Limits

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in the parent
        """Start the clock for the first headers; note the client's certificate."""
        super().connection_made(transport)
        self._limits = self.config.settings
        self._deadline: asyncio.TimerHandle | None = None
        self._reading_headers = False
        self._header_bytes = 0
        self._body_bytes = 0
        self._refused = False
        self._draining = False
        self._heard = False
        self._stopping = False
        self._certificate = _shown(transport)
        self._start_clock(self._limits.header_timeout_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock."""
        self._stop_clock()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, unless the connection was refused already."""
        if self._refused:
            return
        idle = self._deadline is None and not self._reading_headers
        if idle and (self.cycle is None or self.cycle.response_complete):
            self._start_clock(self._limits.header_timeout_seconds)
        super().data_received(data)
        self._body_bytes += len(data)
        if self._deadline is not None and not self._reading_headers and self._body_bytes > LARGEST_ON_THE_WIRE:
            self._refuse(413, "body_too_large", "the body with its chunks and trailers is larger than allowed")
        if self._reading_headers:
            self._header_bytes += len(data)
            if self._header_bytes > self._limits.max_header_bytes and not self._refused:
                self._refuse(431, "headers_too_large", "the headers are larger than allowed")

    def on_message_begin(self) -> None:
        """Start counting."""
        super().on_message_begin()
        self._heard = True
        self._reading_headers = True
        self._header_bytes = 0
        if self._certificate is not None:
            self.scope["extensions"] = {CERTIFICATE: self._certificate}  # type: ignore[dict-item]  # ours, in ASGI's place

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header. Trailers are dropped: they come after the body, and what passes for a header came before."""
        if self._reading_headers:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Check the size; then the body has its own time."""
        self._reading_headers = False
        size = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
        if size > self._limits.max_header_bytes:
            self._refuse(431, "headers_too_large", "the headers are larger than allowed")
            return
        self._body_bytes = 0
        self._start_clock(self._limits.body_timeout_seconds)
        super().on_headers_complete()
        if self._stopping:
            self.cycle.keep_alive = False

    def on_body(self, body: bytes) -> None:
        """Pass the body on."""
        if not self._refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """Stop the clock: the request is whole."""
        self._stop_clock()
        self._draining = False
        if not self._refused:
            super().on_message_complete()

    def on_response_complete(self) -> None:
        """Read past what the caller still sends of a body that nobody wanted, in the same time and size.

        To close instead would reset the connection under the caller's hands, and the answer may be lost with it.
        """
        self._draining = self.cycle.response_complete and self.cycle.more_body
        super().on_response_complete()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  # the parent's name
        """Answer what is not HTTP with a problem, as everything else."""
        if not self._refused:
            self._refuse(400, "malformed_http", "the bytes received are not HTTP/1.1")

    def shutdown(self) -> None:
        """Take no further request after the one that is here or on its way.

        The parent closes a connection on which no request has begun, and so the caller who has just sent one would
        never be answered.
        """
        self._stopping = True
        if self._is_idle():
            self.loop.call_later(ON_ITS_WAY, self._close_if_idle)
        elif self.cycle is not None:
            self.cycle.keep_alive = False

    def _is_idle(self) -> bool:
        return not self._reading_headers and (self.cycle is None or self.cycle.response_complete)

    def _close_if_idle(self) -> None:
        if self._is_idle():
            self.transport.close()

    def _start_clock(self, seconds: float) -> None:
        self._stop_clock()
        self._deadline = self.loop.call_later(seconds, self._too_slow)

    def _stop_clock(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _too_slow(self) -> None:
        self._deadline = None
        if not self._heard:
            self.transport.close()
        else:
            self._refuse(408, "request_timeout", "the request did not come in time")

    def _refuse(self, status: int, code: str, message: str) -> None:
        """Answer without the application, and close; an answer that was begun is cut."""
        self._refused = True
        self._stop_clock()
        if self.transport.is_closing():
            return
        answered = self._draining  # what comes too late or too large is left of a request that has its answer
        if not answered and (self.cycle is None or self.cycle.response_complete or not self.cycle.response_started):
            self.transport.write(_raw_problem(status, code, message))
            _log.info("refused", status=status, code=code)
        if self.cycle is not None and not self.cycle.response_complete:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self.transport.close()


def _shown(transport: asyncio.Transport) -> Presented | None:
    connection = transport.get_extra_info("ssl_object")
    der = connection.getpeercert(binary_form=True) if connection is not None else None
    try:
        return presented(der) if der else None
    except ValueError:  # OpenSSL takes it, cryptography does not: it stands for nobody
        return None


def _raw_problem(status: int, code: str, message: str) -> bytes:
    request_id = new_request_id()
    problem = render(RequestError(message, code=code), request_id=request_id)
    headers = [
        (b"content-type", MEDIA_TYPE.encode()),
        (b"content-length", b"%d" % len(problem.body)),
        (b"connection", b"close"),
        (b"x-request-id", request_id.encode()),
        *SECURITY,
    ]
    lines = b"".join(b"%s: %s\r\n" % header for header in headers)
    return STATUS_LINE[status] + lines + b"\r\n" + problem.body


class Server(uvicorn.Server):
    """uvicorn's server; it says when it is ready, and a signal to stop is a request, not a failure."""

    def __init__(
        self, config: uvicorn.Config, ready: Callable[[], None], tls: Tls | None, authorities: Authorities | None
    ) -> None:
        """`ready` is called once connections are taken; the files of `tls` and `authorities` are looked after."""
        super().__init__(config)
        self._ready = ready
        self._watching: asyncio.Task[None] | None = None
        self._tls, self._authorities = tls, authorities

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        await super().startup(sockets)
        gc.collect()
        gc.freeze()  # what start made lives as long as the process
        self._watching = asyncio.create_task(self._watch())
        self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop looking after files, then stop."""
        if self._watching is not None:
            self._watching.cancel()
        await super().shutdown(sockets)

    async def _watch(self) -> None:
        """Take up certificates, authorities and revocation lists that have changed; at SIGHUP at once."""
        loop, told = asyncio.get_running_loop(), asyncio.Event()
        loop.add_signal_handler(signal.SIGHUP, told.set)
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(told.wait(), LOOK_EVERY)
            always = told.is_set()
            told.clear()
            if self._tls is not None:  # on the loop, as handshakes are: none may begin between certificate and key
                _take_up_tls(self._tls, always=always)
            if self._authorities is not None:
                await loop.run_in_executor(None, partial(_take_up_lists, self._authorities, always=always))

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop gracefully at SIGTERM and SIGINT, at once at the second; the exit status is then 0."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield


def _take_up_tls(tls: Tls, *, always: bool) -> None:
    with _kept_otherwise():
        if tls.refresh(always=always):
            _log.info("tls_files_read")


def _take_up_lists(authorities: Authorities, *, always: bool) -> None:
    with _kept_otherwise():
        if authorities.refresh() or always:
            _log.info("authorities_read", lists=len(authorities.lists))


@contextmanager
def _kept_otherwise() -> Iterator[None]:
    """Say which files can't be taken up; what was read before goes on."""
    try:
        yield
    except ConfigurationError as error:
        _log.error("files_not_taken_up", error=error.message, field=error.field)  # no fault of ours


def serve(settings: Settings, ready: Callable[[str], None]) -> None:
    """Serve until told to stop; `ready` is given the address. Raises ConfigurationError where it can't start."""
    metrics = Metrics()
    service = build(settings, observe=metrics.batch)
    background = Chores(chores(service))
    try:
        settle(service)
        check_files(settings)
        authorities = service.clients.authorities
        authorities.load()
        background.start()
        run(settings, create_app(service, metrics, more=_fronts(service)), ready, authorities=authorities)
    finally:
        background.stop()
        service.close()


def run(
    settings: Settings, app: ASGIApp, ready: Callable[[str], None], *, authorities: Authorities | None = None
) -> None:
    """Serve an application on the address of the settings; `authorities`: whose files are looked after besides."""
    check_files(settings)
    tls = Tls(settings) if settings.tls_cert else None
    listening = _bound(settings)
    try:
        config = _config(settings, app, tls)
        scheme = "https" if settings.tls_cert else "http"
        host, port = listening.getsockname()[:2]
        shown = f"[{host}]" if ":" in host else host
        server = Server(config, lambda: ready(f"{scheme}://{shown}:{port}"), tls, authorities)
        server.run([listening])
    finally:
        listening.close()


def _fronts(service: Service) -> tuple[BaseRouteHandler, ...]:
    """Make the handlers of the legacy web service and the pages; they go the same ways to the service as REST."""
    check_legacy: Callable[[Rest], Mounted] = _same  # what REST offers is what the others need: mypy checks it
    check_pages: Callable[[Rest], PagesMounted] = _same
    del check_legacy, check_pages
    return (*soap_handlers(service), *page_handlers(service))


def _same(rest: Rest) -> Rest:
    return rest


def settle(service: Service) -> None:
    """Bring the witness up to date; where it can't be, serve all the same: reading works, draws answer 503."""
    try:
        service.ledger.settle()
    except UnavailableError as error:
        _log.warning("not_ready", code=error.code, error=error.message, hint=error.hint)


def _bound(settings: Settings) -> socket.socket:
    """Take the port now, so that a second server says so in one line."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (socket.gaierror, UnicodeError, OverflowError) as error:
        raise ConfigurationError(f"not an address to listen on: {settings.host}", field="host") from error
    listening = socket.socket(family, kind, protocol)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(address)
        listening.listen(2048)
    except OSError as error:
        listening.close()
        raise ConfigurationError(
            f"can't listen on {settings.host}:{settings.port}: {error.strerror}",
            field="port",
            hint="another program may use it: choose another with --port, or stop that one",
        ) from error
    listening.setblocking(False)  # noqa: FBT003  # the library takes it so
    return listening


def _config(settings: Settings, app: ASGIApp, tls: Tls | None) -> uvicorn.Config:
    config = Limits(
        app,
        http=Protocol,
        ws="none",
        loop="uvloop",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=int(settings.draw_deadline_seconds) + 5,
    )
    config.settings = settings
    config.load()
    config.ssl = None if tls is None else tls.context
    return config
