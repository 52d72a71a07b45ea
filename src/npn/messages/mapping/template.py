"""One line of a mapping: a segment with slots, and how it is written and read.

    RFF+ROI:{R/Sample/RequesterSampleIdentifier}::{R/Sample/SampleIdentifierType#RequesterSampleIdentifier|npn}

In front of the tag: `?` written only when one of its slots has an element (`?A,B`: when A or B is there, `!A`:
when A is not); `right`, `peer` for one of the two ways; `assumed`: no public document says so; `write` only;
`read` only; `echo`: written, and on reading compared. In the segment: an element that begins with `?` is left
out when its first slot has nothing (`?*`: all its slots); a component that begins with `=` must be so when
read; `TV,AV` writes TV and reads both, `AHI,*` reads any.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import gt

from npn.messages.mapping.dates import NoDateSlot
from npn.messages.mapping.slots import DefaultSlot, NumberSlot, Slot, component, find
from npn.messages.mapping.state import ReadState, WriteState
from npn.messages.mapping.tree import Node
from npn.messages.mapping.words import assumed
from npn.messages.model.finding import Text
from npn.messages.model.interchange import Element
from npn.messages.model.masking import masked
from npn.messages.model.notes import note
from npn.messages.model.segment import At, Segment
from npn.messages.rules.conversion import CONTRADICTION, SURPLUS

Key = tuple[str, str | None]
Path = tuple[str, ...]
Part = str | Slot
PlacedSlot = tuple[At, Slot]
Components = tuple[str, ...]
NOTHING = ("",)
RELEASE = Text(". In a text, + and : are written ?+ and ?:", ". I en tekst skrives + og : som ?+ og ?:")
COPIED = (Slot, DefaultSlot)  # slots that are read as they are


class MappingLine:
    """Anything that can stand in a group: a segment, a text, references, a part with its own class."""

    keys: tuple[Key, ...] = ()
    says_by_absence = False
    reads = True  # whether anything is to be read from its segments
    extra = False  # reads a segment besides another line that reads it too

    def write(self, state: WriteState, element: Element) -> None:
        """Append the segments for an element."""
        raise NotImplementedError

    def accepts(self, segment: Segment) -> bool:
        """Whether a segment of one of the keys is really this line's."""
        del segment
        return True

    def read(self, state: ReadState, node: Node, *, segments: list[Segment]) -> None:
        """Put what the segments say into the tree."""
        raise NotImplementedError

    def absent(self, node: Node) -> None:
        """Put what it means that no segment came, where that means something."""

    def paths(self) -> list[tuple[str, ...]]:
        """Return the paths, relative to the group's element, that the line carries."""
        return []


@dataclass(frozen=True, slots=True)
class Writing:
    """When a segment and its parts are written.

    optional   elements left out: False without their first slot, True without all of them
    condition  paths of which one must be there (`unless`: none); (): any slot; None: always
    role       "", "write", "read" or "echo"
    """

    optional: Mapping[int, bool]
    condition: tuple[Path, ...] | None
    role: str
    unless: bool = False
    assumed: bool = False


