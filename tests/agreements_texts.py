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


def months_of_stock(days: int) -> dict[Language, str]:
    """Return the shipped texts with another stock required: in the mark, and in each language's sentence."""
    texts = changed("stock days=183", f"stock days={days}")
    danish = texts[Language.DANISH].replace("mindst 183 dage ved", f"mindst {days} dage ved")
    english = texts[Language.ENGLISH].replace("at least 183 days at", f"at least {days} days at")
    assert str(days) in danish.partition("### 4.2")[2].partition("\n\n")[2].partition("###")[0]
    return {Language.DANISH: danish, Language.ENGLISH: english}
