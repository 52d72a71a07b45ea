"""Messages: what one is, what is wrong with it, the same in the other syntax, a page of it. Nothing is kept."""

from collections.abc import Sequence
from secrets import token_hex

from litestar import post

from npn.api.services import services_of
from npn.errors import InvalidInputError, codes
from npn.http.answers import JSON, Answer
from npn.http.context import context_of
from npn.http.message_access import receive_message, requester_of, require_secure
from npn.http.requests import Asked, accepted, header, is_identity, parameters
from npn.message_jobs.model import JobResult, MessageJob
from npn.systems.clients import presented_in
from npn.systems.model import CallerName
from npn.wire.problems import RequestError
from npn.wire.requests import unknown_key

EDIFACT, XML, BYTES, TEXT, MIXED, HTML = (
    "application/edifact",
    "application/xml",
    "application/octet-stream",
    "text/plain",
    "multipart/mixed",
    "text/html",
)
MEDIA_TYPES = (EDIFACT, XML, BYTES)
PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"


@post("/v1/messages/inspect", status_code=200)
async def inspect_message(request: Asked) -> Answer:
    """Answer what a message is."""
    accepted(request, (JSON,))
    return _answer(await _done(request, "inspect", ("scheme", "lang")))


@post("/v1/messages/validate", status_code=200)
async def validate_message(request: Asked) -> Answer:
    """List what is wrong with a message."""
    form = accepted(request, (JSON, XML))
    options = ("rules", "limit", "scheme", "format", "lang")
    return _answer(await _done(request, "validate", options, format="junit" if form == XML else ""))


@post("/v1/messages/convert", status_code=200)
async def convert_message(request: Asked) -> Answer:
    """Write a message in the other syntax; where `multipart/mixed` is accepted, with the report before it."""
    form = accepted(request, (BYTES, XML, EDIFACT, TEXT, MIXED))
    result = await _done(request, "convert", ("to", "force", "lang"))
    if form == MIXED:
        return _mixed(result)
    if len(result.parts) == 1:
        raise _not_converted(result)
    return Answer(result.parts[1], 200, f"{TEXT}; charset=iso-8859-1" if form == TEXT else result.media_type)


@post("/v1/messages/convert/report", status_code=200)
async def report_conversion(request: Asked) -> Answer:
    """List what a conversion loses, and what stops it."""
    accepted(request, (JSON,))
    result = await _done(request, "convert", ("to", "force", "lang"))
    return Answer(result.body, 200, JSON)


@post("/v1/messages/bridge", status_code=200)
async def bridge_message(request: Asked) -> Answer:
    """Write a message in another version of its type; where `multipart/mixed` is accepted, with the report first."""
    form = accepted(request, (BYTES, XML, EDIFACT, MIXED, JSON))
    result = await _done(request, "bridge", ("to", "consent", "lang"))
    if form == JSON:
        return Answer(result.parts[0], 200, JSON)
    if form == MIXED:
        return _mixed(result)
    if len(result.parts) == 1:
        raise _not_converted(result)
    return Answer(result.parts[1], 200, result.media_type)


@post("/v1/messages/view", status_code=200)
async def view_message(request: Asked) -> Answer:
    """Make a page of a message, for a person."""
    accepted(request, (HTML,))
    result = await _done(request, "view", ("for", "lang"))
    return Answer(result.body, 200, result.media_type, {"Content-Security-Policy": PAGE_POLICY})


async def _done(request: Asked, kind: str, known: Sequence[str], **chosen: str) -> JobResult:
    """Have a job done on the body; `chosen`: options that a header says, where the query does not."""
    require_secure(request.scope)
    caller = await _caller(request)
    options = {**{name: value for name, value in chosen.items() if value}, **parameters(request, known)}
    _check_head(request)
    jobs = services_of(request).message_jobs
    with jobs.admission.admitted(requester_of(request.scope, caller)):
        return await jobs.run(MessageJob(kind, options, (await receive_message(request),)))


async def _caller(request: Asked) -> CallerName | None:
    """Return who calls; None for the public, where it may. Raises UnauthenticatedError."""
    scope = request.scope
    if header(scope, b"authorization") is not None or presented_in(scope.get("extensions")) is not None:
        return (await context_of(request).authenticator.caller(scope)).called
    if not services_of(request).settings.messages_public:
        raise unknown_key()
    return None


def _check_head(request: Asked) -> None:
    """Refuse a body that is not declared as a message, before it is read. Raises RequestError."""
    media = (header(request.scope, b"content-type") or "").partition(";")[0].strip().lower()
    if media not in MEDIA_TYPES:
        raise RequestError(
            f"a message is sent as {', '.join(MEDIA_TYPES)}",
            code=codes.UNSUPPORTED_MEDIA_TYPE,
            field="Content-Type",
            hint="with curl: -H 'Content-Type: application/octet-stream' --data-binary @FILE",
        )
    if not is_identity((header(request.scope, b"content-encoding") or "").encode("latin-1")):
        raise RequestError(
            "the body is compressed, which is not supported",
            code=codes.UNSUPPORTED_MEDIA_TYPE,
            field="Content-Encoding",
            headers={"Accept-Encoding": "identity"},
        )


def _answer(result: JobResult) -> Answer:
    return Answer(result.body, 200, result.media_type)


def _not_converted(result: JobResult) -> InvalidInputError:
    count = result.notes["errors"]
    return InvalidInputError(f"the message was not converted: {count} error(s)", code=codes.MESSAGE_NOT_CONVERTED)


def _mixed(result: JobResult) -> Answer:
    """Put the report and the message into one answer (RFC 2046, 5.1.3); without the message where there is none."""
    boundary = token_hex(24)  # 192 random bits: no message holds them
    kinds = (JSON, result.media_type)
    parts = [
        b"--%s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s\r\n"
        % (boundary.encode(), kind.encode(), len(part), part)
        for kind, part in zip(kinds, result.parts, strict=False)
    ]
    body = b"".join((*parts, f"--{boundary}--\r\n".encode()))
    status = 200 if len(result.parts) > 1 else 422
    return Answer(body, status, f'{MIXED}; boundary="{boundary}"')
