"""What a conversion does not carry, found by doing it back and comparing: nothing can get lost unseen.

XML to EDIFACT: the segments are read again and the tree compared with the original. EDIFACT to XML: the tree is
written again and the segments compared. Whatever differs is a note whose rule begins with `loss.`.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from npn.messages.model.finding import Severity, Text
from npn.messages.model.interchange import Element
from npn.messages.model.masking import masked
from npn.messages.model.notes import Note, note
from npn.messages.model.segment import Segment
from npn.messages.rules.conversion import ADDED, CHANGED, DROPPED, EMPTY, LAYOUT, ORDER, SEGMENT_LOST
from npn.messages.versions.notation import ComplexType
from npn.messages.versions.simple import BLANKS, SimpleType

Plain = tuple[str, str, tuple["Plain", ...], str]
TRUE = {"1": "true", "0": "false"}
PLACEHOLDER = "_"


def tree_losses(before: Element, after: Element, kind: ComplexType) -> Iterator[Note]:
    """Compare an element with what came back of it."""
    if alike(before, after):
        return
    if kind.mixed:
        yield from text_losses(before, after)
        return
    names = [child.name for child in before.children]
    more = [child.name for child in after.children]
    for name in dict.fromkeys((*names, *more)):
        field = kind.fields.get(name)
        inner = field.type if field else None
        mine = [child for child in before.children if child.name == name]
        theirs = [child for child in after.children if child.name == name]
        if len(mine) == len(theirs) == 1:
            yield from pair_losses(mine[0], theirs[0], inner)
        else:
            yield from list_losses(before, (mine, theirs), inner)


def alike(before: Element, after: Element) -> bool:
    """Whether two trees say exactly the same."""
    if before.text != after.text or len(before.children) != len(after.children):
        return False
    for mine, theirs in zip(before.children, after.children, strict=True):
        if mine.name != theirs.name or mine.text != theirs.text or mine.tail != theirs.tail:
            return False
        if (mine.children or theirs.children) and not alike(mine, theirs):
            return False
    return True


def pair_losses(mine: Element, theirs: Element, kind: ComplexType | SimpleType | None) -> Iterator[Note]:
    """Compare one element with its counterpart."""
    if isinstance(kind, ComplexType):
        yield from tree_losses(mine, theirs, kind)
    elif mine.text != theirs.text and not same_value(mine.text, theirs.text, kind):
        shown, instead = masked(mine.text[:80]), masked(theirs.text[:80])
        text = Text(f"{mine.name} '{shown}' comes out as '{instead}'", f"{mine.name} '{shown}' bliver til '{instead}'")
        yield note(CHANGED, text, mine, severity=Severity.INFO if mine.name == "StatisticalCode" else None)


def same_value(mine: str, theirs: str, kind: SimpleType | None) -> bool:
    """Whether two texts mean the same: 1 is true; blanks around a number say nothing."""
    if kind is None or kind.base == "string":
        return False
    mine, theirs = mine.strip(BLANKS), theirs.strip(BLANKS)
    return TRUE.get(mine, mine) == TRUE.get(theirs, theirs) if kind.base == "boolean" else mine == theirs


def list_losses(
    parent: Element, sides: tuple[list[Element], list[Element]], kind: ComplexType | SimpleType | None
) -> Iterator[Note]:
    """Compare elements of one name: equal ones first, then the rest in order."""
    mine, theirs = sides
    if len(mine) == len(theirs):
        ours, others = Counter(map(plain, mine)), Counter(map(plain, theirs))
        if ours != others:
            for one, other in zip(mine, theirs, strict=True):
                yield from pair_losses(one, other, kind)
        elif [plain(each) for each in mine] != [plain(each) for each in theirs]:
            name = mine[0].name
            text = Text(f"the order of {name} changes", f"rækkefølgen af {name} ændres")
            yield note(ORDER, text, parent)
        return
    ours, others = Counter(map(plain, mine)), Counter(map(plain, theirs))
    found, left = unmatched(mine, others), unmatched(theirs, ours)
    for one, other in zip(found, left, strict=False):
        yield from pair_losses(one, other, kind)
    yield from map(dropped, found[len(left) :])
    yield from (added(parent, each) for each in left[len(found) :])


def unmatched(elements: list[Element], others: Counter[Plain]) -> list[Element]:
    """Give the elements that have no equal on the other side, each of which counts once."""
    rest, found = Counter(others), []
    for each in elements:
        key = plain(each)
        if rest[key] > 0:
            rest[key] -= 1
        else:
            found.append(each)
    return found


def dropped(element: Element) -> Note:
    """Say that an element has no place on the other side."""
    if not element.text and not element.children:
        text = Text(f"the empty {element.name} is left out", f"det tomme {element.name} udelades")
        return note(EMPTY, text, element)
    value = f" '{masked(element.text[:80])}'" if element.text.strip(BLANKS) else ""
    return note(
        DROPPED,
        Text(
            f"{element.name}{value} has no place on the other side and is lost",
            f"{element.name}{value} har ingen plads på den anden side og går tabt",
        ),
        element,
    )


def added(parent: Element, element: Element) -> Note:
    """Say that something comes back that was not there."""
    value = f" '{masked(element.text[:80])}'" if element.text else ""
    return note(
        ADDED,
        Text(
            f"{element.name}{value} appears when it is read again",
            f"{element.name}{value} kommer til, når det læses igen",
        ),
        parent,
    )


def plain(element: Element) -> Plain:
    """Give an element without where it came from."""
    return (element.name, element.text, tuple([plain(child) for child in element.children]), element.tail)


def text_losses(before: Element, after: Element) -> Iterator[Note]:
    """Compare texts: the same words with other breaks or wrappers are a change of layout only."""
    if before == after or plain(before)[:3] == plain(after)[:3]:
        return
    name = before.name
    if words(before) == words(after):
        text = Text(
            f"the text of {name} keeps its words but not its exact layout",
            f"teksten i {name} bevarer sine ord, men ikke sin nøjagtige opstilling",
        )
        yield note(LAYOUT, text, before)
    else:
        text = Text(f"the text of {name} changes", f"teksten i {name} ændres")
        yield note(CHANGED, text, before)


def words(element: Element) -> list[str]:
    """Give the words of a text, whatever its layout."""
    pieces: list[str] = []

    def visit(each: Element) -> None:
        pieces.append(each.text)
        for child in each.children:
            pieces.append(" " if child.name in ("Break", "Space", "Center", "Right") else "")
            visit(child)
            pieces.append(" " if child.name in ("Center", "Right") else "")
            pieces.append(child.tail)

    visit(element)
    return "".join(pieces).split()


def segment_losses(before: Sequence[Segment], after: Sequence[Segment]) -> Iterator[Note]:
    """Compare a message's segments with those written again; their order says nothing."""
    mine, theirs = ([(each.tag, each.elements) for each in side] for side in (before, after))
    if mine == theirs:
        return
    left = Counter(theirs)
    for each in before:
        key = (each.tag, each.elements)
        if left[key] <= 0:
            key = (each.tag, trimmed(each))
        if left[key] > 0:
            left[key] -= 1
            continue
        shown = masked("+".join([each.tag, *(":".join(element) for element in each.elements)])[:120])
        text = Text(
            f"'{shown}' is not carried, or not exactly so", f"'{shown}' overføres ikke, eller ikke præcis sådan"
        )
        yield note(SEGMENT_LOST, text, each)


def trimmed(segment: Segment) -> tuple[tuple[str, ...], ...]:
    """Give the elements without empty components and elements at the end."""
    elements = []
    for element in segment.elements:
        parts = element
        while parts and not parts[-1]:
            parts = parts[:-1]
        elements.append(parts or ("",))
    while elements and elements[-1] == ("",):
        elements.pop()
    return tuple(elements)
