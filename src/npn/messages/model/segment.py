"""One EDIFACT segment, read from a file or made to be written."""

from typing import Protocol

import msgspec

from npn.messages.model.finding import Place

At = tuple[int, int]  # a data element and a component of a segment


class SegmentSource(Protocol):
    """The file that a segment was read from (`npn.messages.edifact.source`)."""

    def line_and_column(self, offset: int) -> tuple[int, int]:
        """Return line and column, from 1, of the character at an offset."""

    def offset_of(self, start: int, element: int, *, component: int = 1) -> int:
        """Return the offset of a component (from 1) of the segment that starts at `start`."""


class Segment(msgspec.Struct, frozen=True, eq=False, gc=False):
    """One segment: its tag, and its data elements, each a tuple of components.

    elements  release characters resolved; `elements[0]` is element 1 of the MedCom documents; an element that
              is there but empty is `("",)`
    index     from 1 in the file (0: made, not read)
    offset    where it starts in the text without line breaks

    Two segments are equal when their tag and elements are, wherever they stand.
    """

    tag: str
    elements: tuple[tuple[str, ...], ...] = ()
    index: int = 0
    offset: int = 0
    source: SegmentSource | None = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Segment) and (self.tag, self.elements) == (other.tag, other.elements)

    def __hash__(self) -> int:
        return hash((self.tag, self.elements))

    @classmethod
    def of(cls, tag: str, *elements: str | tuple[str, ...]) -> "Segment":
        """Make a segment to be written; empty components and elements at the end are cut."""
        parts = [_trimmed((e,) if isinstance(e, str) else e) for e in elements]
        while parts and parts[-1] == ("",):
            parts.pop()
        return cls(tag, tuple(parts))

    def value(self, element: int, component: int = 1) -> str:
        """Component `component` of element `element`, both from 1; empty when it is not there."""
        try:
            return self.elements[element - 1][component - 1]
        except IndexError:
            return ""

    @property
    def line(self) -> int | None:
        """The line it starts on, from 1; None when it was not read from a file."""
        return self.source.line_and_column(self.offset)[0] if self.source else None

    @property
    def column(self) -> int | None:
        """The column it starts in, from 1; None when it was not read from a file."""
        return self.source.line_and_column(self.offset)[1] if self.source else None

    def place(self, element: int = 0, component: int = 1, *, path: str = "") -> Place:
        """The exact place of the segment, or of one of its components (from 1), for a finding."""
        name = path or self.tag
        if element:
            name += f" {element}.{component}" if component > 1 else f" {element}"
        if self.source is None:
            return Place(segment=self.index or None, path=name)
        offset = self.source.offset_of(self.offset, element, component=component) if element else self.offset
        line, column = self.source.line_and_column(offset)
        return Place(line, column, self.index, name)


def _trimmed(element: tuple[str, ...]) -> tuple[str, ...]:
    """Cut empty components from the end of an element; one is always left."""
    length = len(element)
    while length > 1 and not element[length - 1]:
        length -= 1
    return element[:length] or ("",)


def shown(text: str) -> str:
    """A piece of text as a finding shows it: in quotation marks, control characters visible."""
    return '"' + "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text) + '"'
