"""Makes documents that satisfy a version, from its data alone, and breaks them in every way there is.

Takes any `random.Random`: a seeded one for thousands in a row, hypothesis's own for shrinking.
"""

import re._parser as regex  # the standard library's own reading of patterns; nothing public gives it
from datetime import date, timedelta
from random import Random

from npn.messages import versions
from npn.messages.model.interchange import Element, Interchange, Letter, Syntax
from npn.messages.versions.notation import UNBOUNDED, ComplexType, Field, ModelGroup, Version
from npn.messages.versions.simple import SimpleType

PLAIN = "abcdefghijklmnopqrstuvwxyzæøåÆØÅABC0123456789 .,-/()"
HARD = PLAIN + "?:'+?:'+\\\\.éüñµ§ "
WILD = HARD + "<>&\t€Ω"
MOST_REPEATS = 4


class Generator:
    """Draws documents of one version."""

    def __init__(self, version: Version, lots: Random, *, alphabet: str = HARD) -> None:
        self.version = version
        self.lots = lots
        self.alphabet = alphabet

    def document(self, letters: int = 1) -> Interchange:
        """A whole `Emessage`."""
        envelope = self.element("Envelope", self.version.envelope)
        made = tuple(self.letter() for _ in range(letters))
        return Interchange(Syntax.XML, self.version.namespace, envelope, made)

    def letter(self) -> Letter:
        """One letter."""
        root = self.element(self.version.letter, self.version.root)
        return Letter(root, self.version, self.version.code, self.version.type)

    def element(self, name: str, kind: ComplexType | SimpleType) -> Element:
        """One element of that type."""
        if isinstance(kind, SimpleType):
            return Element(name, self.text(kind))
        if kind.mixed:
            return self.formatted(name, kind)
        children = tuple(self.part(kind.content))
        return Element(name, "", agreeing(children, kind) if kind.keys else children)

    def times(self, low: int, high: int) -> int:
        """How often: the least, the most (where that is not much), or between."""
        high = low + MOST_REPEATS if high == UNBOUNDED else high
        if self.lots.random() < 0.01:
            return high
        return (
            self.lots.randint(low, min(high, max(low, 1) + MOST_REPEATS - 1))
            if high > 1
            else self.lots.randint(low, high)
        )

    def part(self, part: Field | ModelGroup) -> list[Element]:
        """All occurrences of an element or a group."""
        made: list[Element] = []
        for _ in range(self.times(part.low, part.high)):
            if isinstance(part, Field):
                made.append(self.element(part.name, part.type))
            elif part.kind == "choice":
                made += self.part(self.lots.choice(part.parts))
            else:
                made += [each for inner in part.parts for each in self.part(inner)]
        return made

    def formatted(self, name: str, kind: ComplexType) -> Element:
        """Text with breaks and, where the type has them, wrappers."""
        children = []
        for _ in range(self.lots.choice((0, 1, 1, 2, 3, 6))):
            field = self.lots.choice(list(kind.fields.values()))
            inner = self.element(field.name, field.type)
            children.append(
                Element(inner.name, inner.text, inner.children, self.words(0, self.lots.choice((0, 20, 90))))
            )
        return Element(name, self.words(0, self.lots.choice((0, 10, 60, 69, 70, 71, 200))), tuple(children))

    def words(self, low: int, high: int) -> str:
        """Characters of the alphabet."""
        return "".join(self.lots.choices(self.alphabet, k=self.lots.randint(low, high)))

    def text(self, kind: SimpleType) -> str:  # noqa: PLR0911  # one return a base type
        """A text of that type."""
        if kind.codes:
            return self.lots.choice(kind.codes)
        if kind.patterns:
            return from_pattern(kind.patterns[0], self.lots)
        if kind.base == "string":
            low, high = kind.low or 0, kind.high if kind.high is not None else 80
            return self.words(*self.lots.choice(((low, low), (high, high), (low, min(high, low + 12)))))
        if kind.base == "date":
            return (date(1970, 1, 1) + timedelta(days=self.lots.randrange(25_000))).isoformat()
        if kind.base == "boolean":
            return self.lots.choice(("true", "false", "1", "0"))
        if kind.base == "decimal":
            return self.lots.choice(("0", "1.50", "-3.10", "12345678901234567", "+7", ".5"))
        low, high = kind.low if kind.low is not None else 1, kind.high if kind.high is not None else 2**31 - 1
        return str(self.lots.choice((low, high, self.lots.randint(low, min(high, low + 100)))))


def agreeing(children: tuple[Element, ...], kind: ComplexType) -> tuple[Element, ...]:
    """Number what keys declare from 1 in order and let what refers to them name the first."""
    steps = {path: number for key in kind.keys for path, number in ((key.declared, True), (key.reference, False))}

    def renumber(element: Element, path: str, counts: dict[str, int]) -> Element:
        if path in steps:
            counts[path] = counts.get(path, 0) + 1
            return Element(element.name, str(counts[path]) if steps[path] else "1")
        inner = tuple(renumber(child, f"{path}/{child.name}", counts) for child in element.children)
        return Element(element.name, element.text, inner, element.tail)

    counts: dict[str, int] = {}
    numbered = tuple(renumber(child, child.name, counts) for child in children)
    if counts.get("Microorganism/SortOrder", 0) > 9:  # it is a digit, and there may be ten
        children = tuple(child for child in children if child.name != "Microorganism")
        return agreeing(children, kind)
    empty = any(counts.get(key.reference) and not counts.get(key.declared) for key in kind.keys)
    return tuple(child for child in numbered if child.name != "Pattern") if empty else numbered


