"""The structure of a letter against its version: the verdict the XML schema gives, with places and texts.

A valid message takes the short way: each type keeps the shapes of children it has accepted, and each simple
type tests a text in C. Only where that fails is the cause looked for (`npn.messages.structure.explain`).
"""

from dataclasses import dataclass

from npn.messages.model.interchange import Element
from npn.messages.structure import explain
from npn.messages.structure.explain import StructureProblem
from npn.messages.versions.notation import ComplexType, Version
from npn.messages.versions.simple import BLANKS, SimpleType

XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
HARMLESS = frozenset((f"{XSI}schemaLocation", f"{XSI}noNamespaceSchemaLocation"))
MAX_SHAPES = 4096


def letter_problems(root: Element, version: Version) -> list[StructureProblem]:
    """Return everything in a letter that its version does not allow."""
    return element_problems(root, version.root)


def element_problems(element: Element, kind: ComplexType) -> list[StructureProblem]:
    """Return everything in an element that its type does not allow."""
    checker = Checker()
    checker.check(element, kind)
    return checker.problems


class Checker:
    """Checks elements against their types; `problems` is what they break, in document order."""

    __slots__ = ("problems",)

    def __init__(self) -> None:
        """Begin without a problem."""
        self.problems: list[StructureProblem] = []

    def check(self, element: Element, kind: ComplexType) -> None:
        """Check one element with children, and all in it."""
        shape = tuple([child.name for child in element.children])
        if shape not in kind.accepted and not accepts(kind, shape):
            self.problems.append(explain.content(element, kind))
        if element.attributes:
            self.attributes(element)
        if element.text and not kind.mixed and (not kind.fields or element.text.strip(BLANKS)):
            self.problems.append(explain.text(element, element.text))
        self.children(element, kind)
        if kind.keys:
            self.problems += key_problems(element, kind)

    def children(self, element: Element, kind: ComplexType) -> None:
        """Check each child that the type knows: the hot loop, in one piece."""
        fields, mixed = kind.fields, kind.mixed
        for child in element.children:
            field = fields.get(child.name)
            if field is None:
                continue
            inner = field.type
            if inner.__class__ is SimpleType:
                if child.children or child.attributes or not inner.accepts(child.text):
                    self.simple(child, inner)
            elif child.children or child.text or child.attributes or inner.content.parts:  # type: ignore[union-attr]  # the other of two
                self.check(child, inner)  # type: ignore[arg-type]  # the same
            if child.tail and not mixed and child.tail.strip(BLANKS):
                self.problems.append(explain.text(element, child.tail))

    def simple(self, element: Element, kind: SimpleType) -> None:
        """Check one element that holds a text only, the long way."""
        if element.attributes:
            self.attributes(element)
        if element.children:
            self.problems.append(explain.unexpected(element, element.children[0], expected=frozenset()))
        elif not kind.accepts(element.text):
            self.problems.append(explain.value(element, kind))

    def attributes(self, element: Element) -> None:
        """Report each attribute but those that say where a schema lies."""
        self.problems += attribute_problems(element)


def accepts(kind: ComplexType, shape: tuple[str, ...]) -> bool:
    """Match a shape not seen before; remember it if it is right."""
    symbols = kind.symbols
    if not all(name in symbols for name in shape) or not kind.shape.fullmatch("".join([symbols[n] for n in shape])):
        return False
    if len(kind.accepted) >= MAX_SHAPES:
        kind.accepted.clear()
    kind.accepted.add(shape)
    return True


def attribute_problems(element: Element) -> list[StructureProblem]:
    """Return a problem for each attribute but those that say where a schema lies."""
    return [explain.attribute(element, name) for name, _ in element.attributes if name not in HARMLESS]


def key_problems(element: Element, kind: ComplexType) -> list[StructureProblem]:
    """Check that keys are unique and that what refers to them finds one."""
    problems = []
    for key in kind.keys:
        values = set()
        for declaration in element.all(key.declared):
            if canonical(declaration.text) in values:
                problems.append(explain.key_twice(declaration))
            values.add(canonical(declaration.text))
        problems += [explain.key_missing(e) for e in element.all(key.reference) if canonical(e.text) not in values]
    return problems


def canonical(text: str) -> str:
    """Numbers are compared by value: 01 is 1."""
    stripped = text.strip(BLANKS).lstrip("+")
    return stripped.lstrip("0") or "0" if stripped.isdecimal() else stripped


@dataclass(frozen=True, slots=True)
class Outline:
    """What an `Emessage` holds besides its letters: the envelope, and what stands between."""

    root: Element
    letters: frozenset[str]
    local_elements: bool
    envelope: ComplexType


def outline_problems(outline: Outline) -> list[StructureProblem]:
    """Check the frame: one envelope, then letters, each perhaps with a `Local_Elements` after it."""
    root, problems = outline.root, list[StructureProblem]()
    problems += attribute_problems(root)
    pieces = [root.text, *(child.tail for child in root.children)]
    problems += [explain.text(root, piece) for piece in pieces if piece.strip(BLANKS)]
    first = root.children[0] if root.children else None
    if first is None or first.name != "Envelope":
        problems.append(explain.frame(root, "Envelope"))
    else:
        problems += element_problems(first, outline.envelope)
    rest = root.children[1:]
    after_letter = False
    for child in rest:
        if child.name == "Local_Elements" and outline.local_elements and after_letter:
            after_letter = False
            continue
        after_letter = child.name in outline.letters
        if not after_letter:
            problems.append(explain.unexpected(root, child, expected=outline.letters))
    if not any(child.name in outline.letters for child in rest):
        problems.append(explain.frame(root, " | ".join(sorted(outline.letters))))
    return problems
