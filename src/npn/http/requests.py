"""What a request carries, read off litestar's request by the functions that the service and the mock share."""

from collections.abc import Iterable, Sequence
from typing import Any  # litestar's request is generic over what we never use

from litestar import Request
from litestar.types import HTTPScope

from npn.errors import codes
from npn.wire.problems import RequestError
from npn.wire.requests import (
    MAX_BODY_BYTES,
    check_body_head,
    check_declared_length,
    choose_media,
    decode_body,
    is_identity,
    parse_query,
    single_header,
    too_large,
)

LARGEST_BODY = MAX_BODY_BYTES

Asked = Request[Any, Any, Any]

__all__ = [
    "LARGEST_BODY",
    "Asked",
    "accepted",
    "body_of",
    "decoded",
    "header",
    "is_identity",
    "parameters",
    "read_body",
    "receive_body",
]

decoded = decode_body


async def body_of(request: Asked) -> bytes:
    """Read a JSON body of at most 64 KiB. Raises RequestError `unsupported_media_type` or `body_too_large`."""
    check_body_head(request.scope["headers"])
    return await read_body(request, largest=LARGEST_BODY)


async def read_body(request: Asked, *, largest: int) -> bytes:
    """Read a body of at most that many bytes. Raises RequestError `body_too_large`, `request_timeout`."""
    return bytes(await receive_body(request, largest=largest))


async def receive_body(request: Asked, *, largest: int) -> bytearray:
    """Read a body as `read_body` does, without a second copy of it."""
    check_declared_length(request.scope["headers"], largest)
    received = bytearray()
    while True:
        message = await request.receive()
        if message["type"] != "http.request":
            raise RequestError("the body did not come whole", code=codes.REQUEST_TIMEOUT)
        received += message["body"]
        if len(received) > largest:
            raise too_large(largest)
        if not message["more_body"]:
            return received


def header(scope: HTTPScope, name: bytes) -> str | None:
    """Return a header's text, None where it is absent. Raises RequestError where it occurs twice."""
    return single_header(scope["headers"], name)


def parameters(request: Asked, known: Iterable[str]) -> dict[str, str]:
    """Return the query's parameters, each at most once. Raises InvalidInputError naming one that is not known."""
    return parse_query(request.scope["query_string"], known)


def accepted(request: Asked, offered: Sequence[str]) -> str:
    """Choose what the caller likes best of `offered` (the first where all are alike).

    Raises RequestError `not_acceptable`.
    """
    return choose_media(request.scope["headers"], offered)
