"""The pages' words: English in code and templates, Danish from `locale/da/*.po`, a file for each room.

Read once at start, without a build step. Figures and times are written as Danes and English write them.
"""

import datetime as dt
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib.resources import files

from babel import Locale
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from npn.instants import clock_in, day_in, day_of_year, month_in, month_of_year, time_in

LANGUAGES = ("da", "en")
NAMES = {"da": "Dansk", "en": "English"}
NOTHING = "\N{EN DASH}"  # where there is no figure or time
_LOCALES = {"da": "da_DK", "en": "en_GB"}


class Msgid(str):
    """A text of the program, as the catalogues know it. A name or a text from the database never is one."""

    __slots__ = ()


def _(msgid: str) -> Msgid:
    """Mark a literal for translation; it is translated where it is shown. A test refuses anything but a literal."""
    return Msgid(msgid)


ADDRESSES = {"loopback": _("the server itself")}
SPACES = {"production": _("Production"), "test": _("Test")}


@dataclass(frozen=True, slots=True)
class Texts:
    """The words, figures and times of one language."""

    language: str
    words: Mapping[str, str]
    plurals: Mapping[str, tuple[str, ...]]

    def gettext(self, msgid: Msgid) -> str:
        """Translate; a text that nobody translated stays English (a test sees that there is none)."""
        return self.words.get(msgid, str(msgid))

    def translated(self, text: str) -> str:
        """Translate a text of the program; return any other as it is: it is data, never a format, never markup."""
        return self.gettext(text) if isinstance(text, Msgid) else text

    def ngettext(self, one: str, many: str, n: int) -> str:
        """Translate what depends on a count."""
        forms = self.plurals.get(one)
        if forms is None:
            return one if n == 1 else many
        return forms[0 if n == 1 else 1]

    def number(self, value: float | str | None, digits: int = 0) -> str:
        """Write a figure: 1.234.567 or 1,234,567."""
        if value is None:
            return NOTHING
        pattern = "#,##0" + ("." + "0" * digits if digits else "")
        return str(format_decimal(float(value) if digits else int(value), pattern, locale=self.locale))

    def rate(self, value: float | None) -> str:
        """Write numbers a day, in the same form wherever they are shown: 1.454, or 12,5 where they are few."""
        return self.number(value, 1 if value is not None and 0 < value < 100 else 0)

    def date(self, at: date | None) -> str:
        """Write a day, of an instant the day it is in Denmark: 24. nov. 2026."""
        return NOTHING if at is None else day_in(self.language, at)

    def day(self, day: dt.date | None) -> str:
        """Write a day that is one, without a time."""
        return self.date(day)

    def time(self, at: datetime | None) -> str:
        """Write a time, in Denmark: 24. nov. 2026 14.05."""
        return NOTHING if at is None else time_in(self.language, at)

    def month(self, at: dt.date | None) -> str:
        """Write a month: nov. 2026."""
        return NOTHING if at is None else month_in(self.language, at)

    def month_name(self, month: dt.date) -> str:
        """Write a month without its year, as the labels of a chart have it: nov."""
        return month_of_year(self.language, month.month)

    def day_of_year(self, day: dt.date) -> str:
        """Write a day without its year, as the labels of a chart have it: 24. nov."""
        return day_of_year(self.language, day)

    def space_name(self, name: str) -> str:
        """Return the name of a number space; the two that every service begins with are words of the language."""
        return self.gettext(SPACES[name]) if name in SPACES else name

    def address_name(self, address: str) -> str:
        """Return where a call came from; the server's own machine by its name."""
        return self.gettext(ADDRESSES[address]) if address in ADDRESSES else address

    def who(self, by: str, names: Mapping[str, str]) -> str:
        """Return who did something, by what the ledger calls them: by name, or what kind of actor it was."""
        return ", ".join(self._who(part, names) for part in by.split(", "))

    def _who(self, by: str, names: Mapping[str, str]) -> str:
        if by in names:
            return names[by]
        kind, _colon, rest = by.partition(":")
        if kind == "account":
            return self.gettext(_("an account that is no longer there"))
        return self.gettext(_("the server's command line (%(login)s)")) % {"login": rest} if kind == "admin" else by

    def value(self, value: object) -> object:
        """Return a value as a text holds it: a day or an instant written out, anything else as it is."""
        if isinstance(value, datetime):
            return self.time(value)
        return self.day(value) if isinstance(value, date) else value

    def clock(self, at: datetime) -> str:
        """Write the time of day, in Denmark: 14.05."""
        return clock_in(self.language, at)

    @property
    def locale(self) -> Locale:
        """Return Babel's locale."""
        return _locale(self.language)


@cache
def _locale(language: str) -> Locale:
    return Locale.parse(_LOCALES[language])


@cache
def texts(language: str) -> Texts:
    """Read a language's catalogues. Raises ValueError where two catalogues disagree about a text."""
    words: dict[str, str] = {}
    plurals: dict[str, tuple[str, ...]] = {}
    for file in _catalogues(language):
        for message in read_po(io.BytesIO(file), abort_invalid=True):
            if not message.id:
                continue
            translation = message.string
            if isinstance(message.id, tuple | list):
                plurals[message.id[0]] = tuple(str(form) for form in translation or ())
            elif words.setdefault(message.id, str(translation)) != translation:
                raise ValueError(f"two catalogues translate {message.id!r} differently")
    return Texts(language, words, plurals)


def _catalogues(language: str) -> list[bytes]:
    if language == "en":
        return []
    folder = files("npn.web").joinpath("locale", language)
    return [file.read_bytes() for file in sorted(folder.iterdir(), key=str) if file.name.endswith(".po")]


def chosen(cookie: str, accepted: str) -> str:
    """Choose the language: the visitor's own choice, else the browser's first of ours, else Danish."""
    if cookie in LANGUAGES:
        return cookie
    wishes = []
    for part in accepted[:400].split(","):
        tag, _q, quality = part.strip().partition(";q=")
        try:
            wishes.append((float(quality or 1), tag.partition("-")[0].lower()))
        except ValueError:
            continue
    wishes = [wish for wish in sorted(wishes, key=lambda w: -w[0]) if wish[0] > 0 and wish[1] in LANGUAGES]
    return wishes[0][1] if wishes else "da"
