"""Why a structure is wrong, in words: rule id, English and Danish. Called only when something is."""

from collections.abc import Iterator
from dataclasses import dataclass

from npn.messages.model.finding import Finding, FindingRule, Place, Text
from npn.messages.model.interchange import Element
from npn.messages.model.labels import any_of, in_danish
from npn.messages.model.masking import masked
from npn.messages.structure import rules
from npn.messages.versions.notation import ComplexType, Field, ModelGroup
from npn.messages.versions.simple import BLANKS, SimpleType

MAX_SHOWN = 40
FORMS = {
    "(([0-1][0-9])|(2[0-3])):[0-5][0-9]": Text(
        "must be a time from 00:00 to 23:59, with four digits",
        "skal være et klokkeslæt fra 00:00 til 23:59, med fire cifre",
    ),
    "[0-9]{3}": Text("must be three digits", "skal være tre cifre"),
    "[0-9]{1,15}": Text("must be 1 to 15 digits", "skal være 1 til 15 cifre"),
    r"[0-9A-Fa-f]{8}\-[0-9A-Fa-f]{4}\-[0-9A-Fa-f]{4}\-[0-9A-Fa-f]{4}\-[0-9A-Fa-f]{12}": Text(
        "must be a UUID, as 123e4567-e89b-12d3-a456-426614174000",
        "skal være et UUID, som 123e4567-e89b-12d3-a456-426614174000",
    ),
    "[0-9]{10}": Text(
        "must be ten digits, without a hyphen or blanks",
        "skal være ti cifre, uden bindestreg eller mellemrum",
    ),
}


NOTHING = Text("", "")
WHOLE_NUMBERS = (
    ("must be a whole number", (" from {} to {}", " of at least {}", " of at most {}")),
    ("skal være et helt tal", (" fra {} til {}", " på mindst {}", " på højst {}")),
)


@dataclass(frozen=True, slots=True)
class StructureProblem:
    """What is wrong with an element; becomes a finding when its place is known.

    The texts name the elements of the XML form. What EDIFACT says instead is made of the rest:

    parent    the element in which something is missing or too much
    expected  the names that would have been right
    why       the reason without any name
    """

    rule: FindingRule
    element: Element
    text: Text
    parent: Element | None = None
    expected: tuple[str, ...] = ()
    why: Text = NOTHING

    def finding(self, place: Place, namespace: str, *, text: Text | None = None) -> Finding:
        """Return the problem as a finding at its place, in words of the XML form or in those given."""
        citation = self.rule.citation.format(namespace=namespace)
        return Finding(self.rule.id, self.rule.severity, place, *(text or self.text), citation)


def shown(text: str) -> str:
    """Quote a value so that a long one, or a full civil registration number, doesn't fill the finding."""
    text = masked(text)
    return f"'{text}'" if len(text) <= MAX_SHOWN else f"'{text[:MAX_SHOWN]}…'"


def named(rule: FindingRule, element: Element, *, why: Text) -> StructureProblem:
    """Make the problem of one element: its name and what is said of it."""
    text = Text(f"{element.name} {why.en}", f"feltet {in_danish(element.name)} {why.da}")
    return StructureProblem(rule, element, text, why=why)


def text(element: Element, piece: str) -> StructureProblem:
    """Text stands where only elements may, or a blank where not even that may."""
    value = shown(piece.strip(BLANKS) or piece)
    why = Text(
        f"holds the text {value}; only elements may stand there",
        f"indeholder teksten {value}; der må kun stå elementer",
    )
    return named(rules.TEXT, element, why=why)


def attribute(element: Element, name: str) -> StructureProblem:
    """An attribute stands where none may."""
    why = Text(
        f"has the attribute {name}; the format has no attributes",
        f"har attributten {name}; formatet har ingen attributter",
    )
    return named(rules.ATTRIBUTE, element, why=why)


def unexpected(parent: Element, child: Element, *, expected: frozenset[str]) -> StructureProblem:
    """An element stands where it may not."""
    names = " | ".join(sorted(expected))
    fields = tuple(sorted(expected))
    en = f"; expected: {names}" if names else ""
    da = f"; her kan stå {any_of(fields)}" if names else ""
    where = f"her i {in_danish(parent.name)}"
    return StructureProblem(
        rules.UNEXPECTED,
        child,
        Text(
            f"{child.name} may not stand here in {parent.name}{en}",
            f"feltet {in_danish(child.name)} hører ikke hjemme {where}{da}",
        ),
        parent,
        fields,
        Text("may not stand here", "hører ikke hjemme her"),
    )


