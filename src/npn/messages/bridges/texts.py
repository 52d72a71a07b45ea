"""Texts in the forms that versions have for them: one line, lines with breaks, paragraphs."""

from collections.abc import Sequence

from npn.messages.model.formatting import FORMATTING, is_text
from npn.messages.model.interchange import Element
from npn.messages.versions.notation import ComplexType
from npn.messages.versions.simple import SimpleType

BREAKING = frozenset(("Break", "Center", "Right"))


def lines_of(element: Element) -> list[str]:
    """Return the lines of a text, whatever its form."""
    if element.children and all(child.name == "Paragraph" for child in element.children):
        return [child.text for child in element.children]
    if element.children and not is_text(element):
        return [text for text in (" ".join(lines_of(child)) for child in element.children) if text]
    lines = [element.text]
    _gather(element.children, lines)
    return lines[:-1] if len(lines) > 1 and not lines[-1] else lines


def _gather(children: Sequence[Element], lines: list[str]) -> None:
    for child in children:
        if child.name in BREAKING:
            lines.append("")
        lines[-1] += " " if child.name == "Space" else child.text
        _gather(child.children, lines)
        if child.name in ("Center", "Right"):
            lines.append("")
        lines[-1] += child.tail


def text_element(name: str, element: Element, *, kind: ComplexType | SimpleType) -> tuple[Element, bool]:
    """Return a text as a type has it, and whether its lines are the same."""
    origin = element.origin
    if isinstance(kind, SimpleType):
        lines = lines_of(element)
        return Element(name, " ".join(filter(None, lines)), (), "", origin), len(lines) < 2
    if kind.mixed:
        if {inner.name for child in element.children for inner in child.walk()} <= set(kind.fields):
            return Element(name, element.text, element.children, "", origin), True
        lines = lines_of(element)
        breaks = tuple(Element("Break", "", (), line, origin) for line in lines[1:])
        return Element(name, lines[0], breaks, "", origin), not has_fonts(element)
    lines = lines_of(element)
    most = kind.fields["Paragraph"].high if "Paragraph" in kind.fields else len(lines)
    exact = len(lines) <= most and not has_fonts(element)
    if len(lines) > most:
        lines = [*lines[: most - 1], " ".join(lines[most - 1 :])]
    paragraphs = tuple(Element("Paragraph", line, (), "", origin) for line in lines)
    return Element(name, "", paragraphs, "", origin), exact


def has_fonts(element: Element) -> bool:
    """Whether a text has more form than its lines."""
    return any(inner.name in FORMATTING - {"Break", "Space"} for inner in element.walk())
