"""Small letters to test with: the least a version demands, and changes to it."""

from random import Random

from tests.messages.generator import Generator

from npn.messages import Conversion, Element, Interchange, Letter, Syntax, convert, read, versions
from npn.messages.mapping.tree import LAST, ranks
from npn.messages.versions.notation import ComplexType, Field, ModelGroup

SAMPLES = {"date": "2014-09-04", "boolean": "true", "int": "1", "decimal": "1"}


RESULT = "LaboratoryResults/Result"
GENERAL = "LaboratoryResults/GeneralResultInformation"
TEXTS = "LaboratoryResults/TextualFormat"
CODED = "LaboratoryResults/CodedFormat"
BINARY = "RequisitionInformation/Sample/Reference"


class Least(Generator):
    """Makes the smallest document: nothing that may be missing, the first of every choice."""

    def __init__(self, name: str) -> None:
        super().__init__(versions.version(name), Random(1), alphabet="x")

    def times(self, low: int, high: int) -> int:
        del high
        return low

    def part(self, part: Field | ModelGroup) -> list[Element]:
        if isinstance(part, ModelGroup) and part.kind == "choice" and part.low:
            return super().part(part.parts[0])
        return super().part(part)

    def formatted(self, name: str, kind: ComplexType) -> Element:
        del kind
        return Element(name, "tekst", (Element("Break"),))

    def text(self, kind: object) -> str:
        codes = getattr(kind, "codes", ())
        if codes:
            return str(next((code for code in codes if code not in ("mds", "")), codes[0]))
        base = str(getattr(kind, "base", ""))
        if base in SAMPLES and not getattr(kind, "patterns", ()):
            return str(max(1, getattr(kind, "low", None) or 1)) if base == "int" else SAMPLES[base]
        made = super().text(kind)  # type: ignore[arg-type]  # it is a simple type
        return made if getattr(kind, "patterns", ()) or base != "string" else "x" * max(1, getattr(kind, "low", 0) or 1)


def least(name: str, changes: dict[str, str | Element | None] | None = None) -> Interchange:
    """The smallest document of a version, with elements put at paths or (None) taken away."""
    made = Least(name).document()
    letter = made.letters[0]
    root = letter.root
    for path, change in {"Letter/StatisticalCode": letter.type_code, **(changes or {})}.items():
        root = changed(root, path.split("/"), change, letter.version.root if letter.version else None)
    return Interchange(
        Syntax.XML,
        made.namespace,
        made.envelope,
        (Letter(root, letter.version, letter.version_code, letter.type_code),),
    )


def changed(element: Element, path: list[str], change: str | Element | None, kind: object) -> Element:
    """Put, replace or take away what stands at a path; `Name+` adds one more."""
    name, rest = path[0].removesuffix("+"), path[1:]
    fields = kind.fields if isinstance(kind, ComplexType) else {}
    inner = fields[name].type if name in fields else None
    old = [child for child in element.children if child.name == name]
    keep = [child for child in element.children if child.name != name or path[0].endswith("+")]
    if rest:
        new = [changed(old[0] if old and not path[0].endswith("+") else Element(name), rest, change, inner), *old[1:]]
    elif change is None:
        new = []
    else:
        new = [change if isinstance(change, Element) else Element(name, change)]
    order = ranks(kind) if isinstance(kind, ComplexType) else {}
    children = sorted((*keep, *new), key=lambda child: order.get(child.name, LAST))
    return Element(element.name, element.text, tuple(children), element.tail)


def text(name: str, *lines: str) -> Element:
    """A text of lines, each with its Break."""
    breaks = tuple(Element("Break", "", (), line) for line in (*lines[1:], ""))
    return Element(name, lines[0], breaks)


def leaf(name: str, *children: Element | tuple[str, str]) -> Element:
    """An element with children; a pair is a name and a text."""
    return Element(name, "", tuple(each if isinstance(each, Element) else Element(*each) for each in children))


def segments(interchange: Interchange, *, as_peer: bool = False) -> list[str]:
    """The segments it is written as, forced where need be."""
    data = convert(interchange, Syntax.EDIFACT, as_peer=as_peer, force=True).data or b""
    return data.decode("latin-1").removeprefix("UNA:+.? '").split("'")[:-1]


def edifact(interchange: Interchange, *edits: tuple[str, str]) -> bytes:
    """Its EDIFACT with parts of the text replaced, each of which must be there; UNT is counted again."""
    made = "'".join(segments(interchange)) + "'"
    for old, new in edits:
        assert old in made, (old, made)
        made = made.replace(old, new, 1)
    body = made[made.index("UNH+") : made.index("UNT+")]
    count = body.count("'") + 1
    head, _, tail = made.partition("UNT+")
    return f"UNA:+.? '{head}UNT+{count}+{tail.partition('+')[2]}".encode("latin-1")


def read_back(interchange: Interchange, *edits: tuple[str, str], as_peer: bool = False) -> Element:
    """The letter that its (edited) EDIFACT is read as."""
    return read(edifact(interchange, *edits), as_peer=as_peer).letters[0].root


def losses(made: Conversion) -> list[str]:
    """Rule and element of each loss."""
    return [f"{each.rule} {each.place.path.rpartition('/')[2]}" for each in made.losses]


def element(root: Element, path: str) -> Element:
    """The first element at a path, which must be there."""
    found = root.find(path)
    assert found is not None, path
    return found


def starting(made: list[str], *beginnings: str) -> list[str]:
    """The segments that begin so."""
    return [each for each in made if each.startswith(beginnings)]


def formatted(name: str, *parts: Element | str) -> Element:
    """Mixed content of texts and elements."""
    first, children = "", list[Element]()
    for part in parts:
        if isinstance(part, Element):
            children.append(part)
        elif children:
            last = children[-1]
            children[-1] = Element(last.name, last.text, last.children, last.tail + part)
        else:
            first += part
    return Element(name, first, tuple(children))
