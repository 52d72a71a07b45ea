"""uvicorn's server as ours: our own connections, files of TLS that change, signals; and one for the figures alone."""

import asyncio
import gc
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial

import structlog
import uvicorn

from npn.chores import Rounds
from npn.connections.capacity import ConnectionSlot
from npn.connections.listener import Listener
from npn.connections.protocol import Config, Protocol
from npn.errors import ConfigurationError
from npn.http.tls import Tls
from npn.systems.authorities import Authorities

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
        rounds: Rounds | None = None,
    ) -> None:
        """`ready` is called once connections are taken; the files of `tls` and `authorities` are looked after."""
        super().__init__(config)
        self._beside = beside
        self._ready = ready
        self._watching: asyncio.Task[None] | None = None
        self._tls, self._authorities = tls, authorities
        self._told: dict[str, str] = {}
        self._rounds = Rounds() if rounds is None else rounds

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
        loop, changed = asyncio.get_running_loop(), asyncio.Event()
        loop.add_signal_handler(signal.SIGHUP, changed.set)
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(changed.wait(), LOOK_EVERY)
            always = changed.is_set()
            changed.clear()
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
            self._rounds.failed(f"read_{what}", error, logged=True)
        except Exception as error:  # noqa: BLE001  # the next look must come, whatever these files hold
            self._rounds.failed(f"read_{what}", error)
        else:
            self._told.pop(what, None)
            self._rounds.succeeded(f"read_{what}")

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop gracefully at SIGTERM and SIGINT, at once at the second; the exit status is then 0."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield


class MetricsServer(uvicorn.Server):
    """A server beside the service's own, for the figures alone: plain HTTP, with separate connections."""

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

    def speak(slot: ConnectionSlot) -> Protocol:
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
