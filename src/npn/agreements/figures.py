"""Lengths of time that sentences name, compared with the figure that a requirement's mark has.

`{requirement: stock days=183}` is what the service checks; "mindst 183 dage" is what people read. Both must say the
same. A sentence may name several lengths ("reports at least once a month"): it is enough that one of them is the
mark's. A sentence that names none says nothing against the mark. A rhythm ("daily", "om året") speaks for a mark, and
against it only where the requirement is one of how often: contacts that are confirmed once a year.
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from npn.agreements.model import Language

_NUMBERS = {
    Language.DANISH: ("en", "to", "tre", "fire", "fem", "seks", "syv", "otte", "ni", "ti", "elleve", "tolv"),
    Language.ENGLISH: (
        *("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    ),
}
_ALSO_ONE = {Language.DANISH: ("et", "én", "ét"), Language.ENGLISH: ("a", "an")}
_EACH = {Language.DANISH: r"om|hver|hvert|pr\.", Language.ENGLISH: r"once an?|every|each|per"}
_UNITS = {  # days at least and at most, for as many as one
    Language.DANISH: {
        r"dag(?:e|es|ene|en|s)?|døgns?": (1.0, 1.0),
        r"uger?s?|ugen": (7.0, 7.0),
        r"måned(?:er|ers|en|s)?": (30.0, 31.0),
        r"år(?:s|et|ets)?": (365.0, 366.0),
    },
    Language.ENGLISH: {
        r"days?(?:'s?)?": (1.0, 1.0),
        r"weeks?(?:'s?)?": (7.0, 7.0),
        r"months?(?:'s?)?": (30.0, 31.0),
        r"years?(?:'s?)?": (365.0, 366.0),
    },
}
_PHRASES = {
    Language.DANISH: {r"halvt år|halve år|halvår(?:et|ligt)?": (180.0, 184.0), r"halvandet år": (546.0, 549.0)},
    Language.ENGLISH: {r"half a year|half-year(?:ly)?": (180.0, 184.0), r"(?:a|one) year and a half": (546.0, 549.0)},
}
_ADVERBS = {
    Language.DANISH: {
        "dagligt?": (1.0, 1.0),
        "ugentligt?": (7.0, 7.0),
        "månedligt?": (30.0, 31.0),
        "årligt?": (365.0, 366.0),
    },
    Language.ENGLISH: {
        "daily": (1.0, 1.0),
        "weekly": (7.0, 7.0),
        "monthly": (30.0, 31.0),
        "annually|annual|yearly": (365.0, 366.0),
    },
}
_OF_RHYTHM = frozenset({"contacts"})  # requirements whose days say how often
DAYS_OF = {"days": (1.0, 1.0), "weeks": (7.0, 7.0), "months": (30.0, 31.0), "years": (365.0, 366.0)}


@dataclass(frozen=True, slots=True)
class TimeFigure:
    """A length of time as a sentence has it, and the days that it may mean. `is_rhythm`: it says how often."""

    words: str
    least: float
    most: float
    is_rhythm: bool = False


def lengths_in(source: str, language: Language) -> list[TimeFigure]:
    """Return the lengths of time that a text names, in their order; each once."""
    parts = sorted(_lengths(source.casefold(), language), key=lambda part: part[0])
    taken_to, lengths = 0, []
    for begin, end, length in parts:
        if begin >= taken_to:
            lengths.append(length)
            taken_to = end
    return list(dict.fromkeys(lengths))


def disagreeing(name: str, source: str, language: Language, *, figures: Mapping[str, int]) -> str:
    """Return the lengths that a requirement's text names, where none of them is the mark's; else nothing."""
    lengths = lengths_in(source, language)
    against = [length for length in lengths if not length.is_rhythm or name in _OF_RHYTHM]
    for key, value in figures.items():
        least, most = (unit * value for unit in DAYS_OF.get(key, (math.nan, math.nan)))
        agree = math.isnan(least) or any(length.least <= most and least <= length.most for length in lengths)
        if against and not agree:
            return ", ".join(length.words for length in against)
    return ""


def _lengths(text: str, language: Language) -> Iterator[tuple[int, int, TimeFigure]]:
    for pattern, (least, most) in _PHRASES[language].items():
        for match in re.finditer(rf"\b(?:{pattern})\b", text):
            yield match.start(), match.end(), TimeFigure(match[0], least, most)
    for pattern, (least, most) in _ADVERBS[language].items():
        for match in re.finditer(rf"\b(?:{pattern})\b", text):
            yield match.start(), match.end(), TimeFigure(match[0], least, most, is_rhythm=True)
    for unit, (least, most) in _UNITS[language].items():
        for match in re.finditer(rf"\b(?:{_EACH[language]})\s+(?:{unit})\b", text):
            yield match.start(), match.end(), TimeFigure(match[0], least, most, is_rhythm=True)
        for match in re.finditer(rf"(?<![\w.,])({_number(language)})[\s\u00a0-]+(?:{unit})\b", text):
            count = _count(match[1], language)
            if count > 1 or most > 1:  # "one day" says no length
                yield match.start(), match.end(), TimeFigure(match[0], least * count, most * count)


def _number(language: Language) -> str:
    words = "|".join((*_NUMBERS[language], *_ALSO_ONE[language]))
    return rf"[0-9]{{1,3}}(?:[.,][0-9]{{3}})+|[0-9]+|{words}"


def _count(text: str, language: Language) -> int:
    digits = text.replace(".", "").replace(",", "")
    if digits.isdecimal():
        return int(digits)
    return 1 if text in _ALSO_ONE[language] else _NUMBERS[language].index(text) + 1
