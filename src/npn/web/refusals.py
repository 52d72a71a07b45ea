"""What the pages say of an error, in the visitor's language: the text that the catalogue has for its code."""

from npn.errors import CATALOGUE, Code, Meaning, NpnError, meaning_of
from npn.web.texts import Texts


def status_of(error: NpnError) -> int:
    """Return the HTTP status of an error."""
    return meaning_of(error).status


def explained(texts: Texts, error: NpnError) -> str:
    """Return what happened: its detail in the visitor's language where it has one, else the text of its code.

    Where the code is a general one and has no detail, the error's own words follow, which are English.
    """
    if error.detail is not None:
        return error.detail.sentence(texts.language)
    meaning = meaning_of(error)
    own = f"{error.message[:1].upper()}{error.message[1:]}."
    if not meaning.is_general:
        return _text(texts, meaning)
    return own if texts.language == "en" else f"{_text(texts, meaning)} ({own})"


def text_of_code(texts: Texts, code: str) -> str:
    """Return a code's text in the visitor's language; nothing for a code that is not declared."""
    meaning = CATALOGUE.get(Code(code))
    return "" if meaning is None else _text(texts, meaning)


def _text(texts: Texts, meaning: Meaning) -> str:
    return meaning.page.da if texts.language == "da" else meaning.page.en
