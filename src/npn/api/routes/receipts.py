"""Receipts, and the keys that verify them."""

import re

from litestar import get

from npn.api.services import services_of
from npn.db import Database
from npn.http.answers import JSON, Answer, json_answer
from npn.http.context import context_of
from npn.http.requests import Asked, accepted, parameters
from npn.ledger.keys import public_keys
from npn.reading import Reading
from npn.registry.receipts import receipt
from npn.systems.model import Caller
from npn.wire.requests import JOSE, JWKS, TEXT, parse_series_id

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}\Z", re.ASCII)


@get("/v1/receipts/{series_id:str}")
async def show_receipt(request: Asked, series_id: str) -> Answer:
    """Return the signed receipt of a series, a compact JWS."""
    context = context_of(request)
    form = accepted(request, (JOSE, TEXT))
    caller = await context.authenticator.caller(request.scope)
    parameters(request, ())
    signed = await context.look(request.scope, _receipt, parse_series_id(series_id), caller)
    return Answer(signed.encode("ascii"), 200, form)


def _receipt(reading: Reading, series_id: str, caller: Caller) -> str:
    return receipt(reading.database, reading.registry.series(series_id, by=caller))


@get("/.well-known/jwks.json")
async def show_keys(request: Asked) -> Answer:
    """Return the public keys, the current one first."""
    context = context_of(request)
    form = accepted(request, (JSON, JWKS))
    keys = await context.threads.read(_keys, services_of(request).database)
    answer = json_answer({"keys": keys}, headers={"Cache-Control": "public, max-age=300"})
    return Answer(answer.body, 200, form, answer.headers)


def _keys(database: Database) -> list[object]:
    with database.read() as connection:
        return list(public_keys(connection))
