"""What the mock service answers with: problems as the service writes them, receipts, what is known of a number."""

import base64
import hashlib
import importlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cache

import msgspec

from npn.errors import Code, NpnError, RefusedError, UnavailableError
from npn.numbers.scheme import NumberScheme
from npn.numbers.suggest import suggestions
from npn.wire import HistoryEntry, NumberInformation, PublicSpace, Series, Space, SpaceScheme, Suggestion
from npn.wire.answers import NEVER_ISSUED, useful
from npn.wire.problems import MEDIA_TYPE, TABLE, render
from npn.wire.requests import JSON

_ED25519 = "cryptography.hazmat.primitives.asymmetric.ed25519"


class MockReply(msgspec.Struct, frozen=True):
    """An answer."""

    status: int
    body: bytes
    kind: str = JSON
    headers: dict[str, str] = {}


class MockPool(msgspec.Struct):
    """A pool as the service knows it."""

    system: str
    token: str
    contested: bool = False
    contested_by: str = ""
    first_at: datetime = msgspec.field(default_factory=lambda: datetime.now(UTC))
    contact_at: datetime = msgspec.field(default_factory=lambda: datetime.now(UTC))
    contested_at: datetime | None = None

    def fits(self, system: str, previous: str, new: str) -> bool:
        """Whether a contact goes on where the chain stands; a contested one only if it explains itself."""
        if self.contested:
            return system == self.system and self.token == previous and self.contested_by == new
        return system == self.system and self.token in (previous, new)


def document(value: msgspec.Struct, *, status: int = 200, headers: dict[str, str] | None = None) -> MockReply:
    """Return a document as an answer."""
    return MockReply(status, msgspec.json.encode(value), JSON, headers or {})


def problem(error: NpnError, request_id: str) -> MockReply:
    """Return an error as the service would answer it."""
    rendered = render(error, request_id=request_id)
    return MockReply(rendered.status, rendered.body, MEDIA_TYPE, dict(rendered.headers))


def refusal_of(code: str) -> NpnError:
    """Return the refusal that a test has asked for, of the kind that the code has."""
    if code in TABLE and TABLE[code].status == 503:
        return UnavailableError(f"refused: {code}", code=Code(code))
    wait = 60 if code in TABLE and TABLE[code].status == 429 else None
    return RefusedError(f"refused: {code}", code=Code(code), retry_after=wait)


def scheme_of(space: Space) -> NumberScheme:
    """Return the scheme of a space."""
    return NumberScheme(
        space.name, space.length, tuple(space.weights), modulus=space.modulus, remainder=space.remainder
    )


def public_space(space: Space, *, default: bool, is_open: bool) -> PublicSpace:
    """Return a space as anybody may know it."""
    scheme = SpaceScheme(
        name=f"npn{space.length}",
        length=space.length,
        weights=space.weights,
        modulus=space.modulus,
        remainder=space.remainder,
    )
    return PublicSpace(
        name=space.name,
        environment=space.environment,
        default=default,
        open=is_open,
        scheme=scheme,
        first=space.first,
        last=space.last,
    )


def information(
    digits: str, *, spaces: Sequence[Space], held: Callable[[int], Series | None], released: Callable[[int], str | None]
) -> NumberInformation:
    """Return what is known of a number.

    `held`: the series that a number lies in; `released`: until when a released number is in quarantine.
    """
    number = int(digits)
    space = next((s for s in spaces if s.length == len(digits) and int(s.first) <= number <= int(s.last)), None)
    usable = space is not None and scheme_of(space).is_usable(number)
    series, quarantine = held(number), released(number)
    history = []
    if series is not None:
        history.append(HistoryEntry(at=series.drawn_at, event="granted", series=series.id, system=series.system))
        if quarantine is not None:
            detail = f"in quarantine until {quarantine}"
            history.append(
                HistoryEntry(
                    at=series.drawn_at, event="released", series=series.id, system=series.system, detail=detail
                )
            )

    def state(of: int) -> str:
        if held(of) is None:
            return NEVER_ISSUED
        return "granted" if released(of) is None else "released"

    return NumberInformation(
        number=digits,
        state=state(number),  # type: ignore[arg-type]  # one of the documented states
        usable=usable,
        space=space.name if space else None,
        series=series.id if series else None,
        system=series.system if series else None,
        drawn_at=series.drawn_at if series else None,
        history=history,
        suggestions=[] if usable else _suggested(digits, [space] if space else spaces, state),
    )


def _suggested(digits: str, spaces: Sequence[Space], state: Callable[[int], str]) -> list[Suggestion]:
    guesses: list[tuple[Suggestion, str]] = []
    for space in spaces:
        scheme = scheme_of(space)
        for guess in suggestions(digits, scheme):
            if int(space.first) <= guess.number <= int(space.last):
                status = state(guess.number)
                suggestion = scheme.format(guess.number)
                guesses.append((Suggestion(number=suggestion, mistake=guess.mistake, state=status), status))  # type: ignore[arg-type]  # as above
    return useful(guesses)


# receipts ---------------------------------------------------------------------------------------------------
def signed_receipt(series: Series) -> str:
    """Return a receipt that says what the real one says, signed where `cryptography` is installed."""
    names = ("space", "first", "last", "size", "usable", "system", "request_id", "purpose", "drawn_at")
    payload = {"series": series.id, **{name: getattr(series, name) for name in names}, "channel": "rest"}
    keys = signing_keys()
    head = {"alg": "EdDSA", "kid": keys[0]["kid"] if keys else "mock"}
    text = ".".join(_encoded(msgspec.json.encode(part)) for part in (head, payload))
    private = _private_key()
    signature = b"mock" if private is None else private.sign(text.encode())  # type: ignore[attr-defined]  # an Ed25519 key
    return f"{text}.{_encoded(signature)}"


def signing_keys() -> list[dict[str, str]]:
    """Return the public keys as JWKs; none where nothing can be signed."""
    private = _private_key()
    if private is None:
        return []
    x = _encoded(private.public_key().public_bytes_raw())  # type: ignore[attr-defined]  # an Ed25519 key
    kid = _encoded(hashlib.sha256(f'{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}'.encode()).digest())
    return [{"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": kid, "x": x}]


@cache
def _private_key() -> object | None:
    """Return the process's key; None in the base install, which has no cryptography."""
    try:
        module = importlib.import_module(_ED25519)
    except ImportError:
        return None
    key: object = module.Ed25519PrivateKey.generate()
    return key


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
