"""One line of a mapping: a segment with slots, and how it is written and read.

    RFF+ROI:{R/Sample/RequesterSampleIdentifier}::{R/Sample/SampleIdentifierType#RequesterSampleIdentifier|npn}

In front of the tag: `?` written only when one of its slots has an element (`?A,B`: when A or B is there, `!A`:
when A is not); `right`, `peer` for one of the two ways; `assumed`: no public document says so; `write` only;
`read` only; `echo`: written, and on reading compared. In the segment: an element that begins with `?` is left
out when its first slot has nothing (`?*`: all its slots); a component that begins with `=` must be so when
read; `TV,AV` writes TV and reads both, `AHI,*` reads any.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from operator import gt

from npn.messages.mapping.dates import NoDate
from npn.messages.mapping.slots import Default, Number, Slot, component, find
from npn.messages.mapping.state import ReadState, WriteState
from npn.messages.mapping.tree import Node
from npn.messages.model.interchange import Element
from npn.messages.model.masking import masked
from npn.messages.model.notes import assumed, warning
from npn.messages.model.segment import Segment

Key = tuple[str, str | None]
NOTHING = ("",)
RELEASE = (". In a text, + and : are written ?+ and ?:", ". I en tekst skrives + og : som ?+ og ?:")
COPIED = (Slot, Default)  # slots that are read as they are


class Line:
    """Anything that can stand in a group: a segment, a text, references, a part done by a program of its own."""

    keys: tuple[Key, ...] = ()
    says_by_absence = False
    reads = True  # whether anything is to be read from its segments
    extra = False  # reads a segment besides another line that reads it too

    def write(self, writer: WriteState, element: Element) -> None:
        """Append the segments for an element."""
        raise NotImplementedError

    def accepts(self, segment: Segment) -> bool:
        """Whether a segment of one of the keys is really this line's."""
        del segment
        return True

    def read(self, reading: ReadState, node: Node, segments: list[Segment]) -> None:
        """Put what the segments say into the tree."""
        raise NotImplementedError

    def absent(self, node: Node) -> None:
        """Put what it means that no segment came, where that means something."""

    def paths(self) -> list[tuple[str, ...]]:
        """Give the paths, relative to the group's element, that the line carries."""
        return []


@dataclass(frozen=True, slots=True)
class Writing:
    """When a segment and its parts are written.

    optional   elements left out: False without their first slot, True without all of them
    condition  paths of which one must be there (`unless`: none); (): any slot; None: always
    role       "", "write", "read" or "echo"
    """

    optional: Mapping[int, bool]
    condition: tuple[tuple[str, ...], ...] | None
    role: str
    unless: bool = False
    assumed: bool = False


def copied_path(parts: list[str | Slot]) -> tuple[str, ...] | None:
    """Give the path of an element that is one text copied as it is: the usual one, written the short way."""
    slot = parts[0] if len(parts) == 1 else None
    return slot.path if isinstance(slot, Slot) and slot.__class__ is Slot and not slot.absolute else None


def has_any(slots: list[Slot], writer: WriteState, element: Element) -> bool:
    """Whether one of the slots has an element."""
    for slot in slots:  # noqa: SIM110 - a generator costs more than the search
        if slot.find(writer, element) is not None:
            return True
    return False


