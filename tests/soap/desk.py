"""The endpoint as a function of bytes."""

import asyncio
import atexit
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from messages import Answered, Message, Pair, password_card
from npn.http.arrivals import Arrivals
from npn.http.authentication import Authenticator
from npn.http.context import Context
from npn.http.metrics import Metrics
from npn.http.services import HttpServices
from npn.http.threads import Threads
from npn.server.fronts import selected
from npn.soap.endpoint import Endpoint, SoapRequest
from npn.soap.mapping import Mapping, read_mapping
from npn.soap.security import Arrival
from npn.soap.services import SoapServices
from npn.systems.clients import presented
from npn.systems.model import ApiKey, Environment
from npn.wiring.service import Service

RUNNER = asyncio.Runner()  # one event loop for all: what a service remembers belongs to it
atexit.register(RUNNER.close)


@dataclass(frozen=True)
class Desk:
    """A service with a production system `labka`, another `bcc`, and a certificate for each."""

    service: Service
    endpoint: Endpoint
    keys: dict[str, ApiKey]
    pairs: dict[str, Pair]

    @classmethod
    def of(cls, service: Service, mapping: Mapping | None = None) -> "Desk":
        keys, pairs = {}, {}
        for name in ("Labka", "BCC"):
            system, key = service.systems.add(
                by="t", name=name, vendor="V", owner="O", environment=Environment.PRODUCTION
            )
            keys[system.id], pairs[system.id] = key, Pair.make(name)
            service.certificates.bind(system.id, pairs[system.id].pem, by="t")
        return cls.on(service, keys, pairs, mapping)

    @classmethod
    def on(
        cls, service: Service, keys: dict[str, ApiKey], pairs: dict[str, Pair], mapping: Mapping | None = None
    ) -> "Desk":
        """A service that knows these systems."""
        threads = Threads(service.writer, seconds=30)
        authenticator = Authenticator(service.systems, service.clients, service.transport, threads, 0)
        parts = selected(HttpServices, service)
        context = Context(parts, Metrics(), threads, authenticator, Arrivals(RUNNER.get_loop()))
        endpoint = Endpoint.of(mapping or read_mapping(""), context, selected(SoapServices, service))
        return cls(service, endpoint, keys, pairs)

    def message(self, body: str | None = None, *, by: str = "labka", **more: Any) -> Message:
        more.setdefault("credentials", password_card(by, self.keys[by].secret))
        return Message(**more) if body is None else Message(body, **more)

    def send(
        self,
        message: Message | bytes,
        *,
        content_type: str = "text/xml; charset=utf-8",
        action: str | None = None,
        certificate: Pair | None = None,
    ) -> Answered:
        return RUNNER.run(self._answered(message, content_type, action, certificate))

    def send_at_once(self, message: Message, *, times: int) -> list[Answered]:
        """Send one message many times before any is answered."""

        async def all_of_them() -> list[Answered]:
            sent = (self._answered(message, "text/xml", None, None) for _ in range(times))
            return await asyncio.gather(*sent)

        return RUNNER.run(all_of_them())

    async def _answered(
        self, message: Message | bytes, content_type: str, action: str | None, certificate: Pair | None
    ) -> Answered:
        body = message if isinstance(message, bytes) else message.bytes()
        shown = None if certificate is None else presented(certificate.der)
        request = SoapRequest(body, content_type, action, Arrival(shown, "192.0.2.1"))
        response = await self.endpoint.answer(request)
        return Answered(response.status, response.media_type, response.body, response.headers)

    def changed(self, **parts: Any) -> "Desk":
        """The same with other parts of the service."""
        return Desk.on(replace(self.service, **parts), self.keys, self.pairs)

    def at(self, clock: Callable[[], datetime]) -> None:
        """Let the service believe another time."""
        self.service.ledger.clock = clock


def clock_now() -> datetime:
    return datetime.now(UTC)
