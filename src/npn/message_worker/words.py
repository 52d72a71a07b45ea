"""What the pages of a message say, in both languages; the texts are data beside this file."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent
LANGUAGES = ("en", "da")


@cache
def data() -> Mapping[str, list[str]]:
    """Read the texts: by key, English and Danish."""
    return tomllib.loads((FOLDER / "words.toml").read_text("utf-8"))


class DeskWords:
    """The texts of one language."""

    def __init__(self, lang: str) -> None:
        """Take a language: `da` or `en`."""
        self.lang = lang
        self._column = LANGUAGES.index(lang)

    def say(self, key: str, **values: object) -> str:
        """Return a text with its values filled in; figures are written as the language does."""
        return data()[key][self._column].format(**{name: self._value(value) for name, value in values.items()})

    def _value(self, value: object) -> str:
        """Write a value: 1.234 or 1,234."""
        if not isinstance(value, int):
            return str(value)
        return f"{value:,}".replace(",", "." if self.lang == "da" else ",")