class Template(Line):
    """A segment with slots. `elements[0]` is element 1; a part is a literal or a slot."""

    def __init__(self, tag: str, elements: list[list["str | Slot"]], writing: Writing) -> None:
        """Find the slots, and what tells the segment from others."""
        self.tag = tag
        self.elements = elements
        self.optional, self.condition = writing.optional, writing.condition
        self.unless, self.role, self.assumed = writing.unless, writing.role, writing.assumed
        self.extra = writing.role == "read"
        first = elements[0][0] if elements else None
        self.name = f"{tag}+{first.split(',')[0]}" if isinstance(first, str) and first not in ("", "*") else tag
        names = first.split(",") if isinstance(first, str) and first else ["*"]
        self.keys = tuple((tag, None if name == "*" else name) for name in names)
        self.slots = [(at, slot) for at, slot in placed(elements) if isinstance(slot, Slot)]
        self.all_slots = [slot for _, slot in self.slots]
        self.readers = [
            (at, slot, slot.path if slot.__class__ in COPIED and not slot.absolute else None)
            for at, slot in self.slots
            if slot.__class__ is not Number
        ]
        self.demands = [
            (at, part[1:]) for at, part in placed(elements) if isinstance(part, str) and part.startswith("=")
        ]
        self.elements = [
            [part.split(",")[0].removeprefix("=") if isinstance(part, str) else part for part in e] for e in elements
        ]
        self.reads = bool(self.slots) and writing.role != "write"
        self.shape = tuple(sum(1 if isinstance(p, str) else p.width for p in e) for e in elements)
        self.says_by_absence = any(isinstance(slot, NoDate) for _, slot in self.slots)
        self.written = [None if any(isinstance(p, Slot) for p in e) else trimmed_element(e) for e in self.elements]
        self.copied = [copied_path(e) for e in self.elements]
        slots = {number: [p for p in self.elements[number] if isinstance(p, Slot)] for number in self.optional}
        self.begins = {number: each if self.optional[number] else each[:1] for number, each in slots.items()}
        self.constant = None if self.slots else Segment.of(tag, *(tuple(str(p) for p in e) for e in self.elements))

    def paths(self) -> list[tuple[str, ...]]:
        """Give the paths of its slots."""
        return [slot.path for _, slot in self.slots if slot.path]

    def wanted(self, writer: WriteState, element: Element) -> bool:
        """Whether the segment is to be written for this element."""
        if self.condition is None:
            return True
        if self.condition:
            return any(find(element, path) is not None for path in self.condition) != self.unless
        return has_any(self.all_slots, writer, element)

    def write(self, writer: WriteState, element: Element) -> None:
        """Append the segment, trimmed at the end."""
        if self.role == "read" or not self.wanted(writer, element):
            return
        if self.assumed:
            writer.notes.append(assumed(self._about(), next((s.find(writer, element) for _, s in self.slots), None)))
        if self.constant is not None:
            writer.out.append(self.constant)
            return
        made = []
        for number, constant in enumerate(self.written):
            if constant is not None:
                made.append(constant)
                continue
            path = self.copied[number]
            if path is None:
                made.append(self._element(writer, element, number))
                continue
            found = find(element, path)
            made.append((found.text,) if found is not None else NOTHING)
        while made and made[-1] == NOTHING:
            made.pop()
        writer.out.append(Segment(self.tag, tuple(made)))

    def _element(self, writer: WriteState, element: Element, number: int) -> tuple[str, ...]:
        """Give one element of the segment, trimmed at its end."""
        if number in self.begins and not has_any(self.begins[number], writer, element):
            return NOTHING
        components: list[str] = []
        for part in self.elements[number]:
            if part.__class__ is str:
                components.append(part)
            else:
                components += part.write(writer, element) or NOTHING  # type: ignore[union-attr]  # it is a slot
        while components and not components[-1]:
            components.pop()
        return tuple(components) or NOTHING

    def _about(self) -> str:
        """Name what the segment carries."""
        return ", ".join(slot.path[-1] for _, slot in self.slots if slot.path)

    def accepts(self, segment: Segment) -> bool:
        """Whether the components that must be so are."""
        return not self.demands or all(component(segment, at) == value for at, value in self.demands)

    def read(self, reading: ReadState, node: Node, segments: list[Segment]) -> None:
        """Put the values of every segment into the tree."""
        for segment in segments:
            if self.role == "echo":
                self._compare(reading, segment)
                continue
            if self.assumed:
                reading.notes.append(assumed(self._about(), segment))
            elements = segment.elements
            if len(elements) > len(self.shape) or any(map(gt, map(len, elements), self.shape)):
                self._surplus(reading, segment)
            for at, slot, path in self.readers:
                if path is None:
                    slot.read(reading, node, segment, at)
                elif at[0] < len(elements) and at[1] < len(elements[at[0]]):
                    value = elements[at[0]][at[1]]
                    if value:
                        node.put(path, value, segment.index)

    def _surplus(self, reading: ReadState, segment: Segment) -> None:
        """Report values where the segment has no place for any."""
        for number, parts in enumerate(segment.elements):
            room = self.shape[number] if number < len(self.shape) else 0
            if any(parts[room:]):
                value = masked(":".join(parts[room:])[:80])
                hint = RELEASE if any(map(str.isalpha, value)) else ("", "")
                texts = (
                    f"{self.name} has no place for '{value}' in element {number + 1}; it is not read{hint[0]}",
                    f"{self.name} har ingen plads til '{value}' i element {number + 1}; det læses ikke{hint[1]}",
                )
                reading.notes.append(warning("mapping.surplus", texts, segment, (number, room)))

    def absent(self, node: Node) -> None:
        """A day that may be unknown and is not there: yes, without a date."""
        for _, slot in self.slots:
            if isinstance(slot, NoDate):
                node.put(slot.path, NoDate.UNKNOWN, -1)

    def _compare(self, reading: ReadState, segment: Segment) -> None:
        """A repeated value must be what was said before; the earlier one is kept."""
        for at, slot in self.slots:
            before, here = reading.root.text(slot.path), component(segment, at)
            if slot.__class__ is Slot and before is not None and here != before:
                texts = (
                    f"{slot.path[-1]} is repeated as '{here}' but was '{before}'; the first is kept",
                    f"{slot.path[-1]} gentages som '{here}', men var '{before}'; den første bruges",
                )
                reading.notes.append(warning("mapping.contradiction", texts, segment, at))


def trimmed_element(parts: "list[str | Slot]") -> tuple[str, ...]:
    """Give an element of literals, without empty components at its end."""
    texts = [str(part) for part in parts]
    while texts and not texts[-1]:
        texts.pop()
    return tuple(texts) or NOTHING


def placed(elements: "list[list[str | Slot]]") -> list[tuple[tuple[int, int], "str | Slot"]]:
    """Give each part with its element and component, from 0."""
    return [((e, c), part) for e, parts in enumerate(elements) for c, part in enumerate(parts)]


def split(text: str, mark: str) -> list[str]:
    """Split at a mark that stands outside braces."""
    parts, depth, current = [], 0, ""
    for char in text:
        depth += (char == "{") - (char == "}")
        if char == mark and not depth:
            parts.append(current)
            current = ""
        else:
            current += char
    return [*parts, current]
