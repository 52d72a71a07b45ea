"""What a request carries, read strictly and without any server: bodies, headers, query parameters, media types.

The service and the mock read with these functions, so that they refuse the same with the same words. JSON is refused
where two readers could disagree about it: repeated members, NaN, a lone surrogate, a number written as text or with a
fraction where a whole one is meant.
"""

import json
import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import TypeVar
from urllib.parse import parse_qsl

import msgspec

from npn.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    NpnError,
    RefusedError,
    UnauthenticatedError,
    codes,
    details,
)
from npn.numbers.check import compact
from npn.numbers.digits import format_digits, is_digits, parse_digits
from npn.wire.documents import DrawRequest, ReleaseRequest
from npn.wire.problems import RequestError
from npn.wording import hidden_in

MAX_BODY_BYTES = 65_536
BLANKS = " \t"  # all that stands around a header's value without being part of it (RFC 9110, 5.5)
MAX_PAGE = 500
USUAL_PAGE = 100
JSON = "application/json"
CSV = "text/csv"
TEXT = "text/plain"
JSONL = "application/jsonl"
JOSE = "application/jose"
JWKS = "application/jwk-set+json"

Headers = Iterable[tuple[bytes, bytes]]  # names in lower case; read more than once
_T = TypeVar("_T", bound=msgspec.Struct)
_AT = re.compile(r"at `\$\.([A-Za-z_][A-Za-z0-9_]*)")
_FIELD = re.compile(r"field `(.*)`", re.DOTALL)
_EXPECTED = re.compile(r"Expected `(.*?)`, got `(.*?)`")
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}\Z", re.ASCII)
_CURSOR = re.compile(r"[1-9][0-9]{0,17}\Z", re.ASCII)
_LIMIT = re.compile(r"[0-9]{1,3}\Z", re.ASCII)
_POOL_PART = re.compile(r"[A-Za-z0-9._~+/=-]{1,128}\Z", re.ASCII)
_MAX_FIGURE = 10**18
_MAX_USE = 10**15  # a day; whole numbers up to here are exact in a float
_CLOCK_SKEW = timedelta(days=1)
_KINDS = {"int": "a whole number", "float": "a number", "str": "text", "datetime": "a time with its zone"}


# headers ----------------------------------------------------------------------------------------------------
def single_header(headers: Headers, name: bytes) -> str | None:
    """Return a header's text, None where it is absent. Raises RequestError where it occurs twice."""
    values = [value for header_name, value in headers if header_name == name]
    if not values:
        return None
    if len(values) > 1:
        title = name.decode("latin-1").title()
        raise RequestError(f"the header {title} occurs more than once", code=codes.REPEATED_HEADER, field=title)
    return values[0].decode("latin-1").strip(BLANKS)


def bearer_key(headers: Headers) -> str:
    """Return the key of the header Authorization; empty where there is none, which is nobody's key."""
    kind, _, key = (single_header(headers, b"authorization") or "").partition(" ")
    return key.strip(BLANKS) if kind.lower() == "bearer" else ""


def idempotency_key(headers: Headers) -> str:
    """Return the request id. Raises RequestError `idempotency_key_required`."""
    request_id = single_header(headers, b"idempotency-key")
    if not request_id:
        raise RequestError(
            "a draw needs the header Idempotency-Key", code=codes.IDEMPOTENCY_KEY_REQUIRED, field="Idempotency-Key"
        )
    return request_id


def parse_contact(text: str) -> tuple[str, str, str]:
    """Return an agent's pool id, its previous token and its new one. Raises InvalidInputError `invalid_pool`."""
    parts = [part.strip() for part in text.split(";")]
    if len(parts) != 3 or not all(_POOL_PART.match(part) for part in parts):
        raise InvalidInputError(
            "Npn-Pool is <id>; <previous token>; <new token>", code=codes.INVALID_POOL, field="Npn-Pool"
        )
    return parts[0], parts[1], parts[2]


def choose_media(headers: Headers, offered: Sequence[str]) -> str:
    """Return what the caller likes best of `offered`, the first where all are alike.

    Raises RequestError `not_acceptable`.
    """
    lines = [value for name, value in headers if name == b"accept"]
    if not lines:
        return offered[0]
    wanted = [part for part in b",".join(lines).decode("latin-1").lower().split(",") if part.strip()]
    if not wanted:
        return offered[0]
    ranges = [_media_range(part) for part in wanted]
    best = max(offered, key=lambda media: _liking(media, ranges))
    if _liking(best, ranges) <= 0:
        raise RequestError(f"this can be had as {' or '.join(offered)}", code=codes.NOT_ACCEPTABLE, field="Accept")
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
        qualities = [quality for name, quality in ranges if name == fits]
        if qualities:
            return max(qualities)
    return 0.0


