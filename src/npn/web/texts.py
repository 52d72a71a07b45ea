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
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

LANGUAGES = ("da", "en")
NAMES = {"da": "Dansk", "en": "English"}
ZONE = ZoneInfo("Europe/Copenhagen")
NOTHING = "\N{EN DASH}"  # where there is no figure or time
_LOCALES = {"da": "da_DK", "en": "en_GB"}


class Msgid(str):
    """A text of the program, as the catalogues know it. A name or a text from the database never is one."""

    __slots__ = ()


def _(msgid: str) -> Msgid:
    """Mark a literal for translation; it is translated where it is shown. A test refuses anything but a literal."""
    return Msgid(msgid)


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

    def date(self, at: date | None) -> str:
        """Write a day, of an instant the day it is in Denmark: 24. nov. 2026."""
        if at is None:
            return NOTHING
        day = _in_denmark(at).date() if isinstance(at, datetime) else at
        return str(format_date(day, "medium", locale=self.locale))

    def day(self, day: dt.date | None) -> str:
        """Write a day that is one, without a time."""
        return NOTHING if day is None else str(format_date(day, "medium", locale=self.locale))

    def time(self, at: datetime | None) -> str:
        """Write a time, in Denmark: 24. nov. 2026 14.05."""
        if at is None:
            return NOTHING
        pattern = "d. MMM y HH.mm" if self.language == "da" else "d MMM y HH:mm"
        return str(format_datetime(_in_denmark(at), pattern, locale=self.locale))

    def clock(self, at: datetime) -> str:
        """Write the time of day, in Denmark: 14.05."""
        return at.astimezone(ZONE).strftime("%H.%M" if self.language == "da" else "%H:%M")

    @property
    def locale(self) -> Locale:
        """Return Babel's locale."""
        return _locale(self.language)


def _in_denmark(at: datetime) -> datetime:
    """Return an instant as it is in Denmark; at either end of the calendar, as in a certificate without an end, UTC."""
    try:
        return at.astimezone(ZONE)
    except OverflowError:
        return at


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
