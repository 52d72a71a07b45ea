"""What each element is called in Danish and English: the same names on the pages and in the findings."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

FILE = Path(__file__).parent / "labels.toml"


class LabelText(NamedTuple):
    """An element's name for people."""

    da: str
    en: str


@cache
def labels() -> Mapping[str, LabelText]:
    """Read the table of labels: by name, or by `Parent/Name`, which wins."""
    table = tomllib.loads(FILE.read_text("utf-8"))
    return {name: LabelText(*pair) for name, pair in table.items()}


def label(name: str, parent: str = "") -> LabelText | None:
    """Return the label of an element; None where nobody has named it."""
    return labels().get(f"{parent}/{name}") or labels().get(name)


@cache
def in_danish(name: str, parent: str = "") -> str:
    """Return how Danish text names a field: its label, then its name in the XML form.

    >>> in_danish("Material"), in_danish("Patient"), in_danish("Unheard")
    ('Materiale (Material)', 'Patient', 'Unheard')
    """
    named = label(name, parent)
    return name if named is None or named.da == name else f"{named.da} ({name})"


def any_of(names: tuple[str, ...], word: str = "eller") -> str:
    """List fields in Danish: `Læge (Physician) eller Svar ønskes hertil (ReplyTo)`."""
    fields = [in_danish(name) for name in names]
    return f" {word} ".join(filter(None, (", ".join(fields[:-1]), *fields[-1:])))
