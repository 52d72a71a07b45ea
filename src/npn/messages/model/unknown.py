"""What a letter holds that its version's description lacks: taken apart, so that the rest can be read as usual."""

from dataclasses import dataclass, field

from msgspec import structs

from npn.messages.model.interchange import Element, Interchange, Letter
from npn.messages.versions.notation import ComplexType
from npn.messages.versions.simple import SimpleType

SEGMENT = "Segment"  # an element that keeps a segment which no line of the mapping reads


@dataclass(slots=True)
class KnownPart:
    """A letter without what its version lacks.

    root       the letter's tree with the known elements only
    unknown    the elements that were taken out, outermost only, in document order
    originals  the element that each one of `root` was copied from, by id
    """

    root: Element
    unknown: list[Element] = field(default_factory=list)
    originals: dict[int, Element] = field(default_factory=dict)

    def original(self, element: Element) -> Element:
        """Return the element of the letter that an element of `root` stands for."""
        return self.originals.get(id(element), element)


def known_part(root: Element, kind: ComplexType) -> KnownPart:
    """Take everything out of a letter that its type does not know; places that are known stay the same elements."""
    part = KnownPart(root)
    part.root = _known(root, kind, part=part)
    return part


def _known(element: Element, kind: ComplexType | SimpleType, *, part: KnownPart) -> Element:
    fields = kind.fields if isinstance(kind, ComplexType) else {}
    children = []
    for child in element.children:
        field = fields.get(child.name)
        if field is None:
            part.unknown.append(child)
        else:
            children.append(_known(child, field.type, part=part))
    if len(children) == len(element.children) and all(map(_same, children, element.children)):
        return element
    copy = structs.replace(element, children=tuple(children))
    part.originals[id(copy)] = element
    return copy


def _same(one: Element, other: Element) -> bool:
    return one is other


def without_unknown(interchange: Interchange) -> Interchange:
    """Return an interchange whose letters of assumed versions hold only what is known; the others as they are."""
    letters = tuple(_without_unknown(letter) for letter in interchange.letters)
    if all(map(_is_same_letter, letters, interchange.letters)):
        return interchange
    roots = {id(old.root): new.root for old, new in zip(interchange.letters, letters, strict=True)}
    root = interchange.root
    if root is not None:
        root = structs.replace(root, children=tuple(roots.get(id(child), child) for child in root.children))
    return structs.replace(interchange, letters=letters, root=root)


def _without_unknown(letter: Letter) -> Letter:
    if letter.version is None or not letter.version.assumed:
        return letter
    root = known_part(letter.root, letter.version.root).root
    return letter if root is letter.root else structs.replace(letter, root=root)


def _is_same_letter(one: Letter, other: Letter) -> bool:
    return one is other
