"""What a request carries, read strictly: bodies, headers, query parameters, what the caller accepts.

JSON is refused where two readers could disagree about it: repeated members, NaN, a lone surrogate, a number written
as text or with a fraction where a whole one is meant.
"""

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar  # Any: litestar's request is generic over what we never use
from urllib.parse import parse_qsl

import msgspec
from litestar import Request
from litestar.types import HTTPScope

from npn.api.problems import RequestError
from npn.errors import InvalidInputError

LARGEST_BODY = 65_536
BLANKS = " \t"  # all that stands around a header's value without being part of it (RFC 9110, 5.5)

Asked = Request[Any, Any, Any]
_T = TypeVar("_T", bound=msgspec.Struct)
_AT = re.compile(r"at `\$\.([A-Za-z_][A-Za-z0-9_]*)")
_FIELD = re.compile(r"field `(.*)`", re.DOTALL)
_UNQUOTED = re.compile(r" - at `.*`\Z|`", re.DOTALL)


async def body_of(request: Asked) -> bytes:
    """Read a JSON body of at most 64 KiB. Raises RequestError `unsupported_media_type` or `body_too_large`.

    Parameters of the media type mean nothing: JSON has none, and is UTF-8 whatever they say (RFC 8259, 8.1 and 11).
    """
    media = (header(request.scope, b"content-type") or "").partition(";")[0]
    if media.strip(BLANKS).lower() != "application/json":
        raise RequestError("the body must be JSON", code="unsupported_media_type", field="Content-Type")
    if not is_identity(b",".join(value for name, value in request.scope["headers"] if name == b"content-encoding")):
        raise RequestError(
            "the body is compressed, which is not supported",
            code="unsupported_media_type",
            field="Content-Encoding",
            hint="send it as it is; it is small",
            headers={"Accept-Encoding": "identity"},
        )
    declared = header(request.scope, b"content-length") or "0"
    if len(declared) > 12 or (declared.isdecimal() and int(declared) > LARGEST_BODY):
        raise _too_large()
    received = bytearray()
    while True:
        message = await request.receive()
        if message["type"] != "http.request":
            raise RequestError("the body did not come whole", code="request_timeout")
        received += message["body"]
        if len(received) > LARGEST_BODY:
            raise _too_large()
        if not message["more_body"]:
            return bytes(received)


def is_identity(codings: bytes) -> bool:
    """Whether a list of content codings leaves the content as it is."""
    return all(coding.strip().lower() in (b"", b"identity") for coding in codings.split(b","))


def _too_large() -> RequestError:
    return RequestError(f"the body is larger than {LARGEST_BODY} bytes", code="body_too_large")


def decoded(body: bytes, kind: type[_T]) -> _T:
    """Read a document. Raises RequestError `malformed_json`, InvalidInputError naming the member."""
    try:
        document = msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        raise _invalid(str(error), kind) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RequestError(f"the body is not JSON: {error}", code="malformed_json") from error
    try:
        _STRICT.decode(body.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise RequestError(f"the body is not JSON: {error}", code="malformed_json") from error
    return document


def _once(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a member occurs twice")
    return made


_STRICT = json.JSONDecoder(object_pairs_hook=_once)


def _invalid(message: str, kind: type[msgspec.Struct]) -> InvalidInputError:
    """Say in our words what msgspec found."""
    known = ", ".join(kind.__struct_encode_fields__)
    named = _FIELD.search(message)
    if named and "unknown" in message:
        return InvalidInputError(
            "the body has a member that is not known here",
            code="unknown_field",
            field=named[1][:100],
            hint=f"known members: {known}",
        )
    if named and "missing" in message:
        return InvalidInputError(f"{named[1]} is missing", code="missing_field", field=named[1])
    at = _AT.search(message)
    if at is None:
        return InvalidInputError(
            "the body is not a JSON object of the right shape", code="invalid_field", hint=f"known members: {known}"
        )
    plain = _UNQUOTED.sub("", message)
    return InvalidInputError(f"{at[1]} is not of the right kind: {plain}", code="invalid_field", field=at[1])


def header(scope: HTTPScope, name: bytes) -> str | None:
    """Give a header's text, None where it is absent. Raises RequestError where it occurs twice."""
    found = [value for known, value in scope["headers"] if known == name]
    if not found:
        return None
    if len(found) > 1:
        shown = name.decode("latin-1").title()
        raise RequestError(f"the header {shown} occurs more than once", code="repeated_header", field=shown)
    return found[0].decode("latin-1").strip(BLANKS)


def parameters(request: Asked, known: Iterable[str]) -> dict[str, str]:
    """Give the query's parameters, each at most once. Raises InvalidInputError naming one that is not known."""
    text = request.scope["query_string"].decode("latin-1")
    try:
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=20)
    except ValueError as error:
        raise InvalidInputError("the query can't be read", code="invalid_parameter", field="query") from error
    names = tuple(known)
    found: dict[str, str] = {}
    for name, value in pairs:
        if name not in names or name in found:
            raise InvalidInputError(
                "the query has a parameter that is not known here, or the same one twice",
                code="invalid_parameter",
                field=name[:100],
                hint=f"known parameters: {', '.join(names) or 'none'}",
            )
        found[name] = value
    return found


def accepted(request: Asked, offered: Sequence[str]) -> str:
    """Choose what the caller likes best of `offered` (the first where all are alike).

    Raises RequestError `not_acceptable`.
    """
    lines = [value for name, value in request.scope["headers"] if name == b"accept"]
    if not lines:
        return offered[0]
    wanted = [part for part in b",".join(lines).decode("latin-1").lower().split(",") if part.strip()]
    if not wanted:
        return offered[0]
    ranges = [_media_range(part) for part in wanted]
    best = max(offered, key=lambda media: _liking(media, ranges))
    if _liking(best, ranges) <= 0:
        raise RequestError(f"this can be had as {' or '.join(offered)}", code="not_acceptable", field="Accept")
    return best


def _media_range(part: str) -> tuple[str, float]:
    media, *rest = (piece.strip() for piece in part.split(";"))
    quality = next((piece[2:] for piece in rest if piece.startswith("q=")), "1")
    try:
        return media, min(max(float(quality), 0.0), 1.0)
    except ValueError:
        return media, 1.0


def _liking(media: str, ranges: Sequence[tuple[str, float]]) -> float:
    """How much the most exact range that fits likes it."""
    for fits in (media, f"{media.partition('/')[0]}/*", "*/*"):
        found = [quality for name, quality in ranges if name == fits]
        if found:
            return max(found)
    return 0.0
