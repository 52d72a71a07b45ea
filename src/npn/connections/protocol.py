"""HTTP/1.1 on one connection: limits of time and size on what a caller may send, and answers in their order."""

import asyncio
import contextvars
import urllib.parse
from functools import partial

import httptools
import structlog
import uvicorn
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from npn.config import Settings
from npn.connections.answers import raw_problem
from npn.connections.capacity import Capacity, ConnectionSlot, ConnectionStage
from npn.connections.cycle import Cycle
from npn.connections.head import MAX_HEADERS, Refusal, content_bytes, framing, refusal_of
from npn.errors import codes
from npn.http.exchange import exchange_of
from npn.http.message_access import MESSAGE_PATHS
from npn.http.requests import LARGEST_BODY
from npn.systems.certificates import CERTIFICATE
from npn.systems.clients import PresentedCertificate, presented

MAX_BYTES_ON_THE_WIRE = 16 * LARGEST_BODY  # chunks of one byte take six; trailers come besides
MAX_MESSAGE_BYTES_ON_THE_WIRE = 8 << 20  # chunks of 10 bytes and more
PIECE_BYTES = 4096  # parsed at once: bounds how many requests of one caller wait behind each other
CLOSING_GRACE_SECONDS = 1.0  # that a stopping server waits for what its callers may just have sent
LINGER_SECONDS = 2.0  # that a caller has to read an answer while it still sends
MAX_LINGER_BYTES = 4 << 20
_log = structlog.get_logger("npn.server")


class Config(uvicorn.Config):
    """uvicorn's configuration, and ours beside it, so that the protocol finds it."""

    settings: Settings
    capacity: Capacity


