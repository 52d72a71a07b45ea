"""The process that serves: uvicorn with limits of our own on connections, and what it looks after while it runs."""

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

from npn.api.app import create_app
from npn.api.metrics import Metrics
from npn.api.rest import Rest
from npn.api.tls import Tls, check_files
from npn.chores import Chores
from npn.config import Settings
from npn.connections.capacity import Capacity, Slot, connection_limit, raise_descriptor_limit
from npn.connections.figures import Figures
from npn.connections.listener import Listener
from npn.connections.protocol import Config, Protocol
from npn.db.standing import OWNS, standing
from npn.errors import ConfigurationError, UnavailableError
from npn.ledger.places import is_on_same_device
from npn.soap.routes import handlers as soap_handlers
from npn.soap.ways import Mounted
from npn.systems.authorities import Authorities
from npn.web.app import handlers as page_handlers
from npn.web.ways import Mounted as PagesMounted
from npn.wiring import Service, build, chores

LOOK_EVERY = 5.0  # seconds between looks at the files of TLS
_log = structlog.get_logger("npn.server")


class Server(uvicorn.Server):
    """uvicorn's server; it says when it is ready, and a signal to stop is a request, not a failure."""

    config: Config

    def __init__(
        self, config: Config, ready: Callable[[], None], tls: Tls | None, authorities: Authorities | None
    ) -> None:
        """`ready` is called once connections are taken; the files of `tls` and `authorities` are looked after."""
        super().__init__(config)
        self._ready = ready
        self._watching: asyncio.Task[None] | None = None
        self._tls, self._authorities = tls, authorities

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        await super().startup([])
        for listening in sockets or ():
            self.servers.append(self._listen(listening))  # type: ignore[arg-type]  # it has what uvicorn asks of one
        gc.collect()
        gc.freeze()  # what start made lives as long as the process
        self._watching = asyncio.create_task(self._watch())
        self._ready()

    def _listen(self, listening: socket.socket) -> Listener:
        def speak(slot: Slot) -> Protocol:
            return Protocol(self.config, self.server_state, self.lifespan.state, slot=slot)

        context = None if self._tls is None else self._tls.context
        seconds = self.config.settings.header_timeout_seconds
        return Listener(listening, speak, self.config.capacity, tls=context, handshake_seconds=seconds)

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
    capacity = Capacity(connection_limit(settings.max_connections, raise_descriptor_limit()))
    metrics = Metrics()
    metrics.registry.register(Figures(capacity))
    service = build(settings, observe=metrics.batch)
    background = Chores(chores(service))
    try:
        tell_places(service)
        tell_standing(service)
        settle(service)
        _name_ignored(service)
        check_files(settings)
        authorities = service.clients.authorities
        authorities.load()
        background.start()
        app = create_app(service, metrics, more=_fronts(service))
        run(settings, app, ready, authorities=authorities, capacity=capacity)
    finally:
        background.stop()
        service.close()


def run(
    settings: Settings,
    app: ASGIApp,
    ready: Callable[[str], None],
    *,
    authorities: Authorities | None = None,
    capacity: Capacity | None = None,
) -> None:
    """Serve an application on the address of the settings; `authorities`: whose files are looked after besides."""
    if capacity is None:
        capacity = Capacity(connection_limit(settings.max_connections, raise_descriptor_limit()))
    check_files(settings)
    tls = Tls(settings) if settings.tls_cert else None
    listening = _bound(settings)
    try:
        config = _config(settings, app, capacity)
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


def tell_standing(service: Service) -> None:
    """Say where the login could become the tables' owner."""
    found = standing(service.database)
    if found.owns:
        _log.warning("database_login_owns_tables", login=found.login, works_as=found.works_as, hint=OWNS)


def tell_places(service: Service) -> None:
    """Say where the witness is, and where it would be lost with the database."""
    place = str(service.ledger.witness)
    if is_on_same_device(service.database, service.ledger.witness):
        hint = "move it to another disk or machine: npn admin witness move --to"
        _log.warning("witness_same_device", witness=place, hint=hint)
    else:
        _log.info("witness", witness=place)


def settle(service: Service) -> None:
    """Bring the witness up to date; where it can't be, serve all the same: reading works, draws answer 503."""
    try:
        service.ledger.settle()
    except UnavailableError as error:
        _log.warning("not_ready", code=error.code, error=error.message, hint=error.hint)


def _name_ignored(service: Service) -> None:
    """Say which settings no longer count, and what does."""
    if service.settings.quarantine_days is not None:
        days = service.quarantine.days()
        _log.warning(
            "setting_ignored",
            setting="quarantine_days",
            policy=f"the quarantine is a policy in the ledger: {days} days",
            hint="two people change it: npn admin approval policy quarantine --days N",
        )


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


def _config(settings: Settings, app: ASGIApp, capacity: Capacity) -> Config:
    config = Config(
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
    config.capacity = capacity
    config.load()
    return config
