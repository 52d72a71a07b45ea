"""A proxy in front that ends TLS: what it says of the caller is believed from its own address, and nowhere else.

From a trusted address the caller's own address (X-Forwarded-For), the scheme (X-Forwarded-Proto) and the client's
certificate (a header, RFC 9440 or nginx's escaped PEM) replace the connection's. From any other address
those headers are nothing. Who trusts a proxy must have it set, or remove, all three headers on every request.
"""

import base64
import binascii
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from litestar.types import HTTPScope

from npn.errors import ConfigurationError, codes
from npn.systems.certificates import CERTIFICATE
from npn.systems.clients import PresentedCertificate, presented
from npn.wire.problems import RequestError

_FOR, _PROTO = b"x-forwarded-for", b"x-forwarded-proto"
_MOST_HOPS = 30

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Proxies:
    """The addresses that are trusted, and the name of the header in which they pass certificates on."""

    networks: tuple[Network, ...]
    header: bytes

    @classmethod
    def of(cls, trusted: Sequence[str], header: str) -> "Proxies":
        """Read the settings. Raises ConfigurationError naming the one that is wrong."""
        try:
            networks = tuple(ipaddress.ip_network(text.strip()) for text in trusted)
        except ValueError as error:
            raise ConfigurationError(
                f"trusted_proxies: {error}",
                field="trusted_proxies",
                hint='addresses or networks, as ["127.0.0.1", "10.1.2.0/24"]',
            ) from error
        if any(network.prefixlen == 0 for network in networks):
            raise ConfigurationError(
                "trusted_proxies would trust everybody", field="trusted_proxies", hint="name the proxy's own address"
            )
        if not header or not all(c.isalnum() or c == "-" for c in header) or not header.isascii():
            raise ConfigurationError("client_cert_header is the name of a header", field="client_cert_header")
        return cls(networks, header.lower().encode("ascii"))

    def see_through(self, scope: HTTPScope) -> None:
        """Put what a trusted proxy says of the caller into the scope. Raises RequestError where it can't be read."""
        peer = scope.get("client")
        if not self.networks or peer is None or not self._trusts(peer[0]):
            return
        forwarded = _said(scope, (_FOR, _PROTO, self.header))
        extensions = dict(scope.get("extensions") or {})
        extensions.pop(CERTIFICATE, None)  # the proxy's own certificate is not its callers'
        proto = (forwarded[_PROTO] or "").strip().lower()
        if proto not in ("", "http", "https"):
            raise _unreadable("X-Forwarded-Proto")
        if proto:
            scope["scheme"] = proto
        chain, header = forwarded[_FOR], forwarded[self.header]
        if chain is not None:
            scope["client"] = (self._caller(chain), 0)
        if header:
            extensions[CERTIFICATE] = _certificate(header, self.header.decode("ascii"))  # type: ignore[assignment]  # ASGI lets a server add its own
        scope["extensions"] = extensions

    def _trusts(self, address: str) -> bool:
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return False
        mapped = getattr(parsed, "ipv4_mapped", None)
        return any((mapped or parsed) in network for network in self.networks)

    def _caller(self, chain: str) -> str:
        """Return the chain's last address that is not a trusted proxy: those before it are the caller's own words."""
        hops = [hop.strip() for hop in chain.split(",")][-_MOST_HOPS:]
        for hop in reversed(hops):
            address = _bare(hop)
            try:
                ipaddress.ip_address(address)
            except ValueError:
                raise _unreadable("X-Forwarded-For") from None
            if not self._trusts(address):
                return address
        return _bare(hops[0])


def _said(scope: HTTPScope, names: Sequence[bytes]) -> dict[bytes, str | None]:
    """Return the headers' values. Of the chain of addresses there may be several lines; of the others, one."""
    values: dict[bytes, str | None] = dict.fromkeys(names)
    for name, value in scope["headers"]:
        if name in values:
            text, before = value.decode("latin-1"), values[name]
            if before is not None and name != _FOR:
                raise _unreadable(name.decode("ascii"))
            values[name] = text if before is None else f"{before},{text}"
    return values


def _bare(hop: str) -> str:
    """Take port and brackets off an address."""
    if hop.startswith("["):
        return hop[1:].partition("]")[0]
    return hop.partition(":")[0] if hop.count(":") == 1 else hop


def _certificate(text: str, name: str) -> PresentedCertificate:
    """Read a certificate: RFC 9440 (`:base64:`), or PEM with percent escapes as nginx writes it."""
    try:
        if text.startswith(":") and text.endswith(":") and len(text) > 2:
            return presented(base64.b64decode(text[1:-1], validate=True))
        pem = unquote_to_bytes(text)
        return presented(x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER))
    except (ValueError, binascii.Error):
        raise _unreadable(name) from None


def _unreadable(name: str) -> RequestError:
    return RequestError(
        f"the proxy's header {name} can't be read", code=codes.MALFORMED_PROXY_HEADER, hint="check the proxy's set-up"
    )
