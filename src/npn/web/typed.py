"""What a browser sent for one field, read: numbers as they are printed, days in three parts, times, addresses.

The value that is handed on has one form, whatever the language: digits, `2027-03-28`, `14:30`. What can't be read is
kept as it was typed, with what is wrong with it in the visitor's language.
"""

import calendar
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import NamedTuple

from babel.dates import get_month_names

from npn.errors import InvalidInputError
from npn.mail.model import address
from npn.people.model import checked_email
from npn.web.texts import Msgid, Texts, _
from npn.wording import checked_telephone

NOT_A_NUMBER = _("Write a whole number, such as 4500.")
NOT_A_DAY = _("Write the day, the month and the year as numbers, such as 27 3 2027.")
NOT_A_TIME = _("Write a time of day with hours and minutes, such as 14.30.")
NOT_AN_EMAIL = _("Write one e-mail address, such as name@example.dk.")
NOT_A_TELEPHONE = _("Write a telephone number with 8 digits, or with its country code, such as +45 33 12 34 56.")

PARTS = ("day", "month", "year")
_MOST_DIGITS = 19
_BLANKS = str.maketrans(dict.fromkeys("\u00a0\u202f\u2009", " "))
_GROUPED = re.compile(r"([1-9][0-9]{0,2})((?P<mark>[ .,'])[0-9]{3}(?:(?P=mark)[0-9]{3})*)", re.ASCII)
_OWN_MARK = {"da": ".", "en": ","}
_ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})", re.ASCII)
_TIME = re.compile(r"([01]?[0-9]|2[0-3])(?:[.:]?([0-5][0-9]))?", re.ASCII)
_MISSING = {
    "day": _("Write the day too."),
    "month": _("Write the month too."),
    "year": _("Write the year too."),
}
_OUT_OF_BOUNDS = {
    "day": _("The day is a number from 1 to 31."),
    "month": _("The month is a number from 1 to 12."),
    "year": _("Write the year with four digits, such as 2027."),
}
_BOUNDS = {"day": (1, 31), "month": (1, 12), "year": (1900, 2999)}


class FieldValue(NamedTuple):
    """A field as it was read: its `value`, or what is wrong with it. `part`: that of a day that is to blame."""

    value: str
    problem: str = ""
    part: str = ""


def read_number(text: str, texts: Texts, *, smallest: int, largest: int) -> FieldValue:
    """Read a whole number as either language prints it; one that could be a fraction in the visitor's is refused."""
    typed = text.translate(_BLANKS).strip()
    digits = _digits(typed, texts.language)
    if digits is None:
        return FieldValue(text, _not_a_number(typed, texts))
    if len(digits) > _MOST_DIGITS or int(digits) > largest:
        return FieldValue(text, _filled(texts, _("The largest number here is %(most)s."), most=texts.number(largest)))
    if int(digits) < smallest:
        return FieldValue(
            text, _filled(texts, _("The smallest number here is %(least)s."), least=texts.number(smallest))
        )
    return FieldValue(digits)


def _digits(typed: str, language: str) -> str | None:
    """Return the digits of a number; None where it isn't one, or its one mark may be a decimal one."""
    if typed.isascii() and typed.isdecimal():
        return typed
    grouped = _GROUPED.fullmatch(typed)
    if grouped is None:
        return None
    mark, groups = grouped["mark"], typed.count(grouped["mark"])
    if mark in ".," and mark != _OWN_MARK[language] and groups == 1:
        return None
    return typed.replace(mark, "")


def _not_a_number(typed: str, texts: Texts) -> str:
    if _GROUPED.fullmatch(typed) is None:
        return texts.gettext(NOT_A_NUMBER)
    plain = re.sub(r"[^0-9]", "", typed)
    text = _("%(typed)s can be read in two ways. Write a whole number without marks, such as %(plain)s.")
    return _filled(texts, text, typed=typed, plain=plain)


def read_day(sent: Mapping[str, str], name: str, texts: Texts) -> FieldValue:
    """Read a day from its three parts, or from one text `2027-03-28`. Empty where none of them is given."""
    parts = parts_of(sent, name)
    if parts is None:
        return FieldValue(sent.get(name, ""), texts.gettext(NOT_A_DAY), "day")
    if not any(parts.values()):
        return FieldValue("")
    for part in PARTS:
        if not parts[part]:
            return FieldValue("", texts.gettext(_MISSING[part]), part)
    for part in ("year", "month", "day"):
        if not _within(parts[part], part):
            return FieldValue("", texts.gettext(_OUT_OF_BOUNDS[part]), part)
    day, month, year = (int(parts[part]) for part in PARTS)
    days = calendar.monthrange(year, month)[1]
    if day > days:
        text = _("%(month)s %(year)s has only %(days)s days.")
        return FieldValue("", _filled(texts, text, month=_month(texts, month), year=year, days=days), "day")
    return FieldValue(f"{year:04}-{month:02}-{day:02}")


def parts_of(values: Mapping[str, str], name: str) -> dict[str, str] | None:
    """Return a day's parts as typed, or out of one text; None where that text is no day's."""
    parts = {part: values.get(f"{name}_{part}", "").strip() for part in PARTS}
    whole = values.get(name, "").strip()
    if any(parts.values()) or not whole:
        return parts
    iso = _ISO.fullmatch(whole)
    return None if iso is None else {"year": iso[1], "month": iso[2].lstrip("0"), "day": iso[3].lstrip("0")}


def _within(text: str, part: str) -> bool:
    least, most = _BOUNDS[part]
    digits = text.isascii() and text.isdecimal() and len(text) <= len(str(most))
    return digits and least <= int(text) <= most


def _month(texts: Texts, month: int) -> str:
    name = str(get_month_names("wide", locale=texts.locale)[month])
    return f"{name[:1].upper()}{name[1:]}"


def read_time(text: str, texts: Texts) -> FieldValue:
    """Read a time of day: 14.30, 14:30, 1430, 14."""
    match = _TIME.fullmatch(text)
    if match is None:
        return FieldValue(text, texts.gettext(NOT_A_TIME))
    return FieldValue(f"{int(match[1]):02}:{match[2] or '00'}")


def read_email(text: str, texts: Texts) -> FieldValue:
    """Read one address, by the rule of mail or of accounts; a use case that has but one of them asks for that."""
    for accepted in (address, checked_email):
        with suppress(InvalidInputError):
            accepted(text)
            return FieldValue(text)
    return FieldValue(text, texts.gettext(NOT_AN_EMAIL))


def read_telephone(text: str, texts: Texts) -> FieldValue:
    """Read a telephone number, by the rule that contacts have."""
    try:
        return FieldValue(checked_telephone(text, ""))
    except InvalidInputError:
        return FieldValue(text, texts.gettext(NOT_A_TELEPHONE))


def _filled(texts: Texts, msgid: Msgid, **values: object) -> str:
    return texts.gettext(msgid) % values
