"""Errors over HTTP: problems of RFC 9457, made of the catalogue of codes.

`type` is an address on this service: the paragraph of the documentation about the code. A code that the catalogue
does not have goes by its kind; what is no NpnError at all is hidden from the caller and logged whole.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import msgspec

from npn.errors import (
    CATALOGUE,
    CatalogueSection,
    Code,
    ConflictError,
    Meaning,
    NpnError,
    RefusedError,
    UnavailableError,
    codes,
    meaning_of,
)
from npn.wire.documents import Problem

MEDIA_TYPE = "application/problem+json"
INTERNAL = codes.INTERNAL_ERROR


class RequestError(NpnError):
    """HTTP itself was used wrongly; `headers` are sent with the answer."""

    code = codes.BAD_REQUEST

    def __init__(
        self, message: str, *, code: Code, field: str = "", hint: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        """`headers`: what the answer's headers must say."""
        super().__init__(message, code=code, field=field, hint=hint)
        self.headers = headers or {}


class PoolCopiedError(ConflictError):
    """The chain of tokens has forked. `held`: the digest we hold, by which a pool that we forgot knows itself.

    A service set back to a backup holds a token out of the pool's own past; a copy's token is unknown to it.
    """

    code = codes.AGENT_CLONED

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


TABLE: Mapping[str, Meaning] = dict(
    sorted(
        ((m.code, m) for m in CATALOGUE.values() if m.section is CatalogueSection.REST),
        key=lambda entry: entry[1].status,
    )
)
"""The codes of REST, by their status: what OpenAPI and the pages of documentation are made of."""


@dataclass(frozen=True, slots=True)
class RenderedProblem:
    """A problem ready to be sent."""

    status: int
    code: str
    body: bytes
    headers: Mapping[str, str]


def render(error: NpnError, *, request_id: str) -> RenderedProblem:
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
    return RenderedProblem(meaning.status, error.code, msgspec.json.encode(document), _headers(error, meaning.status))


def internal(*, request_id: str) -> RenderedProblem:
    """Write the problem that says nothing but where to look."""
    meaning = TABLE[INTERNAL]
    document = Problem(
        type=meaning.anchor,
        title=meaning.title,
        status=500,
        detail=meaning.meaning,
        code=INTERNAL,
        hint=meaning.way_out,
        request_id=request_id,
    )
    return RenderedProblem(500, INTERNAL, msgspec.json.encode(document), {})


def _meaning(error: NpnError) -> Meaning | None:
    """Return what is answered: of a code that REST does not document, its status and title alone."""
    meaning = meaning_of(error)
    if meaning.section is CatalogueSection.REST:
        return meaning
    return None if meaning.status == 500 else replace(meaning, meaning="", way_out="")


def _headers(error: NpnError, status: int) -> dict[str, str]:
    headers = dict(error.headers) if isinstance(error, RequestError) else {}
    stretches = getattr(error, "held", None)
    if isinstance(stretches, str) and stretches:
        headers["Npn-Pool-Holds"] = stretches
    if status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="npn"'
    wait = error.retry_after if isinstance(error, RefusedError | UnavailableError) else None
    if wait is not None:
        headers["Retry-After"] = str(wait)
    if status == 413:
        headers["Connection"] = "close"
    return headers
