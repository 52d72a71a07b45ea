"""Builds a letter from a version's structure; what stands in it is asked of a `ValueSource`."""

from dataclasses import dataclass
from typing import Protocol

from npn.messages.model.interchange import Element
from npn.messages.versions.notation import ComplexType, Field, ModelGroup
from npn.messages.versions.simple import SimpleType


@dataclass(frozen=True, slots=True)
class FieldPosition:
    """Where in the letter: the path of names, and the number from 0 of the nearest repeated element around."""

    path: str
    number: int = 0

    def below(self, name: str) -> "FieldPosition":
        """The place of a child."""
        return FieldPosition(f"{self.path}/{name}", self.number)


class ValueSource(Protocol):
    """How often a value occurs, and which."""

    def times(self, place: FieldPosition, low: int, *, high: int) -> int:
        """How often an element or a group stands there."""

    def text(self, place: FieldPosition, kind: SimpleType) -> str:
        """The text of a field."""

    def formatted(self, place: FieldPosition, kind: ComplexType) -> Element:
        """A text with breaks or formatting."""


class Builder:
    """Builds elements. `turn` says which alternative each choice starts with."""

    def __init__(self, source: ValueSource, turn: int = 0) -> None:
        """Take the source of texts."""
        self.source = source
        self.turn = turn

    def element(self, name: str, kind: ComplexType | SimpleType, *, place: FieldPosition | None = None) -> Element:
        """Build one element and all in it."""
        place = place or FieldPosition(name)
        if isinstance(kind, SimpleType):
            return Element(name, self.source.text(place, kind))
        if kind.mixed:
            return self.source.formatted(place, kind)
        children = self.part(kind.content, place)
        return Element(name, "", tuple(children))

    def part(self, part: Field | ModelGroup, place: FieldPosition) -> list[Element]:
        """Build all occurrences of a field or a group."""
        if isinstance(part, Field):
            return self.field(part, place)
        elements: list[Element] = []
        here = place.below(part.kind)
        for number in range(self.source.times(here, part.low, high=part.high) if part.high > 1 else 1):
            if part.kind == "choice":
                alternative = part.parts[(self.turn + place.number + number) % len(part.parts)]
                elements += self.part(alternative, place)
            else:
                elements += [element for inner in part.parts for element in self.part(inner, place)]
        return elements

    def field(self, field: Field, place: FieldPosition) -> list[Element]:
        """Build all occurrences of an element."""
        here = place.below(field.name)
        count = self.source.times(here, field.low, high=field.high) if (field.low, field.high) != (1, 1) else 1
        if field.high == 1:
            return [self.element(field.name, field.type, place=here)] * count
        return [self.element(field.name, field.type, place=FieldPosition(here.path, number)) for number in range(count)]
