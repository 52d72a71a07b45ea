"""What is known while one letter is read or written; the lines of a mapping work on it."""

from collections.abc import Sequence

from npn.messages.edifact.tokens import TAG
from npn.messages.mapping.tree import Node
from npn.messages.mapping.words import too_long
from npn.messages.model.finding import Finding, Text
from npn.messages.model.interchange import Element
from npn.messages.model.notes import Note, note
from npn.messages.model.segment import Segment
from npn.messages.rules.conversion import TOO_LONG, UNKNOWN_SEGMENT


class ReadState:
    """A letter while it is read from its segments.

    root    the tree that is filled
    group   the segments of the group being read
    unread  the segments that no line reads
    """

    __slots__ = ("as_peer", "findings", "group", "notes", "root", "unread")

    def __init__(self, *, as_peer: bool) -> None:
        """Begin with an empty tree."""
        self.as_peer = as_peer
        self.root = Node()
        self.group: Sequence[Segment] = ()
        self.findings: list[Finding] = []
        self.notes: list[Note] = []
        self.unread: list[Segment] = []

    def report_unknown(self, segment: Segment) -> None:
        """Note a segment that no line reads, unless the syntax has already reported its tag as invalid."""
        if not TAG.fullmatch(segment.tag):
            return
        beginning = "+".join(":".join(element) for element in segment.elements[:1])
        text = Text(
            f"the segment {segment.tag}+{beginning} is not known in this group; it is not read",
            f"segmentet {segment.tag}+{beginning} kendes ikke i denne gruppe; det læses ikke",
        )
        self.unread.append(segment)
        self.notes.append(note(UNKNOWN_SEGMENT, text, about=segment))


class WriteState:
    """A letter while it is written as segments.

    out     the segments between UNH and UNT so far
    number  of the group that was numbered last (SEQ)
    """

    __slots__ = ("as_peer", "notes", "number", "out", "root")

    def __init__(self, root: Element, *, as_peer: bool) -> None:
        """`root` of the letter."""
        self.root = root
        self.as_peer = as_peer
        self.out: list[Segment] = []
        self.notes: list[Note] = []
        self.number = 0

    def check_length(self, element: Element, count: int, *, most: int) -> None:
        """Note a text that needs more segments than allowed; all of them are written."""
        if count > most:
            self.notes.append(note(TOO_LONG, too_long(element.name, count, most=most), about=element))
