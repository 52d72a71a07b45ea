"""Days and times of Denmark, as the forms of transport have them."""

from datetime import UTC, date, datetime, time

from npn.errors import InvalidInputError, codes
from npn.web.texts import ZONE, _

LEFT_OUT = _("That time does not exist on that day: the clocks go forward from 2 to 3 (summer time begins).")
TWICE = _("That time occurs twice on that day: the clocks go back from 3 to 2. Choose one before 2 or after 3.")


def day_of(text: str, field: str) -> date:
    """Read a day. Raises InvalidInputError naming the field."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidInputError("not a day", code=codes.NOT_A_DAY, field=field) from None


def instant_of(day: str, clock: str, field: str) -> datetime:
    """Return a time in Denmark as an instant.

    Raises InvalidInputError naming the field, also for a time that a change of the clock leaves out or repeats.
    """
    try:
        local = datetime.combine(day_of(day, field), time.fromisoformat(clock), ZONE)
        at = local.astimezone(UTC)
    except (ValueError, OverflowError):
        raise InvalidInputError("not a time of day", code=codes.NOT_A_DAY, field=field) from None
    if at.astimezone(ZONE).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise InvalidInputError(LEFT_OUT, field=field)
    if local.replace(fold=1).utcoffset() != local.utcoffset():
        raise InvalidInputError(TWICE, field=field)
    return at
