"""What a conversion does not carry, found by doing it back and comparing: nothing can get lost unseen.

XML to EDIFACT: the segments are read again and the tree compared with the original. EDIFACT to XML: the tree is
written again and the segments compared. Whatever differs is a note whose rule begins with `loss.`.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from npn.messages.model.finding import Severity, Text
from npn.messages.model.interchange import Element
from npn.messages.model.labels import in_danish
from npn.messages.model.masking import masked
from npn.messages.model.notes import Note, note
from npn.messages.model.segment import Segment
from npn.messages.rules.conversion import ADDED, CHANGED, DROPPED, EMPTY, LAYOUT, ORDER, SEGMENT_LOST
from npn.messages.versions.notation import ComplexType
from npn.messages.versions.simple import BLANKS, SimpleType

Plain = tuple[str, str, tuple["Plain", ...], str]
TRUE = {"1": "true", "0": "false"}


def tree_losses(before: Element, after: Element, *, kind: ComplexType) -> Iterator[Note]:
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
        before_children = [child for child in before.children if child.name == name]
        after_children = [child for child in after.children if child.name == name]
        if len(before_children) == len(after_children) == 1:
            yield from pair_losses(before_children[0], after_children[0], kind=inner)
        else:
            yield from list_losses(before, before=before_children, after=after_children, kind=inner)


def alike(before: Element, after: Element) -> bool:
    """Whether two trees say exactly the same."""
    if before.text != after.text or len(before.children) != len(after.children):
        return False
    for child, partner in zip(before.children, after.children, strict=True):
        if child.name != partner.name or child.text != partner.text or child.tail != partner.tail:
            return False
        if (child.children or partner.children) and not alike(child, partner):
            return False
    return True


def pair_losses(before: Element, after: Element, *, kind: ComplexType | SimpleType | None) -> Iterator[Note]:
    """Compare one element with its counterpart."""
    if isinstance(kind, ComplexType):
        yield from tree_losses(before, after, kind=kind)
    elif before.text != after.text and not same_value(before.text, after.text, kind=kind):
        value, instead = masked(before.text[:80]), masked(after.text[:80])
        text = Text(
            f"{before.name} '{value}' comes out as '{instead}'",
            f"{in_danish(before.name)} '{value}' bliver til '{instead}'",
        )
        yield note(CHANGED, text, about=before, severity=Severity.INFO if before.name == "StatisticalCode" else None)


def same_value(before: str, after: str, *, kind: SimpleType | None) -> bool:
    """Whether two texts mean the same: 1 is true; blanks around a number say nothing."""
    if kind is None or kind.base == "string":
        return False
    before, after = before.strip(BLANKS), after.strip(BLANKS)
    return TRUE.get(before, before) == TRUE.get(after, after) if kind.base == "boolean" else before == after


def list_losses(
    parent: Element,
    *,
    before: list[Element],
    after: list[Element],
    kind: ComplexType | SimpleType | None,
) -> Iterator[Note]:
    """Compare elements of one name: equal ones first, then the rest in order."""
    plain_before, plain_after = [plain(element) for element in before], [plain(element) for element in after]
    counts_before, counts_after = Counter(plain_before), Counter(plain_after)
    if len(before) == len(after):
        if counts_before != counts_after:
            for element, partner in zip(before, after, strict=True):
                yield from pair_losses(element, partner, kind=kind)
        elif plain_before != plain_after:
            name = before[0].name
            yield note(
                ORDER, Text(f"the order of {name} changes", f"rækkefølgen af {in_danish(name)} ændres"), about=parent
            )
        return
    lost, new = unmatched(before, counts_after), unmatched(after, counts_before)
    for element, partner in zip(lost, new, strict=False):
        yield from pair_losses(element, partner, kind=kind)
    yield from map(dropped, lost[len(new) :])
    yield from (added(parent, element) for element in new[len(lost) :])


def unmatched(
    elements: Sequence[Element], others: Counter[Plain], *, as_plain: Callable[[Element], Plain] | None = None
) -> list[Element]:
    """Return the elements that have no equal on the other side, each of which counts once.

    `as_plain`: makes what is compared; `plain` by default.
    """
    rest, unpaired = Counter(others), []
    for element in elements:
        key = (as_plain or plain)(element)
        if rest[key] > 0:
            rest[key] -= 1
        else:
            unpaired.append(element)
    return unpaired


def dropped(element: Element) -> Note:
    """Return the note that an element has no place in the other syntax."""
    if not element.text and not element.children:
        text = Text(f"the empty {element.name} is left out", f"det tomme felt {in_danish(element.name)} udelades")
        return note(EMPTY, text, about=element)
    value = f" '{masked(element.text[:80])}'" if element.text.strip(BLANKS) else ""
    return note(
        DROPPED,
        Text(
            f"{element.name}{value} has no place on the other side and is lost",
            f"{in_danish(element.name)}{value} findes ikke i det andet format og går tabt",
        ),
        about=element,
    )


def added(parent: Element, element: Element) -> Note:
    """Return the note that something appears that was not there."""
    value = f" '{masked(element.text[:80])}'" if element.text else ""
    return note(
        ADDED,
        Text(
            f"{element.name}{value} appears when it is read again",
            f"{in_danish(element.name)}{value} tilføjes ved konverteringen; det stod ikke i den oprindelige besked",
        ),
        about=parent,
    )


def plain(element: Element) -> Plain:
    """Return an element without where it came from."""
    return (element.name, element.text, tuple([plain(child) for child in element.children]), element.tail)


def text_losses(before: Element, after: Element) -> Iterator[Note]:
    """Compare texts: the same words with other breaks or wrappers are a change of layout only."""
    if before == after or plain(before)[:3] == plain(after)[:3]:
        return
    name = before.name
    if words(before) == words(after):
        text = Text(
            f"the text of {name} keeps its words but not its exact layout",
            f"linjedelingen i teksten ({in_danish(name)}) ændres; ordene er de samme",
        )
        yield note(LAYOUT, text, about=before)
    else:
        text = Text(f"the text of {name} changes", f"teksten i {in_danish(name)} ændres")
        yield note(CHANGED, text, about=before)


def words(element: Element) -> list[str]:
    """Return the words of a text, whatever its layout."""
    pieces: list[str] = []

    def visit(node: Element) -> None:
        pieces.append(node.text)
        for child in node.children:
            pieces.append(" " if child.name in ("Break", "Space", "Center", "Right") else "")
            visit(child)
            pieces.append(" " if child.name in ("Center", "Right") else "")
            pieces.append(child.tail)

    visit(element)
    return "".join(pieces).split()


def segment_losses(before: Sequence[Segment], after: Sequence[Segment]) -> Iterator[Note]:
    """Compare a message's segments with those written again; their order says nothing."""
    contents, contents_after = ([(segment.tag, segment.elements) for segment in side] for side in (before, after))
    if contents == contents_after:
        return
    remaining = Counter(contents_after)
    for segment in before:
        key = (segment.tag, segment.elements)
        if remaining[key] <= 0:
            key = (segment.tag, trimmed(segment))
        if remaining[key] > 0:
            remaining[key] -= 1
            continue
        content = masked("+".join([segment.tag, *(":".join(element) for element in segment.elements)])[:120])
        text = Text(
            f"'{content}' is not carried, or not exactly so",
            f"'{content}' kommer ikke med (eller kun delvis) i den konverterede besked",
        )
        yield note(SEGMENT_LOST, text, about=segment)


def trimmed(segment: Segment) -> tuple[tuple[str, ...], ...]:
    """Return the elements without empty components and elements at the end."""
    elements = []
    for element in segment.elements:
        parts = element
        while parts and not parts[-1]:
            parts = parts[:-1]
        elements.append(parts or ("",))
    while elements and elements[-1] == ("",):
        elements.pop()
    return tuple(elements)
