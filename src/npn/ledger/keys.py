"""Signing keys: Ed25519, one current, the old ones kept for verifying."""

import json
from dataclasses import dataclass

import msgspec
import sqlalchemy as sa
from joserfc import jws
from joserfc.jwk import OKPKey

from npn.db.sealing import PRIVATE_JWK, sealer_of
from npn.errors import NotFoundError
from npn.ledger import store
from npn.ledger.canonical import Json, canonical
from npn.ledger.events import Jwk, SigningKeyAdded
from npn.ledger.service import Transaction
from npn.ledger.signatures import read_jwks, thumbprint, verified

__all__ = ["SigningKey", "current_key", "make_key", "public_keys", "read_jwks", "thumbprint", "verified"]


@dataclass(frozen=True, slots=True)
class SigningKey:
    """The current key, private half included."""

    kid: str
    key: OKPKey

    def sign(self, payload: dict[str, Json]) -> str:
        """Return the compact JWS of the payload's canonical JSON: the same input, the same bytes."""
        header = {"alg": "EdDSA", "kid": self.kid}
        return jws.serialize_compact(header, canonical(payload), self.key, algorithms=["EdDSA"])


def make_key(tx: Transaction, *, by: str) -> str:
    """Make a new current key, recorded in the ledger with its public half; give its id."""
    key = OKPKey.generate_key("Ed25519", private=True)
    kid = key.thumbprint()
    public = {**key.as_dict(private=False), "kid": kid, "use": "sig", "alg": "EdDSA"}
    members: dict[str, Json] = {name: str(value) for name, value in public.items()}
    store.add_signing_key(
        tx.connection,
        kid=kid,
        public_jwk=json.dumps(members, sort_keys=True),
        private_jwk=sealer_of(tx.connection).seal(json.dumps(key.as_dict(private=True)), PRIVATE_JWK, kid),
        at=tx.at,
    )
    tx.append(SigningKeyAdded(kid=kid, jwk=msgspec.convert(members, Jwk), by=by))
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
