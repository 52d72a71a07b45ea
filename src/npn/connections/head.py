"""What RFC 9112 asks of a request's head beyond its grammar, which the parser holds to by itself.

The parser refuses bare line feeds, folded lines, blanks before a colon, lengths that contradict each other, and a
length beside a transfer coding. What it lets pass and the standard does not is refused here.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from npn.errors import Code, codes

MAX_HEADERS = 100
_VERSIONS = ("1.0", "1.1")
_HOST = re.compile(
    rb"(?:\[[0-9A-Fa-f:.]{2,45}\]|\[v[0-9A-Fa-f]+\.[A-Za-z0-9._~!$&'()*+,;=:-]+\]"
    rb"|(?:[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2}){1,255})(?::[0-9]{0,5})?"
)

Headers = Sequence[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer without the application."""

    status: int
    code: Code
    message: str
    field: str = ""
    headers: Mapping[str, str] | None = None


def refusal_of(version: str, method: bytes, target: bytes, *, headers: Headers) -> Refusal | None:
    """Return why a request is refused by its head alone; None where it may pass."""
    if version not in _VERSIONS:
        return _malformed("the request is in another version than HTTP/1.1")
    if method == b"CONNECT":
        return Refusal(
            405,
            codes.METHOD_NOT_ALLOWED,
            "CONNECT is not answered: this is not a proxy",
            headers={"Allow": "GET, POST, PUT"},
        )
    if b"#" in target:
        return _malformed("the request's address has a fragment, which stays with the client")
    return _wrong_host(version, headers) or _wrong_coding(version, headers)


def framing(headers: Headers) -> bytes | None:
    """Return the header line that says where the content ends; None where there is none."""
    for name, value in headers:
        if name == b"transfer-encoding":
            return b"Transfer-Encoding: chunked"
        if name == b"content-length" and int(value):
            return b"Content-Length: " + value
    return None


def content_bytes(headers: Headers) -> int | None:
    """Return how many bytes the content has; None where only its end will tell."""
    for name, value in headers:
        if name == b"transfer-encoding":
            return None
        if name == b"content-length":
            return int(value)
    return 0


def _malformed(message: str, field: str = "") -> Refusal:
    return Refusal(400, codes.MALFORMED_HTTP, message, field)


def _wrong_host(version: str, headers: Headers) -> Refusal | None:
    hosts = [value for name, value in headers if name == b"host"]
    if not hosts:
        return _malformed("the header Host is missing", "Host") if version == "1.1" else None
    if len(hosts) > 1:
        return _malformed("the header Host occurs more than once", "Host")
    return None if _HOST.fullmatch(hosts[0]) else _malformed("the header Host holds no host", "Host")


def _wrong_coding(version: str, headers: Headers) -> Refusal | None:
    codings = [value for name, value in headers if name == b"transfer-encoding"]
    if not codings:
        return None
    if version != "1.1":
        return _malformed("HTTP/1.0 has no transfer codings", "Transfer-Encoding")
    if len(codings) > 1 or codings[0].lower() != b"chunked":
        message = "chunked is the one transfer coding that is understood here"
        return Refusal(501, codes.TRANSFER_CODING_UNKNOWN, message, "Transfer-Encoding")
    return None
