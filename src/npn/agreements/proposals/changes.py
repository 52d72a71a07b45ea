"""What one text changes of another: section by section, and in a section word by word."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from enum import StrEnum

from npn.agreements.text import AgreementText, Section

_WORDS = re.compile(r"\S+\s*")
_MOST = 4_000_000  # pairs of words; above that whole passages are told apart, not words


class PieceKind(StrEnum):
    """What becomes of a piece."""

    SAME = "same"
    OUT = "out"
    IN = "in"


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words that stay, go or come."""

    kind: PieceKind
    text: str


@dataclass(frozen=True, slots=True)
class Side:
    """A section as it is on one side; `mark` as the text has it: `{requirement: stock days=183}`.

    `kind` is the mark's: requirement, explains, tender, or nothing; `figures` are its figures.
    """

    title: str
    source: str
    mark: str = ""
    kind: str = ""
    figures: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change:
    """One section before and after; one of the two None where it is new or gone. No number: what opens the text."""

    number: str
    before: Side | None
    after: Side | None

    @property
    def title(self) -> str:
        """Return the title it has afterwards, or had."""
        side = self.after or self.before
        return "" if side is None else side.title

    @property
    def is_retitled(self) -> bool:
        """Whether both sides have a title, and not the same."""
        return self.before is not None and self.after is not None and self.before.title != self.after.title

    @property
    def is_measured_anew(self) -> bool:
        """Whether what the service holds systems against changes: a mark comes, goes, or has other figures."""
        before, after = ("" if side is None else side.mark for side in (self.before, self.after))
        return before != after

    def pieces(self) -> list[Piece]:
        """Return the words that stay, go and come, in the order in which they are read."""
        return list(
            _pieces("" if self.before is None else self.before.source, "" if self.after is None else self.after.source)
        )


def changed_sections(before: AgreementText | None, after: AgreementText) -> list[Change]:
    """Compare two texts by the numbers of their sections; what is the same is left out."""
    old, new = {} if before is None else _sides(before), _sides(after)
    order = [*new, *(number for number in old if number not in new)]
    return [Change(number, old.get(number), new.get(number)) for number in order if old.get(number) != new.get(number)]


def _sides(text: AgreementText) -> dict[str, Side]:
    return {"": Side(text.title, text.opening), **{section.number: _side(section) for section in text.sections}}


def _side(section: Section) -> Side:
    return Side(section.title, section.source, section.written_mark, section.mark, section.figures)


def _pieces(before: str, after: str) -> Iterator[Piece]:
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    if len(old) * len(new) > _MOST:
        yield from (Piece(kind, text) for kind, text in ((PieceKind.OUT, before), (PieceKind.IN, after)) if text)
        return
    for tag, old_from, old_to, new_from, new_to in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield Piece(PieceKind.SAME, "".join(new[new_from:new_to]))
            continue
        removed, come = "".join(old[old_from:old_to]), "".join(new[new_from:new_to])
        yield from (Piece(kind, text) for kind, text in ((PieceKind.OUT, removed), (PieceKind.IN, come)) if text)
