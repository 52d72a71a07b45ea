"""Sign-in by OpenID Connect: authorization code with PKCE; state, nonce, signature, issuer, audience and times checked.

Who a subject is to us is not decided here: see `Accounts.of_subject`.
"""

import base64
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any  # what a token says
from urllib.parse import quote, urlsplit

import httpx
import msgspec
from authlib.common.security import generate_token  # type: ignore[import-untyped]  # it has no types
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri  # type: ignore[import-untyped]  # as above
from authlib.oauth2.rfc7636 import create_s256_code_challenge  # type: ignore[import-untyped]  # as above
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import Key, import_key

from npn.errors import UnauthenticatedError, UnavailableError, codes

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"]  # no shared secrets
_LEEWAY = 60
_REMEMBERED = 600.0
_LARGEST = 1_000_000
_MOST_KEYS = 100


class Provider(msgspec.Struct, frozen=True):
    """What a provider says of itself."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str


class PendingSignIn(msgspec.Struct, frozen=True):
    """A sign-in under way, kept in the visitor's browser. `bind`: to the account that is signed in, or of the link."""

    state: str
    nonce: str
    verifier: str
    back: str = ""
    bind: bool = False
    link: str = ""


@dataclass(frozen=True, slots=True)
class ProviderIdentity:
    """Who the provider says it is. `email` is empty unless the provider has checked it."""

    issuer: str
    subject: str
    email: str
    name: str


@dataclass(slots=True)
class OpenId:
    """One provider. Every call may take the time of a call over the network."""

    issuer: str
    client_id: str
    client_secret: str
    _provider: tuple[float, Provider] | None = field(default=None)

    def begin(
        self, redirect_uri: str, *, back: str = "", bind: bool = False, link: str = ""
    ) -> tuple[str, PendingSignIn]:
        """Return the address at the provider, and what to keep meanwhile. Raises UnavailableError."""
        provider = self._discovered()
        start = PendingSignIn(generate_token(43), generate_token(43), generate_token(64), back, bind, link)
        address = prepare_grant_uri(
            provider.authorization_endpoint,
            self.client_id,
            "code",
            redirect_uri,
            "openid email profile",
            start.state,
            nonce=start.nonce,
            code_challenge=create_s256_code_challenge(start.verifier),
            code_challenge_method="S256",
        )
        return str(address), start

    def finish(self, begun: PendingSignIn, answer: Mapping[str, str], redirect_uri: str) -> ProviderIdentity:
        """Exchange the code and check the token. Raises UnauthenticatedError `openid_failed`, UnavailableError."""
        if not answer.get("code") or answer.get("state") != begun.state:
            raise _failed(answer.get("error", "the answer is to no sign-in of this browser"))
        provider = self._discovered()
        if answer.get("iss", provider.issuer) != provider.issuer:  # RFC 9207: mixed up with another provider
            raise _failed("the answer is another provider's")
        try:
            token = self._token(provider, answer["code"], begun.verifier, redirect_uri=redirect_uri)
            return self._identity(provider, token, _keys(_fetched(provider.jwks_uri)), nonce=begun.nonce)
        except httpx.HTTPError as error:
            raise _unavailable() from error
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise _failed(str(error)) from error

    def _token(self, provider: Provider, code: str, verifier: str, *, redirect_uri: str) -> str:
        """Exchange the code for the ID token."""
        sent = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
            "client_id": self.client_id,
        }
        auth = (quote(self.client_id, safe=""), quote(self.client_secret, safe="")) if self.client_secret else None
        answer = httpx.post(provider.token_endpoint, data=sent, auth=auth, timeout=10.0, trust_env=False)
        if answer.status_code != 200:
            raise _failed("the code was refused")
        return str(msgspec.json.decode(answer.content[:_LARGEST])["id_token"])

    def _identity(self, provider: Provider, token: str, keys: list[Key], *, nonce: str) -> ProviderIdentity:
        claims = _claims(token, keys)
        jwt.JWTClaimsRegistry(
            leeway=_LEEWAY,
            iss={"essential": True, "value": provider.issuer},
            aud={"essential": True, "value": self.client_id},
            nonce={"essential": True, "value": nonce},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
        ).validate(claims)
        audience = claims["aud"]
        several = isinstance(audience, list) and len(audience) > 1
        if claims.get("azp", None if several else self.client_id) != self.client_id:
            raise _failed("the token was issued to another")
        email = str(claims.get("email") or "").lower() if claims.get("email_verified") is True else ""
        return ProviderIdentity(provider.issuer, str(claims["sub"]), email, str(claims.get("name") or email))

    def _discovered(self) -> Provider:
        if self._provider is None or time.monotonic() - self._provider[0] > _REMEMBERED:
            document = _fetched(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
            try:
                provider = msgspec.convert(document, Provider)
            except msgspec.ValidationError as error:
                raise _unavailable() from error
            if provider.issuer.rstrip("/") != self.issuer.rstrip("/") or not _is_safe(provider):
                raise _unavailable()
            self._provider = (time.monotonic(), provider)
        return self._provider[1]


def _keys(found: dict[str, object]) -> list[Key]:
    """Import the keys that signatures can be checked with; any other is ignored (RFC 7517, 4.2, 4.3 and 5)."""
    listed = found.get("keys")
    keys: list[Key] = []
    for key in listed[:_MOST_KEYS] if isinstance(listed, list) else ():
        if not isinstance(key, dict) or key.get("kty") == "oct" or key.get("use", "sig") != "sig":
            continue
        operations = key.get("key_ops", ["verify"])
        if not isinstance(operations, list) or "verify" not in operations:
            continue
        with suppress(Exception):  # whatever it is that the library can't make a key of
            keys.append(import_key(key))
    return keys


def _claims(token: str, keys: list[Key]) -> dict[str, Any]:
    """Return what a token says that one of the keys signed. Raises JoseError, ValueError."""
    kid = _headers(token).get("kid")
    named = [key for key in keys if kid is None or key.kid in (kid, None)]
    refused: Exception = UnauthenticatedError("none of the provider's keys signed it", code=codes.OPENID_FAILED)
    for key in named:
        try:
            return dict(jwt.decode(token, key, algorithms=ALGORITHMS).claims)
        except (JoseError, ValueError, KeyError, TypeError) as error:
            refused = error
    raise refused


def _headers(token: str) -> dict[str, Any]:
    part = token.partition(".")[0]
    headers = msgspec.json.decode(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return headers if isinstance(headers, dict) else {}


def _is_safe(provider: Provider) -> bool:
    """Whether every address is https, or on this machine for trying it out."""
    addresses = (provider.authorization_endpoint, provider.token_endpoint, provider.jwks_uri)
    parts = [urlsplit(address) for address in addresses]
    return all(p.scheme == "https" or p.hostname in ("localhost", "127.0.0.1", "::1") for p in parts)


def _fetched(address: str) -> dict[str, object]:
    try:
        answer = httpx.get(address, timeout=10.0, trust_env=False).raise_for_status()
        document: dict[str, object] = msgspec.json.decode(answer.content[:_LARGEST])
    except (httpx.HTTPError, httpx.InvalidURL, msgspec.DecodeError) as error:
        raise _unavailable() from error
    return document


def _unavailable() -> UnavailableError:
    return UnavailableError("the sign-in provider does not answer as one", code=codes.OPENID_UNAVAILABLE)


def _failed(reason: str) -> UnauthenticatedError:
    return UnauthenticatedError(f"the provider did not sign anybody in: {reason}"[:300], code=codes.OPENID_FAILED)
