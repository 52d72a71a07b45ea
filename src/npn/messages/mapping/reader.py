"""Segments as a letter of the model."""

from collections.abc import Mapping, Sequence

from npn.messages.edifact.groups import SegmentGroup
from npn.messages.edifact.syntax import Message
from npn.messages.mapping.groups import grouped, opener
from npn.messages.mapping.program import GroupLine, Program, matches
from npn.messages.mapping.state import ReadState
from npn.messages.mapping.template import MappingLine
from npn.messages.mapping.tree import Node, finished
from npn.messages.mapping.words import missing_group, missing_segment
from npn.messages.model.finding import Text
from npn.messages.model.interchange import Element
from npn.messages.model.notes import note
from npn.messages.model.segment import Segment
from npn.messages.rules.conversion import MISSING_GROUP, MISSING_SEGMENT, UNKNOWN_GROUP

Frame = Sequence[tuple[tuple[str, ...], str, int]]  # what the service segments say: path, text, origin


class LetterReader:
    """Hands the groups and segments of one letter to the lines of its program.

    entered  the groups of the program that came
    """

    def __init__(self, program: Program) -> None:
        """Begin with an empty tree."""
        self.program = program
        self.state = ReadState(as_peer=program.as_peer)
        self.entered: set[GroupLine] = set()

    def letter(self, message: Message) -> None:
        """Read the segments between UNH and UNT."""
        program, state = self.program, self.state
        head, occurrences, state.findings = grouped(message)
        self.segments(program.head, head, node=state.root, opening=message.header)
        procedures = program.procedures
        claims: dict[int, list[SegmentGroup]] = {}
        names: set[str] = set()
        for occurrence in occurrences:
            for owner, procedure in enumerate(procedures):
                if procedure.claims(occurrence, occurrences):
                    claims.setdefault(owner, []).append(occurrence)
                    break
            else:
                self.occurrence(occurrence, program.by_trigger, node=state.root, earlier=names)
            names.add(occurrence.name)
        for owner, groups in claims.items():
            procedures[owner].read(state, groups, occurrences=occurrences)
        for group in program.required:
            if group not in self.entered:
                self.state.notes.append(note(MISSING_GROUP, missing_group(group.title), about=message.header))

    def occurrence(
        self, occurrence: SegmentGroup, groups: Mapping[str, tuple[GroupLine, ...]], *, node: Node, earlier: set[str]
    ) -> None:
        """Read one group with the line that fits; one that fits none is reported."""
        for group in groups.get(occurrence.name, ()):
            if not (group.first and occurrence.name in earlier) and matches(group, occurrence.segments):
                self.inside(group, occurrence, node=node)
                return
        titles = [group.title.removeprefix(f"{occurrence.name} ") for group in groups.get(occurrence.name, ())]
        text = Text(
            f"this group {occurrence.name} holds none of {', '.join(titles)}; it is not read"
            if titles
            else f"this group {occurrence.name} is not known in this version; it is not read",
            f"gruppen {occurrence.name} mangler {' eller '.join(titles)} og bliver ikke læst"
            if titles
            else f"gruppen {occurrence.name} kendes ikke i denne version og bliver ikke læst",
        )
        for inner in occurrence.walk():
            self.state.unread += [*((inner.trigger,) if inner.trigger else ()), *inner.segments]
        self.state.notes.append(note(UNKNOWN_GROUP, text, about=opener(occurrence)))

    def inside(self, group: GroupLine, occurrence: SegmentGroup, *, node: Node) -> None:
        """Read a group into the element it is about."""
        opening = opener(occurrence)
        origin = opening.index
        self.entered.add(group)
        if group.mode == "*":
            node = node.at(group.path[:-1], origin).add(group.path[-1], origin)
        elif group.path:
            node = node.at(group.path, origin)
        self.segments(group, occurrence.segments, node=node, opening=opening)
        for inner in occurrence.groups:
            self.occurrence(inner, group.inner, node=node, earlier=set())

    def segments(self, group: GroupLine, segments: Sequence[Segment], *, node: Node, opening: Segment) -> None:
        """Hand each segment to the line that reads it."""
        table = group.table
        state = self.state
        state.group = segments
        work: dict[MappingLine, list[Segment]] = {}
        for segment in segments:
            first = segment.elements[0][0] if segment.elements else None
            lines = table.get((segment.tag, first)) or table.get((segment.tag, None))
            if not lines or not self._hand_out(segment, lines, work=work):
                state.report_unknown(segment)
        for line, own in work.items():
            if line.reads:
                line.read(state, node, segments=own)
        for line in group.absents:
            if line not in work:
                line.absent(node)
        for required in group.required:
            if required not in work:
                self.state.notes.append(note(MISSING_SEGMENT, missing_segment(required.name), about=opening))

    @staticmethod
    def _hand_out(segment: Segment, lines: tuple[MappingLine, ...], *, work: dict[MappingLine, list[Segment]]) -> bool:
        """Return a segment to the first line that accepts it, and to those that read it besides."""
        is_read = False
        for line in lines:
            if (line.extra or not is_read) and line.accepts(segment):
                is_read = is_read or not line.extra or len(lines) == 1
                work.setdefault(line, []).append(segment)
        return is_read


def read_letter(message: Message, program: Program, *, frame: Frame) -> tuple[Element, ReadState]:
    """Return the letter's tree and what was noted; `frame` is what the service segments say of it."""
    reader = LetterReader(program)
    state = reader.state
    state.root.origin = message.header.index
    for path, text, origin in frame:
        state.root.put(path, text, origin=origin)
    reader.letter(message)
    for derived in program.derived:
        derive(state.root, derived.path, source=derived.source)
    return finished(program.version.letter, state.root, kind=program.version.root), state


def derive(root: Node, path: tuple[str, ...], *, source: tuple[str, ...]) -> None:
    """Repeat a value under another name."""
    node = root.at(source[:-1])
    for slot, payload, origin in node.items:
        if slot == source[-1]:
            if isinstance(payload, Element):
                copy = Element(path[-1], payload.text, payload.children, "", origin)
                root.put(path, copy, origin=origin)
            else:
                root.put(path, payload, origin=origin)
            return