def frame(root: Element, missing: str) -> StructureProblem:
    """The frame of a message lacks a part."""
    text = Text(f"{root.name} lacks {missing}", f"{in_danish(missing)} mangler i {in_danish(root.name)}")
    return StructureProblem(rules.MISSING, root, text, root)


def key_twice(element: Element) -> StructureProblem:
    """A number that others refer to is used twice."""
    value = shown(element.text)
    why = Text(
        f"{value} is used twice; each number may be used once",
        f"{value} er brugt to gange; hvert nummer må kun bruges én gang",
    )
    return named(rules.KEY, element, why=why)


def key_missing(element: Element) -> StructureProblem:
    """A reference leads nowhere."""
    value = shown(element.text)
    return named(
        rules.REFERENCE,
        element,
        why=Text(f"refers to {value}, which is not there", f"henviser til {value}, som ikke findes"),
    )


def value(element: Element, kind: SimpleType) -> StructureProblem:
    """A text is not one the type allows."""
    rule, text = wanted_by(kind, element.text)
    if not element.text:
        return named(rule, element, why=Text(f"is empty: {text.en}", f"er tomt; {text.da}"))
    content = shown(element.text)
    return named(rule, element, why=Text(f"is {content}: {text.en}", f"er {content}: {text.da}"))


def wanted_by(kind: SimpleType, content: str) -> tuple[FindingRule, Text]:
    """Return the rule that a text breaks, and what the type wants instead."""
    if kind.codes:
        codes = " | ".join(kind.codes[:12]) + (" …" if len(kind.codes) > 12 else "")
        return rules.CODE, Text(f"must be one of {codes}", f"skal være én af {codes}")
    if kind.patterns:
        return rules.PATTERN, form(kind.patterns[0])
    if kind.base == "string":
        return rules.LENGTH, length_between(kind, len(content))
    return wanted_value(kind)


def form(pattern: str) -> Text:
    """Return what a pattern asks for, in words where there are some."""
    if pattern.isalnum() and not pattern.isdecimal():
        return Text(f"must be {pattern}", f"skal have værdien {pattern}")
    return FORMS.get(pattern, Text(f"must match {pattern}", f"skal følge mønsteret {pattern}"))


def length_between(kind: SimpleType, length: int) -> Text:
    """Return how long a text may be, and how long it is where it is not empty."""
    low, high = kind.low or 0, kind.high
    if high is None:
        en, da = f"at least {low} characters are required", f"der skal stå mindst {low} tegn"
    elif low:
        en, da = f"{low}-{high} characters are allowed", f"der skal stå {low}-{high} tegn"
    else:
        en, da = f"at most {high} characters are allowed", f"der må højst stå {high} tegn"
    return Text(f"{en}, it has {length}", f"{da}, der er {length}") if length else Text(en, da)


def wanted_value(kind: SimpleType) -> tuple[FindingRule, Text]:
    """Return the rule of a type of dates, truths or numbers, and what it wants."""
    if kind.base == "date":
        return rules.DATE, Text(
            "must be a day of the calendar, as 2014-09-04", "skal være en dag i kalenderen, som 2014-09-04"
        )
    if kind.base == "boolean":
        return rules.BOOLEAN, Text("must be true or false", "skal være true eller false")
    if kind.base == "decimal":
        return rules.DECIMAL, Text(
            f"must be a number of at most {kind.digits} digits", f"skal være et tal på højst {kind.digits} cifre"
        )
    return rules.INTEGER, Text(*(f"{number}{bounds(kind, words)}" for number, words in WHOLE_NUMBERS))


def bounds(kind: SimpleType, words: tuple[str, ...]) -> str:
    """Return between which bounds a number lies, in words for both, the lower and the upper; empty: any number."""
    both, least, most = words
    if kind.low is not None and kind.high is not None:
        return both.format(kind.low, kind.high)
    if kind.low is not None:
        return least.format(kind.low)
    return "" if kind.high is None else most.format(kind.high)


class Walk:
    """Follows a content model as far as the children go, to tell what was expected where it stopped."""

    def __init__(self, names: list[str]) -> None:
        """Take the children's names."""
        self.names = names
        self.furthest = 0
        self.expected: set[str] = set()

    def note(self, at: int, name: str) -> None:
        """Remember what would have been right at the furthest place."""
        if at > self.furthest:
            self.furthest, self.expected = at, set()
        if at == self.furthest:
            self.expected.add(name)

    def once(self, part: Field | ModelGroup, at: int) -> set[int]:
        """Return where one occurrence of a part can end."""
        if isinstance(part, Field):
            if at < len(self.names) and self.names[at] == part.name:
                return {at + 1}
            self.note(at, part.name)
            return set()
        if part.kind == "choice":
            return {end for inner in part.parts for end in self.ends(inner, at)}
        ends = {at}
        for inner in part.parts:
            ends = {end for start in ends for end in self.ends(inner, start)}
        return ends

    def ends(self, part: Field | ModelGroup, at: int) -> set[int]:
        """Return where a part can end, with all its occurrences."""
        places = {at} if part.low == 0 else set()
        current, count = {at}, 0
        while current and count < part.high:
            current = {end for start in current for end in self.once(part, start)} - (
                places if count >= part.low else set()
            )
            count += 1
            if count >= part.low:
                places |= current
            if count > len(self.names) + part.low:
                break
        return places


