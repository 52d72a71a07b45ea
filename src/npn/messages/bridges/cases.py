"""Messages for testing somebody else's bridge: each optional element alone, all at once, codes, long, many, unknown.

Every text differs from every other, so that an exchange or a loss shows where it happened.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count

from npn.messages.conversion import to_edifact
from npn.messages.examples import SensibleValues
from npn.messages.examples.builder import FieldPosition
from npn.messages.model.interchange import Element, Interchange, Letter, Syntax
from npn.messages.oioxml.writing import write as write_xml
from npn.messages.structure.check import letter_problems
from npn.messages.versions.notation import ComplexType, Field, ModelGroup, Version
from npn.messages.versions.simple import SimpleType

FIRST_DAY = date(2024, 1, 2)
MOST_CODES = 12
MANY = 3
SHORT = 8  # what every version allows for a code
LETTERS = "æøåÆØÅ&<>'+:?é"
UNKNOWN_ELEMENT, UNKNOWN_SEGMENT = "MadeUpElement", b"FTX+ZZZ+P00++made-up segment"


@dataclass(frozen=True, slots=True)
class BridgeCase:
    """A message to give to a bridge."""

    name: str
    syntax: Syntax
    data: bytes


@dataclass(slots=True)
class CasePlan:
    """What a case holds: which optional parts, which alternative, which code, how often and how long.

    wanted   keys of optional parts; None: all
    picks    the alternative of a choice, by its key
    """

    name: str
    wanted: frozenset[str] | None = frozenset()
    picks: dict[str, int] = field(default_factory=dict)
    code: int = 0
    times: int = 1
    long: bool = False


class CaseBuilder:
    """Builds a letter by a plan."""

    def __init__(self, version: Version, plan: CasePlan) -> None:
        """Count texts from 1."""
        self.version, self.plan = version, plan
        self.numbers = count(1)
        self.sensible = SensibleValues(version)

    def element(self, name: str, kind: ComplexType | SimpleType, *, path: str) -> Element:
        """Build an element and all in it."""
        if isinstance(kind, SimpleType):
            return Element(name, self.text(kind, path))
        if kind.mixed:
            lines = [self.filled("linje", 60, number=next(self.numbers)) for _ in range(2)]
            return Element(name, lines[0], (Element("Break", tail=lines[1]), Element("Break")))
        return Element(name, "", tuple(self.part(kind.content, path)))

    def part(self, part: Field | ModelGroup, path: str, *, key: str = "") -> Iterator[Element]:
        """Build all occurrences of a field or group."""
        if isinstance(part, Field):
            for _ in range(self.often(part.low, part.high, key=key_of(part, path, key=key))):
                yield self.element(part.name, part.type, path=f"{path}/{part.name}")
            return
        here = key_of(part, path, key=key)
        for _ in range(self.often(part.low, part.high, key=here)):
            if part.kind == "choice":
                yield from self.part(part.parts[self.plan.picks.get(here, 0) % len(part.parts)], path, key=f"{key}-0")
            else:
                for number, inner in enumerate(part.parts):
                    yield from self.part(inner, path, key=f"{key}-{number}")

    def often(self, low: int, high: int, *, key: str) -> int:
        """Return how often a part stands there."""
        wanted = self.plan.wanted
        if low == 0 and wanted is not None and key not in wanted:
            return 0
        return min(high, max(low, 1, self.plan.times if high > 1 else 1))

    def text(self, kind: SimpleType, path: str) -> str:
        """Return a text that its type allows and that no other field has."""
        if path.endswith("/StatisticalCode"):
            return self.version.type
        name, number = path.rpartition("/")[2], next(self.numbers)
        if kind.codes:
            return kind.codes[self.plan.code % len(kind.codes)]
        if kind.base == "date":
            return (FIRST_DAY + timedelta(days=number)).isoformat()
        if kind.base == "string" and not kind.patterns:
            return self.filled(name, kind.high or 70, number=number)
        texts = (
            f"{number // 60 % 24:02}:{number % 60:02}" if name == "Time" else "",
            f"{number}.50" if kind.base == "decimal" else "",
            self.sensible.text(FieldPosition(path), kind),
        )
        return next((text for text in texts if text and kind.accepts(text)), str(kind.low or 1))

    def filled(self, name: str, length: int, *, number: int) -> str:
        """Return a text with a number in it; a long one fills its length with letters that need care."""
        mark = f"{number:03}"
        if length <= len(mark):
            return mark[-length:]
        text = f"{name[: min(length, SHORT) - len(mark)]}{mark}"
        if self.plan.long and length > len(text):
            text += (LETTERS * (length // len(LETTERS) + 1))[: length - len(text)]
        return text


def plans(version: Version) -> Iterator[CasePlan]:
    """Yield what cases there are of a version."""
    yield CasePlan("least")
    yield CasePlan("all", None)
    yield CasePlan("long", None, long=True)
    yield CasePlan("many", None, times=MANY)
    yield CasePlan("most", frozenset(), times=100)
    for number in range(1, MOST_CODES):
        yield CasePlan(f"code-{number}", None, code=number)
    for key, around in optional(version.root.content, version.letter, around=()):
        yield CasePlan(f"only-{label(key)}", frozenset((*around, key)))
    for key, alternatives in choices(version.root.content, version.letter):
        for number in range(1, alternatives):
            yield CasePlan(f"choice-{label(key)}-{number}", None, {key: number})


def optional(
    part: Field | ModelGroup, path: str, *, around: tuple[str, ...], key: str = ""
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the key of each optional part with those of the optional parts around it."""
    here = key_of(part, path, key=key)
    if part.low == 0:
        yield here, around
        around = (*around, here)
    if isinstance(part, ModelGroup):
        for number, inner in enumerate(part.parts):
            yield from optional(inner, path, around=around, key=f"{key}-{number if part.kind != 'choice' else 0}")
    elif isinstance(part.type, ComplexType) and not part.type.mixed:
        yield from optional(part.type.content, f"{path}/{part.name}", around=around)