class Protocol(HttpToolsProtocol):
    """One connection. Headers and body must come in time and in size; what is left of a refused body is read past."""

    config: Config
    cycle: Cycle

    def __init__(
        self, config: Config, state: ServerState, app_state: dict[str, object], *, slot: ConnectionSlot
    ) -> None:
        """`slot` is the connection's place among all."""
        super().__init__(config, state, app_state)
        self._limits = config.settings
        self._slot = slot
        self._deadline: asyncio.TimerHandle | None = None
        self._unread: asyncio.TimerHandle | None = None
        self._ending: asyncio.TimerHandle | None = None
        self._reading_headers = False
        self._header_bytes = 0
        self._body_bytes = 0
        self._lingered_bytes = 0
        self._known = False  # the caller of the last request that was answered has shown a key
        self._running: Cycle | None = None  # the one being answered; self.cycle is the last one that came
        self._held = b""  # received, and not parsed before the requests ahead of it are answered
        self._parting: bytes | None = None  # the last answer, written once those before it are
        self._mute = False  # what comes is not parsed any more
        self._replaying = False
        self._skip_end = False
        self._draining = False
        self._heard = False
        self._stopping = False
        self._certificate: PresentedCertificate | None = None

    # What the event loop calls

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in the parent
        """Start the clock for the first headers; note the client's certificate."""
        super().connection_made(transport)
        self._slot.holder = self
        self._certificate = _certificate_of(transport)
        self._start_clock(self._limits.header_timeout_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clocks and give the slot back."""
        self.config.capacity.release(self._slot)
        self._stop_clock()
        self._stop_unread_clock()
        if self._ending is not None:
            self._ending.cancel()
        self._disconnect()
        self._held = b""
        self.pipeline.clear()
        super().connection_lost(exc)

    def eof_received(self) -> bool:  # type: ignore[override]  # asyncio asks for a bool
        """Answer what was asked whole before the caller said that it sends no more."""
        cycle = self.cycle
        if cycle is None or cycle.response_complete or cycle.more_body or cycle.disconnected:
            return False
        if self._parting is None:
            cycle.end_after()
        self._mute = True
        return self.scheme == "http"  # TLS has no such half

    def data_received(self, data: bytes) -> None:
        """Read on, unless the connection was refused already."""
        self._unset_keepalive_if_required()
        if self._mute:
            self._lingered_bytes += len(data)
            if self._lingered_bytes > MAX_LINGER_BYTES:
                self._abort()
            return
        if self._is_idle() and self._deadline is None:
            self._start_clock(self._limits.header_timeout_seconds)
        self._held += data
        self._parse_held()

    def pause_writing(self) -> None:
        """Start the clock for a caller who does not read its answer."""
        super().pause_writing()
        self._stop_unread_clock()
        self._unread = self.loop.call_later(self._limits.answer_timeout_seconds, self._not_read)
        self._move(ConnectionStage.UNREAD)

    def resume_writing(self) -> None:
        """Stop it: something was read."""
        self._stop_unread_clock()
        super().resume_writing()
        self._move(ConnectionStage.IDLE if self._is_idle() else self._answering())

    # What others call

    def shutdown(self) -> None:
        """Take no further request after the one that is here or on its way.

        The parent closes a connection on which no request has begun, and so the caller who has just sent one would
        never be answered.
        """
        self._stopping = True
        if self._is_idle():
            self.loop.call_later(CLOSING_GRACE_SECONDS, self._close_if_idle)
        elif self.cycle is not None:
            self.cycle.end_after()

    def timeout_keep_alive_handler(self) -> None:
        """Close what nobody used for a while."""
        self._close()

    def evict(self) -> None:
        """End the connection at once: its place is needed."""
        self._abort()

    # What the parser calls

    def on_message_begin(self) -> None:
        """Start counting."""
        if self._replaying or self._mute:
            return
        super().on_message_begin()
        self._heard = True
        self._reading_headers = True
        self._header_bytes = 0
        self._start_clock(self._limits.header_timeout_seconds)
        if self.cycle is None or self.cycle.response_complete:
            self._move(ConnectionStage.HEAD)
        if self._certificate is not None:
            self.scope["extensions"] = {CERTIFICATE: self._certificate}  # type: ignore[dict-item]  # ours, in ASGI's place

    def on_url(self, url: bytes) -> None:
        """Keep the address."""
        if self._reading_headers and not self._mute:
            super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header. Trailers are dropped: they come after the body, and what passes for a header came before."""
        if not self._reading_headers or self._mute:
            return
        if len(self.headers) >= MAX_HEADERS:
            self._refuse(Refusal(431, codes.HEADERS_TOO_LARGE, f"there are more than {MAX_HEADERS} headers"))
            return
        super().on_header(name, value.strip(b" \t"))

    def on_headers_complete(self) -> None:
        """Check the head; then the body has its own time."""
        if self._replaying or self._mute:
            return
        self._reading_headers = False
        version, method = self.parser.get_http_version(), self.parser.get_method()
        size = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
        refusal = refusal_of(version, method, self.url, headers=self.headers)
        if size > self._limits.max_header_bytes:
            refusal = Refusal(431, codes.HEADERS_TOO_LARGE, "the headers are larger than allowed")
        if refusal is not None:
            self._refuse(refusal)
            return
        body = framing(self.headers) is not None
        self._skip_end = body and self.parser.should_upgrade()
        self._body_bytes = 0
        self._start_clock(self._limits.body_timeout_seconds)
        self._begin_cycle(method, version, body=body)

    def on_body(self, body: bytes) -> None:
        """Pass the body on."""
        if self._mute or self.cycle.response_complete:
            return
        self.cycle.body += body
        if len(self.cycle.body) > HIGH_WATER_LIMIT:
            self.flow.pause_reading()
        self.cycle.message_event.set()

    def on_message_complete(self) -> None:
        """Stop the clock: the request is whole."""
        if self._replaying or self._mute:
            return
        if self._skip_end:  # the parser takes an offer to change the protocol for the end of the request
            self._skip_end = False
            return
        self._stop_clock()
        self._draining = False
        if self.cycle.last or not self.cycle.keep_alive:
            self._mute = True  # nothing that comes after a last request is looked at
        self.cycle.more_body = False
        self.cycle.message_event.set()
        self._settle()

    # Parsing

    def _parse_held(self) -> None:
        """Parse what came, piece by piece; while requests wait behind each other, the rest waits too."""
        while self._held and not self.pipeline and not self._mute:
            piece, self._held = self._held[:PIECE_BYTES], self._held[PIECE_BYTES:]
            self._parse(piece)
        if self._held and self.pipeline:
            self._stop_clock()
            self.flow.pause_reading()

    def _parse_on(self) -> None:
        """Parse what is held, and read more only when nothing is: else each answer would let more in than it ends."""
        self._parse_held()
        if not self._held:
            self.flow.resume_reading()

    def _parse(self, piece: bytes) -> None:
        try:
            self.parser.feed_data(piece)
        except httptools.HttpParserUpgrade as offer:
            rest: int = offer.args[0]
            if not self._mute:
                self._decline_offer()
                self._parse(piece[rest:])
            return
        except httptools.HttpParserError:
            if not self._mute:
                self._refuse(Refusal(400, codes.MALFORMED_HTTP, "the bytes received are not HTTP/1.1"))
            return
        self._body_bytes += len(piece)
        if self._deadline is not None and not self._reading_headers and self._body_bytes > self._most_on_the_wire():
            self._refuse(
                Refusal(413, codes.BODY_TOO_LARGE, "the body with its chunks and trailers is larger than allowed")
            )
        if self._reading_headers:
            self._header_bytes += len(piece)
            if self._header_bytes > self._limits.max_header_bytes and not self._mute:
                self._refuse(Refusal(431, codes.HEADERS_TOO_LARGE, "the headers are larger than allowed"))

    def _most_on_the_wire(self) -> int:
        """Return how many bytes the request that is being read may take, its body with all that frames it."""
        is_message = str(self.scope.get("path", "")).startswith(MESSAGE_PATHS)
        return MAX_MESSAGE_BYTES_ON_THE_WIRE if is_message else MAX_BYTES_ON_THE_WIRE

    def _decline_offer(self) -> None:
        """Go on in HTTP/1.1 with a caller who offered another protocol (RFC 9110, 7.8).

        The parser stops after the head of such a request. A new one is told where the content ends, in a head that
        nobody sent, and then reads the content.
        """
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
        ends = framing(self.headers)
        if self.cycle.more_body and ends is not None:
            self._replaying = True
            self.parser.feed_data(b"POST / HTTP/1.1\r\n" + ends + b"\r\n\r\n")
            self._replaying = False

    # Requests and answers

    def _begin_cycle(self, method: bytes, version: str, *, body: bool) -> None:
        self._describe(method, version)
        cycle = Cycle(
            scope=self.scope,
            transport=self.transport,
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=False,
            default_headers=self.server_state.default_headers,
            message_event=asyncio.Event(),
            expect_100_continue=self.expect_100_continue and body and version == "1.1",
            keep_alive=version == "1.1" and self.parser.should_keep_alive() and not self._stopping,
            on_response=lambda: None,
        )
        cycle.on_response = partial(self._answered, cycle)
        size = content_bytes(self.headers)
        cycle.is_long = size is None or size > self._most_on_the_wire()
        waits = self.cycle is not None and not self.cycle.response_complete
        self.cycle = cycle
        if waits:
            self.pipeline.appendleft((cycle, self.app))
            self._move(self._answering())
        else:
            self._start(cycle)
            self._move(ConnectionStage.BODY if body else ConnectionStage.BUSY)

    def _describe(self, method: bytes, version: str) -> None:
        """Complete the scope of the request whose head was read."""
        parsed = httptools.parse_url(self.url)
        path = (parsed.path or b"").decode("ascii")
        self.scope["method"] = method.decode("ascii")
        self.scope["http_version"] = version
        self.scope["path"] = urllib.parse.unquote(path) if "%" in path else path
        self.scope["raw_path"] = parsed.path or b""
        self.scope["query_string"] = parsed.query or b""
        if parsed.host:  # an address in full names the host, whatever the header says
            named = parsed.host if parsed.port is None else b"%s:%d" % (parsed.host, parsed.port)
            self.headers[:] = [pair for pair in self.headers if pair[0] != b"host"] + [(b"host", named)]

    def _start(self, cycle: Cycle) -> None:
        self._running = cycle
        task = self.loop.create_task(cycle.run_asgi(self.app), context=contextvars.Context())
        task.add_done_callback(self.tasks.discard)
        self.tasks.add(task)

    def _answered(self, cycle: Cycle) -> None:
        """Go on after an answer: with the request behind it, or to the connection's end.

        What the caller still sends of a body that nobody wanted is read past, in the same time and size: to close
        instead would reset the connection under the caller's hands, and the answer may be lost with it.
        """
        self.server_state.total_requests += 1
        self._known = bool(exchange_of(cycle.scope).caller)  # type: ignore[arg-type]  # the same type
        if self.transport.is_closing():
            return
        if cycle.last:
            self._part()
            return
        self._draining = cycle is self.cycle and cycle.more_body
        if self.pipeline:
            following, _ = self.pipeline.pop()
            self._start(following)  # type: ignore[arg-type]  # every cycle is one of ours
        elif self._parting is not None:
            self._part(self._parting)
            return
        if self._held and not self.pipeline:
            limits, body = self._limits, self.cycle.more_body
            self._start_clock(limits.body_timeout_seconds if body else limits.header_timeout_seconds)
            self.loop.call_soon(self._parse_on)
        elif not self._held:
            self.flow.resume_reading()
        self._settle()

    def _settle(self) -> None:
        """Note what the connection waits for now."""
        if self.cycle is not None and not self.cycle.response_complete:
            self._move(ConnectionStage.BODY if self.cycle.more_body else self._answering())
            return
        if self._draining or self._reading_headers:
            self._move(ConnectionStage.BODY if self._draining else ConnectionStage.HEAD)
            return
        self._move(ConnectionStage.KNOWN if self._known else ConnectionStage.IDLE)
        self._unset_keepalive_if_required()
        self.timeout_keep_alive_task = self.loop.call_later(self.timeout_keep_alive, self.timeout_keep_alive_handler)

    def _is_idle(self) -> bool:
        return not self._reading_headers and (self.cycle is None or self.cycle.response_complete)

    def _answering(self) -> ConnectionStage:
        """Return what a connection waits for whose caller has asked: who asks on unread, with no key, may go."""
        return ConnectionStage.UNREAD if self.pipeline and not self._known else ConnectionStage.BUSY

    def _close_if_idle(self) -> None:
        if self._is_idle():
            self._close()

    # Clocks

    def _start_clock(self, seconds: float) -> None:
        self._stop_clock()
        self._deadline = self.loop.call_later(seconds, self._too_slow)

    def _stop_clock(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _stop_unread_clock(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None

    def _too_slow(self) -> None:
        self._deadline = None
        if not self._heard:
            self._close()
        else:
            self._refuse(Refusal(408, codes.REQUEST_TIMEOUT, "the request did not come in time"))

    def _not_read(self) -> None:
        _log.info("answer_not_read", seconds=self._limits.answer_timeout_seconds)
        self._abort()

    # The end

    def _refuse(self, refusal: Refusal) -> None:
        """Answer without the application, after the answers before this one, and close; one that was begun is cut."""
        self._mute = True
        self._reading_headers = False
        self._held = b""
        self._stop_clock()
        if self.transport.is_closing():
            return
        answer = raw_problem(
            refusal.status, refusal.code, refusal.message, field=refusal.field, headers=refusal.headers
        )
        cycle = self.cycle
        reading = cycle if cycle is not None and cycle.more_body else None
        if reading is not None and self.pipeline and self.pipeline[0][0] is reading:
            self.pipeline.popleft()  # it waits, and is answered in its turn
            self._parting = answer
        elif reading is not None:
            self._cut(reading, answer)
        elif cycle is not None and not cycle.response_complete:
            self._parting = answer
        else:
            self._part(answer)
        _log.info("refused", status=refusal.status, code=refusal.code)

    def _cut(self, cycle: Cycle, answer: bytes) -> None:
        """End a request whose body does not come as it should; what was answered already is not answered again."""
        complete, started = cycle.response_complete, cycle.response_started
        if not complete:
            cycle.disconnected = True
            cycle.message_event.set()
        self._part(b"" if started else answer)

    def _part(self, answer: bytes = b"") -> None:
        """Write a last answer and end the connection, so that a caller who is still sending can read it."""
        self._mute = True
        self._stop_clock()
        self._move(ConnectionStage.IDLE)
        if answer:
            self.transport.write(answer)
        cycle = self.cycle
        if self.transport.can_write_eof() and (answer or (cycle is not None and cycle.more_body)):
            self.flow.resume_reading()
            self.transport.write_eof()
            self._ending = self.loop.call_later(LINGER_SECONDS, self._close)
        else:
            self._close()

    def _close(self) -> None:
        """Close once what was written is read, or after a while."""
        if self._ending is not None:
            self._ending.cancel()
        self._ending = self.loop.call_later(self._limits.answer_timeout_seconds, self._abort)
        self.transport.close()

    def _abort(self) -> None:
        """End the connection at once. Who answers on it still learns that nobody listens, before the loop says so."""
        self._disconnect()
        self.flow.resume_writing()
        self.transport.abort()

    def _disconnect(self) -> None:
        for cycle in (self._running, self.cycle, *(waiting for waiting, _ in self.pipeline)):
            if cycle is not None and not cycle.response_complete:
                cycle.disconnected = True
                cycle.message_event.set()

    def _move(self, stage: ConnectionStage) -> None:
        self.config.capacity.move(self._slot, stage)


def _certificate_of(transport: asyncio.Transport) -> PresentedCertificate | None:
    connection = transport.get_extra_info("ssl_object")
    der = connection.getpeercert(binary_form=True) if connection is not None else None
    try:
        return presented(der) if der else None
    except ValueError:  # OpenSSL takes it, cryptography does not: it stands for nobody
        return None
