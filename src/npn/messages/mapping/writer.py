"""A letter of the model as segments."""

from npn.messages.mapping.program import GroupLine, Program
from npn.messages.mapping.slots import find
from npn.messages.mapping.state import WriteState
from npn.messages.model.interchange import Element
from npn.messages.model.notes import Note
from npn.messages.model.segment import Segment


def letter_segments(root: Element, program: Program) -> tuple[list[Segment], list[Note]]:
    """Return the segments of a letter between UNH and UNT, and the notes."""
    writer = LetterWriter(WriteState(root, as_peer=program.as_peer))
    writer.letter(program)
    return writer.state.out, writer.state.notes


class LetterWriter:
    """Walks a program and lets its lines write what they find in a letter."""

    __slots__ = ("state",)

    def __init__(self, state: WriteState) -> None:
        """`state` gets the segments and notes."""
        self.state = state

    def letter(self, program: Program) -> None:
        """Write the whole letter."""
        state = self.state
        for line in program.head.lines:
            line.write(state, state.root)  # type: ignore[union-attr]  # the head has no groups
        for group in program.groups:
            if isinstance(group, GroupLine):
                self.group(group, state.root)
            else:
                group.write(state, state.root)

    def group(self, group: GroupLine, element: Element) -> None:
        """Write a group for each element it is about."""
        if group.mode == "read":
            return
        if group.mode == "if" and not group.lines[0].wanted(self.state, element):  # type: ignore[union-attr]  # a template
            return
        if group.when and not any(find(element, path) is not None for path in group.when):
            return
        if not group.path:
            self.occurrence(group, element)
        elif group.mode == "*":
            for child in element.all("/".join(group.path)):
                self.occurrence(group, child)
        else:
            target = find(element, group.path)
            if target is not None:
                self.occurrence(group, target)

    def occurrence(self, group: GroupLine, element: Element) -> None:
        """Write one group."""
        state = self.state
        if not group.hidden:
            state.out.append(Segment(group.trigger, ((group.trigger[1:],),)))
        for line in group.lines:
            if isinstance(line, GroupLine):
                self.group(line, element)
            else:
                line.write(state, element)
