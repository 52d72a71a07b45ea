"""What is believed of a proxy's headers, and from whom."""

from typing import Any, cast

import pytest
from litestar.types import HTTPScope

from npn.errors import ConfigurationError
from npn.http.proxies import Proxies
from npn.wire.problems import RequestError


def scope(peer: str, **headers: str) -> HTTPScope:
    sent = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return cast("HTTPScope", {"type": "http", "scheme": "http", "client": (peer, 4711), "headers": sent})


def seen(peer: str, trusted: tuple[str, ...] = ("10.0.0.0/24", "::1"), **headers: str) -> tuple[str, str]:
    found: Any = scope(peer, **headers)
    Proxies.of(trusted, "Client-Cert").see_through(found)
    return found["scheme"], found["client"][0]


@pytest.mark.parametrize(
    ("chain", "caller"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("198.51.100.1, 203.0.113.9", "203.0.113.9"),  # what stands before is the caller's own word
        ("203.0.113.9, 10.0.0.7, 10.0.0.8", "203.0.113.9"),
        ("203.0.113.9:5555", "203.0.113.9"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("2001:db8::1", "2001:db8::1"),
        ("10.0.0.7", "10.0.0.7"),
        (",".join(["1.2.3.4"] * 500 + ["203.0.113.9"]), "203.0.113.9"),
    ],
)
def test_the_caller_is_the_last_address_that_is_no_trusted_proxy(chain: str, caller: str) -> None:
    assert seen("10.0.0.1", x_forwarded_for=chain, x_forwarded_proto="https") == ("https", caller)
    assert seen("::1", x_forwarded_for=chain)[1] == caller
    assert seen("::ffff:10.0.0.1", x_forwarded_for=chain)[1] == caller


@pytest.mark.parametrize("peer", ["10.0.1.1", "203.0.113.9", "::2", "", "unix:"])
def test_nobody_else_is_believed(peer: str) -> None:
    told = {"x_forwarded_for": "10.0.0.7", "x_forwarded_proto": "https", "client_cert": "nonsense"}
    assert seen(peer, **told) == ("http", peer)


def test_without_trusted_proxies_nothing_is_looked_at() -> None:
    assert seen("10.0.0.1", (), x_forwarded_proto="https", x_forwarded_for="what") == ("http", "10.0.0.1")


@pytest.mark.parametrize("chain", ["", "unknown", "203.0.113.9, ", "_hidden", "1.2.3.4.5", "<script>"])
def test_a_chain_that_can_not_be_read_is_refused(chain: str) -> None:
    with pytest.raises(RequestError) as refused:
        seen("10.0.0.1", x_forwarded_for=chain)
    assert refused.value.code == "malformed_proxy_header"


@pytest.mark.parametrize("trusted", [("0.0.0.0/0",), ("::/0",), ("proxy.example",), ("10.0.0.1/24",)])
def test_settings_that_trust_everybody_or_nobody_in_particular_stop_the_start(trusted: tuple[str, ...]) -> None:
    with pytest.raises(ConfigurationError) as refused:
        Proxies.of(trusted, "Client-Cert")
    assert refused.value.field == "trusted_proxies"


@pytest.mark.parametrize("name", ["", "Client Cert", "Client-Cert:", "Klient-Æ"])
def test_a_header_has_a_headers_name(name: str) -> None:
    with pytest.raises(ConfigurationError, match="header"):
        Proxies.of(("127.0.0.1",), name)
