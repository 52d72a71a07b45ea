"""Days and times of Denmark, as the forms of transport have them."""

from datetime import UTC, date, datetime, time

from npn.errors import InvalidInputError, codes
from npn.web.texts import ZONE


def day_of(text: str, field: str) -> date:
    """Read a day. Raises InvalidInputError naming the field."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidInputError("not a day", code=codes.NOT_A_DAY, field=field) from None


def instant_of(day: str, clock: str, field: str) -> datetime:
    """Return a time in Denmark as an instant. Raises InvalidInputError naming the field."""
    try:
        at = datetime.combine(day_of(day, field), time.fromisoformat(clock), ZONE)
        return at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise InvalidInputError("not a time of day", code=codes.NOT_A_DAY, field=field) from None
