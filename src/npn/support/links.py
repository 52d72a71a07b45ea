"""Private links: random, kept as a hash alone, good for a time."""

import hashlib
import secrets
from datetime import timedelta

CASE_LINK = timedelta(days=90)
CONTACT_LINK = timedelta(days=60)


def new_token() -> str:
    """Make a link's secret: 256 random bits."""
    return secrets.token_urlsafe(32)


def digest_of(token: str) -> str:
    """Return what is kept of a link: the SHA-256 of its secret, which needs no salt."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
