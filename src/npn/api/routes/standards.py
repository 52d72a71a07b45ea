"""Who can take what, for everybody: the standards, and the lines of their matrices. Organisations alone are named."""

from datetime import date

from litestar import get

from npn.api.services import services_of
from npn.errors import InvalidInputError, RefusedError, codes, details
from npn.http.answers import JSON, Answer
from npn.http.authentication import address_of
from npn.http.caching import cached_answer
from npn.http.context import Context, context_of
from npn.http.requests import Asked, accepted, parameters
from npn.instants import day_or_none
from npn.limits import Buckets
from npn.standards.matrix import FeatureCondition, MatrixWish
from npn.standards.model import Direction

PUBLIC_A_MINUTE = 300  # of one address
_KEPT_SECONDS = 60
_PARAMETERS = ("standard", "version", "direction", "region", "feature", "at")


@get("/v1/standards")
async def list_standards(request: Asked) -> Answer:
    """List every standard with its versions."""
    context = _admitted(request, ())
    standards = await context.threads.read(services_of(request).standards.overview)
    return cached_answer(request, standards, seconds=_KEPT_SECONDS)


@get("/v1/standards/{code:str}")
async def show_standard(request: Asked, code: str) -> Answer:
    """Show one standard."""
    context = _admitted(request, ())
    standard = await context.threads.read(services_of(request).standards.details, code)
    return cached_answer(request, standard, seconds=_KEPT_SECONDS)


@get("/v1/capabilities")
async def list_capabilities(request: Asked) -> Answer:
    """List who can take a standard, with what says so."""
    context = _admitted(request, _PARAMETERS)
    wanted = parameters(request, _PARAMETERS)
    code = wanted.get("standard", "")
    if not code:
        raise InvalidInputError(details.STANDARD_MISSING, code=codes.INVALID_PARAMETER, field="standard")
    wish = MatrixWish(
        version=wanted.get("version") or None,
        direction=_direction(wanted["direction"]) if wanted.get("direction") else None,
        region=wanted.get("region") or None,
        feature=FeatureCondition.parse(wanted["feature"]) if wanted.get("feature") else None,
    )
    at = _day(wanted["at"]) if wanted.get("at") else None
    capabilities = await context.threads.read(
        services_of(request).standards.public_capabilities, code, at=at, wish=wish
    )
    return cached_answer(request, capabilities, seconds=_KEPT_SECONDS)


def _admitted(request: Asked, known: tuple[str, ...]) -> Context:
    """Check what was asked, and how often from there. Raises RequestError, InvalidInputError, RefusedError."""
    accepted(request, (JSON,))
    parameters(request, known)
    seconds = _buckets(request).take(address_of(request.scope))
    if seconds:
        raise RefusedError("too many requests", code=codes.RATE_LIMITED, retry_after=seconds)
    return context_of(request)


def _buckets(request: Asked) -> Buckets:
    """Return how often addresses have asked this application."""
    state = request.app.state
    buckets = getattr(state, "standard_buckets", None)
    if not isinstance(buckets, Buckets):
        buckets = state.standard_buckets = Buckets(capacity=PUBLIC_A_MINUTE, rate=PUBLIC_A_MINUTE / 60)
    return buckets


def _direction(text: str) -> Direction:
    try:
        return Direction(text)
    except ValueError:
        message = details.NOT_A_DIRECTION.of(text=text, directions=", ".join(Direction))
        raise InvalidInputError(message, code=codes.INVALID_PARAMETER, field="direction") from None


def _day(text: str) -> date:
    day = day_or_none(text)
    if day is None:
        raise InvalidInputError(details.NOT_A_DAY.of(text=text), code=codes.INVALID_PARAMETER, field="at")
    return day
