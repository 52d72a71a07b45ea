"""THE table: what every code means over HTTP. Errors themselves know nothing of statuses.

RFC 9457. `type` is an address on this service: the paragraph of the documentation about the code. What is not in the
table goes by its kind; what is no NpnError at all is hidden from the caller and logged whole.
"""
# budget: one table of every code, and each line of it is data

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from npn.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    NpnError,
    RefusedError,
    UnauthenticatedError,
    UnavailableError,
)
from npn.wire.documents import Problem
from npn.wire.meanings import DATABASE, REPEAT, Meaning

MEDIA_TYPE = "application/problem+json"
INTERNAL = "internal_error"


class RequestError(NpnError):
    """HTTP itself was used wrongly; `headers` are sent with the answer."""

    code = "bad_request"

    def __init__(
        self, message: str, *, code: str, field: str = "", hint: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        """`headers`: what the answer's headers must say."""
        super().__init__(message, code=code, field=field, hint=hint)
        self.headers = headers or {}


class PoolCopiedError(ConflictError):
    """The chain of tokens has forked. `held`: the digest we hold, by which a pool that we forgot knows itself.

    A service set back to a backup holds a token out of the pool's own past; a copy's token is unknown to it.
    """

    code = "agent_cloned"

    def __init__(self, held: str = "") -> None:
        """`held` is empty where the pool is another system's; the agent does it by itself."""
        super().__init__(
            "this pool was copied or restored, and another copy of it is in use"
            if held
            else "this pool is another system's: it was copied from there, or the key is not this pool's",
            field="Npn-Pool",
            hint="withhold what the copies share and go on under a new pool id; the operator sees the suspect series",
        )
        self.held = held


TABLE: Mapping[str, Meaning] = {
    "malformed_json": Meaning(
        400,
        "The body is not JSON",
        "The body can't be read as JSON (RFC 8259), or in two ways: a member occurs twice, NaN, a lone surrogate.",
        "Send one JSON object in UTF-8.",
    ),
    "malformed_http": Meaning(
        400,
        "Not an HTTP request",
        "The bytes received are not HTTP/1.1, or not as RFC 9112 has it: the header Host is missing or occurs twice, "
        "lengths contradict each other, a line ends without a carriage return.",
        "Check the client or the proxy in between.",
    ),
    "malformed_proxy_header": Meaning(
        400,
        "The proxy in front can't be understood",
        "A header that the proxy in front of the service passes on can't be read, or came twice.",
        "The operator must check how the proxy is set up.",
    ),
    "idempotency_key_required": Meaning(
        400,
        "Idempotency-Key is missing",
        "A draw needs a request id, so that it can be repeated without drawing twice.",
        "Send the header Idempotency-Key with a value of your own, the same one in every repeat.",
    ),
    "repeated_header": Meaning(
        400,
        "A header occurs twice",
        "A header that must have one value was sent more than once.",
        "Send it once.",
    ),
    "unauthenticated": Meaning(
        401,
        "Unknown caller",
        "There is no key, it is not one of ours, or it is no longer in force.",
        "Send `Authorization: Bearer npn_…` with the key the operator gave you, or ask for a new one.",
    ),
    "certificate_unknown": Meaning(
        401,
        "The client certificate is bound to nobody",
        "The client certificate stands for no connected system: it was never bound to one, or no longer is.",
        "Give the operator the certificate, or its SHA-256 fingerprint.",
    ),
    "certificate_not_valid": Meaning(
        401,
        "The client certificate is not valid now",
        "The client certificate has expired, or is not valid yet.",
        "Use a renewed one; it may be bound beside the old one ahead of time.",
    ),
    "certificate_revoked": Meaning(
        401,
        "The client certificate was revoked",
        "The authority that issued the client certificate has revoked it.",
        "Get a new certificate and have it bound; find out why the old one was revoked.",
    ),
    "insecure_transport": Meaning(
        403,
        "Plain HTTP is refused",
        "The call came over plain HTTP, which has ended for the system, or is refused for a while as announced.",
        "Call over https://. `GET /v1/me` over TLS tells what was announced; the operator may grant an exception.",
    ),
    "not_a_system": Meaning(
        403,
        "Only a connected system may do this",
        "Operators see everything, but draw, release and report nothing.",
        "Use the key of the connected system.",
    ),
    "not_owner": Meaning(
        403,
        "Another system's series",
        "The series belongs to another system.",
        "Use the key of the system that drew it.",
    ),
    "system_suspended": Meaning(
        403,
        "The system is suspended",
        "The operator has suspended the system: it reads, and repeats draws that were granted; whatever would change "
        "something is refused. Numbers already drawn stay its own.",
        "Ask the operator why.",
    ),
    "agreement_missing": Meaning(
        403,
        "The connection agreement is not accepted",
        "The system's owner has not accepted the connection agreement, and the date by which it had to has passed. "
        "Numbers already drawn stay the system's own; repeats, releases and look-ups work.",
        "The owner accepts the agreement on the service's pages. `GET /v1/me` tells which version, in `notices`.",
    ),
    "wrong_space": Meaning(
        403,
        "Not your number space",
        "A test system can't draw from the production space, nor the reverse.",
        "Leave `space` out to draw from your own.",
    ),
    "not_found": Meaning(404, "Not found", "There is nothing here, or not for this caller.", "Check the address."),
    "method_not_allowed": Meaning(
        405,
        "Method not allowed",
        "The address exists, but not with this method.",
        "The header Allow lists the methods.",
    ),
    "not_acceptable": Meaning(
        406,
        "Not in that form",
        "The answer can't be had in any form that the header Accept allows.",
        "Leave Accept out, or choose one of the forms that the detail names.",
    ),
    "request_timeout": Meaning(
        408,
        "The request came too slowly",
        "Headers or body were not whole within the time the service waits.",
        "Send it again, at once; nothing was done.",
    ),
    "idempotency_conflict": Meaning(
        409,
        "The request id is taken",
        "The Idempotency-Key was used for a draw with another body.",
        "Repeat a draw with its own body; use a new key for a new draw.",
    ),
    "agent_cloned": Meaning(
        409,
        "The pool was copied or restored",
        "The agent's chain of tokens has forked: the pool file was copied or restored, and another copy is in use.",
        "The agent withholds what the copies share and goes on under a new pool id; nobody draws under the old one.",
    ),
    "space_closed": Meaning(
        409,
        "The number space is closed",
        "The operator has closed the number space: nothing more is drawn from it; all else works.",
        "Name an open space (`GET /v1/spaces`), or ask the operator to move the system to one.",
    ),
    "nothing_held": Meaning(
        409,
        "Nothing is left of the series",
        "The whole series was released, so there is nothing to load into a system.",
        "Draw a new series.",
    ),
    "body_too_large": Meaning(
        413, "The body is too large", "A body has at most 64 KiB.", "Send what the request needs and nothing else."
    ),
    "unsupported_media_type": Meaning(
        415,
        "The body is not declared as JSON",
        "A body is JSON in UTF-8, not compressed, and Content-Type must say so (its parameters do not matter).",
        "Send `Content-Type: application/json` and no Content-Encoding.",
    ),
    "unknown_field": Meaning(
        422,
        "Unknown member",
        "The body has a member that is not part of the request; it may be a misspelt one.",
        "Leave it out, or correct its name; /docs lists the members of each request.",
    ),
    "missing_field": Meaning(422, "A member is missing", "The body lacks a member that is required.", "Add it."),
    "invalid_field": Meaning(
        422,
        "A member is wrong",
        "A member is not of the right kind or out of bounds.",
        "Correct the member that `field` names; /docs has the kind and the bounds of each.",
    ),
    "invalid_parameter": Meaning(
        422,
        "The query is wrong",
        "The query has a parameter that is not known, occurs twice, or is out of bounds.",
        "Correct or leave out the parameter that `field` names; /docs lists them.",
    ),
    "invalid_cursor": Meaning(
        422,
        "Not a cursor",
        "The cursor is not one that this service gave out.",
        "Use the member `next` of the page before, unchanged; start without a cursor.",
    ),
    "invalid_pool": Meaning(
        422,
        "Npn-Pool can't be read",
        "The header Npn-Pool has the pool's id, its previous token and its new one, separated by semicolons.",
        "Agents send it; leave it out where no agent draws.",
    ),
    "invalid_idempotency_key": Meaning(
        422,
        "Not a request id",
        "An Idempotency-Key has 1 to 128 visible ASCII characters.",
        "A UUID is a good one.",
    ),
    "count_or_usable": Meaning(
        422,
        "Exactly one of count and usable",
        "A draw says how many numbers (`count`) or how many usable numbers (`usable`): exactly one of the two.",
        "Send one of them.",
    ),
    "count_too_small": Meaning(
        422,
        "The draw is too small",
        "The draw is smaller than the system's smallest draw.",
        "`GET /v1/me` tells the bounds, in `quota`.",
    ),
    "count_too_large": Meaning(
        422,
        "The draw is too large",
        "The draw is larger than the system's largest draw.",
        "`GET /v1/me` tells the bounds, in `quota`; draw several series, or ask the operator to raise it.",
    ),
    "unknown_space": Meaning(
        422,
        "No such number space",
        "There is no number space of that name.",
        "`GET /v1/me` lists yours; leave `space` out to draw from your own.",
    ),
    "not_a_number": Meaning(
        422,
        "Not a sample number",
        "A sample number has digits only, as many as one of the number spaces says.",
        "Check what was typed or scanned.",
    ),
    "outside_series": Meaning(
        422,
        "The number is not in the series",
        "`from` must lie within the series whose tail is released.",
        "Compare it with the series' `first` and `last`.",
    ),
    "invalid_input": Meaning(
        422, "Wrong input", "The input is out of bounds.", "Correct what `field` names; /docs has the bounds."
    ),
    "quota_exceeded": Meaning(
        429,
        "The quota is used up",
        "The system has drawn as many numbers as it may within the quota's days.",
        "Wait for the seconds in Retry-After, draw fewer, or ask the operator to raise the quota.",
    ),
    "rate_limited": Meaning(
        429, "Too many requests", "This caller asks too often.", "Wait for the seconds in Retry-After."
    ),
    "headers_too_large": Meaning(
        431,
        "The headers are too large",
        "The request line and headers are larger than allowed, or there are more than 100 headers.",
        "Send fewer headers.",
    ),
    "internal_error": Meaning(
        500,
        "The service failed",
        "The service has a fault. The details are in its log under the request id.",
        "Tell the operator the request id. A draw may be repeated with the same Idempotency-Key.",
    ),
    "transfer_coding_unknown": Meaning(
        501,
        "The transfer coding is not understood",
        "The body comes in a transfer coding other than chunked.",
        "Send Content-Length, or chunked alone.",
    ),
    "witness_behind": Meaning(
        503,
        "The database was set back",
        "The database is older than its witness: it could grant numbers again, so it grants none. Reading works.",
        "The operator must run `npn recover`; repeat the draw afterwards with the same Idempotency-Key.",
    ),
    "witness_missing": Meaning(
        503,
        "The witness is missing",
        "What was granted can't be checked against the witness, so nothing is granted. Reading works.",
        "The operator must bring the witness back; repeat the draw afterwards with the same Idempotency-Key.",
    ),
    "witness_wrong": Meaning(
        503,
        "Another witness",
        "The witness is not the one that the database knows, or an older copy of it: what was granted can't be checked "
        "against it, so nothing is granted. Reading works.",
        "The operator must name the right witness; repeat the draw afterwards with the same Idempotency-Key.",
    ),
    "not_witnessed": Meaning(
        503, "The series is being recorded", "The series is not yet known to the witness.", "Ask again in a second."
    ),
    "outcome_unknown": Meaning(
        503,
        "The outcome is not known",
        "The database was lost while it committed: the change may have been made or not.",
        "Repeat it with the same Idempotency-Key, never with a new one.",
    ),
    "draw_timeout": Meaning(
        503,
        "The draw takes too long",
        "The draw was not answered in time; it may still be granted.",
        REPEAT,
    ),
    **DATABASE,
    "clock_wrong": Meaning(
        503,
        "A clock is wrong",
        "This server's clock and the database's differ by more than a minute, and a quarantine hangs on them: nothing "
        "is released until they agree. Draws go on.",
        "The operator must set the clocks right, or run `npn admin clock accept` where they are; then repeat it.",
    ),
    "stopping": Meaning(
        503, "The service is stopping", "The service was told to stop before it could take the draw up.", REPEAT
    ),
    "schema_outdated": Meaning(
        503,
        "Another schema",
        "The database's schema was changed, and is not this program's any more. Nothing was changed by the request.",
        "The operator must restart the service in the version that fits.",
    ),
    "storage_full": Meaning(503, "The disk is full", "The database's disk is full.", REPEAT),
    "storage_failed": Meaning(503, "The disk fails", "The database's disk reports an error.", REPEAT),
    "too_many_connections": Meaning(
        503,
        "Too many connections",
        "The service answers requests on as many connections as it may hold; nothing was done.",
        "Repeat it in a few seconds; the operator may raise max_connections.",
    ),
    "out_of_descriptors": Meaning(
        503,
        "Too many open files",
        "The service has as many files and connections open as it may, and could not ask its database or its witness.",
        REPEAT,
    ),
    "out_of_memory": Meaning(
        503, "Out of memory", "The service has no memory left to ask its database or its witness.", REPEAT
    ),
    "out_of_time": Meaning(503, "No answer in time", "The witness did not answer in time.", REPEAT),
    "unavailable": Meaning(503, "Not now", "It can't be done now.", REPEAT),
    "space_exhausted": Meaning(
        507,
        "The number space is used up",
        "The number space has too few numbers left for this draw.",
        "Draw fewer; the operator must open a further space.",
    ),
}

_BY_KIND: tuple[tuple[type[NpnError], int, str], ...] = (
    (RequestError, 400, "Bad request"),
    (InvalidInputError, 422, "Wrong input"),
    (NotFoundError, 404, "Not found"),
    (ConflictError, 409, "Conflict"),
    (UnauthenticatedError, 401, "Unknown caller"),
    (RefusedError, 403, "Refused"),
    (UnavailableError, 503, "Not now"),
)


@dataclass(frozen=True, slots=True)
class Rendered:
    """A problem ready to be sent."""

    status: int
    code: str
    body: bytes
    headers: Mapping[str, str]


def render(error: NpnError, *, request_id: str) -> Rendered:
    """Write an error; one that has no status at all is the service's own fault and says nothing."""
    meaning = _meaning(error)
    if meaning is None:
        return internal(request_id=request_id)
    hidden = meaning.status == 503  # what was found wrong with the machinery is the operator's: it is logged
    document = Problem(
        type=f"/docs/problems#{error.code}",
        title=meaning.title,
        status=meaning.status,
        detail=(meaning.meaning or error.message) if hidden else error.message,
        code=error.code,
        field=error.field or None,
        hint=(meaning.way_out if hidden else error.hint or meaning.way_out) or None,
        request_id=request_id,
    )
    return Rendered(meaning.status, error.code, msgspec.json.encode(document), _headers(error, meaning.status))


def internal(*, request_id: str) -> Rendered:
    """Write the problem that says nothing but where to look."""
    meaning = TABLE[INTERNAL]
    document = Problem(
        type=f"/docs/problems#{INTERNAL}",
        title=meaning.title,
        status=500,
        detail=meaning.meaning,
        code=INTERNAL,
        hint=meaning.way_out,
        request_id=request_id,
    )
    return Rendered(500, INTERNAL, msgspec.json.encode(document), {})


def _meaning(error: NpnError) -> Meaning | None:
    known = TABLE.get(error.code)
    if known is not None:
        return known
    return next((Meaning(status, title, "", "") for kind, status, title in _BY_KIND if isinstance(error, kind)), None)


def _headers(error: NpnError, status: int) -> dict[str, str]:
    headers = dict(error.headers) if isinstance(error, RequestError) else {}
    held = getattr(error, "held", None)
    if isinstance(held, str) and held:
        headers["Npn-Pool-Holds"] = held
    if status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="npn"'
    wait = error.retry_after if isinstance(error, RefusedError | UnavailableError) else None
    if wait is not None:
        headers["Retry-After"] = str(wait)
    if status == 413:
        headers["Connection"] = "close"
    return headers
