"""The process that serves: uvicorn with limits of our own on connections, and what it looks after while it runs."""

import asyncio
import gc
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Literal

import structlog
import uvicorn
from litestar.handlers import BaseRouteHandler
from litestar.types import ASGIApp
from prometheus_client import Gauge

from npn.api import inside
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
from npn.ledger.secrets import look_at_files
from npn.soap.routes import handlers as soap_handlers
from npn.soap.ways import Mounted
from npn.systems.authorities import Authorities
from npn.web.app import handlers as page_handlers
from npn.web.ways import Mounted as PagesMounted
from npn.wiring import Service, build, chores

METRICS_CONNECTIONS = 32
LOOK_EVERY = 5.0  # seconds between looks at the files of TLS
_log = structlog.get_logger("npn.server")


class Server(uvicorn.Server):
    """uvicorn's server; it says when it is ready, and a signal to stop is a request, not a failure."""

    config: Config

    def __init__(
        self,
        config: Config,
        ready: Callable[[], None],
        *,
        tls: Tls | None,
        authorities: Authorities | None,
        beside: "MetricsServer | None" = None,
    ) -> None:
        """`ready` is called once connections are taken; the files of `tls` and `authorities` are looked after."""
        super().__init__(config)
        self._beside = beside
        self._ready = ready
        self._watching: asyncio.Task[None] | None = None
        self._tls, self._authorities = tls, authorities
        self._told: dict[str, str] = {}

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        await super().startup([])
        for listening in sockets or ():
            self.servers.append(_listener(self, listening, self._tls))  # type: ignore[arg-type]  # what uvicorn asks of one
        if self._beside is not None:
            await self._beside.start()
        gc.collect()
        gc.freeze()  # what start made lives as long as the process
        self._watching = asyncio.create_task(self._watch())
        self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop looking after files, then stop."""
        if self._watching is not None:
            self._watching.cancel()
        if self._beside is not None:
            await self._beside.stop()
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
            if self._tls is not None:
                self._take_up("tls", partial(_take_up_tls, self._tls, always=always))
            if self._authorities is not None:
                lists = partial(_take_up_lists, self._authorities, always=always)
                await loop.run_in_executor(None, self._take_up, "authorities", lists)

    def _take_up(self, what: str, work: Callable[[], None]) -> None:
        """Take files up. What can't be read is tried again at each look, and told of once; the old go on meanwhile."""
        try:
            work()
        except ConfigurationError as error:
            if self._told.get(what) != error.message:
                _log.error("files_not_taken_up", error=error.message, field=error.field)  # no fault of ours
            self._told[what] = error.message
        else:
            self._told.pop(what, None)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop gracefully at SIGTERM and SIGINT, at once at the second; the exit status is then 0."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield


class MetricsServer(uvicorn.Server):
    """A server beside the service's own, for the figures alone: plain HTTP, with connections of its own."""

    config: Config

    def __init__(self, config: Config, listening: socket.socket) -> None:
        """`listening` is bound already."""
        super().__init__(config)
        self.lifespan = config.lifespan_class(config)
        self._listening = listening

    async def start(self) -> None:
        """Take connections."""
        await super().startup([])
        self.servers.append(_listener(self, self._listening, None))  # type: ignore[arg-type]  # what uvicorn asks of one
        host, port = self._listening.getsockname()[:2]
        _log.info("metrics_served", host=host, port=port)

    async def stop(self) -> None:
        """Let go of the address."""
        await super().shutdown([self._listening])


def _listener(server: Server | MetricsServer, listening: socket.socket, tls: Tls | None) -> Listener:
    config = server.config

    def speak(slot: Slot) -> Protocol:
        return Protocol(config, server.server_state, server.lifespan.state, slot=slot)

    seconds = config.settings.header_timeout_seconds
    context = None if tls is None else tls.now
    return Listener(listening, speak, config.capacity, tls=context, handshake_seconds=seconds)


def _take_up_tls(tls: Tls, *, always: bool) -> None:
    if tls.refresh(always=always):
        _log.info("tls_files_read")


def _take_up_lists(authorities: Authorities, *, always: bool) -> None:
    if authorities.refresh() or always:
        _log.info("authorities_read", lists=len(authorities.lists))


def serve(settings: Settings, ready: Callable[[str], None], config: Path | None = None) -> None:
    """Serve until told to stop; `ready` is given the address. Raises ConfigurationError where it can't start.

    `config`: the file that the settings came from.
    """
    capacity = Capacity(connection_limit(settings.max_connections, raise_descriptor_limit()))
    metrics = Metrics()
    metrics.registry.register(Figures(capacity))
    service = build(settings, observe=metrics.batch)
    background = Chores(chores(service))
    try:
        tell_places(service)
        tell_standing(service)
        tell_secrets(service, metrics, config)
        settle(service)
        _name_ignored(service)
        check_files(settings)
        inside.check(settings)
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
    inside.check(settings)
    tls = Tls(settings) if settings.tls_cert else None
    listening = _bound(settings.host, settings.port)
    try:
        config = _config(settings, app, capacity)
        scheme = "https" if settings.tls_cert else "http"
        host, port = listening.getsockname()[:2]
        shown = f"[{host}]" if ":" in host else host
        beside = _metrics_server(settings, app)
        server = Server(
            config, lambda: ready(f"{scheme}://{shown}:{port}"), tls=tls, authorities=authorities, beside=beside
        )
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


def tell_secrets(service: Service, metrics: Metrics, config: Path | None) -> None:
    """Say which key encrypts, and which files others could read."""
    sealer = service.database.sealer
    _log.info("secrets_key", file=str(sealer.path), keys=sealer.fingerprints)
    gauge = Gauge(
        "npn_file_readable_by_others", "1 for a file that others may read", ["file"], registry=metrics.registry
    )
    for loose in look_at_files(service.settings, service.database, service.ledger.witness, config):
        gauge.labels(str(loose.path)).set(float(not loose.tightened))


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


def _metrics_server(settings: Settings, app: ASGIApp) -> MetricsServer | None:
    if not settings.metrics_listen:
        return None
    listening = _bound(*inside.address(settings.metrics_listen), field="metrics_listen")
    capacity = Capacity(METRICS_CONNECTIONS)  # so the figures are there, too, when the service's own are used up
    return MetricsServer(_config(settings, inside.Inside(app), capacity, lifespan="off"), listening)


def _bound(host: str, port: int, *, field: str = "") -> socket.socket:
    """Take the port now, so that a second server says so in one line."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (socket.gaierror, UnicodeError, OverflowError) as error:
        raise ConfigurationError(f"not an address to listen on: {host}", field=field or "host") from error
    listening = socket.socket(family, kind, protocol)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(address)
        listening.listen(2048)
    except OSError as error:
        listening.close()
        raise ConfigurationError(
            f"can't listen on {host}:{port}: {error.strerror}",
            field=field or "port",
            hint=f"another program may use it: choose another with {field or '--port'}, or stop that one",
        ) from error
    listening.setblocking(False)  # noqa: FBT003  # the library takes it so
    return listening


def _config(settings: Settings, app: ASGIApp, capacity: Capacity, *, lifespan: Literal["on", "off"] = "on") -> Config:
    config = Config(
        app,
        http=Protocol,
        ws="none",
        loop="uvloop",
        lifespan=lifespan,
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