def choices(part: Field | ModelGroup, path: str, *, key: str = "") -> Iterator[tuple[str, int]]:
    """Yield the key of each choice with the number of its alternatives."""
    if isinstance(part, Field):
        if isinstance(part.type, ComplexType) and not part.type.mixed:
            yield from choices(part.type.content, f"{path}/{part.name}")
        return
    if part.kind == "choice":
        yield key_of(part, path, key=key), len(part.parts)
    for number, inner in enumerate(part.parts):
        yield from choices(inner, path, key=f"{key}-{number if part.kind != 'choice' else 0}")


def key_of(part: Field | ModelGroup, path: str, *, key: str) -> str:
    """Return what a part is called in a plan; an element in an inner group has the group's number with it."""
    if isinstance(part, Field):
        return f"{path}/{part.name}" if key.count("-") < 2 else f"{path}/{part.name}{key}"
    return f"{path}/{part.kind}{key}"


def label(key: str) -> str:
    """Return a key as a part of a file's name."""
    return key.partition("/")[2].replace("/", ".")


def bridge_cases(version: Version) -> Iterator[BridgeCase]:
    """Yield the cases of a version, in both syntaxes where it has both.

    The last ones hold an element and a segment that nobody knows. A case that its version does not allow is left out.
    """
    interchange = None
    for plan in plans(version):
        built = built_case(version, plan)
        if letter_problems(built.letters[0].root, version):
            continue
        interchange = built if plan.name == "all" else interchange
        yield from in_both(plan.name, built)
    if interchange is None:
        return
    yield BridgeCase("unknown-element", Syntax.XML, write_xml(with_unknown(interchange)))
    data = to_edifact(interchange).data
    if data is not None:
        yield BridgeCase("unknown-segment", Syntax.EDIFACT, with_segment(data))


def built_case(version: Version, plan: CasePlan) -> Interchange:
    """Build the message of a plan."""
    builder = CaseBuilder(version, plan)
    envelope = CaseBuilder(version, CasePlan("", frozenset())).element("Envelope", version.envelope, path="Envelope")
    root = builder.element(version.letter, version.root, path=version.letter)
    letter = Letter(root, version, version.code, version.type)
    return Interchange(Syntax.XML, version.namespace, envelope, (letter,))


def in_both(name: str, interchange: Interchange) -> Iterator[BridgeCase]:
    """Yield a case as XML, and as EDIFACT where the version can be written so."""
    yield BridgeCase(name, Syntax.XML, write_xml(interchange))
    data = to_edifact(interchange).data
    if data is not None:
        yield BridgeCase(name, Syntax.EDIFACT, data)


def with_unknown(interchange: Interchange) -> Interchange:
    """Put a made-up element into the first group of the letter after its heading."""
    letter = interchange.letters[0]
    first, second, *rest = letter.root.children
    second = _with_child(second, Element(UNKNOWN_ELEMENT, "made-up element"))
    root = Element(letter.root.name, "", (first, second, *rest))
    return Interchange(
        interchange.syntax,
        interchange.namespace,
        interchange.envelope,
        (Letter(root, letter.version, letter.version_code, letter.type_code),),
    )


def _with_child(element: Element, child: Element) -> Element:
    return Element(element.name, element.text, (*element.children, child), element.tail)


def with_segment(data: bytes) -> bytes:
    """Put a made-up segment before the end of the message, and count it."""
    head, _, tail = data.rpartition(b"UNT+")
    number, _, rest = tail.partition(b"+")
    return head + UNKNOWN_SEGMENT + b"'" + b"UNT+%d+" % (int(number) + 1) + rest