# bodies -----------------------------------------------------------------------------------------------------
def check_body_head(headers: Headers) -> None:
    """Refuse a body that is not declared as JSON, before it is read.

    Parameters of the media type mean nothing: JSON has none, and is UTF-8 whatever they say (RFC 8259, 8.1 and 11).
    """
    media = (single_header(headers, b"content-type") or "").partition(";")[0]
    if media.strip(BLANKS).lower() != JSON:
        raise RequestError("the body must be JSON", code=codes.UNSUPPORTED_MEDIA_TYPE, field="Content-Type")
    if not is_identity(b",".join(value for name, value in headers if name == b"content-encoding")):
        raise RequestError(
            "the body is compressed, which is not supported",
            code=codes.UNSUPPORTED_MEDIA_TYPE,
            field="Content-Encoding",
            hint="send it as it is; it is small",
            headers={"Accept-Encoding": "identity"},
        )


def is_identity(codings: bytes) -> bool:
    """Whether a list of content codings leaves the content as it is."""
    return all(coding.strip().lower() in (b"", b"identity") for coding in codings.split(b","))


def check_declared_length(headers: Headers, largest: int) -> None:
    """Raise RequestError `body_too_large` where the body is declared as longer."""
    declared = single_header(headers, b"content-length") or "0"
    if len(declared) > 12 or (declared.isdecimal() and int(declared) > largest):
        raise too_large(largest)


def too_large(largest: int = MAX_BODY_BYTES) -> RequestError:
    """Return the refusal of a body over that many bytes."""
    return RequestError(f"the body is larger than {largest} bytes", code=codes.BODY_TOO_LARGE)


