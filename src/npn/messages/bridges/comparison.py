"""What somebody else's bridge made of a message, against ours: what is missing, changed or invented, and where."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from npn.messages.bridges.bridging import BridgedMessage, bridge
from npn.messages.bridges.registry import ends_at, way
from npn.messages.comparison.trees import is_mixed, plain, words
from npn.messages.files import read, write
from npn.messages.findings.places import Places
from npn.messages.mapping.losses import unmatched
from npn.messages.mapping.program import program
from npn.messages.model.finding import Place, Text
from npn.messages.model.interchange import Element, Interchange, Syntax
from npn.messages.model.labels import in_danish
from npn.messages.model.masking import masked
from npn.messages.versions import version
from npn.messages.versions.notation import Version

ENVELOPE = ("AcknowledgementCode",)  # the rest of the envelope is the intermediary's own
MAX_SHOWN = 80


class DifferenceKind(StrEnum):
    """How a message differs from what our bridge makes."""

    MISSING = "missing"
    CHANGED = "changed"
    INVENTED = "invented"


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference.

    path      of the element below the letter
    place     in the converted message; of what is missing, in the original
    expected  what our bridge gives; empty for what is invented
    actual    what is there
    """

    kind: DifferenceKind
    path: str
    place: Place
    expected: str
    actual: str
    text: Text


@dataclass(frozen=True, slots=True)
class BridgeCheck:
    """A converted message against our bridge. `ours` is None where no bridge leads anywhere from the original."""

    ours: BridgedMessage | None
    source: str
    target: str
    differences: tuple[Difference, ...]


def check(original: bytes, converted: bytes, *, to: Version | None = None) -> BridgeCheck:
    """Compare what an intermediary made of a message with what our bridge makes of it.

    to  the version that it should have made; None: that of the converted message where a bridge leads there, else the
        only one that a bridge leads to
    """
    before, after = read(original), read(converted)
    source = before.letters[0].version if before.letters else None
    if source is None:
        return BridgeCheck(None, "", "", ())
    target = to or target_of(source, after)
    ours = bridge(before, target, consent=("*",)) if target is not None else None
    if ours is None or target is None or ours.interchange is None:
        return BridgeCheck(None, source.name, target.name if target else "", ())
    expected = carried(ours.interchange, after.syntax, target=target)
    differences = tuple(Comparison(before, after).interchanges(expected))
    return BridgeCheck(ours, source.name, target.name, differences)


def target_of(source: Version, after: Interchange) -> Version | None:
    """Return the version that an intermediary was to make."""
    actual = after.letters[0].version if after.letters else None
    if actual is not None and way(source.name, actual.name):
        return actual
    targets, _ = ends_at(source.name)
    return version(targets[0]) if targets else None


def carried(expected: Interchange, syntax: Syntax, *, target: Version) -> Interchange:
    """Return what our bridge gives as the other syntax carries it, where the intermediary wrote that."""
    if syntax is Syntax.XML or program(target) is None:
        return expected
    try:
        return read(write(expected, Syntax.EDIFACT))
    except ValueError:
        return expected


class Comparison:
    """Compares trees and remembers where in each message an element stands."""

    def __init__(self, before: Interchange, after: Interchange) -> None:
        """Take the original and the converted message."""
        self.before, self.after = before, after
        self.places_before, self.places_after = Places(before), Places(after)
        self.origins = {
            element.origin: element for letter in reversed(before.letters) for element in letter.root.walk()
        }

    def interchanges(self, expected: Interchange) -> Iterator[Difference]:
        """Compare whole interchanges."""
        after = self.after
        if after.syntax is Syntax.XML and after.letters and after.namespace != expected.namespace:
            place = self.places_after.of(after.root or after.envelope)
            yield self._difference(
                DifferenceKind.CHANGED, "xmlns", place=place, expected=expected.namespace, actual=after.namespace
            )
        for name in ENVELOPE:
            yield from self.lists(
                [child for child in expected.envelope.children if child.name == name],
                [child for child in after.envelope.children if child.name == name],
                path="Envelope",
            )
        for number, letter in enumerate(expected.letters):
            if number < len(after.letters):
                yield from self.trees(letter.root, after.letters[number].root, path="")
            else:
                yield self._missing(letter.root, letter.root.name)
        for letter in after.letters[len(expected.letters) :]:
            yield self._invented(letter.root, letter.root.name)

    def trees(self, expected: Element, actual: Element, *, path: str) -> Iterator[Difference]:
        """Compare two elements that stand for each other."""
        if plain(expected) == plain(actual):
            return
        if expected.text != actual.text or is_mixed(expected) or is_mixed(actual):
            place = self.places_after.of(actual)
            yield self._difference(
                DifferenceKind.CHANGED,
                path or expected.name,
                place=place,
                expected=words(expected),
                actual=words(actual),
            )
            if is_mixed(expected) or is_mixed(actual):
                return
        names = dict.fromkeys((*(c.name for c in expected.children), *(c.name for c in actual.children)))
        for name in names:
            yield from self.lists(
                [child for child in expected.children if child.name == name],
                [child for child in actual.children if child.name == name],
                path=path,
            )

    def lists(self, expected: Sequence[Element], actual: Sequence[Element], *, path: str) -> Iterator[Difference]:
        """Compare the elements of one name: equal ones stand for each other, the rest in their order."""
        name = (expected or actual)[0].name if expected or actual else ""
        here = f"{path}/{name}" if path else name
        plain_before, plain_after = list(map(plain, expected)), list(map(plain, actual))
        if plain_before != plain_after and Counter(plain_before) == Counter(plain_after):
            place = self.places_after.of(actual[0])
            yield self._difference(DifferenceKind.CHANGED, here, place=place, expected="1, 2, …", actual="…, 2, 1")
            return
        if len(expected) == len(actual):
            for one, other in zip(expected, actual, strict=True):
                yield from self.trees(one, other, path=here)
            return
        left = unmatched(expected, Counter(plain_after), as_plain=plain)
        right = unmatched(actual, Counter(plain_before), as_plain=plain)
        for one, other in zip(left, right, strict=False):
            yield from self.trees(one, other, path=here)
        yield from (self._missing(element, here) for element in left[len(right) :])
        yield from (self._invented(element, here) for element in right[len(left) :])

    def _missing(self, element: Element, path: str) -> Difference:
        source = self.origins.get(element.origin, self.before.letters[0].root)
        place = self.places_before.of(source)
        return self._difference(DifferenceKind.MISSING, path, place=place, expected=words(element), actual="")

    def _invented(self, element: Element, path: str) -> Difference:
        place = self.places_after.of(element)
        return self._difference(DifferenceKind.INVENTED, path, place=place, expected="", actual=words(element))

    @staticmethod
    def _difference(kind: DifferenceKind, path: str, *, place: Place, expected: str, actual: str) -> Difference:
        expected, actual = shown(expected), shown(actual)
        name = path.rpartition("/")[2]
        text = {
            DifferenceKind.MISSING: Text(f"{name} '{expected}' is missing", f"{in_danish(name)} '{expected}' mangler"),
            DifferenceKind.INVENTED: Text(
                f"{name} '{actual}' was not in the original", f"{in_danish(name)} '{actual}' stod ikke i originalen"
            ),
            DifferenceKind.CHANGED: Text(
                f"{name} is '{actual}' and should be '{expected}'",
                f"{in_danish(name)} er '{actual}' og skulle være '{expected}'",
            ),
        }[kind]
        return Difference(kind, path, place, expected, actual, text)


def shown(text: str) -> str:
    """Return a text as a difference shows it: not too long, and without a whole CPR number."""
    text = masked(text)
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…"
