"""Days and times of Denmark, as the forms of transport have them."""

from datetime import date, datetime, time

from npn.errors import InvalidInputError, codes
from npn.instants import danish_instant, day_or_none, is_shown_twice
from npn.web.texts import _

LEFT_OUT = _("That time does not exist on that day: the clocks go forward from 2 to 3 (summer time begins).")
TWICE = _("That time occurs twice on that day: the clocks go back from 3 to 2. Choose one before 2 or after 3.")


def day_of(text: str, field: str) -> date:
    """Read a day. Raises InvalidInputError naming the field."""
    day = day_or_none(text)
    if day is None:
        raise InvalidInputError("not a day", code=codes.NOT_A_DAY, field=field)
    return day


def instant_of(day: str, clock: str, field: str) -> datetime:
    """Return a time in Denmark as an instant.

    Raises InvalidInputError naming the field, also for a time that a change of the clock leaves out or repeats.
    """
    try:
        at = danish_instant(day_of(day, field), time.fromisoformat(clock))
    except (ValueError, OverflowError):
        raise InvalidInputError("not a time of day", code=codes.NOT_A_DAY, field=field) from None
    if at is None:
        raise InvalidInputError(LEFT_OUT, field=field)
    if is_shown_twice(at):
        raise InvalidInputError(TWICE, field=field)
    return at