def has_any(slots: Iterable[Slot], state: WriteState, *, element: Element) -> bool:
    """Whether one of the slots has an element."""
    for slot in slots:  # noqa: SIM110 - a generator costs more than the search
        if slot.find(state, element) is not None:
            return True
    return False


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Template(MappingLine):
    """A segment with slots, compiled by `compile_template`. Places are element and component, from 0.

    name         how findings call the segment: its tag, with its first component where that is fixed
    elements     what is written: literals and slots; `constants`: elements without a slot, as they are written
    copied       the path of an element that is one text copied as it is
    begins       the slots of which one must have something for an optional element to be written
    constant     the whole segment where it has no slot
    readers      the slots that read, with the path where the component is copied as it is
    demands      components that must be so when read
    shape        how many components each element has room for
    """

    tag: str
    name: str
    keys: tuple[Key, ...]
    writing: Writing
    role: str
    extra: bool
    reads: bool
    says_by_absence: bool
    elements: tuple[tuple[Part, ...], ...]
    constants: tuple[Components | None, ...]
    copied: tuple[Path | None, ...]
    begins: Mapping[int, tuple[Slot, ...]]
    constant: Segment | None
    slots: tuple[PlacedSlot, ...]
    all_slots: tuple[Slot, ...]
    readers: tuple[tuple[At, Slot, Path | None], ...]
    demands: tuple[tuple[At, str], ...]
    shape: tuple[int, ...]

    @property
    def is_always_written(self) -> bool:
        """Whether the segment is written whatever the letter holds."""
        return self.writing.condition is None and self.role in ("", "echo")

    def paths(self) -> list[tuple[str, ...]]:
        """Return the paths of its slots."""
        return [slot.path for _, slot in self.slots if slot.path]

    def wanted(self, state: WriteState, element: Element) -> bool:
        """Whether the segment is to be written for this element."""
        condition = self.writing.condition
        if condition is None:
            return True
        if condition:
            return any(find(element, path) is not None for path in condition) != self.writing.unless
        return has_any(self.all_slots, state, element=element)

    def write(self, state: WriteState, element: Element) -> None:
        """Append the segment, trimmed at the end."""
        if self.role == "read" or not self.wanted(state, element):
            return
        if self.writing.assumed:
            state.notes.append(assumed(self._about(), next((s.find(state, element) for _, s in self.slots), None)))
        if self.constant is not None:
            state.out.append(self.constant)
            return
        elements = []
        for number, constant in enumerate(self.constants):
            if constant is not None:
                elements.append(constant)
                continue
            path = self.copied[number]
            if path is None:
                elements.append(self._element(state, element, number=number))
                continue
            target = find(element, path)
            elements.append((target.text,) if target is not None else NOTHING)
        while elements and elements[-1] == NOTHING:
            elements.pop()
        state.out.append(Segment(self.tag, tuple(elements)))

    def _element(self, state: WriteState, element: Element, *, number: int) -> tuple[str, ...]:
        """Return one element of the segment, trimmed at its end."""
        if number in self.begins and not has_any(self.begins[number], state, element=element):
            return NOTHING
        components: list[str] = []
        for part in self.elements[number]:
            if part.__class__ is str:
                components.append(part)
            else:
                components += part.write(state, element) or NOTHING  # type: ignore[union-attr]  # it is a slot
        while components and not components[-1]:
            components.pop()
        return tuple(components) or NOTHING

    def _about(self) -> str:
        """Name what the segment carries."""
        return ", ".join(slot.path[-1] for _, slot in self.slots if slot.path)

    def accepts(self, segment: Segment) -> bool:
        """Whether the components that must be so are."""
        return not self.demands or all(component(segment, at) == value for at, value in self.demands)

    def read(self, state: ReadState, node: Node, *, segments: list[Segment]) -> None:
        """Put the values of every segment into the tree."""
        for segment in segments:
            if self.role == "echo":
                self._compare(state, segment)
                continue
            if self.writing.assumed:
                state.notes.append(assumed(self._about(), segment))
            elements = segment.elements
            if len(elements) > len(self.shape) or any(map(gt, map(len, elements), self.shape)):
                self._surplus(state, segment)
            for at, slot, path in self.readers:
                if path is None:
                    slot.read(state, node, segment=segment, at=at)
                elif at[0] < len(elements) and at[1] < len(elements[at[0]]):
                    value = elements[at[0]][at[1]]
                    if value:
                        node.put(path, value, origin=segment.index)

    def _surplus(self, state: ReadState, segment: Segment) -> None:
        """Report values where the segment has no place for any."""
        for number, parts in enumerate(segment.elements):
            room = self.shape[number] if number < len(self.shape) else 0
            if any(parts[room:]):
                value = masked(":".join(parts[room:])[:80])
                hint = RELEASE if any(map(str.isalpha, value)) else Text("", "")
                text = Text(
                    f"{self.name} has no place for '{value}' in element {number + 1}; it is not read{hint.en}",
                    f"{self.name} har ingen plads til '{value}' i element {number + 1}; det læses ikke{hint.da}",
                )
                state.notes.append(note(SURPLUS, text, about=segment, at=(number, room)))

    def absent(self, node: Node) -> None:
        """A day that may be unknown and is not there: yes, without a date."""
        for _, slot in self.slots:
            if isinstance(slot, NoDateSlot):
                node.put(slot.path, NoDateSlot.UNKNOWN, origin=-1)

    def _compare(self, state: ReadState, segment: Segment) -> None:
        """A repeated value must be what was said before; the earlier one is kept."""
        for at, slot in self.slots:
            before, here = state.root.text(slot.path), component(segment, at)
            if slot.__class__ is Slot and before is not None and here != before:
                text = Text(
                    f"{slot.path[-1]} is repeated as '{here}' but was '{before}'; the first is kept",
                    f"{slot.path[-1]} gentages som '{here}', men var '{before}'; den første bruges",
                )
                state.notes.append(note(CONTRADICTION, text, about=segment, at=at))


