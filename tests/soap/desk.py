"""The endpoint as a function of bytes, with ways to the service that wait where they stand."""

import asyncio
import hashlib
from collections.abc import Callable
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from messages import Answered, Message, Pair, password_card
from npn.errors import UnauthenticatedError
from npn.registry.draws import Granted
from npn.registry.model import Draw
from npn.soap.endpoint import Endpoint, Request
from npn.soap.mapping import Mapping, read_mapping
from npn.soap.security import Arrival
from npn.systems.clients import Presented, presented
from npn.systems.model import ApiKey, Caller, Environment
from npn.wiring import Service


class Direct:
    """Ways into a service for one caller at a time."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def read(self, work: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return work(*args, **kwargs)

    async def write(self, work: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return self._service.writer.submit(work, *args, **kwargs).result(30)

    async def draw(self, draw: Draw) -> Granted:
        return self._service.allocator.draw(draw).result(30)

    async def warning(self, system: str) -> MappingOf[str, str]:
        self._service.warnings.look()
        return self._service.warnings.of(system)

    async def holder(self, key: str, *, address: str, may_be_remembered: bool) -> Caller:
        assert address
        assert may_be_remembered in (True, False)
        found = self._service.systems.caller(hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest())
        if found is None:
            raise UnauthenticatedError("nobody knows this key")
        return found[0]

    def admit(self, caller: Caller, shown: Presented | None = None) -> None:  # noqa: ARG002  # as Ways has it
        assert caller.system

    async def refuse_plain(self, system: str, *, drawing: bool) -> None:
        refusal = None if drawing else self._service.transport.refusal(system)
        if refusal is not None:
            raise refusal


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
        return cls(service, Endpoint.of(service, mapping or read_mapping(""), Direct(service)), keys, pairs)

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
        body = message if isinstance(message, bytes) else message.bytes()
        shown = None if certificate is None else presented(certificate.der)
        request = Request(body, content_type, action, Arrival(shown, "192.0.2.1"))
        response = asyncio.run(self.endpoint.answer(request))
        return Answered(response.status, response.media_type, response.body, response.headers)

    def at(self, clock: Callable[[], datetime]) -> None:
        """Let the service believe another time."""
        self.service.ledger.clock = clock


def clock_now() -> datetime:
    return datetime.now(UTC)
