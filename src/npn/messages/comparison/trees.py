"""What an element says, without where it came from: so that two of them can be compared."""

from collections.abc import Iterator

from npn.messages.model.formatting import FORMATTING
from npn.messages.model.interchange import Element
from npn.messages.versions.simple import BLANKS

INLINE = frozenset(("Bold", "Italic", "Underline"))
Plain = tuple[str, str, tuple["Plain", ...], str]


def plain(element: Element) -> Plain:
    """Return an element without where it came from; blanks between elements say nothing."""
    mixed = is_mixed(element)
    text = element.text if mixed or not element.children else ""
    children = tuple((*plain(child)[:3], child.tail if mixed else "") for child in element.children)
    return (element.name, text, children, "")


def is_mixed(element: Element) -> bool:
    """Whether text stands between the children of an element."""
    return any(child.name in FORMATTING for child in element.children)


def is_field(element: Element) -> bool:
    """Whether an element is one field: a value or a text, no group of fields."""
    return not element.children or is_mixed(element)


def words(element: Element) -> str:
    """Return all text in an element as words: breaks and blocks part them, emphasis does not."""
    return " ".join("".join(_pieces(element)).split())


def _pieces(element: Element) -> Iterator[str]:
    yield element.text
    between = "" if is_mixed(element) else " "
    for child in element.children:
        around = between if child.name in INLINE else " "
        yield around
        yield from _pieces(child)
        yield around
        yield child.tail


def fields_of(element: Element) -> int:
    """Return how many fields with a value an element holds."""
    if is_field(element):
        return 1 if element.children or element.text.strip(BLANKS) else 0
    return sum(map(fields_of, element.children))