def compile_template(tag: str, elements: Sequence[Sequence[Part]], *, writing: Writing) -> Template:
    """Return the line of a segment; `elements[0]` is element 1, each part a literal or a slot."""
    slots = tuple((at, part) for at, part in placed(elements) if isinstance(part, Slot))
    bare = tuple(tuple(literal(part) for part in parts) for parts in elements)
    constants = tuple(constant_element(parts) for parts in bare)
    return Template(
        tag=tag,
        name=name_of(tag, elements),
        keys=keys_of(tag, elements),
        writing=writing,
        role=writing.role,
        extra=writing.role == "read",
        reads=bool(slots) and writing.role != "write",
        says_by_absence=any(isinstance(slot, NoDateSlot) for _, slot in slots),
        elements=bare,
        constants=constants,
        copied=tuple(copied_path(parts) for parts in bare),
        begins=begins_of(bare, writing.optional),
        constant=None if slots else Segment.of(tag, *(parts or NOTHING for parts in constants)),
        slots=slots,
        all_slots=tuple(slot for _, slot in slots),
        readers=readers_of(slots),
        demands=demands_of(elements),
        shape=tuple(sum(width(part) for part in parts) for parts in elements),
    )


def placed(elements: Sequence[Sequence[Part]]) -> Iterator[tuple[At, Part]]:
    """Yield each part with its element and component, from 0."""
    for element, parts in enumerate(elements):
        for number, part in enumerate(parts):
            yield (element, number), part


def codes_of(elements: Sequence[Sequence[Part]]) -> list[str]:
    """Return what the first component may be: `TV,AV`; `*` and no literal stand for anything."""
    first = elements[0][0] if elements else None
    return first.split(",") if isinstance(first, str) and first else ["*"]


def name_of(tag: str, elements: Sequence[Sequence[Part]]) -> str:
    """Return what findings call a segment: `RFF+ROI`."""
    code = codes_of(elements)[0]
    return tag if code == "*" else f"{tag}+{code}"


def keys_of(tag: str, elements: Sequence[Sequence[Part]]) -> tuple[Key, ...]:
    """Return what the segment is looked up by: its tag and first component, None for any."""
    return tuple((tag, None if code == "*" else code) for code in codes_of(elements))


def literal(part: Part) -> Part:
    """Return what is written for a part: of a literal the first alternative, without the mark of a demand."""
    return part.split(",")[0].removeprefix("=") if isinstance(part, str) else part


def width(part: Part) -> int:
    """Return how many components a part has room for."""
    return 1 if isinstance(part, str) else part.width


def constant_element(parts: Sequence[Part]) -> Components | None:
    """Return an element of literals without empty components at its end; None where it has a slot."""
    texts = [part for part in parts if isinstance(part, str)]
    if len(texts) < len(parts):
        return None
    while texts and not texts[-1]:
        texts.pop()
    return tuple(texts) or NOTHING


def copied_path(parts: Sequence[Part]) -> Path | None:
    """Return the path of an element that is one text copied as it is: the usual one, written the short way."""
    slot = parts[0] if len(parts) == 1 else None
    return slot.path if isinstance(slot, Slot) and slot.__class__ is Slot and not slot.absolute else None


def begins_of(elements: Sequence[Sequence[Part]], optional: Mapping[int, bool]) -> dict[int, tuple[Slot, ...]]:
    """Return for each optional element the slots of which one must have something: all, or the first."""
    slots = {number: tuple(part for part in elements[number] if isinstance(part, Slot)) for number in optional}
    return {number: parts if optional[number] else parts[:1] for number, parts in slots.items()}


def readers_of(slots: Iterable[PlacedSlot]) -> tuple[tuple[At, Slot, Path | None], ...]:
    """Return the slots that read something, with the path where the component is copied as it is."""
    return tuple(
        (at, slot, slot.path if slot.__class__ in COPIED and not slot.absolute else None)
        for at, slot in slots
        if slot.__class__ is not NumberSlot
    )


def demands_of(elements: Sequence[Sequence[Part]]) -> tuple[tuple[At, str], ...]:
    """Return the components that must be so when the segment is read: `=value`."""
    return tuple((at, part[1:]) for at, part in placed(elements) if isinstance(part, str) and part.startswith("="))


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
