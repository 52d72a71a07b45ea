r"""Formatted text as EDIFACT carries it: runs of one font, style and alignment, each in its own segments.

A run that ends inside a line ends with a backslash, so that the next one continues the same line. The peer's
own habits (P5, P6 of the mapping) are followed where asked for.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

from npn.messages.mapping.lines import COMPONENTS, components, content, visible
from npn.messages.model.interchange import Element

STYLES = {"Bold": "F0", "Italic": "K0", "Underline": "U0", "Center": "0M", "Right": "0H"}
WRAPPERS = {code: name for name, code in STYLES.items()}
ALIGNED = ("Center", "Right")
PLAIN = "P00"


@dataclass(slots=True)
class Run:
    """Pieces of text, and Breaks (None), of one format."""

    format: str
    pieces: list[str | None] = field(default_factory=list)

    @property
    def ends_line(self) -> bool:
        """Whether nothing stands after the last Break."""
        return bool(self.pieces) and self.pieces[-1] is None

    @property
    def is_closed(self) -> bool:
        """Whether it ends no line in the middle: it is empty, or its last line has its Break."""
        return not self.pieces or self.ends_line

    @property
    def begins_with_break(self) -> bool:
        """Whether its first piece is a Break."""
        return bool(self.pieces) and self.pieces[0] is None

    def lines(self, *, as_peer: bool) -> list[str]:
        """Return the run's lines; a last one without Break too."""
        lines, current, open_line = [], "", False
        for piece in self.pieces:
            if piece is None:
                lines.append(current)
                current, open_line = "", False
            else:
                current = piece if as_peer and piece != " " else current + piece
                open_line = True
        if open_line:
            lines.append(current)
        return lines


class Runs:
    """Takes a formatted text apart."""

    def __init__(self, element: Element, *, as_peer: bool) -> None:
        """Go through the text once; the runs are in `runs`."""
        self.as_peer = as_peer
        self.runs = [Run(PLAIN)]
        self._enter(element)
        self.runs = [run for run in self.runs if run.pieces]

    def _enter(self, element: Element) -> None:
        """Take a mixed content."""
        self._text(element.text)
        for child in element.children:
            if child.name == "Break":
                self.runs[-1].pieces.append(None)
            elif child.name == "Space":
                self.runs[-1].pieces.append(" ")
            else:
                self._wrapper(child)
            self._text(child.tail)

    def _text(self, text: str) -> None:
        if visible(text):
            self.runs[-1].pieces.append(text)

    def _wrapper(self, element: Element) -> None:
        """Open a run in the wrapper's format, and after it one in the format from before."""
        before = self.runs[-1].format
        inside = f"F{before[1:]}" if element.name == "FixedFont" else before[0] + STYLES.get(element.name, "00")
        is_aligned = element.name in ALIGNED
        needs_break = self._needs_break() if is_aligned else False
        self.runs.append(Run(inside))
        if needs_break:
            self.runs[-1].pieces.append(None)
        self._enter(element)
        if is_aligned:
            self.runs[-1].pieces.append(None)
        self.runs.append(Run(before))

    def _needs_break(self) -> bool:
        """Whether a centred or right-aligned text must begin a new line first."""
        if self.as_peer:  # looks at the run just before only, and an empty one counts
            return not self.runs[-1].ends_line
        for run in reversed(self.runs):
            if run.pieces:
                return not run.ends_line
        return False


class Joint(Enum):
    """How a run's last line continues in the next run."""

    NONE = "it does not: it has ended, or nothing follows"
    BREAK = "the next run begins with the Break that ends it"
    BACKSLASH = "in the middle of a line"


def segments(element: Element, *, as_peer: bool = False) -> list[tuple[str, tuple[str, ...]]]:
    """Return format and components of each FTX segment of a formatted text."""
    runs = Runs(element, as_peer=as_peer).runs
    second_breaks = len(runs) > 1 and runs[1].begins_with_break
    texts: list[tuple[str, tuple[str, ...]]] = []
    for number, run in enumerate(runs):
        following = runs[number + 1] if number + 1 < len(runs) else None
        joint = peer_joint(runs, number, second_breaks=second_breaks) if as_peer else joint_of(run, following)
        chunks = run_chunks(run, following, joint=joint, as_peer=as_peer)
        may_take = joint is not Joint.BACKSLASH and (number == 0 or not as_peer)
        if following is not None and chunks and may_take:
            _take_breaks(chunks[-1], following)
        texts += [(run.format, tuple(chunk)) for chunk in chunks]
    return texts


def joint_of(run: Run, following: Run | None) -> Joint:
    """Return how a run continues in the one after it."""
    if following is None or run.is_closed:
        return Joint.NONE
    return Joint.BREAK if following.begins_with_break else Joint.BACKSLASH


def peer_joint(runs: Sequence[Run], number: int, *, second_breaks: bool) -> Joint:
    """Return how a run continues for the peer: for every run it looks at the second one (P6)."""
    if len(runs) == 1 or runs[number].is_closed:
        return Joint.NONE
    if not second_breaks:
        return Joint.BACKSLASH
    return Joint.BREAK if number == 0 else Joint.NONE


def run_chunks(run: Run, following: Run | None, *, joint: Joint, as_peer: bool) -> list[list[str]]:
    """Return a run's components, cut into segments; a Break that ends its last line is taken from the next run."""
    if joint is Joint.BREAK and following is not None:
        following.pieces.pop(0)
    parts = components(run.lines(as_peer=as_peer))
    if joint is Joint.BACKSLASH and parts:
        parts[-1] += "\\"
    return [parts[start : start + COMPONENTS] for start in range(0, len(parts), COMPONENTS)]


def _take_breaks(chunk: list[str], after: Run) -> None:
    """Let empty lines at the beginning of the next run stand in this run's last segment while there is room."""
    while len(chunk) < COMPONENTS and after.pieces and after.pieces[0] is None:
        after.pieces.pop(0)
        chunk.append(".")


def wrapped(form: str, parts: tuple[str, ...], *, origin: int, as_peer: bool) -> tuple[str, list[Element]]:
    """Read one segment: text and elements, in the wrapper its format asks for."""
    text, children = content(parts, origin)
    font, style = form[:1], form[1:3]
    if form == PLAIN:
        return text, children
    if font == "P" and style in WRAPPERS:
        return "", [_wrapper(WRAPPERS[style], text, children=children, as_peer=as_peer)]
    if font == "F" and style in WRAPPERS and (style != "0H" or not as_peer):
        inner = _wrapper(WRAPPERS[style], text, children=children, as_peer=as_peer)
        return "", [Element("FixedFont", "", (inner,), "", origin)]
    return "", [Element("FixedFont", text, tuple(children), "", origin)]


def _wrapper(name: str, text: str, *, children: list[Element], as_peer: bool) -> Element:
    """Make a wrapper; the Break that ends an aligned one's last line is the wrapper's own end."""
    if name in ALIGNED and not as_peer and children and children[-1].name == "Break" and not children[-1].tail:
        children = children[:-1]
    return Element(name, text, tuple(children), "", children[0].origin if children else -1)


def formatted_element(
    name: str, parts: list[tuple[str, tuple[str, ...]]], *, origin: int, as_peer: bool = False
) -> Element:
    """Make a formatted text of (format, components) of its segments."""
    text, children = "", list[Element]()
    for form, texts in parts:
        more, inner = wrapped(form, texts, origin=origin, as_peer=as_peer)
        if more and children:
            last = children[-1]
            children[-1] = Element(last.name, last.text, last.children, last.tail + more, last.origin)
        else:
            text += more
        children += inner
    return Element(name, text, tuple(children), "", origin)
