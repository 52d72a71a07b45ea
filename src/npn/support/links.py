"""Private links: random, kept as a hash alone, good for a time."""

import secrets
from datetime import timedelta

CASE_LINK = timedelta(days=90)
CONTACT_LINK = timedelta(days=60)


def new_token() -> str:
    """Make a link's secret: 256 random bits."""
    return secrets.token_urlsafe(32)
