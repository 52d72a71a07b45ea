"""Finds which letters of two files belong together, and compares each pair."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from npn.messages.comparison.fields import NOTHING, FieldComparison
from npn.messages.comparison.model import (
    MIRRORED,
    Basis,
    FieldDifference,
    LetterComparison,
    MessageComparison,
)
from npn.messages.comparison.pairing import Pairing
from npn.messages.comparison.requisitions import requisition_differences
from npn.messages.findings.places import Places
from npn.messages.model.interchange import Interchange, Kind, Letter, Syntax


class _File:
    """The letters of a file, and where their fields stand."""

    def __init__(self, interchanges: Sequence[Interchange]) -> None:
        self.interchanges = interchanges
        self.letters = [letter for interchange in interchanges for letter in interchange.letters]
        self._owners = {id(letter): interchange for interchange in interchanges for letter in interchange.letters}
        self._places: dict[int, Places] = {}

    def owner(self, letter: Letter) -> Interchange:
        """Return the interchange that a letter stands in."""
        return self._owners[id(letter)]

    def places(self, interchange: Interchange) -> Places:
        """Return what knows where the fields of an interchange stand."""
        return self._places.setdefault(id(interchange), Places(interchange))

    def is_read(self, letter: Letter) -> bool:
        """Whether the fields of a letter are known: EDIFACT of an unknown version has none."""
        return not letter.is_binary and (letter.version is not None or self.owner(letter).syntax is Syntax.XML)


def compare(first: Sequence[Interchange], second: Sequence[Interchange]) -> MessageComparison:
    """Compare what two files hold, field by field.

    Letters belong together by type and number; what is left by a sample or requisition number that both have; what is
    left then in its order. The syntax, and the order of fields of different names, make no difference. A requisition
    and its answer are compared by what both of them state.

    Time is in line with the size of the files.
    """
    one, other = _File(first), _File(second)
    letters = tuple(
        _pair(first_letter, second_letter, one=one, other=other)
        for first_letter, second_letter in _pairs(one.letters, other.letters)
    )
    return MessageComparison(letters, tuple(_envelopes(one, other)))


def _pair(first: Letter | None, second: Letter | None, *, one: _File, other: _File) -> LetterComparison:
    if first is None or second is None:
        return LetterComparison(first, second, Basis.FIELDS, 0, ())
    if not one.is_read(first) or not other.is_read(second):
        return LetterComparison(first, second, Basis.NOTHING, 0, ())
    places_first, places_second = one.places(one.owner(first)).of, other.places(other.owner(second)).of
    kinds = (first.kind, second.kind)
    if kinds == (Kind.ANSWER, Kind.REQUISITION):
        comparison = FieldComparison(places_second, places_first)
        differences = tuple(map(_mirrored, requisition_differences(comparison, requisition=second, answer=first)))
        return LetterComparison(first, second, Basis.REQUISITION, comparison.alike, differences)
    comparison = FieldComparison(places_first, places_second)
    if kinds == (Kind.REQUISITION, Kind.ANSWER):
        differences = tuple(requisition_differences(comparison, requisition=first, answer=second))
        return LetterComparison(first, second, Basis.REQUISITION, comparison.alike, differences)
    differences = tuple(comparison.trees(first.root, second.root))
    return LetterComparison(first, second, Basis.FIELDS, comparison.alike, differences)


def _mirrored(difference: FieldDifference) -> FieldDifference:
    """Return the difference as it is seen from the other message."""
    return replace(
        difference,
        relation=MIRRORED.get(difference.relation, difference.relation),
        first=difference.second,
        second=difference.first,
        first_place=difference.second_place,
        second_place=difference.first_place,
    )


def _envelopes(one: _File, other: _File) -> Iterator[FieldDifference]:
    """Compare the envelopes of the first interchanges."""
    if one.interchanges and other.interchanges:
        first, second = one.interchanges[0], other.interchanges[0]
        comparison = FieldComparison(one.places(first).of, other.places(second).of)
        yield from comparison.trees(first.envelope, second.envelope, path="Envelope", about=NOTHING)


def _pairs(first: Sequence[Letter], second: Sequence[Letter]) -> list[tuple[Letter | None, Letter | None]]:
    pairing = Pairing(first, second)
    pairing.by_keys(lambda letter: filter(all, ((letter.type_code, letter.identifier.strip()),)))
    pairing.by_keys(lambda letter: filter(None, (sample.number.strip() for sample in letter.sample_numbers)))
    pairing.in_order()
    return pairing.pairs()
