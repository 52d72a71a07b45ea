"""The pages' words in a language: labels of elements, and beside this file meanings of codes and sentences."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from markupsafe import Markup

from npn.messages.model.labels import label

FOLDER = Path(__file__).parent
LANGUAGES = ("da", "en")
WITHIN = " \N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK} "  # between the labels of a group and of what is in it


@cache
def data(name: str) -> Mapping[str, object]:
    """Read one of the two files of words."""
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
        named = label(name, parent)
        return name if named is None else named.da if self.lang == "da" else named.en

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

    def markup(self, key: str, **values: object) -> Markup:
        """Return a sentence with values in it, each escaped or escaped already."""
        return Markup(self._pick(data("sentences")[key]) or key).format(**values)  # noqa: S704  # our own sentence

    def has(self, name: str) -> bool:
        """Whether there is a label for an element of that name."""
        return label(name) is not None

    def has_code(self, name: str, code: str) -> bool:
        """Whether there is a meaning for a code in the field of that name."""
        codes = data("codes")
        return any(code.strip() in table for table in (codes.get(name), codes["any"]) if isinstance(table, dict))
