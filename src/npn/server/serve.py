"""Serve a service until told to stop."""

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import structlog
from litestar.types import ASGIApp

from npn.chores import Chores, Rounds
from npn.config import Settings
from npn.connections.capacity import Capacity, connection_limit, raise_descriptor_limit
from npn.connections.figures import ConnectionFigures
from npn.connections.protocol import Config, Protocol
from npn.errors import ConfigurationError
from npn.http import inside
from npn.http.metrics import Metrics
from npn.http.rounds import RoundFigures
from npn.http.tls import Tls, check_files
from npn.server.fronts import application, page_chores
from npn.server.process import MetricsServer, Server
from npn.server.start import name_ignored, settle, tell_places, tell_secrets, tell_standing
from npn.systems.authorities import Authorities
from npn.wiring.assembly import build
from npn.wiring.service import chores

METRICS_CONNECTIONS = 32
_log = structlog.get_logger("npn.server")


def serve(settings: Settings, ready: Callable[[str], None], config: Path | None = None) -> None:
    """Serve until told to stop; `ready` is given the address. Raises ConfigurationError where it can't start.

    `config`: the file that the settings came from.
    """
    capacity = Capacity(connection_limit(settings.max_connections, raise_descriptor_limit()))
    metrics = Metrics()
    metrics.registry.register(ConnectionFigures(capacity))
    service = build(settings, observe=metrics.batch)
    metrics.registry.register(RoundFigures(service.rounds))
    background = Chores([*chores(service), *page_chores(service)], service.rounds)
    try:
        tell_places(service)
        tell_standing(service)
        tell_secrets(service, metrics, config)
        settle(service)
        name_ignored(service)
        check_files(settings)
        inside.check(settings)
        authorities = service.clients.authorities
        authorities.load()
        background.start()
        run(
            settings,
            application(service, metrics),
            ready,
            authorities=authorities,
            capacity=capacity,
            rounds=service.rounds,
        )
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
    rounds: Rounds | None = None,
) -> None:
    """Serve an application on the address of the settings; `authorities`: whose files are looked after besides.

    `rounds`: where it is noted how that goes.
    """
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
        shown_host = f"[{host}]" if ":" in host else host
        beside = _metrics_server(settings, app)
        address = f"{scheme}://{shown_host}:{port}"
        server = Server(config, lambda: ready(address), tls=tls, authorities=authorities, beside=beside, rounds=rounds)
        server.run([listening])
    finally:
        listening.close()


def _metrics_server(settings: Settings, app: ASGIApp) -> MetricsServer | None:
    if not settings.metrics_listen:
        return None
    listening = _bound(*inside.address(settings.metrics_listen), field="metrics_listen")
    capacity = Capacity(METRICS_CONNECTIONS)  # so the figures are there, too, when the service's own are used up
    return MetricsServer(_config(settings, inside.InsideAccess(app), capacity, lifespan="off"), listening)


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
