"""Instants and days as text: one way to write them, and readers that accept real ones only."""

import re
from datetime import UTC, date, datetime
from functools import lru_cache

FIRST_YEAR, LAST_YEAR = 1900, 9999

_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_INSTANT = re.compile(_DAY.pattern + r"T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{6}))?Z")


@lru_cache(maxsize=64)  # the rows of one transaction share their instant
def rfc3339(at: datetime) -> str:
    """RFC 3339 in UTC with microseconds, so that text order is time order."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"  # %Y would not pad years


def rfc3339_or_none(text: str) -> datetime | None:
    """Read what `rfc3339` wrote, and nothing else; None where it is not that."""
    at = instant_or_none(text)
    return at if at is not None and "." in text else None


def instant_or_none(text: str) -> datetime | None:
    """Read `YYYY-MM-DDThh:mm:ssZ`, also with six decimals; None where there is no such moment."""
    match = _INSTANT.fullmatch(text)
    if match is None:
        return None
    parts = [int(part or 0) for part in match.groups()]
    year, month, day, hour, minute, second, micro = parts
    try:
        at = datetime(year, month, day, hour, minute, second, micro, tzinfo=UTC)
    except ValueError:
        return None
    return at if FIRST_YEAR <= year <= LAST_YEAR else None


def day_or_none(text: str) -> date | None:
    """Read `YYYY-MM-DD`; None where there is no such day."""
    match = _DAY.fullmatch(text)
    if match is None:
        return None
    year, month, day = map(int, match.groups())
    try:
        day_of_month = date(year, month, day)
    except ValueError:
        return None
    return day_of_month if FIRST_YEAR <= year <= LAST_YEAR else None
