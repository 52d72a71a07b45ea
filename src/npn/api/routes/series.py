"""Series: draw, list, show, list the numbers of, release."""

from itertools import chain

from litestar import HttpMethod, get, post, route

from npn import wire
from npn.api import documents
from npn.api.pools import contact_of, in_contact
from npn.api.services import services_of
from npn.http.answers import JSON, Answer, Stream, json_answer
from npn.http.context import Context, context_of
from npn.http.requests import Asked, accepted, body_of, decoded, parameters
from npn.numbers.scheme import NumberScheme
from npn.numbers.text import blocks
from npn.registry.model import Draw, Series
from npn.systems.model import Caller
from npn.systems.permissions import Act
from npn.wire.answers import CSV_TYPE, FRAMES, series_file
from npn.wire.requests import (
    CSV,
    JSONL,
    TEXT,
    USUAL_PAGE,
    check_figures,
    decode_release,
    idempotency_key,
    parse_cursor,
    parse_limit,
    parse_series_id,
)

_BLOCK = 262_144


@route("/v1/series", http_method=HttpMethod.OPTIONS)
async def methods() -> Answer:
    """Name the methods; litestar's own answer knows only one handler of the two on this path."""
    return Answer(b"", 204, TEXT, {"Allow": "GET, OPTIONS, POST"})


@post("/v1/series")
async def draw(request: Asked) -> Answer:
    """Draw a series: 201, or 200 for a repeat."""
    context = context_of(request)
    accepted(request, (JSON,))
    caller = await context.authenticator.system(request.scope, Act.DRAW, may_be_remembered=True)
    request_id = idempotency_key(request.scope["headers"])
    wanted = decoded(await body_of(request), wire.DrawRequest)
    wish = _draw(request, caller, request_id, wanted=wanted)
    granted = await context.draw(wish)
    document = documents.series(granted.series)
    headers = {"Location": f"/v1/series/{document.id}", **await context.warning(document.system)}
    return json_answer(document, status=200 if granted.repeated else 201, headers=headers)


def _draw(request: Asked, caller: Caller, request_id: str, *, wanted: wire.DrawRequest) -> Draw:
    check_figures(wanted)
    return Draw(
        system=caller.system or "",
        key=caller.key,
        request_id=request_id,
        count=wanted.count,
        usable=wanted.usable,
        space=wanted.space,
        purpose=wanted.purpose,
        contact=contact_of(request),
        secure=request.scope["scheme"] == "https",
    )


@get("/v1/series")
async def list_series(request: Asked) -> Answer:
    """List the caller's series, newest first; an operator's list has everybody's."""
    context = context_of(request)
    accepted(request, (JSON,))
    caller = await context.authenticator.caller(request.scope)
    query = parameters(request, ("cursor", "limit"))
    before, limit = parse_cursor(query.get("cursor", "")), parse_limit(query.get("limit", str(USUAL_PAGE)))
    await in_contact(request, caller)
    page = await context.look(
        request.scope, lambda reading: reading.registry.page(by=caller, before=before, limit=limit)
    )
    following = None if page.before is None else str(page.before)
    return json_answer(wire.SeriesPage(items=[documents.series(s) for s in page.items], next=following))


@get("/v1/series/{series_id:str}")
async def show_series(request: Asked, series_id: str) -> Answer:
    """Show one series, as JSON or as a small file to load by hand."""
    context = context_of(request)
    form = accepted(request, (JSON, CSV))
    series = await _found(context, request, series_id)
    if form == JSON:
        return json_answer(documents.series(series))
    return _file(documents.series(series), await context.scheme(series.space))


def _file(series: wire.Series, scheme: NumberScheme) -> Answer:
    """Write what is still held of a series as CSV: first and last, for loading into a system by hand."""
    text, name = series_file(series, scheme)
    return Answer(text.encode("ascii"), 200, CSV_TYPE, {"Content-Disposition": f'attachment; filename="{name}"'})


@get("/v1/series/{series_id:str}/numbers")
async def list_numbers(request: Asked, series_id: str) -> Stream:
    """Stream the usable numbers that are still held, in ascending order."""
    context = context_of(request)
    form = accepted(request, (TEXT, CSV, JSONL))
    series = await _found(context, request, series_id)
    scheme = await context.scheme(series.space)
    before, after = FRAMES[form]
    chunks = blocks(scheme, series.first, series.held_to, prefix=before, suffix=after, block_size=_BLOCK)
    if form == CSV:
        return Stream(chain((b"number\n",), chunks), context.threads.streams, CSV_TYPE)
    return Stream(chunks, context.threads.streams, f"{form}; charset=utf-8")


@post("/v1/series/{series_id:str}/release", status_code=200)
async def release(request: Asked, series_id: str) -> Answer:
    """Release a whole series or its tail."""
    context = context_of(request)
    accepted(request, (JSON,))
    caller = await context.authenticator.system(request.scope, Act.RELEASE)
    wanted = decode_release(await body_of(request))
    await in_contact(request, caller)
    series = await context.threads.write(
        services_of(request).registry.release, parse_series_id(series_id), by=caller, from_text=wanted.from_
    )
    return json_answer(documents.series(series))


async def _found(context: Context, request: Asked, series_id: str) -> Series:
    caller = await context.authenticator.caller(request.scope)
    parameters(request, ())
    wanted = parse_series_id(series_id)
    return await context.look(request.scope, lambda reading: reading.registry.series(wanted, by=caller))
