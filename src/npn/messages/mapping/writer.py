"""A letter of the model as segments."""

from npn.messages.mapping.program import GroupLine, Program
from npn.messages.mapping.slots import find
from npn.messages.mapping.state import WriteState
from npn.messages.model.interchange import Element
from npn.messages.model.notes import Note
from npn.messages.model.segment import Segment


def letter_segments(root: Element, program: Program) -> tuple[list[Segment], list[Note]]:
    """Return the segments of a letter between UNH and UNT, and the notes."""
    state = WriteState(root, as_peer=program.as_peer)
    for line in program.head.lines:
        line.write(state, root)  # type: ignore[union-attr]  # the head has no groups
    for group in program.groups:
        if isinstance(group, GroupLine):
            write_group(state, group, root)
        else:
            group.write(state, root)
    return state.out, state.notes


def write_group(state: WriteState, group: GroupLine, element: Element) -> None:
    """Append a group for each element it is about."""
    if group.mode == "read":
        return
    if group.mode == "if" and not group.lines[0].wanted(state, element):  # type: ignore[union-attr]  # a template
        return
    if group.when and not any(find(element, path) is not None for path in group.when):
        return
    if not group.path:
        write_occurrence(state, group, element)
    elif group.mode == "*":
        for child in element.all("/".join(group.path)):
            write_occurrence(state, group, child)
    else:
        target = find(element, group.path)
        if target is not None:
            write_occurrence(state, group, target)


def write_occurrence(state: WriteState, group: GroupLine, element: Element) -> None:
    """Append one group."""
    if not group.hidden:
        state.out.append(Segment(group.trigger, ((group.trigger[1:],),)))
    for line in group.lines:
        if isinstance(line, GroupLine):
            write_group(state, line, element)
        else:
            line.write(state, element)
