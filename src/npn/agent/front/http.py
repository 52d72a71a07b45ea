"""The agent's local HTTP server: small, strict, and quick, on a Unix socket or on loopback.

HTTP/1.1 with keep-alive, Content-Length and chunked bodies; limits on head, body, time and connections. On
loopback only the machine's own names are accepted as Host, and nothing that a browser sends from a page.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from pathlib import Path

import msgspec

from npn.agent.front.sockets import UnixListener
from npn.errors import Code, ConfigurationError, codes

log = logging.getLogger("npn.agent")
LARGEST_HEAD = 8 * 1024
LARGEST_BODY = 4 * 1024 * 1024  # room for giving back a hundred thousand numbers
REQUEST_SECONDS = 10.0  # to send one request
IDLE_SECONDS = 75.0  # between two
CONNECTIONS = 256
LAST_ANSWERS = 100  # times 20 ms at the end for answers that are on their way
NO_BODY = b""


class LocalAnswer(msgspec.Struct, frozen=True):
    """What goes back; `headers` are further lines, each ended."""

    status: int
    body: bytes
    kind: bytes = b"application/json"
    headers: bytes = b""


class LocalRequest(msgspec.Struct, frozen=True):
    """A request as the handler gets it. `query` without its question mark; `pool`, `settings`: which agent is meant."""

    method: str
    path: str
    body: bytes = NO_BODY
    query: str = ""
    pool: str = ""
    settings: str = ""


Handler = Callable[[LocalRequest], LocalAnswer | Awaitable[LocalAnswer]]
_HEADS: dict[tuple[int, bytes], bytes] = {}


def problem(
    status: int, code: Code, detail: str, *, field: str = "", hint: str = "", headers: bytes = b""
) -> LocalAnswer:
    """An error, RFC 9457, like the service's own."""
    title = HTTPStatus(status).phrase
    document = {
        "type": f"urn:npn:problem:{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
    }
    if field:
        document["field"] = field
    if hint:
        document["hint"] = hint
    return LocalAnswer(status, msgspec.json.encode(document), b"application/problem+json", headers)


def rendered(answer: LocalAnswer, *, close: bool) -> bytes:
    """The bytes of an answer; the head's constant part is made once."""
    head = _HEADS.get((answer.status, answer.kind))
    if head is None:
        phrase = HTTPStatus(answer.status).phrase
        text = f"HTTP/1.1 {answer.status} {phrase}\r\nCache-Control: no-store\r\nContent-Type: ".encode()
        head = text + answer.kind + b"\r\nContent-Length: "
        _HEADS[answer.status, answer.kind] = head
    end = b"Connection: close\r\n\r\n" if close else b"\r\n"
    return b"%b%d\r\n%b%b%b" % (head, len(answer.body), answer.headers, end, answer.body)


class BadRequestError(Exception):
    """The bytes are no request that is accepted; the connection ends with this answer."""

    def __init__(self, answer: LocalAnswer) -> None:
        """The answer."""
        super().__init__(answer.status)
        self.answer = answer


class _Head(msgspec.Struct, frozen=True):
    """A request's head: `length` of the body, -1 for chunked; `start` where the body begins."""

    method: str
    target: str
    start: int
    length: int
    close: bool
    expects: bool
    pool: str
    settings: str


