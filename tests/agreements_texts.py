"""The texts that the platform ships, for tests."""

from importlib.resources import files

from npn.agreements.model import Language

TEXTS = {
    language: files("npn.agreements").joinpath("texts", f"connection.{language}.md").read_text("utf-8")
    for language in Language
}


def changed(old: str, new: str) -> dict[Language, str]:
    """Return the shipped texts with one mark or word changed in both languages."""
    texts = {language: text.replace(old, new) for language, text in TEXTS.items()}
    assert all(texts[language] != TEXTS[language] for language in Language)
    return texts
