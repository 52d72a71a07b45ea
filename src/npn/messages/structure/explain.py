"""Why a structure is wrong, in words: rule id, English and Danish. Called only when something is."""

from dataclasses import dataclass

from npn.messages.masking import masked
from npn.messages.model import Element
from npn.messages.structure.notation import ComplexType, Field, Group
from npn.messages.structure.simple import BLANKS, SimpleType

SHOWN = 40


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with an element; becomes a finding when its place is known."""

    rule: str
    element: Element
    en: str
    da: str


def shown(text: str) -> str:
    """Quote a value so that a long one, or a full civil registration number, doesn't fill the finding."""
    text = masked(text)
    return f"'{text}'" if len(text) <= SHOWN else f"'{text[:SHOWN]}…'"


def text(element: Element, piece: str) -> Problem:
    """Text stands where only elements may, or a blank where not even that may."""
    value = shown(piece.strip(BLANKS) or piece)
    return Problem(
        "structure.text",
        element,
        f"{element.name} holds the text {value}; only elements may stand there",
        f"{element.name} indeholder teksten {value}; der må kun stå elementer",
    )


def attribute(element: Element, name: str) -> Problem:
    """An attribute stands where none may."""
    return Problem(
        "structure.attribute",
        element,
        f"{element.name} has the attribute {name}; the format has no attributes",
        f"{element.name} har attributten {name}; formatet har ingen attributter",
    )


def unexpected(parent: Element, child: Element, expected: frozenset[str]) -> Problem:
    """An element stands where it may not."""
    names = " | ".join(sorted(expected))
    en = f"; expected: {names}" if names else ""
    da = f"; forventet: {names}" if names else ""
    return Problem(
        "structure.unexpected",
        child,
        f"{child.name} may not stand here in {parent.name}{en}",
        f"{child.name} må ikke stå her i {parent.name}{da}",
    )


def frame(root: Element, missing: str) -> Problem:
    """The frame of a message lacks a part."""
    return Problem("structure.missing", root, f"{root.name} lacks {missing}", f"{root.name} mangler {missing}")


def key_twice(element: Element) -> Problem:
    """A number that others refer to is used twice."""
    return Problem(
        "structure.key",
        element,
        f"{element.name} {shown(element.text)} is used twice; each number may be used once",
        f"{element.name} {shown(element.text)} er brugt to gange; hvert nummer må kun bruges én gang",
    )


def key_missing(element: Element) -> Problem:
    """A reference leads nowhere."""
    return Problem(
        "structure.reference",
        element,
        f"{element.name} refers to {shown(element.text)}, which is not there",
        f"{element.name} henviser til {shown(element.text)}, som ikke findes",
    )


def value(element: Element, kind: SimpleType) -> Problem:
    """A text is not one the type allows."""
    rule, en, da = value_reason(element.text, kind)
    quoted = shown(element.text)
    return Problem(rule, element, f"{element.name} is {quoted}: {en}", f"{element.name} er {quoted}: {da}")


def value_reason(content: str, kind: SimpleType) -> tuple[str, str, str]:
    """Say what the type wants."""
    if kind.codes:
        codes = " | ".join(kind.codes[:12]) + (" …" if len(kind.codes) > 12 else "")
        return "structure.code", f"must be one of {codes}", f"skal være en af {codes}"
    if kind.patterns:
        return "structure.pattern", f"must match {kind.patterns[0]}", f"skal følge mønsteret {kind.patterns[0]}"
    if kind.base == "string":
        bounds = f"{kind.low or 0}-{kind.high or ''}"
        en = f"{bounds} characters are allowed, it has {len(content)}"
        return "structure.length", en, f"der må være {bounds} tegn, der er {len(content)}"
    wanted = {
        "date": ("a day of the calendar, as 2014-09-04", "en dag i kalenderen, som 2014-09-04"),
        "boolean": ("true or false", "true eller false"),
        "decimal": (f"a number of at most {kind.digits} digits", f"et tal på højst {kind.digits} cifre"),
    }
    low, high = kind.low if kind.low is not None else "", kind.high if kind.high is not None else ""
    whole = (f"a whole number {low}-{high}", f"et helt tal {low}-{high}")
    en, da = wanted.get(kind.base, whole)
    return f"structure.{kind.base if kind.base in wanted else 'integer'}", f"must be {en}", f"skal være {da}"


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

    def once(self, part: Field | Group, at: int) -> set[int]:
        """Give where one occurrence of a part can end."""
        if isinstance(part, Field):
            if at < len(self.names) and self.names[at] == part.name:
                return {at + 1}
            self.note(at, part.name)
            return set()
        if part.kind == "choice":
            return {end for each in part.parts for end in self.ends(each, at)}
        ends = {at}
        for each in part.parts:
            ends = {end for start in ends for end in self.ends(each, start)}
        return ends

    def ends(self, part: Field | Group, at: int) -> set[int]:
        """Give where a part can end, with all its occurrences."""
        reached = {at} if part.low == 0 else set()
        current, count = {at}, 0
        while current and count < part.high:
            current = {end for start in current for end in self.once(part, start)} - (
                reached if count >= part.low else set()
            )
            count += 1
            if count >= part.low:
                reached |= current
            if count > len(self.names) + part.low:
                break
        return reached


def content(element: Element, kind: ComplexType) -> Problem:
    """The children are not the right ones: say which is the first wrong one, or what is missing at the end."""
    names = [child.name for child in element.children]
    if len(names) > 0 and not kind.fields:
        return unexpected(element, element.children[0], frozenset())
    walk = Walk(names)
    ends = walk.ends(kind.content, 0)
    stop = max(walk.furthest, max(ends, default=0))
    expected = frozenset(walk.expected if stop == walk.furthest else ())
    if stop < len(names):
        return stopped(element, kind, stop, expected)
    wanted = " | ".join(sorted(expected))
    return Problem(
        "structure.missing",
        element,
        f"{element.name} ends too soon; it lacks {wanted}",
        f"{element.name} slutter for tidligt; der mangler {wanted}",
    )


def stopped(element: Element, kind: ComplexType, stop: int, expected: frozenset[str]) -> Problem:
    """Tell a missing element, one too many and an unknown one apart."""
    child = element.children[stop]
    if child.name not in kind.fields:
        return unexpected(element, child, expected)
    later = {each.name for each in element.children[stop + 1 :]}
    before = [each.name for each in element.children[:stop]]
    if child.name in before and kind.fields[child.name].high <= before.count(child.name):
        most = kind.fields[child.name].high
        return Problem(
            "structure.too-many",
            child,
            f"{child.name} stands too often in {element.name}: {most} at most",
            f"{child.name} forekommer for mange gange i {element.name}: højst {most}",
        )
    if expected and not expected & later:
        wanted = " | ".join(sorted(expected))
        return Problem(
            "structure.missing",
            child,
            f"{element.name} lacks {wanted} before {child.name}",
            f"{element.name} mangler {wanted} før {child.name}",
        )
    return Problem(
        "structure.order",
        child,
        f"{child.name} stands in the wrong place in {element.name}; expected: {' | '.join(sorted(expected))}",
        f"{child.name} står det forkerte sted i {element.name}; forventet: {' | '.join(sorted(expected))}",
    )