class Connection(asyncio.Protocol):
    """One client. Requests are answered in order; the next is read only after an answer was written."""

    def __init__(self, server: "LocalServer") -> None:
        """Belongs to its server."""
        self._server = server
        self._buffer = bytearray()
        self._head: _Head | None = None
        self._busy = False
        self._task: asyncio.Future[None] | None = None
        self.transport: asyncio.Transport | None = None
        self.deadline = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet, or say that there are too many."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  # a stream server makes no other
        self.transport = transport
        self.deadline = self._server.now() + IDLE_SECONDS
        self._server.connections.add(self)
        if len(self._server.connections) > CONNECTIONS:
            self._end(problem(503, codes.TOO_MANY_CONNECTIONS, "too many connections", headers=b"Retry-After: 1\r\n"))

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone."""
        del exc
        self._server.connections.discard(self)
        if self._task is not None:
            self._task.cancel()

    def pause_writing(self) -> None:
        """The client does not read: read nothing more from it."""
        if self.transport:
            self.transport.pause_reading()

    def resume_writing(self) -> None:
        """It reads again."""
        if self.transport:
            self.transport.resume_reading()

    def data_received(self, data: bytes) -> None:
        """Collect, and answer what is complete."""
        if not self._buffer:
            self.deadline = self._server.now() + REQUEST_SECONDS
        self._buffer += data
        if not self._busy:
            self._serve()
        elif len(self._buffer) > LARGEST_HEAD + LARGEST_BODY and self.transport:
            self.transport.pause_reading()

    def _serve(self) -> None:
        try:
            while not self._busy and self._buffer and self.transport and not self.transport.is_closing():
                request = self._next()
                if request is None:
                    return
                head, body = request
                path, _, query = head.target.partition("?")
                answer = self._server.handle(LocalRequest(head.method, path, body, query, head.pool, head.settings))
                if isinstance(answer, LocalAnswer):
                    self._write(answer, close=head.close)
                else:
                    self._busy = True
                    self._task = asyncio.ensure_future(self._later(answer, close=head.close))
        except BadRequestError as error:
            self._end(error.answer)

    async def _later(self, coming: Awaitable[LocalAnswer], *, close: bool) -> None:
        self.deadline = float("inf")
        try:
            answer = await coming
        except Exception:  # noqa: BLE001  # whatever it was, the client gets an answer; the handler has logged it
            answer = problem(500, codes.INTERNAL, "a fault in the agent; its log has more")
        self._busy, self._task = False, None
        self._write(answer, close=close)
        if self.transport and not self.transport.is_closing():
            self.transport.resume_reading()
            self._serve()

    def _write(self, answer: LocalAnswer, *, close: bool) -> None:
        if self.transport is None:
            return
        self.transport.write(rendered(answer, close=close))
        self.deadline = self._server.now() + (REQUEST_SECONDS if self._buffer else IDLE_SECONDS)
        if close:
            self.transport.close()

    def _end(self, answer: LocalAnswer) -> None:
        self._write(answer, close=True)

    def _next(self) -> tuple[_Head, bytes] | None:
        """Cut the next request off the buffer; None while it is incomplete."""
        if self._head is None:
            end = self._buffer.find(b"\r\n\r\n", 0, LARGEST_HEAD)
            if end < 0:
                if len(self._buffer) >= LARGEST_HEAD:
                    raise BadRequestError(
                        problem(431, codes.HEAD_TOO_LARGE, f"a head has at most {LARGEST_HEAD} bytes")
                    )
                return None
            self._head = parse_head(bytes(self._buffer[:end]), check_host=self._server.check_host)
            if self._head.expects and self.transport:
                self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        head = self._head
        if head.length >= 0:
            end = head.start + head.length
            if len(self._buffer) < end:
                return None
            body = bytes(self._buffer[head.start : end]) if head.length else NO_BODY
        else:
            chunk = dechunked(self._buffer, head.start)
            if chunk is None:
                return None
            body, end = chunk
        del self._buffer[:end]
        self._head = None
        return head, body


def parse_head(head: bytes, *, check_host: Callable[[str], bool] | None) -> _Head:
    """Read request line and headers. Raises BadRequestError for anything that is not plain HTTP/1.1."""
    first, *lines = head.split(b"\r\n")
    words = first.split(b" ")
    if len(words) != 3 or not words[2].startswith(b"HTTP/1.") or not words[1].startswith(b"/"):
        raise BadRequestError(problem(400, codes.BAD_REQUEST, "not an HTTP/1.1 request"))
    headers: dict[bytes, bytes] = {}
    for line in lines:
        name, colon, value = line.partition(b":")
        if not colon or not name or name != name.strip() or b"\n" in line or b"\x00" in line:
            raise BadRequestError(problem(400, codes.BAD_REQUEST, "a header can't be read"))
        name = name.lower()
        if name in headers and name in (b"content-length", b"host", b"transfer-encoding"):
            raise BadRequestError(problem(400, codes.BAD_REQUEST, f"{name.decode('latin-1')} is given twice"))
        headers[name] = value.strip()
    if check_host is not None:
        _refuse_browsers(headers, check_host)
    connection = headers.get(b"connection", b"").lower()
    close = connection == b"close" or (words[2] == b"HTTP/1.0" and connection != b"keep-alive")
    return _Head(
        words[0].decode("latin-1"),
        words[1].decode("latin-1"),
        len(head) + 4,
        _length(headers),
        close,
        headers.get(b"expect", b"").lower() == b"100-continue",
        headers.get(b"npn-agent-pool", b"").decode("latin-1"),
        headers.get(b"npn-agent-settings", b"").decode("latin-1"),
    )


def _length(headers: dict[bytes, bytes]) -> int:
    """The body's length, -1 for chunked."""
    encoding = headers.get(b"transfer-encoding")
    length = headers.get(b"content-length")
    if encoding is not None:
        if encoding.lower() != b"chunked" or length is not None:
            raise BadRequestError(problem(400, codes.BAD_REQUEST, "a body is either chunked or has a Content-Length"))
        return -1
    if length is None:
        return 0
    if not length.isdigit() or len(length) > 12:
        raise BadRequestError(problem(400, codes.BAD_REQUEST, "Content-Length is not a number"))
    if int(length) > LARGEST_BODY:
        raise BadRequestError(problem(413, codes.BODY_TOO_LARGE, f"a body has at most {LARGEST_BODY} bytes"))
    return int(length)


