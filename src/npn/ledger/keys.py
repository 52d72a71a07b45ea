"""Signing keys: Ed25519, one current, the old ones kept for verifying."""

import base64
import hashlib
import json
from dataclasses import dataclass
from typing import Annotated, Literal

import msgspec
import sqlalchemy as sa
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from npn.db.sealing import PRIVATE_JWK, sealer_of
from npn.errors import ConfigurationError, InvalidInputError, NotFoundError
from npn.ledger import store
from npn.ledger.canonical import Json, canonical
from npn.ledger.service import Transaction

# Receipts say "EdDSA" (RFC 8037), the name that verifiers in use know; RFC 9864 only renames it, so the
# library's warning would tell an operator of nothing to act on.
jws.JWSRegistry.algorithms["EdDSA"].security_warning = None


@dataclass(frozen=True, slots=True)
class SigningKey:
    """The current key, private half included."""

    kid: str
    key: OKPKey

    def sign(self, payload: dict[str, Json]) -> str:
        """Give the compact JWS of the payload's canonical JSON: the same input, the same bytes."""
        header = {"alg": "EdDSA", "kid": self.kid}
        return jws.serialize_compact(header, canonical(payload), self.key, algorithms=["EdDSA"])


def thumbprint(x: str) -> str:
    """Give the id of an Ed25519 public key, `x` as its JWK has it: RFC 7638 as RFC 8037 applies it."""
    members = canonical({"crv": "Ed25519", "kty": "OKP", "x": x})
    return base64.urlsafe_b64encode(hashlib.sha256(members).digest()).rstrip(b"=").decode("ascii")


def make_key(tx: Transaction, *, by: str) -> str:
    """Make a new current key, recorded in the ledger with its public half; give its id."""
    key = OKPKey.generate_key("Ed25519", private=True)
    kid = key.thumbprint()
    public = {**key.as_dict(private=False), "kid": kid, "use": "sig", "alg": "EdDSA"}
    shown: dict[str, Json] = {name: str(value) for name, value in public.items()}
    store.add_signing_key(
        tx.connection,
        kid=kid,
        public_jwk=json.dumps(shown, sort_keys=True),
        private_jwk=sealer_of(tx.connection).seal(json.dumps(key.as_dict(private=True)), PRIVATE_JWK, kid),
        at=tx.at,
    )
    tx.append("signing_key_added", {"kid": kid, "jwk": shown, "by": by})
    return kid


def current_key(connection: sa.Connection) -> SigningKey:
    """Return the key that signs now. Raises NotFoundError before `npn admin init`, UnreadableError."""
    for row in store.signing_keys(connection):
        if row["retired_at"] is None and row["private_jwk"]:
            kid = str(row["kid"])
            private = sealer_of(connection).open(str(row["private_jwk"]), PRIVATE_JWK, kid)
            return SigningKey(kid, OKPKey.import_key(json.loads(private)))
    raise NotFoundError("there is no signing key", hint="`npn admin key rotate` makes one")


def public_keys(connection: sa.Connection) -> list[dict[str, Json]]:
    """Every key's public half, the current one first."""
    return [json.loads(str(row["public_jwk"])) for row in store.signing_keys(connection)]


def verified(token: str, keys: list[dict[str, Json]]) -> dict[str, Json]:
    """Give the payload of a compact JWS signed by one of `keys`. Raises InvalidInputError `bad_signature`."""
    by_kid = {str(key.get("kid")): key for key in keys}
    try:
        kid = str(jws.extract_compact(token.strip().encode()).headers().get("kid"))
        if kid not in by_kid:
            raise InvalidInputError(f"signed with a key that is not known: {kid[:64]}", code="unknown_key")
        jwk: dict[str, str | list[str]] = {name: str(value) for name, value in by_kid[kid].items()}
        signed = jws.deserialize_compact(token.strip(), OKPKey.import_key(jwk), algorithms=["EdDSA"])
        payload = json.loads(signed.payload)
    except (JoseError, ValueError) as error:
        raise InvalidInputError(
            "not a receipt or checkpoint, or its signature is wrong", code="bad_signature"
        ) from error
    if not isinstance(payload, dict):
        raise InvalidInputError("the signed content is not an object", code="bad_signature")
    return payload


class _Jwk(msgspec.Struct, frozen=True):
    kty: Literal["OKP"]
    crv: Literal["Ed25519"]
    x: Annotated[str, msgspec.Meta(pattern=r"\A[A-Za-z0-9_-]{43}\Z")]
    kid: str


class _Jwks(msgspec.Struct, frozen=True):
    keys: list[_Jwk]


def read_jwks(text: bytes) -> list[dict[str, Json]]:
    """Read a JWK set as `/.well-known/jwks.json` gives it. Raises ConfigurationError for anything else."""
    try:
        found = msgspec.json.decode(text, type=_Jwks).keys
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"not a set of Ed25519 keys: {error}",
            code="not_a_jwks",
            hint="fetch it from /.well-known/jwks.json of the service",
        ) from error
    if not found:
        raise ConfigurationError("the set holds no keys", code="not_a_jwks", hint="fetch it from the service")
    return [msgspec.to_builtins(key) for key in found]