def demanded(kind: ComplexType) -> frozenset[str]:
    """Return the names that a type can't do without, or of which it needs one."""

    def inside(part: Field | ModelGroup) -> Iterator[str]:
        if part.low and isinstance(part, Field):
            yield part.name
        elif part.low and isinstance(part, ModelGroup):
            for inner in part.parts:
                yield from inside(inner)

    return frozenset(inside(kind.content))


def lacking(element: Element, expected: tuple[str, ...], *, before: Element | None) -> StructureProblem:
    """Something is missing, before another element or at the end."""
    names = " | ".join(expected)
    if before is None:
        en, da = (
            f"{element.name} ends too soon; it lacks {names}",
            f"{any_of(expected)} mangler sidst i {in_danish(element.name)}",
        )
    else:
        en, da = (
            f"{element.name} lacks {names} before {before.name}",
            f"{any_of(expected)} mangler; skal stå før {in_danish(before.name)} i {in_danish(element.name)}",
        )
    return StructureProblem(rules.MISSING, before or element, Text(en, da), element, expected)


def content(element: Element, kind: ComplexType) -> StructureProblem:
    """The children are not the right ones: say which is the first wrong one, or what is missing at the end."""
    names = [child.name for child in element.children]
    if len(names) > 0 and not kind.fields:
        return unexpected(element, element.children[0], expected=frozenset())
    walk = Walk(names)
    ends = walk.ends(kind.content, 0)
    stop = max(walk.furthest, max(ends, default=0))
    expected = frozenset(walk.expected if stop == walk.furthest else ())
    if stop < len(names):
        return stopped(element, kind, stop=stop, expected=expected)
    return lacking(element, tuple(sorted(expected & demanded(kind) or expected)), before=None)


def stopped(element: Element, kind: ComplexType, *, stop: int, expected: frozenset[str]) -> StructureProblem:
    """Distinguish a missing element, one too many, one in the wrong place and an unknown one."""
    child = element.children[stop]
    if child.name not in kind.fields:
        return unexpected(element, child, expected=expected)
    before = [sibling.name for sibling in element.children[:stop]]
    if child.name in before and kind.fields[child.name].high <= before.count(child.name):
        return too_many(element, child, most=kind.fields[child.name].high)
    later = {sibling.name for sibling in element.children[stop + 1 :]}
    follower = passed_by(child.name, before, kind=kind)
    names = tuple(sorted(expected & demanded(kind) or expected))
    if follower is None and expected and not expected & later:
        return lacking(element, names, before=child)
    return misplaced(element, child, follower=follower, names=names)


def passed_by(name: str, before: list[str], *, kind: ComplexType) -> str | None:
    """Return the first of the elements before that belongs behind one of that name, unless the name came already."""
    if name in before:
        return None
    order = {field: place for place, field in enumerate(kind.fields)}
    return next((earlier for earlier in before if order[earlier] > order[name]), None)


def too_many(element: Element, child: Element, *, most: int) -> StructureProblem:
    """An element stands there more often than it may."""
    why = Text(f"stands too often: {most} at most", f"forekommer for mange gange: højst {most}")
    en = f"{child.name} stands too often in {element.name}: {most} at most"
    da = f"feltet {in_danish(child.name)} forekommer for mange gange i {in_danish(element.name)}: højst {most}"
    return StructureProblem(rules.TOO_MANY, child, Text(en, da), element, (), why)


def misplaced(element: Element, child: Element, *, follower: str | None, names: tuple[str, ...]) -> StructureProblem:
    """An element stands behind one that it belongs before, or where another one is expected."""
    should = f"it belongs before {follower}" if follower else f"expected: {' | '.join(names)}"
    skal = f"det hører til før {in_danish(follower)}" if follower else f"her kan stå {any_of(names)}"
    why = Text("stands in the wrong place", "står det forkerte sted")
    en = f"{child.name} {why.en} in {element.name}; {should}"
    da = f"feltet {in_danish(child.name)} {why.da} i {in_danish(element.name)}; {skal}"
    return StructureProblem(rules.ORDER, child, Text(en, da), element, names, why)
