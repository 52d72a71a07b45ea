"""Sentences of the service in both its languages; figures, days and times in them are written as each language does."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from npn.instants import day_in, iso_day, iso_time, time_in

DANISH = "da"


@dataclass(frozen=True, slots=True)
class BilingualText:
    """A sentence in English and in Danish; `{name}` stands for a value that it is filled with."""

    en: str
    da: str

    def of(self, **values: object) -> "FilledText":
        """Fill it: a whole number is written with separators, a day or an instant as people read it."""
        return FilledText(self, values)


@dataclass(frozen=True, slots=True)
class FilledText:
    """A sentence with its values; each wire and each language writes them in its own way."""

    wording: BilingualText
    values: Mapping[str, object] = field(default_factory=dict)

    def text(self, language: str) -> str:
        """Return it as people read it, in Danish or English."""
        template = self.wording.da if language == DANISH else self.wording.en
        return template.format_map({name: _written(value, language) for name, value in self.values.items()})

    def sentence(self, language: str) -> str:
        """Return it with a capital and a full stop, as a page shows it."""
        text = self.text(language)
        return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '?', '!')) else '.'}"

    @property
    def plain(self) -> str:
        """Return it in English as programs read it: numbers without separators, days and times in ISO's form."""
        return self.wording.en.format_map({name: _plain(value) for name, value in self.values.items()})


def _written(value: object, language: str) -> str:
    """Write a value as people read it in a language."""
    if isinstance(value, BilingualText):
        return value.of().text(language)
    if isinstance(value, FilledText):
        return value.text(language)
    if isinstance(value, int):
        return f"{value:,}".replace(",", "." if language == DANISH else ",")
    if isinstance(value, date):
        return time_in(language, value) if isinstance(value, datetime) else day_in(language, value)
    return ", ".join(_written(part, language) for part in value) if isinstance(value, list | tuple) else str(value)


def _plain(value: object) -> str:
    """Write a value as programs read it."""
    if isinstance(value, BilingualText):
        return value.of().plain
    if isinstance(value, FilledText):
        return value.plain
    if isinstance(value, date):
        return iso_time(value) if isinstance(value, datetime) else iso_day(value)
    return ", ".join(_plain(part) for part in value) if isinstance(value, list | tuple) else str(value)