def _refuse_browsers(headers: dict[bytes, bytes], check_host: Callable[[str], bool]) -> None:
    """A page in a browser on this machine must not take numbers, whatever name it reached us by."""
    if not check_host(headers.get(b"host", b"").decode("latin-1").lower()):
        raise BadRequestError(problem(421, codes.WRONG_HOST, "ask for 127.0.0.1 or localhost"))
    if b"origin" in headers or headers.get(b"sec-fetch-site", b"none") != b"none":
        raise BadRequestError(problem(403, codes.FROM_A_BROWSER, "requests of web pages are not answered"))


def dechunked(buffer: bytearray, start: int) -> tuple[bytes, int] | None:
    """The body of a chunked request and where it ends; None while it is incomplete."""
    body, at = bytearray(), start
    while True:
        end = buffer.find(b"\r\n", at, at + 64)
        if end < 0:
            if len(buffer) - at > 64:
                raise BadRequestError(problem(400, codes.BAD_REQUEST, "a chunk's size can't be read"))
            return None
        size = bytes(buffer[at:end]).partition(b";")[0].strip()
        if not size or len(size) > 8 or size.strip(b"0123456789abcdefABCDEF"):
            raise BadRequestError(problem(400, codes.BAD_REQUEST, "a chunk's size can't be read"))
        length, at = int(size, 16), end + 2
        if len(body) + length > LARGEST_BODY:
            raise BadRequestError(problem(413, codes.BODY_TOO_LARGE, f"a body has at most {LARGEST_BODY} bytes"))
        if len(buffer) < at + length + 2:
            return None
        if buffer[at + length : at + length + 2] != b"\r\n":
            raise BadRequestError(problem(400, codes.BAD_REQUEST, "a chunk has another length than it says"))
        if length == 0:
            return bytes(body), at + 2
        body += buffer[at : at + length]
        at += length + 2


class LocalServer:
    """Listens, answers through `handle`, and ends connections that take too long."""

    def __init__(self, handle: Handler, listening: Path | tuple[str, int]) -> None:
        """`listening`: a Unix socket's path, or loopback address and port (0: any)."""
        self.handle = handle
        self.listening = listening
        self.connections: set[Connection] = set()
        self.check_host = None if isinstance(listening, Path) else _own_name
        self._server: asyncio.Server | None = None
        self._listener: UnixListener | None = None
        self._sweeper: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def now(self) -> float:
        """The loop's clock."""
        return self._loop.time() if self._loop else 0.0

    @property
    def port(self) -> int:
        """The port on loopback."""
        if self._server is None or isinstance(self.listening, Path):
            return 0
        return int(self._server.sockets[0].getsockname()[1])

    async def start(self) -> None:
        """Listen. Raises ConfigurationError where that is not possible."""
        self._loop = asyncio.get_running_loop()
        try:
            if isinstance(self.listening, Path):
                self._listener = UnixListener.open(self.listening)
                self._server = await self._loop.create_unix_server(
                    lambda: Connection(self), sock=self._listener.socket, backlog=128
                )
            else:
                host, port = self.listening
                self._server = await self._loop.create_server(lambda: Connection(self), host, port, backlog=128)
        except OSError as error:
            raise ConfigurationError(
                f"can't listen on {self.listening}: {error.strerror or error}", field="listen"
            ) from error
        self._sweeper = asyncio.create_task(self._sweep())

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(1.0)
            now = self.now()
            for connection in [c for c in self.connections if c.deadline < now]:
                try:
                    if connection.transport is not None:
                        connection.transport.abort()
                except Exception:  # one connection's fault must not end the sweeping of the others
                    log.exception("a fault in ending a connection")

    async def stop(self) -> None:
        """Listen no more; let answers that are being written go out, then end."""
        if self._sweeper:
            self._sweeper.cancel()
        if self._server:
            self._server.close()
        for connection in list(self.connections):
            if connection.transport:
                connection.transport.close()
        for _ in range(LAST_ANSWERS):  # what a slow client has not read yet would be lost with the process
            if not self.connections:
                break
            await asyncio.sleep(0.02)
        if self._listener is not None:
            self._listener.remove()


def _own_name(host: str) -> bool:
    """Whether a Host header names this machine's loopback."""
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() and not host.endswith("]") else host
    return name in ("127.0.0.1", "localhost", "[::1]")
