"""A valid message of every version, made from its structure and a table of sensible values.

Every field is filled, so that documentation, tests and the views have something to show; nobody in it exists.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from npn.messages import versions
from npn.messages.examples.builder import Builder, FieldPosition
from npn.messages.model.interchange import Element, Interchange, Letter, Syntax
from npn.messages.versions.notation import ComplexType, Version
from npn.messages.versions.simple import SimpleType

DATA = Path(__file__).parent / "values.toml"


@cache
def table() -> Mapping[str, Mapping[str, object]]:
    """Read the table of values: by path or its end, one text or several to take turns."""
    return tomllib.loads(DATA.read_text("utf-8"))


class SensibleValues:
    """Answers from the table; what it does not know gets the first code of a list, or the field's own name."""

    def __init__(self, version: Version) -> None:
        """Take the version, which settles its own codes."""
        self.version = version

    def times(self, place: FieldPosition, low: int, *, high: int) -> int:
        """Once, or as often as the table says."""
        times = looked_up(table()["times"], place.path)
        return max(low, min(high, times if isinstance(times, int) else 1))

    def text(self, place: FieldPosition, kind: SimpleType) -> str:
        """The table's text, where the type allows it."""
        if place.path.endswith("/StatisticalCode"):
            return self.version.type
        value = looked_up(table()["values"], place.path)
        texts = value if isinstance(value, list) else [] if value is None else [value]
        allowed = [str(text) for text in texts if kind.accepts(str(text))]
        if allowed:
            return allowed[place.number % len(allowed)]
        if kind.codes:
            return kind.codes[0]
        return place.path.rpartition("/")[2][: kind.high or 70]

    def formatted(self, place: FieldPosition, kind: ComplexType) -> Element:
        """The table's text with a break after each line, or the formatted one where the type has fonts."""
        name = place.path.rpartition("/")[2]
        value = looked_up(table()["values"], place.path)
        texts = value if isinstance(value, list) else [value or name]
        lines = str(texts[place.number % len(texts)]).split("\n")
        if "FixedFont" in kind.fields and len(lines) == 1:
            return rich(name, lines[0])
        return Element(name, lines[0], tuple(Element("Break", tail=line) for line in [*lines[1:], ""]))


def rich(name: str, text: str) -> Element:
    """A text that uses every kind of formatting once."""
    fixed_font = Element(
        "FixedFont",
        "Celletype      Marv  Blod",
        (Element("Break", tail="Blaster         2.0   0.0"), Element("Break", tail="Lymfocytter    11.5  32.0")),
    )
    return Element(
        name,
        text,
        (
            Element("Break"),
            Element("Bold", "Vigtigt:", tail=" se"),
            Element("Space", tail="også"),
            Element("Space"),
            Element("Italic", "tidligere svar", tail=" og "),
            Element("Underline", "vejledningen", tail="."),
            Element("Break"),
            Element("Center", "* * *"),
            Element("Right", "Laboratoriet"),
            fixed_font,
        ),
    )


def looked_up(values: Mapping[str, object], path: str) -> object:
    """Find the entry whose key is the longest end of the path."""
    parts = path.split("/")
    for start in range(len(parts)):
        value = values.get("/".join(parts[start:]))
        if value is not None:
            return value
    return None


@cache
def example(name: str, letters: int = 1) -> Interchange:
    """Return an interchange with a number of copies of a version's valid message."""
    version = versions.version(name)
    builder = Builder(SensibleValues(version))
    envelope = builder.element("Envelope", version.envelope)
    root = builder.element(version.letter, version.root)
    letter = Letter(root, version, version.code, version.type)
    return Interchange(Syntax.XML, version.namespace, envelope, (letter,) * letters)
