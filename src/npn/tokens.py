"""Tokens, keys and links are kept as a digest alone: one way to compute it, whoever issues them."""

import hashlib


def digest_of(token: str) -> str:
    """Return the SHA-256 of a secret in hexadecimal; one of 256 random bits needs no salt.

    Whatever a caller sends has a digest, so that it matches nothing instead of failing.
    """
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
