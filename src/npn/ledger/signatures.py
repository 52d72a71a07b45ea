"""Signatures that anybody can check: Ed25519 by RFC 8037, with nothing but the public keys. No database is needed."""

import base64
import hashlib
import json
from typing import Annotated, Literal

import msgspec
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from npn.errors import ConfigurationError, InvalidInputError, codes
from npn.ledger.canonical import Json, canonical

# Receipts say "EdDSA" (RFC 8037), the name that verifiers in use know; RFC 9864 only renames it, so the
# library's warning would tell an operator of nothing to act on.
jws.JWSRegistry.algorithms["EdDSA"].security_warning = None


def thumbprint(x: str) -> str:
    """Return the id of an Ed25519 public key, `x` as its JWK has it: RFC 7638 as RFC 8037 applies it."""
    members = canonical({"crv": "Ed25519", "kty": "OKP", "x": x})
    return base64.urlsafe_b64encode(hashlib.sha256(members).digest()).rstrip(b"=").decode("ascii")


def verified(token: str, keys: list[dict[str, Json]]) -> dict[str, Json]:
    """Return the payload of a compact JWS signed by one of `keys`. Raises InvalidInputError `bad_signature`."""
    by_kid = {str(key.get("kid")): key for key in keys}
    try:
        kid = str(jws.extract_compact(token.strip().encode()).headers().get("kid"))
        if kid not in by_kid:
            raise InvalidInputError(f"signed with a key that is not known: {kid[:64]}", code=codes.UNKNOWN_KEY)
        jwk: dict[str, str | list[str]] = {name: str(value) for name, value in by_kid[kid].items()}
        signed = jws.deserialize_compact(token.strip(), OKPKey.import_key(jwk), algorithms=["EdDSA"])
        payload = json.loads(signed.payload)
    except (JoseError, ValueError) as error:
        raise InvalidInputError(
            "not a receipt or checkpoint, or its signature is wrong", code=codes.BAD_SIGNATURE
        ) from error
    if not isinstance(payload, dict):
        raise InvalidInputError("the signed content is not an object", code=codes.BAD_SIGNATURE)
    return payload


class _Jwk(msgspec.Struct, frozen=True):
    kty: Literal["OKP"]
    crv: Literal["Ed25519"]
    x: Annotated[str, msgspec.Meta(pattern=r"\A[A-Za-z0-9_-]{43}\Z")]
    kid: str


class _Jwks(msgspec.Struct, frozen=True):
    keys: list[_Jwk]


def read_jwks(text: str | bytes) -> list[dict[str, Json]]:
    """Read a JWK set as `/.well-known/jwks.json` gives it. Raises ConfigurationError for anything else."""
    try:
        keys = msgspec.json.decode(text, type=_Jwks).keys
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"not a set of Ed25519 keys: {error}",
            code=codes.NOT_A_JWKS,
            hint="fetch it from /.well-known/jwks.json of the service",
        ) from error
    if not keys:
        raise ConfigurationError("the set holds no keys", code=codes.NOT_A_JWKS, hint="fetch it from the service")
    return [msgspec.to_builtins(key) for key in keys]
