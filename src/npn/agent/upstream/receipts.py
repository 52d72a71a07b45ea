"""A series' signed receipt, checked before it is kept: that it speaks of this series, and that its signature holds.

The receipt is a compact JWS (EdDSA). What it says is always compared. Its signature is verified with `cryptography`
where that is installed (`pip install npn-platform[receipts]`): the base install has none, and no signature is
computed by code of our own. The keys are the service's, by its word over TLS; a key's id is its digest (RFC 7638).
"""

import base64
import contextlib
import hashlib
import importlib
from types import ModuleType
from typing import Literal

import msgspec

from npn.agent.model import PooledSeries
from npn.errors import InvalidInputError, codes

Verdict = Literal["verified", "unverified"]
_ED25519 = "cryptography.hazmat.primitives.asymmetric.ed25519"


class _Head(msgspec.Struct, frozen=True):
    alg: str
    kid: str = ""


class _Payload(msgspec.Struct, frozen=True):
    """What a receipt must say of its series; it says more, which is for others."""

    series: str
    space: str
    first: str
    last: str
    size: int
    usable: int
    request_id: str


class ReceiptKey(msgspec.Struct, frozen=True):
    """A public key out of the service's set; those of other kinds are passed over."""

    kty: str = ""
    crv: str = ""
    x: str = ""

    @property
    def kid(self) -> str:
        """Its id: the digest of the key itself, so that nobody can give one key another's id."""
        text = f'{{"crv":"{self.crv}","kty":"{self.kty}","x":"{self.x}"}}'
        return _text(hashlib.sha256(text.encode()).digest())


class SigningKeys(msgspec.Struct, frozen=True):
    """`GET /.well-known/jwks.json`."""

    keys: list[ReceiptKey]


class _KeySet(msgspec.Struct, frozen=True):
    keys: list[object]


def read_keys(document: bytes) -> SigningKeys:
    """Return the keys of a set; one that is odd is passed over, and the others count (RFC 7517, 5).

    Raises msgspec's errors where it is no set of keys.
    """
    keys = []
    for item in msgspec.json.decode(document, type=_KeySet).keys:
        with contextlib.suppress(msgspec.ValidationError):
            keys.append(msgspec.convert(item, ReceiptKey))
    return SigningKeys(keys)


def check(receipt: str, series: PooledSeries, keys: SigningKeys | None) -> Verdict:
    """Compare a receipt with its series and verify its signature, where that is possible.

    `keys`: the service's; None where it has told none. Raises InvalidInputError `bad_receipt`.
    """
    parts = receipt.split(".")
    try:
        head = msgspec.json.decode(_bytes(parts[0]), type=_Head)
        payload = msgspec.json.decode(_bytes(parts[1]), type=_Payload)
        signature = _bytes(parts[2])
    except (IndexError, ValueError) as error:  # msgspec's errors and base64's are ValueErrors
        raise _bad(series, "it is not a signed receipt") from error
    if len(parts) != 3 or head.alg != "EdDSA":
        raise _bad(series, "it is not signed with EdDSA")
    for name, value in msgspec.structs.asdict(payload).items():
        expected = _known(series)[name]
        if value != expected:
            raise _bad(series, f"its {name} is {str(value)[:40]!r}, the series' {expected!r}")
    key = (
        next((k for k in keys.keys if k.kty == "OKP" and k.crv == "Ed25519" and k.kid == head.kid), None)
        if keys
        else None
    )
    library = _library()
    if key is None or library is None:
        return "unverified"
    try:
        library.Ed25519PublicKey.from_public_bytes(_bytes(key.x)).verify(signature, ".".join(parts[:2]).encode())
    except Exception as error:  # InvalidSignature, or an invalid key: either way it proves nothing
        raise _bad(series, "its signature does not hold") from error
    return "verified"


def _known(series: PooledSeries) -> dict[str, str | int]:
    return {
        "series": series.id,
        "space": series.space,
        "first": series.scheme.format(series.first),
        "last": series.scheme.format(series.last),
        "size": series.last - series.first + 1,
        "usable": series.scheme.count(series.first, series.last),
        "request_id": series.request_id,
    }


def _library() -> ModuleType | None:
    """The library that verifies, loaded when a receipt comes, which is rare; None where it is not installed."""
    try:
        return importlib.import_module(_ED25519)
    except ImportError:
        return None


def _bad(series: PooledSeries, why: str) -> InvalidInputError:
    return InvalidInputError(f"the receipt of series {series.id} can't be right: {why}", code=codes.BAD_RECEIPT)


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
