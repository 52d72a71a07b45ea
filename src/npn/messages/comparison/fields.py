"""Compares two trees field by field: what is repeated is paired by what it is about, not by where it stands."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain

from npn.messages.comparison.model import FieldDifference, Relation
from npn.messages.comparison.pairing import Pairing
from npn.messages.comparison.trees import fields_of, is_field, is_mixed, plain, words
from npn.messages.model.finding import Place, Text
from npn.messages.model.interchange import Element
from npn.messages.model.labels import label
from npn.messages.versions.simple import BLANKS

NOTHING = Text("", "")
# What an element that may be repeated is about: the first of these that it has.
KEYS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "AnalysisFindings": (("Analysis",),),
    "Antibiotic": (("AntibioticName",),),
    "CCReceiver": (("Identifier",),),
    "Details": (("Identification",),),
    "Grouping": (("Headline",),),
    "Investigation": (("Examination/MICAnalysisCode", "Examination/AnalysisMDSName/Material"),),
    "Microorganism": (("Identification",),),
    "MicroscopicType": (("Type",),),
    "PatternEntry": (("RefMicroorganism", "RefAntibiotic"),),
    "Prompt": (("Question/Code", "Question/CodeText"),),
    "Reference": (("RefDescription",),),
    "RequestedAnalysis": (("Analysis/AnalysisCode",), ("Analysis/MICAnalysisCode",)),
    "Result": (("Analysis/AnalysisCode",), ("Code",), ("CellType",)),
    "Sample": (("RequesterSampleIdentifier",), ("LaboratoryInternalSampleIdentifier",), ("MaterialDescription",)),
}
SUBJECT_NAMES = ("Analysis/AnalysisShortName", "Examination/AnalysisShortName", "Text")
UNSAID = frozenset(("Letter", "RequisitionInformation", "LaboratoryResults", "GeneralResultInformation", "Requests"))
RENUMBERED = frozenset(("Sample", "CCReceiver"))  # whose key is a number that may be what has changed

PlaceOf = Callable[[Element], Place]


class FieldComparison:
    """Compares trees, knows where in each message an element stands, and counts the fields that are alike."""

    def __init__(self, first: PlaceOf, second: PlaceOf) -> None:
        """Take what knows the places of the one and the other message."""
        self._first, self._second = first, second
        self.alike = 0

    def trees(
        self, first: Element, second: Element, *, path: str = "", about: Text = NOTHING
    ) -> Iterator[FieldDifference]:
        """Compare two elements that stand for each other."""
        if plain(first) == plain(second):
            self.alike += fields_of(first)
            return
        if is_field(first) or is_field(second):
            yield from self._values(first, second, path=path, about=about)
            return
        in_first, in_second = by_name(first), by_name(second)
        for name in dict.fromkeys(chain(in_first, in_second)):
            here = f"{path}/{name}" if path else name
            yield from self.lists(in_first.get(name, ()), in_second.get(name, ()), path=here, about=about)

    def lists(
        self, first: Sequence[Element], second: Sequence[Element], *, path: str, about: Text
    ) -> Iterator[FieldDifference]:
        """Compare the elements of one name; texts as one, for EDIFACT parts them where XML does not."""
        if is_text_in_pieces(first, second):
            yield self._texts(first, second, path=path, about=about)
            return
        pairing, several = paired(first, second), max(len(first), len(second)) > 1
        for one, other in pairing.pairs():
            subject = subject_of(one or other, about) if several else about
            if one is not None and other is not None:
                yield from self.trees(one, other, path=path, about=subject)
            else:
                what = subject if subject != about else named(path, about)
                yield from self.single(one, other, path=path, what=what)
        if not pairing.is_in_order:
            yield FieldDifference(
                Relation.ORDER, path, named(path, about), "", "", self._first(first[0]), self._second(second[0])
            )

    def _texts(self, first: Sequence[Element], second: Sequence[Element], *, path: str, about: Text) -> FieldDifference:
        """Compare a text that is parted differently; it always differs, if only in its layout."""
        text, instead = (" ".join(map(words, side)) for side in (first, second))
        relation = Relation.LAYOUT if text == instead else Relation.CHANGED
        places = self._first(first[0]), self._second(second[0])
        return FieldDifference(relation, path, named(path, about), text, instead, *places)

    def _values(self, first: Element, second: Element, *, path: str, about: Text) -> Iterator[FieldDifference]:
        one, other = words(first), words(second)
        if not first.children and not second.children and first.text.strip(BLANKS) == second.text.strip(BLANKS):
            self.alike += 1
            return
        relation = Relation.LAYOUT if one == other else Relation.CHANGED
        yield FieldDifference(relation, path, named(path, about), one, other, self._first(first), self._second(second))

    def single(
        self, first: Element | None, second: Element | None, *, path: str, what: Text
    ) -> Iterator[FieldDifference]:
        """Yield the difference of an element that only one of the messages has, unless nothing stands in it."""
        if first is not None and fields_of(first):
            yield FieldDifference(Relation.ONLY_FIRST, path, what, words(first), "", self._first(first), None)
        elif second is not None and fields_of(second):
            yield FieldDifference(Relation.ONLY_SECOND, path, what, "", words(second), None, self._second(second))


def subject_of(element: Element | None, about: Text) -> Text:
    """Return the words for one of several elements: what it stands in, its label, and what it is about."""
    if element is None:
        return about
    key = " ".join(filter(None, chain(key_of(element), (element.value(path) for path in SUBJECT_NAMES))))
    return Text(
        *(_joined(", ", before, f"{word} {key}" if key else "") for before, word in _with_label(about, element.name))
    )


def named(path: str, about: Text) -> Text:
    """Return the words for a field: what it belongs to, then its label."""
    above, _, name = path.rpartition("/")
    parent = above.rpartition("/")[2]
    if parent and parent not in KEYS and parent not in UNSAID:
        about = Text(*(_joined(": ", *both) for both in _with_label(about, parent)))
    return Text(*(_joined(": ", *both) for both in _with_label(about, name, parent=parent)))


def _with_label(about: Text, name: str, *, parent: str = "") -> Iterator[tuple[str, str]]:
    """Yield words in English and Danish, each with the label of a field."""
    words_for = label(name, parent)
    return zip(about, (name, name) if words_for is None else (words_for.en, words_for.da), strict=True)


def _joined(between: str, *texts: str) -> str:
    return between.join(filter(None, texts))


def is_text_in_pieces(first: Sequence[Element], second: Sequence[Element]) -> bool:
    """Whether both are one text that the two messages part differently."""
    if len(first) == len(second) or not first or not second or not all(map(is_field, chain(first, second))):
        return False
    return any(map(is_mixed, chain(first, second))) or " ".join(map(words, first)) == " ".join(map(words, second))


def by_name(element: Element) -> dict[str, list[Element]]:
    """Return an element's children by their names, in the order in which each name comes first."""
    children: dict[str, list[Element]] = {}
    for child in element.children:
        children.setdefault(child.name, []).append(child)
    return children


def key_of(element: Element) -> tuple[str, ...]:
    """Return what an element is about; empty where nothing in it says so."""
    for paths in KEYS.get(element.name, ()):
        parts = [element.find(path) for path in paths]
        key = tuple("" if part is None else words(part).strip() for part in parts)
        if any(key):
            return key
    return ()


def paired(first: Sequence[Element], second: Sequence[Element]) -> Pairing[Element]:
    """Pair elements of one name: equal ones, then those about the same, then those about nothing in their order."""
    pairing = Pairing(first, second)
    has_own_subject = bool(first and second) and first[0].name in KEYS and first[0].name not in RENUMBERED
    if len(first) == len(second) == 1 and not has_own_subject:
        pairing.in_order()
        return pairing
    pairing.unmoved(plain)
    pairing.by_keys(lambda element: (plain(element),))
    pairing.by_keys(lambda element: filter(None, (key_of(element),)))
    if not has_own_subject:
        pairing.in_order()
    return pairing
