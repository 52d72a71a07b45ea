"""Instants and days as text: THE way to write each kind, and readers that accept real ones only.

The day and the time are Denmark's wherever people read them. What has which form:

people (pages, e-mails, documents on paper)  `day_in`, `time_in`, `month_in`: 1. sep. 2027, 1. sep. 2027 14.05
commands, REST's texts, logs                 `iso_day`, `iso_time`: 2027-09-01, 2027-09-01 14:05+02:00
programs (JSON, ledger, files)               `rfc3339`, `rfc3339_seconds`: UTC

`tools/dates.py` refuses a date that is formatted anywhere else.
"""

import re
from datetime import UTC, date, datetime, time, tzinfo
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

FIRST_YEAR, LAST_YEAR = 1900, 9999
_MONTHS = {
    "da": ("jan.", "feb.", "mar.", "apr.", "maj", "jun.", "jul.", "aug.", "sep.", "okt.", "nov.", "dec."),
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sept", "Oct", "Nov", "Dec"),
}
_SEASONS = {"da": ("sommertid", "vintertid"), "en": ("summer time", "winter time")}

_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_INSTANT = re.compile(_DAY.pattern + r"T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{6}))?Z")


@lru_cache(maxsize=64)  # the rows of one transaction share their instant
def rfc3339(at: datetime) -> str:
    """RFC 3339 in UTC with microseconds, so that text order is time order."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"  # %Y would not pad years


def rfc3339_seconds(at: datetime) -> str:
    """RFC 3339 in UTC with whole seconds, where a second is enough."""
    return at.astimezone(UTC).replace(tzinfo=None, microsecond=0).isoformat() + "Z"


def danish_day(at: datetime) -> date:
    """Return the day that it is in Denmark at an instant."""
    return in_denmark(at).date()


def in_denmark(at: datetime) -> datetime:
    """Return an instant with the time that the clock in Denmark shows.

    At either end of the calendar, as in a certificate without an end, it stays UTC.
    """
    try:
        return at.astimezone(_denmark())
    except OverflowError:
        return at


def start_of_day(day: date) -> datetime:
    """Return the instant at which a Danish day begins, in UTC."""
    return datetime.combine(day, time(), _denmark()).astimezone(UTC)


def danish_instant(day: date, clock: time) -> datetime | None:
    """Return the instant of a Danish day and time, the earlier where the clock shows it twice.

    None where the clock skips it: 2.30 on the night when summer time begins.
    """
    at = datetime.combine(day, clock.replace(tzinfo=None), _denmark()).astimezone(UTC)
    local = at.astimezone(_denmark())
    return at if (local.date(), local.time()) == (day, clock.replace(tzinfo=None)) else None


def iso_day(at: date) -> str:
    """Write a day as commands and REST's texts do, of an instant the day it is in Denmark: 2027-09-01."""
    return (danish_day(at) if isinstance(at, datetime) else at).isoformat()


def iso_time(at: datetime, *, seconds: bool = False) -> str:
    """Write an instant as commands and REST's texts do: Danish time with its offset, 2027-09-01 14:05+02:00."""
    try:
        zone: tzinfo = _denmark()
    except ZoneInfoNotFoundError:  # a laboratory's machine without the zones: the offset says what it is
        zone = UTC
    return at.astimezone(zone).isoformat(" ", timespec="seconds" if seconds else "minutes")


def utc_time(at: datetime) -> str:
    """Write an instant where clocks are compared: 2027-09-01 12:05:30 UTC."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(" ", timespec="seconds") + " UTC"


def day_in(language: str, at: date) -> str:
    """Write a day for people, of an instant the day it is in Denmark: 1. sep. 2027, or 1 Sept 2027."""
    day = danish_day(at) if isinstance(at, datetime) else at
    return f"{day_of_year(language, day)} {day.year}"


def time_in(language: str, at: datetime) -> str:
    """Write an instant for people, in Danish time: 1. sep. 2027 14.05, or 1 Sept 2027 14:05.

    In the hour that the clock shows twice, the text says which of the two it is.
    """
    local = in_denmark(at)
    text = f"{day_in(language, local)} {clock_in(language, local)}"
    return f"{text} ({_SEASONS[_spoken(language)][local.fold]})" if is_shown_twice(at) else text


def clock_in(language: str, at: datetime) -> str:
    """Write the time of day for people, in Danish time: 14.05, or 14:05."""
    local = in_denmark(at)
    return f"{local.hour:02}{'.' if language == 'da' else ':'}{local.minute:02}"


def is_shown_twice(at: datetime) -> bool:
    """Whether the clock in Denmark shows an instant's time once more that night, when summer time ends."""
    local = in_denmark(at)
    moved = local.replace(fold=1 - local.fold)
    return moved.utcoffset() != local.utcoffset() and danish_instant(local.date(), local.time()) is not None


def month_in(language: str, at: date) -> str:
    """Write a month for people, of an instant the month it is in Denmark: sep. 2027, or Sept 2027."""
    day = danish_day(at) if isinstance(at, datetime) else at
    return f"{_MONTHS[_spoken(language)][day.month - 1]} {day.year}"


def month_of_year(language: str, month: int) -> str:
    """Write the name of a month for people, as the labels of a chart have it: sep., or Sept."""
    return _MONTHS[_spoken(language)][month - 1]


def day_of_year(language: str, day: date) -> str:
    """Write a day without its year, as the labels of a chart have it: 1. sep., or 1 Sept."""
    return f"{day.day}{'.' if language == 'da' else ''} {month_of_year(language, day.month)}"


def _spoken(language: str) -> str:
    return language if language in _MONTHS else "da"


@cache
def _denmark() -> ZoneInfo:
    return ZoneInfo("Europe/Copenhagen")


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
