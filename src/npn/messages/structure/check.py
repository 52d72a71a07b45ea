"""The structure of a letter against its version: the verdict the XML schema gives, with places and texts.

The way of a sound letter is short: each type keeps the shapes of children it has accepted, and each simple
type tests a text in C. Only where that fails is the cause looked for (`npn.messages.structure.explain`).
"""

from dataclasses import dataclass

from npn.messages.model.interchange import Element
from npn.messages.structure import explain
from npn.messages.structure.explain import Problem
from npn.messages.versions.notation import ComplexType, Version
from npn.messages.versions.simple import BLANKS, SimpleType

XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
HARMLESS = frozenset((f"{XSI}schemaLocation", f"{XSI}noNamespaceSchemaLocation"))
KNOWN_SHAPES = 4096


def letter_problems(root: Element, version: Version) -> list[Problem]:
    """Give everything in a letter that its version does not allow."""
    problems: list[Problem] = []
    check(root, version.root, problems)
    return problems


def check(element: Element, kind: ComplexType, problems: list[Problem]) -> None:
    """Check one element with children, and all in it."""
    shape = tuple([child.name for child in element.children])
    if shape not in kind.known:
        learn(element, kind, shape, problems)
    if element.attributes:
        attributes(element, problems)
    if element.text and not kind.mixed:
        own_text(element, kind, problems)
    check_children(element, kind, problems)
    if kind.keys:
        problems.extend(key_problems(element, kind))


def check_children(element: Element, kind: ComplexType, problems: list[Problem]) -> None:
    """Check each child that its type knows: the hot loop, in one piece."""
    fields, mixed = kind.fields, kind.mixed
    for child in element.children:
        field = fields.get(child.name)
        if field is None:
            continue
        inner = field.type
        if inner.__class__ is SimpleType:
            if child.children or child.attributes or not inner.accepts(child.text):
                simple(child, inner, problems)
        elif child.children or child.text or child.attributes or inner.content.parts:  # type: ignore[union-attr]  # the other of two
            check(child, inner, problems)  # type: ignore[arg-type]  # the same
        if child.tail and not mixed and child.tail.strip(BLANKS):
            problems.append(explain.text(element, child.tail))


def own_text(element: Element, kind: ComplexType, problems: list[Problem]) -> None:
    """Report text before the first child; blanks may stand there only where children may."""
    if not kind.fields or element.text.strip(BLANKS):
        problems.append(explain.text(element, element.text))


def learn(element: Element, kind: ComplexType, shape: tuple[str, ...], problems: list[Problem]) -> None:
    """Match a shape not seen before; remember it if it is right, else say what is wrong."""
    letters = kind.letters
    if all(name in letters for name in shape) and kind.shape.fullmatch("".join([letters[name] for name in shape])):
        if len(kind.known) >= KNOWN_SHAPES:
            kind.known.clear()
        kind.known.add(shape)
        return
    problems.append(explain.content(element, kind))


def simple(element: Element, kind: SimpleType, problems: list[Problem]) -> None:
    """Check one element that holds a text only, the long way."""
    if element.attributes:
        attributes(element, problems)
    if element.children:
        problems.append(explain.unexpected(element, element.children[0], frozenset()))
    elif not kind.accepts(element.text):
        problems.append(explain.value(element, kind))


def attributes(element: Element, problems: list[Problem]) -> None:
    """No attribute is allowed but those that tell where a schema lies."""
    problems.extend(explain.attribute(element, name) for name, _ in element.attributes if name not in HARMLESS)


def key_problems(element: Element, kind: ComplexType) -> list[Problem]:
    """Check that keys are unique and that what refers to them finds one."""
    problems = []
    for key in kind.keys:
        declared = set()
        for each in element.all(key.declared):
            if canonical(each.text) in declared:
                problems.append(explain.key_twice(each))
            declared.add(canonical(each.text))
        problems += [explain.key_missing(e) for e in element.all(key.reference) if canonical(e.text) not in declared]
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


def outline_problems(outline: Outline) -> list[Problem]:
    """Check the frame: one envelope, then letters, each perhaps with a `Local_Elements` after it."""
    root, problems = outline.root, list[Problem]()
    attributes(root, problems)
    pieces = [root.text, *(child.tail for child in root.children)]
    problems += [explain.text(root, piece) for piece in pieces if piece.strip(BLANKS)]
    first = root.children[0] if root.children else None
    if first is None or first.name != "Envelope":
        problems.append(explain.frame(root, "Envelope"))
    else:
        check(first, outline.envelope, problems)
    rest = root.children[1:]
    after_letter = False
    for child in rest:
        if child.name == "Local_Elements" and outline.local_elements and after_letter:
            after_letter = False
            continue
        after_letter = child.name in outline.letters
        if not after_letter:
            problems.append(explain.unexpected(root, child, outline.letters))
    if not any(child.name in outline.letters for child in rest):
        problems.append(explain.frame(root, " | ".join(sorted(outline.letters))))
    return problems
