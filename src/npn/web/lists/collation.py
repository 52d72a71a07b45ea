"""The order of texts in Danish: æ, ø and å after z, accents and case aside, figures by their value."""

import re
import unicodedata
from functools import lru_cache

_DIGITS = re.compile(r"([0-9]+)")
# æ, ø and å come after z, in that order, and so do the letters that other languages write for them.
_LAST = str.maketrans(
    {"æ": "{", "ä": "{", "ø": "|", "ö": "|", "œ": "|", "å": "}", "ü": "y", "ð": "d", "þ": "th", "ß": "ss"}
)

DanishKey = tuple[tuple[tuple[bool, int, str], ...], str]


@lru_cache(maxsize=65_536)
def danish(text: str) -> DanishKey:
    """Return what a text is sorted by: Danish alphabetical order, "aa" as å, figures by their value, no case."""
    letters = unicodedata.normalize("NFC", text).casefold().replace("aa", "å").translate(_LAST)
    parts = _DIGITS.split(_without_accents(letters))
    keys = tuple((False, int(part), "") if part.isdecimal() else (True, 0, part) for part in parts if part)
    return keys, text


def _without_accents(text: str) -> str:
    if text.isascii():
        return text
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
