"""A version as it is printed: its text as a PDF with its number, its day and its hash, in one language."""

from collections.abc import Mapping
from functools import lru_cache

from npn.agreements.model import Language, Version
from npn.agreements.pdf import Facts, Paper, pdf
from npn.agreements.text import digest, read

_WORDS: Mapping[Language, tuple[str, str, str, str]] = {
    Language.DANISH: ("Version", "Gælder fra", "Varsel i dage", "Tekstens SHA-256"),
    Language.ENGLISH: ("Version", "Effective from", "Days of notice", "SHA-256 of the text"),
}


def version_pdf(version: Version, language: Language) -> bytes:
    """Set a version. What was set once is remembered: versions never change, and anybody may ask."""
    values = (str(version.number), version.effective_from.isoformat(), str(version.notice_days))
    return _set(version.texts[language], values, language)


@lru_cache(maxsize=16)
def _set(source: str, values: tuple[str, ...], language: Language) -> bytes:
    text, words = read(source), _WORDS[language]
    facts = Facts(list(zip(words, (*values, digest(source)), strict=True)))
    return pdf(Paper(language, text.title, f"NPN · {words[0].lower()} {values[0]}", [facts, text]))
