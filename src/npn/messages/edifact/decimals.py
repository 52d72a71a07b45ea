"""Numeric values in an interchange whose UNA names another decimal mark than the point.

The model has the point, as the XML form has: values are read into it. A point in such an interchange is no decimal
mark, and nobody can tell what was meant by it.
"""

import re

import msgspec

from npn.messages.model.segment import At, Segment

POINT = "."
NUMERIC: dict[str, tuple[At, ...]] = {"RSL": ((2, 1),), "RND": ((2, 1), (3, 1)), "QTY": ((1, 2),)}
NUMBER = r"\s*[+-]?\d*{mark}\d+\s*"


class DecimalMark:
    """Reads numbers that are written with a mark."""

    def __init__(self, mark: str) -> None:
        """`mark` is the one that the UNA names."""
        self.mark = mark
        self.is_usual = mark == POINT or mark.isspace() or mark.isalnum()
        self._own = re.compile(NUMBER.format(mark=re.escape(mark)))
        self._other = re.compile(NUMBER.format(mark=re.escape(POINT)))

    def numbers(self, segment: Segment) -> tuple[At, ...]:
        """Return where a segment holds numbers."""
        if segment.tag == "RSL" and segment.value(1) != "NV":
            return ()
        return NUMERIC.get(segment.tag, ())

    def with_point(self, segment: Segment) -> Segment:
        """Return the segment with a point in each number."""
        places = [at for at in self.numbers(segment) if self._own.fullmatch(segment.value(*at))]
        if not places:
            return segment
        elements = [list(element) for element in segment.elements]
        for element, component in places:
            value = elements[element - 1][component - 1]
            elements[element - 1][component - 1] = value.replace(self.mark, POINT)
        return msgspec.structs.replace(segment, elements=tuple(tuple(element) for element in elements))

    def doubtful(self, segment: Segment) -> tuple[At, ...]:
        """Return where a number has a point."""
        return tuple(at for at in self.numbers(segment) if self._other.fullmatch(segment.value(*at)))