def from_pattern(pattern: str, lots: Random) -> str:
    """A text that matches a pattern of the data."""

    def one(parsed: object) -> str:
        out = []
        for op, value in parsed:  # type: ignore[attr-defined]  # the parser's tree has no public type
            kind = str(op)
            if kind == "LITERAL":
                out.append(chr(value))
            elif kind == "IN":
                spans = [span if str(what) == "RANGE" else (span, span) for what, span in value]
                out.append(chr(lots.randint(*lots.choice(spans))))
            elif kind == "BRANCH":
                out.append(one(lots.choice(value[1])))
            elif kind == "SUBPATTERN":
                out.append(one(value[3]))
            elif kind == "MAX_REPEAT":
                out += [one(value[2]) for _ in range(lots.randint(value[0], value[1]))]
            else:
                raise AssertionError(kind)
        return "".join(out)

    return one(regex.parse(pattern))


def paths(element: Element, at: tuple[int, ...] = ()) -> list[tuple[int, ...]]:
    """The way to every element, as numbers of children."""
    found = [at]
    for number, child in enumerate(element.children):
        found += paths(child, (*at, number))
    return found


def changed(element: Element, way: tuple[int, ...], change: object) -> Element:
    """The same tree with one element's place taken by what `change` gives: a tuple of elements."""
    number, rest = way[0], way[1:]
    child = element.children[number]
    new = change(child) if not rest else (changed(child, rest, change),)  # type: ignore[operator]  # a function of one element
    children = (*element.children[:number], *new, *element.children[number + 1 :])
    return Element(element.name, element.text, children, element.tail, attributes=element.attributes)


def mutate(root: Element, lots: Random, names: tuple[str, ...]) -> Element:
    """One random change; most break the document, some don't."""
    everything = paths(root)[1:]
    kinds = (
        drop,
        double,
        empty,
        longer,
        padded,
        renamed,
        with_text,
        with_child,
        swapped,
        emptied,
        odd_value,
        attributed,
    )
    kind = lots.choice(kinds)
    return changed(root, lots.choice(everything), lambda child: kind(child, lots, names))


def drop(_child: Element, _lots: Random, _names: tuple[str, ...]) -> tuple[Element, ...]:
    return ()


def double(child: Element, lots: Random, _names: tuple[str, ...]) -> tuple[Element, ...]:
    return (child,) * lots.choice((2, 2, 3, 100))


def empty(child: Element, _lots: Random, _names: tuple[str, ...]) -> tuple[Element, ...]:
    return (Element(child.name, "", child.children),)


def emptied(child: Element, _lots: Random, _names: tuple[str, ...]) -> tuple[Element, ...]:
    return (Element(child.name),)


def longer(child: Element, lots: Random, _names: tuple[str, ...]) -> tuple[Element, ...]:
    return (Element(child.name, child.text + "x" * lots.choice((1, 1, 2, 600)), child.children),)


def padded(child: Element, lots: Random, _names: tuple[str, ...]) -> tuple[Element, ...]:
    return (Element(child.name, lots.choice((" {}", "{} ", "\n{}\t", "{}\u00a0")).format(child.text), child.children),)


def renamed(child: Element, lots: Random, names: tuple[str, ...]) -> tuple[Element, ...]:
    name = lots.choice((*names, "Unknown", "{http://example.org/}" + child.name, "{}" + child.name))
    return (Element(name, child.text, child.children),)


def with_text(child: Element, lots: Random, _names: tuple[str, ...]) -> tuple[Element, ...]:
    return (Element(child.name, child.text, child.children, lots.choice(("x", " ", "\u00a0"))),)


def with_child(child: Element, lots: Random, names: tuple[str, ...]) -> tuple[Element, ...]:
    return (Element(child.name, child.text, (*child.children, Element(lots.choice(names), lots.choice(("", "1"))))),)


def swapped(child: Element, lots: Random, _names: tuple[str, ...]) -> tuple[Element, ...]:
    children = list(child.children)
    lots.shuffle(children)
    return (Element(child.name, child.text, tuple(children)),)


ODD_DATES = ("0000-01-01", "2014-02-29", "2016-02-29", "2014-9-04", "2014-09-04Z", "2014-09-04+15:00", "12014-01-01")
ODD_NUMBERS = ("0", "00", "01", "-1", "-0", "1.0", "+5", "1e3", ".", "99999999999", "2147483648", "123456789012345678")
ODD = (
    *ODD_DATES,
    *ODD_NUMBERS,
    *("-2014-01-01", "24:00", "23:59", "TRUE", "true", " true ", "N", "0.10000000000000000000", "", "0000000000"),
    *("3112990000", "å" * 10, "patologi", "patologi "),
)


def odd_value(child: Element, lots: Random, _names: tuple[str, ...]) -> tuple[Element, ...]:
    return (Element(child.name, lots.choice(ODD), child.children),)


def attributed(child: Element, lots: Random, _names: tuple[str, ...]) -> tuple[Element, ...]:
    xsi = "{http://www.w3.org/2001/XMLSchema-instance}"
    name = lots.choice(
        ("id", f"{xsi}schemaLocation", f"{xsi}nil", "{http://example.org/}a", f"{xsi}noNamespaceSchemaLocation")
    )
    return (Element(child.name, child.text, child.children, attributes=((name, "a b"),)),)


def all_names(version: Version) -> tuple[str, ...]:
    """Every element name of a version."""
    found: set[str] = set()

    def visit(kind: ComplexType | SimpleType) -> None:
        if isinstance(kind, ComplexType):
            for field in kind.content.fields():
                if field.name not in found or isinstance(field.type, ComplexType):
                    found.add(field.name)
                    visit(field.type)

    visit(version.root)
    return tuple(sorted(found))


ALL_VERSIONS = versions.names()