def decode_body(body: bytes, kind: type[_T]) -> _T:
    """Return the document. Raises RequestError `malformed_json`, InvalidInputError naming the member."""
    try:
        document = msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        raise _invalid(str(error), kind) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RequestError(f"the body is not JSON: {error}", code=codes.MALFORMED_JSON) from error
    try:
        _STRICT.decode(body.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise RequestError(f"the body is not JSON: {error}", code=codes.MALFORMED_JSON) from error
    return document


def _once(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member occurs twice")
    return members


_STRICT = json.JSONDecoder(object_pairs_hook=_once)


def _invalid(message: str, kind: type[msgspec.Struct]) -> InvalidInputError:
    """Return in our words what msgspec has to say."""
    members = ", ".join(kind.__struct_encode_fields__)
    named = _FIELD.search(message)
    if named and "unknown" in message:
        return InvalidInputError(
            "the body has a member that is not known here",
            code=codes.UNKNOWN_FIELD,
            field=named[1][:100],
            hint=f"known members: {members}",
        )
    if named and "missing" in message:
        return InvalidInputError(
            f"{named[1]} is missing", code=codes.MISSING_FIELD, field=named[1], hint=f"add {named[1]}"
        )
    at = _AT.search(message)
    if at is None:
        return InvalidInputError(
            "the body is not a JSON object of the right shape",
            code=codes.INVALID_FIELD,
            hint=f"known members: {members}",
        )
    return InvalidInputError(
        f"{at[1]} is not of the right kind: {_fault(message)}",
        code=codes.INVALID_FIELD,
        field=at[1],
        hint=_way_out(message),
    )


def _fault(message: str) -> str:
    """Return what is there instead, in JSON's words and not in Python's."""
    expected = _EXPECTED.search(message)
    if expected is None:
        return "it can't be read"
    names = {"str": "text", "int": "a whole number", "float": "a number", "bool": "true or false", "null": "null"}
    names |= {"array": "a list", "object": "an object"}
    return f"it is {names.get(expected[2], expected[2])}"


def _way_out(message: str) -> str:
    """Return what the member must be."""
    expected = _EXPECTED.search(message)
    wanted = (expected[1] if expected else "datetime" if "RFC3339" in message else "").partition(" | ")[0]
    what = _KINDS.get(wanted, wanted or "what the documentation says")
    quoted = ", without quotes" if wanted in ("int", "float") and expected and expected[2] == "str" else ""
    return f"it must be {what}{quoted}; see /docs"


# addresses --------------------------------------------------------------------------------------------------
def parse_query(text: bytes, known: Iterable[str]) -> dict[str, str]:
    """Return the query's parameters, each at most once. Raises InvalidInputError naming one that is not known."""
    try:
        pairs = parse_qsl(text.decode("latin-1"), keep_blank_values=True, errors="strict", max_num_fields=20)
    except ValueError as error:
        raise InvalidInputError("the query can't be read", code=codes.INVALID_PARAMETER, field="query") from error
    names = tuple(known)
    values: dict[str, str] = {}
    for name, value in pairs:
        if name not in names or name in values:
            raise InvalidInputError(
                "the query has a parameter that is not known here, or the same one twice",
                code=codes.INVALID_PARAMETER,
                field=name[:100],
                hint=f"known parameters: {', '.join(names) or 'none'}",
            )
        values[name] = value
    return values


def parse_cursor(text: str) -> int | None:
    """Return where a page begins; None for the first one. Raises InvalidInputError `invalid_cursor`."""
    if not text:
        return None
    if not _CURSOR.match(text):
        raise InvalidInputError("the cursor is not one of this service's", code=codes.INVALID_CURSOR, field="cursor")
    return int(text)


def parse_limit(text: str) -> int:
    """Return how many a page has. Raises InvalidInputError `invalid_parameter`."""
    limit = int(text) if _LIMIT.match(text) else 0
    if not 1 <= limit <= MAX_PAGE:
        raise InvalidInputError(
            f"limit is 1 to {MAX_PAGE}",
            code=codes.INVALID_PARAMETER,
            field="limit",
            hint=f"ask for {MAX_PAGE} at most and follow the cursor in `next`",
        )
    return limit


def parse_series_id(text: str) -> str:
    """Return a series' id. Raises NotFoundError for what can't be one."""
    if not _ID.match(text):
        raise no_such_series()
    return text


def parse_sample_number(text: str, lengths: Collection[int]) -> str:
    """Return the digits of a number as it is typed: blanks and hyphens between them are ignored.

    Raises InvalidInputError `not_a_number` where it has none of the spaces' lengths.
    """
    digits = compact(text)
    if not (is_digits(digits) and len(digits) in lengths):
        expected = " or ".join(map(str, sorted(lengths))) or "no"
        raise InvalidInputError(
            f"a sample number has {expected} digits and nothing else", code=codes.NOT_A_NUMBER, field="number"
        )
    return digits


# what a request says ----------------------------------------------------------------------------------------
def check_figures(wanted: DrawRequest) -> None:
    """Refuse figures that no space holds, before anything computes with them."""
    for name, figure in (("count", wanted.count), ("usable", wanted.usable)):
        if figure is not None and abs(figure) > _MAX_FIGURE:
            code = codes.COUNT_TOO_LARGE if figure > 0 else codes.COUNT_TOO_SMALL
            raise RefusedError(f"no space holds that many numbers: {name}", code=code, field=name)


LONGEST_PURPOSE = 200


def check_draw(*, count: int | None, usable: int | None, request_id: str, purpose: str | None) -> None:
    """Refuse a draw whose parts are out of bounds. Raises InvalidInputError naming the member."""
    if (count is None) == (usable is None):
        raise InvalidInputError(
            "say how many numbers with count, or how many usable ones with usable: exactly one of them",
            code=codes.COUNT_OR_USABLE,
            field="count" if count is None else "usable",
        )
    if not 1 <= len(request_id) <= 128 or not all("!" <= c <= "~" for c in request_id):
        raise InvalidInputError(
            "a request id has 1 to 128 visible ASCII characters",
            code=codes.INVALID_IDEMPOTENCY_KEY,
            field="Idempotency-Key",
        )
    if purpose is not None and (len(purpose) > LONGEST_PURPOSE or any(_is_control(c) for c in purpose)):
        raise unfit_purpose()


def check_new_purpose(purpose: str | None) -> None:
    """Refuse a new draw's purpose that can't be seen whole: older draws were taken with less asked."""
    if purpose is not None and hidden_in(purpose) is not None:
        raise unfit_purpose()


def unfit_purpose() -> InvalidInputError:
    """Return the refusal of a purpose that is too long or can't be seen whole."""
    return InvalidInputError(
        details.PURPOSE_TOO_LONG.of(most=LONGEST_PURPOSE),
        code=codes.INVALID_FIELD,
        field="purpose",
        hint="shorten it, and leave line breaks out",
    )


def _is_control(c: str) -> bool:
    return unicodedata.category(c) in ("Cc", "Cs")


def decode_release(body: bytes) -> ReleaseRequest:
    """Return the release; `from` may be absent, and must not be null. Raises as `decode_body`."""
    wanted = decode_body(body, ReleaseRequest)
    if wanted.from_ is None and msgspec.json.decode(body):
        raise InvalidInputError(
            "from is null", code=codes.INVALID_FIELD, field="from", hint="leave it out to release the whole series"
        )
    return wanted


def start_of_tail(text: str, *, first: int, last: int, length: int) -> int:
    """Return the first number of the tail to release. Raises InvalidInputError naming `from`."""
    start = parse_digits(text, length, field="from")
    if not first <= start <= last:
        bounds = f"{format_digits(first, length)} to {format_digits(last, length)}"
        raise InvalidInputError(f"from lies outside the series {bounds}", code=codes.OUTSIDE_SERIES, field="from")
    return start


def stock_time(as_of: datetime) -> datetime:
    """Return the time of a stock report in UTC. Raises InvalidInputError where it has no zone."""
    try:
        if as_of.tzinfo is not None:
            return as_of.astimezone(UTC)
    except OverflowError:
        pass
    raise InvalidInputError(
        "as_of is a time with its zone, as 2026-01-31T12:00:00Z",
        code=codes.INVALID_FIELD,
        field="as_of",
        hint="add Z, or the offset from UTC such as +01:00",
    )


def check_stock_figures(*, free: int, used_per_day: float, as_of: datetime, now: datetime) -> None:
    """Refuse figures of a stock report that are out of bounds. Raises InvalidInputError naming the member."""
    if not 0 <= free <= _MAX_FIGURE:
        raise InvalidInputError(
            "free counts usable numbers, 0 or more",
            code=codes.INVALID_FIELD,
            field="free",
            hint="send the count of usable numbers not handed out",
        )
    if not (isfinite(used_per_day) and 0 <= used_per_day <= _MAX_USE):
        raise InvalidInputError(
            "used_per_day is a number, 0 or more",
            code=codes.INVALID_FIELD,
            field="used_per_day",
            hint="send the usable numbers used a day",
        )
    if as_of > now + _CLOCK_SKEW:
        raise InvalidInputError(
            "as_of lies in the future", code=codes.INVALID_FIELD, field="as_of", hint="check the system's clock"
        )


# refusals that both make ------------------------------------------------------------------------------------
def no_such_series() -> NotFoundError:
    """Return the refusal for a series that does not exist."""
    return NotFoundError("there is no such series", field="series")


def not_owner() -> RefusedError:
    """Return the refusal for somebody else's series."""
    return RefusedError("the series belongs to another system", code=codes.NOT_OWNER, field="series")


def unknown_space(name: str | None) -> InvalidInputError:
    """Return the refusal for a space that does not exist."""
    return InvalidInputError(f"there is no space {name!r}", code=codes.UNKNOWN_SPACE, field="space")


def space_closed(name: str) -> ConflictError:
    """Return the refusal for a space that the operator has closed."""
    return ConflictError(
        f"the space {name} is closed: nothing more is drawn from it",
        code=codes.SPACE_CLOSED,
        field="space",
        hint="name an open space (GET /v1/spaces), or ask the operator to move the system to one",
    )


def wrong_space(own: str, other: str, name: str) -> RefusedError:
    """Return the refusal for a space of another environment than the system's own."""
    return RefusedError(
        f"a {own} system can't draw from the {other} space {name}",
        code=codes.WRONG_SPACE,
        field="space",
        hint="leave space out to draw from your own",
    )


def used_for_another() -> ConflictError:
    """Return the refusal of a request id that stands for another request."""
    return ConflictError(
        "this request id was used for another request",
        code=codes.IDEMPOTENCY_CONFLICT,
        field="Idempotency-Key",
        hint="repeat a request with its own body; a new request needs a new request id",
    )


def unknown_key() -> UnauthenticatedError:
    """Return the refusal of a caller that nobody knows."""
    return UnauthenticatedError("the key is missing, unknown or no longer in force")


def suspended(system: str) -> RefusedError:
    """Return the refusal of a draw by a suspended system."""
    return RefusedError(
        f"system {system} is suspended",
        code=codes.SYSTEM_SUSPENDED,
        hint="ask the operator why; numbers already drawn stay yours",
    )


def closed(system: str) -> RefusedError:
    """Return the refusal of a draw by a closed system."""
    return RefusedError(
        f"system {system} is closed",
        code=codes.SYSTEM_CLOSED,
        hint="its numbers stay its own; a system that takes its place is connected as a new one",
    )


def space_exhausted(name: str) -> RefusedError:
    """Return the refusal for a space that has too few numbers left."""
    return RefusedError(
        f"space {name} has too few numbers left for this draw",
        code=codes.SPACE_EXHAUSTED,
        hint="ask for fewer; the operator must add a space",
    )


def nothing_here() -> NpnError:
    """Return the refusal for an address that does not exist."""
    return NotFoundError("there is nothing at this address")


def other_method(allow: str) -> RequestError:
    """Return the refusal for a method that the address does not have."""
    return RequestError("the address has other methods", code=codes.METHOD_NOT_ALLOWED, headers={"Allow": allow})
