"""A letter of the model as segments."""

from npn.messages.edifact.segment import Segment
from npn.messages.mapping.notes import Note, error
from npn.messages.mapping.program import GroupLine, Program
from npn.messages.mapping.slots import find
from npn.messages.mapping.textlines import too_long
from npn.messages.model import Element


class Writer:
    """Writes one letter. `out` gets the segments between UNH and UNT, `notes` what is to be said.

    number  of the group that was numbered last (SEQ)
    """

    def __init__(self, root: Element, *, as_peer: bool) -> None:
        """`root` of the letter."""
        self.root = root
        self.as_peer = as_peer
        self.out: list[Segment] = []
        self.notes: list[Note] = []
        self.number = 0

    def letter(self, program: Program) -> None:
        """Write the whole letter."""
        for line in program.head.lines:
            line.write(self, self.root)  # type: ignore[union-attr]  # the head has no groups
        for group in program.groups:
            if isinstance(group, GroupLine):
                self.group(group, self.root)
            else:
                group.write(self, self.root)

    def check_length(self, element: Element, count: int, most: int) -> None:
        """Note a text that needs more segments than allowed; they are all written."""
        if count > most:
            self.notes.append(error("mapping.too-long", too_long(element.name, count, most), element))

    def group(self, group: GroupLine, element: Element) -> None:
        """Write a group for each element it is about."""
        if group.mode == "read":
            return
        if group.mode == "if" and not group.lines[0].wanted(self, element):  # type: ignore[union-attr]  # a template
            return
        if group.when and not any(find(element, path) is not None for path in group.when):
            return
        if not group.path:
            self.occurrence(group, element)
        elif group.mode == "*":
            for each in element.all("/".join(group.path)):
                self.occurrence(group, each)
        else:
            found = find(element, group.path)
            if found is not None:
                self.occurrence(group, found)

    def occurrence(self, group: GroupLine, element: Element) -> None:
        """Write one group."""
        if not group.hidden:
            self.out.append(Segment(group.trigger, ((group.trigger[1:],),)))
        for line in group.lines:
            if isinstance(line, GroupLine):
                self.group(line, element)
            else:
                line.write(self, element)


def letter_segments(root: Element, program: Program) -> tuple[list[Segment], list[Note]]:
    """Give the segments of a letter between UNH and UNT, and the notes."""
    writer = Writer(root, as_peer=program.as_peer)
    writer.letter(program)
    return writer.out, writer.notes
