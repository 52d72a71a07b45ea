"""Series: draw, list, show, list the numbers of, release."""

import re
from itertools import chain

import msgspec
from litestar import HttpMethod, get, post, route

from npn import wire
from npn.api import documents
from npn.api.answers import JSON, Answer, Stream, json_answer
from npn.api.pools import contact_of, in_contact
from npn.api.problems import RequestError
from npn.api.requests import Asked, accepted, body_of, decoded, header, parameters
from npn.api.rest import Rest, rest_of
from npn.errors import ConflictError, InvalidInputError, NotFoundError, RefusedError
from npn.numbers.scheme import NumberScheme
from npn.numbers.text import blocks
from npn.registry.model import Draw, Series
from npn.systems.model import Caller
from npn.systems.permissions import Act

CSV = "text/csv"
TEXT = "text/plain"
JSONL = "application/jsonl"
LARGEST_PAGE = 500
USUAL_PAGE = 100

_BLOCK = 262_144
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}\Z", re.ASCII)
_CURSOR = re.compile(r"[1-9][0-9]{0,17}\Z", re.ASCII)
_LIMIT = re.compile(r"[0-9]{1,3}\Z", re.ASCII)
_FIGURES = 10**18
_FRAMES = {TEXT: (b"", b"\n"), CSV: (b"", b"\n"), JSONL: (b'{"number":"', b'"}\n')}


@route("/v1/series", http_method=HttpMethod.OPTIONS)
async def methods() -> Answer:
    """Name the methods; litestar's own answer knows only one handler of the two on this path."""
    return Answer(b"", 204, TEXT, {"Allow": "GET, OPTIONS, POST"})


@post("/v1/series")
async def draw(request: Asked) -> Answer:
    """Draw a series: 201, or 200 for a repeat."""
    rest = rest_of(request)
    accepted(request, (JSON,))
    caller = await rest.gate.system(request.scope, Act.DRAW, may_be_remembered=True)
    request_id = header(request.scope, b"idempotency-key")
    if not request_id:
        raise RequestError(
            "a draw needs the header Idempotency-Key", code="idempotency_key_required", field="Idempotency-Key"
        )
    wanted = decoded(await body_of(request), wire.DrawRequest)
    wish = _draw(request, caller, request_id, wanted)
    granted = await rest.draw(wish)
    shown = documents.series(granted.series)
    headers = {"Location": f"/v1/series/{shown.id}", **await rest.warning(shown.system)}
    return json_answer(shown, status=200 if granted.repeated else 201, headers=headers)


def _draw(request: Asked, caller: Caller, request_id: str, wanted: wire.DrawRequest) -> Draw:
    for name, figure in (("count", wanted.count), ("usable", wanted.usable)):
        if figure is not None and abs(figure) > _FIGURES:
            code = "count_too_large" if figure > 0 else "count_too_small"
            raise RefusedError(f"no space holds so many numbers: {name}", code=code, field=name)
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
    rest = rest_of(request)
    accepted(request, (JSON,))
    caller = await rest.gate.caller(request.scope)
    asked = parameters(request, ("cursor", "limit"))
    before, limit = _cursor(asked.get("cursor", "")), _limit(asked.get("limit", str(USUAL_PAGE)))
    await in_contact(request, caller)
    page = await rest.look(request.scope, lambda reading: reading.registry.page(by=caller, before=before, limit=limit))
    following = None if page.before is None else str(page.before)
    return json_answer(wire.SeriesPage(items=[documents.series(s) for s in page.items], next=following))


def _cursor(text: str) -> int | None:
    if not text:
        return None
    if not _CURSOR.match(text):
        raise InvalidInputError("the cursor is not one of this service's", code="invalid_cursor", field="cursor")
    return int(text)


def _limit(text: str) -> int:
    limit = int(text) if _LIMIT.match(text) else 0
    if not 1 <= limit <= LARGEST_PAGE:
        raise InvalidInputError(f"limit is 1 to {LARGEST_PAGE}", code="invalid_parameter", field="limit")
    return limit


@get("/v1/series/{series_id:str}")
async def show_series(request: Asked, series_id: str) -> Answer:
    """Show one series, as JSON or as a small file to load by hand."""
    rest = rest_of(request)
    form = accepted(request, (JSON, CSV))
    found = await _found(rest, request, series_id)
    if form == JSON:
        return json_answer(documents.series(found))
    return _file(found, await rest.scheme(found.space))


def _file(found: Series, scheme: NumberScheme) -> Answer:
    """Write what is still held of a series as CSV: first and last, for loading into a system by hand."""
    if found.held_to < found.first:
        raise ConflictError("the whole series was released", code="nothing_held")
    first, last = found.text(found.first), found.text(found.held_to)
    usable = scheme.count(found.first, found.held_to)
    row = (found.id, found.space, first, last, found.held_to - found.first + 1, usable)
    body = "series,space,first,last,size,usable\r\n" + ",".join(map(str, row)) + "\r\n"
    named = {"Content-Disposition": f'attachment; filename="npn-{first}-{last}.csv"'}
    return Answer(body.encode("ascii"), 200, f"{CSV}; charset=utf-8; header=present", named)


@get("/v1/series/{series_id:str}/numbers")
async def list_numbers(request: Asked, series_id: str) -> Stream:
    """Stream the usable numbers that are still held, in ascending order."""
    rest = rest_of(request)
    form = accepted(request, (TEXT, CSV, JSONL))
    found = await _found(rest, request, series_id)
    scheme = await rest.scheme(found.space)
    before, after = _FRAMES[form]
    made = blocks(scheme, found.first, found.held_to, prefix=before, suffix=after, block_size=_BLOCK)
    if form == CSV:
        return Stream(chain((b"number\n",), made), rest.threads.streams, f"{CSV}; charset=utf-8; header=present")
    return Stream(made, rest.threads.streams, f"{form}; charset=utf-8")


@post("/v1/series/{series_id:str}/release", status_code=200)
async def release(request: Asked, series_id: str) -> Answer:
    """Give back a whole series or its tail."""
    rest = rest_of(request)
    accepted(request, (JSON,))
    caller = await rest.gate.system(request.scope, Act.RELEASE)
    body = await body_of(request)
    wanted = decoded(body, wire.ReleaseRequest)
    if wanted.from_ is None and msgspec.json.decode(body):
        raise InvalidInputError(
            "from is null", code="invalid_field", field="from", hint="leave it out to release the whole series"
        )
    await in_contact(request, caller)
    found = await rest.threads.write(rest.service.registry.release, _id(series_id), by=caller, from_text=wanted.from_)
    return json_answer(documents.series(found))


async def _found(rest: Rest, request: Asked, series_id: str) -> Series:
    caller = await rest.gate.caller(request.scope)
    parameters(request, ())
    wanted = _id(series_id)
    return await rest.look(request.scope, lambda reading: reading.registry.series(wanted, by=caller))


def _id(text: str) -> str:
    if not _ID.match(text):
        raise NotFoundError("there is no such series", field="series")
    return text
