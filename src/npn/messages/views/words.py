"""The pages' words in a language: labels of elements, meanings of codes, sentences; all of it data beside this file."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent
LANGUAGES = ("da", "en")
WITHIN = " \N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK} "  # between the labels of a group and of what is in it


@cache
def data(name: str) -> Mapping[str, object]:
    """Read one of the three files of words."""
    return tomllib.loads((FOLDER / f"{name}.toml").read_text("utf-8"))


class Words:
    """What things are called in one language; a name that is not in the data is shown as it is."""

    def __init__(self, lang: str) -> None:
        """Take a language: `da` or `en`."""
        self.lang = lang
        self.column = LANGUAGES.index(lang)

    def _pick(self, pair: object) -> str | None:
        return str(pair[self.column]) if isinstance(pair, list) else None

    def label(self, name: str, parent: str = "") -> str:
        """Return the label of an element."""
        labels = data("labels")
        return self._pick(labels.get(f"{parent}/{name}")) or self._pick(labels.get(name)) or name

    def code(self, name: str, code: str) -> str:
        """Return the meaning of a code in the field of that name."""
        codes = data("codes")
        for table in (codes.get(name), codes.get("any")):
            meaning = self._pick(table.get(code.strip())) if isinstance(table, dict) else None
            if meaning:
                return meaning
        return code

    def boolean(self, text: str) -> str:
        """Return yes or no."""
        return self.code("boolean", text)

    def say(self, key: str, **values: object) -> str:
        """Return a sentence with its values filled in."""
        sentence = self._pick(data("sentences")[key])
        return (sentence or key).format(**values)

    def has(self, name: str) -> bool:
        """Whether there is a label for an element of that name."""
        return name in data("labels")

    def has_code(self, name: str, code: str) -> bool:
        """Whether there is a meaning for a code in the field of that name."""
        codes = data("codes")
        return any(code.strip() in table for table in (codes.get(name), codes["any"]) if isinstance(table, dict))
