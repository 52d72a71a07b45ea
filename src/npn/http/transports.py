"""How a call came, seen at the door: counted, and answered with when plain HTTP ends.

`Sunset` is RFC 8594, `Deprecation` RFC 9745; both lead to the page about it by `Link`.
"""

from dataclasses import dataclass
from email.utils import format_datetime

from litestar.types import HTTPScope

from npn.http.exchange import HttpExchange
from npn.http.metrics import Metrics
from npn.systems.clients import presented_in
from npn.transport.calls import Call, Counter
from npn.transport.service import Transport

REFUSED = "insecure_transport"
PAGE = "/docs/transport"
_SOAP = "/soap/"

Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Transports:
    """What the door knows of transport."""

    transport: Transport
    counter: Counter
    metrics: Metrics

    def headers(self, scope: HTTPScope, exchange: HttpExchange) -> Headers:
        """Return what an answer over plain HTTP to a known system says besides; nothing where nothing was announced."""
        system = _system_of(exchange)
        if scope["scheme"] == "https" or system is None:
            return []
        plan = self.transport.latest
        ends = plan.ends_for(system)
        if plan.sunset is None or ends is None:
            return []
        return [
            (b"deprecation", b"@%d" % plan.sunset.announced_at.timestamp()),
            (b"sunset", format_datetime(ends, usegmt=True).encode("ascii")),
            (b"link", f'<{PAGE}>; rel="deprecation"; type="text/html"'.encode("ascii")),
            (b"link", f'<{PAGE}>; rel="sunset"; type="text/html"'.encode("ascii")),
        ]

    def count(self, scope: HTTPScope, exchange: HttpExchange) -> None:
        """Count a call of a known system."""
        system = _system_of(exchange)
        if system is None:
            return
        client = scope.get("client")
        secure = scope["scheme"] == "https"
        if not secure:
            self.metrics.plain.labels(system).inc()
        self.counter.count(
            Call(
                system=system,
                channel="soap" if scope["path"].startswith(_SOAP) else "rest",
                secure=secure,
                certified=secure and presented_in(scope.get("extensions")) is not None,
                refused=exchange.code.endswith(REFUSED),
                address=client[0] if client else "",
            )
        )


def _system_of(exchange: HttpExchange) -> str | None:
    return None if exchange.caller is None else exchange.caller.system
