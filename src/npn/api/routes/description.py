"""The OpenAPI document: made once for the address that the operator has set."""

from functools import cache

import msgspec
from litestar import get

from npn.api.services import services_of
from npn.http.answers import JSON, Answer
from npn.http.requests import Asked
from npn.reference.openapi import document


@get("/openapi.json")
async def openapi(request: Asked) -> Answer:
    """Return the OpenAPI document; its server is the address that the operator has set, where one is."""
    address = services_of(request).settings.public_url.rstrip("/") or "/"
    return Answer(_openapi(address), 200, JSON, {"Cache-Control": "public, max-age=300"})


@cache
def _openapi(address: str) -> bytes:
    return msgspec.json.encode(document(address))
