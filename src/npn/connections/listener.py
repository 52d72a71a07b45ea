"""Taking connections: each has its slot from the moment it is accepted, a TLS handshake included."""

import asyncio
import errno
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress

import structlog

from npn.connections.answers import raw_problem
from npn.connections.capacity import Capacity, ConnectionSlot
from npn.errors import codes

ACCEPTS_AT_ONCE = 64
LINGER_SECONDS = 1.0
MAX_LINGERING = 32
PAUSE_SECONDS = 0.1  # before taking connections again where there was no descriptor for one
_SCARCE = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)
_log = structlog.get_logger("npn.connections")


class Listener:
    """One listening socket; it has what uvicorn asks of a server: `sockets`, `close`, `wait_closed`."""

    def __init__(
        self,
        listening: socket.socket,
        protocol: Callable[[ConnectionSlot], asyncio.Protocol],
        capacity: Capacity,
        *,
        tls: Callable[[], ssl.SSLContext] | None,
        handshake_seconds: float,
    ) -> None:
        """`protocol` makes what speaks on a connection; `tls` is asked at each for the context as it is now.

        A TLS handshake must be done in `handshake_seconds`.
        """
        self._listening = listening
        self._protocol = protocol
        self._capacity = capacity
        self._tls = tls
        self._handshake_seconds = handshake_seconds
        self._loop = asyncio.get_running_loop()
        self._opening: set[asyncio.Task[None]] = set()
        self._pause: asyncio.TimerHandle | None = None
        self._lingering = 0
        self._listen()

    @property
    def sockets(self) -> tuple[socket.socket, ...]:
        """The listening socket."""
        return (self._listening,)

    def close(self) -> None:
        """Take no more connections."""
        if self._pause is not None:
            self._pause.cancel()
        self._loop.remove_reader(self._listening)

    async def wait_closed(self) -> None:
        """Drop the handshakes that are under way."""
        for task in self._opening:
            task.cancel()
        await asyncio.gather(*self._opening, return_exceptions=True)

    def _listen(self) -> None:
        self._pause = None
        self._loop.add_reader(self._listening, self._accept)

    def _accept(self) -> None:
        for _ in range(ACCEPTS_AT_ONCE):
            try:
                connection, _ = self._listening.accept()
            except (BlockingIOError, InterruptedError):
                return
            except ConnectionError:  # its caller has gone while it waited
                continue
            except OSError as error:
                self._short(error)
                return
            self._take(connection)

    def _short(self, error: OSError) -> None:
        """Make room and wait a little: the socket stays readable, and nothing is gained by asking at once."""
        if error.errno not in _SCARCE:
            _log.error("accept_failed", error=str(error))
        else:
            self._capacity.make_room()
            _log.warning("out_of_descriptors", error=error.strerror, connections=len(self._capacity))
        self._loop.remove_reader(self._listening)
        self._pause = self._loop.call_later(PAUSE_SECONDS, self._listen)

    def _take(self, connection: socket.socket) -> None:
        connection.setblocking(False)  # noqa: FBT003  # the library takes it so
        slot = self._capacity.admit(connection)
        if slot is None:
            self._turn_away(connection)
            return
        task = self._loop.create_task(self._open(slot))
        self._opening.add(task)
        task.add_done_callback(self._opening.discard)

    def _turn_away(self, connection: socket.socket) -> None:
        with suppress(OSError):
            if self._tls is None:
                later = {"Retry-After": "5"}
                message = "every connection is in use"
                connection.send(raw_problem(503, codes.TOO_MANY_CONNECTIONS, message, headers=later))
                connection.shutdown(socket.SHUT_WR)
                if self._lingering < MAX_LINGERING:  # closed at once, the answer could be lost with what it still sends
                    self._lingering += 1
                    self._loop.call_later(LINGER_SECONDS, self._drop, connection)
                    return
        connection.close()

    def _drop(self, connection: socket.socket) -> None:
        self._lingering -= 1
        connection.close()

    async def _open(self, slot: ConnectionSlot) -> None:
        protocol = self._protocol(slot)
        context = None if self._tls is None else self._tls()
        handshake = {} if context is None else {"ssl_handshake_timeout": self._handshake_seconds}
        try:
            await self._loop.connect_accepted_socket(lambda: protocol, slot.connection, ssl=context, **handshake)
        except (OSError, asyncio.CancelledError):  # an SSLError is an OSError
            self._capacity.release(slot)
            slot.connection.close()
