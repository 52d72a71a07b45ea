"""Segments to bytes: no line breaks, nothing after the last segment, ISO-8859-1, released where needed."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from npn.errors import InvalidInputError
from npn.messages.edifact.alphabet import DEFAULT, NO_RELEASE, Alphabet
from npn.messages.edifact.rules import SYNTAX_RULES
from npn.messages.model.finding import Finding
from npn.messages.model.segment import Segment, shown

_OUTSIDE = re.compile(r"[^\x00-\xff]")


def write_interchange(
    header: Segment, messages: Iterable[Sequence[Segment]], *, replacement: str | None = None
) -> bytes:
    """Write one interchange with its UNA, and with UNT and UNZ counted and referenced here.

    header       UNB
    messages     each from its UNH to its last segment, without UNT
    replacement  written for a character outside ISO-8859-1; without it such a character raises
                 InvalidInputError with the segment and component as `field`
    """
    return write_segments(_with_trailers(header, messages), replacement=replacement)


def _with_trailers(header: Segment, messages: Iterable[Sequence[Segment]]) -> Iterator[Segment]:
    """Yield the segments of an interchange in order, trailers included."""
    yield header
    count = 0
    for segments in messages:
        yield from segments
        yield Segment.of("UNT", str(len(segments) + 1), segments[0].value(1))
        count += 1
    yield Segment.of("UNZ", str(count), header.value(5))


def write_segments(
    segments: Iterable[Segment],
    *,
    alphabet: Alphabet = DEFAULT,
    una: bool = True,
    replacement: str | None = None,
) -> bytes:
    """Write segments just as they are: empty components and elements stay where they stand."""
    needing = alphabet.needing_release if alphabet.release != NO_RELEASE else ""
    table = str.maketrans({char: alphabet.release + char for char in needing})
    special = re.compile(f"[{re.escape(needing)}]").search if needing else None
    lines = [_line(segment, alphabet, table=table, special=special) for segment in segments]
    text = (alphabet.una if una else "") + "".join(lines)
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError as error:
        if replacement is None:
            raise _not_writable(text[error.start], lines, at=error.start - (9 if una else 0)) from None
        return _OUTSIDE.sub(replacement.translate(table), text).encode("latin-1")


def unwritable(segments: Iterable[Segment]) -> Iterator[Finding]:
    """Every character that can't be written in ISO-8859-1, each as a finding at its component."""
    for segment in segments:
        for number, element in enumerate(segment.elements, 1):
            for component, text in enumerate(element, 1):
                for match in _OUTSIDE.finditer(text):
                    yield SYNTAX_RULES["edifact.not-writable"].at(
                        segment.place(number, component),
                        character=shown(match[0]),
                        code=f"U+{ord(match[0]):04X}",
                    )


def _line(
    segment: Segment, alphabet: Alphabet, *, table: dict[int, str], special: Callable[[str], object] | None
) -> str:
    """One segment as text, its terminator included; most have nothing `special`, which is seen in one look."""
    join, elements = alphabet.component.join, segment.elements
    if special is not None and special("".join(map("".join, elements))):
        elements = tuple([tuple([c.translate(table) for c in element]) for element in elements])
    return alphabet.element.join([segment.tag, *map(join, elements)]) + alphabet.terminator


def _not_writable(char: str, lines: list[str], *, at: int) -> InvalidInputError:
    """Name the segment that holds the character."""
    number = 0
    while number < len(lines) - 1 and at >= len(lines[number]):
        at -= len(lines[number])
        number += 1
    return InvalidInputError(
        f"segment {number + 1} ({lines[number][:3]}) holds {shown(char)} (U+{ord(char):04X}),"
        " which ISO-8859-1 doesn't have",
        field=lines[number][:3],
        hint="replace the character, or convert with --force, which writes a question mark instead",
    )
