"""Two messages compared: every change is found and named once, and nothing else is."""

import time
from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from npn.messages import Element, Interchange, Letter, Syntax, read, read_all, write
from npn.messages.comparison import Basis, Relation, compare
from npn.messages.comparison.trees import is_field
from npn.messages.examples import example
from npn.messages.examples.samples import changed
from npn.messages.profiles import known

VERSIONS = [version.name for version in known() if not version.assumed]
ANSWER = example("XR0131K")
RESULT = "LaboratoryResults/Result"


def with_root(interchange: Interchange, root: Element) -> Interchange:
    """The interchange with another tree in its first letter."""
    return msgspec.structs.replace(
        interchange, letters=(msgspec.structs.replace(interchange.letters[0], root=root), *interchange.letters[1:])
    )


def fields(root: Element, above: tuple[int, ...] = ()) -> Sequence[tuple[int, ...]]:
    """Where the fields of a tree stand, as numbers of children."""
    if is_field(root):
        return [above] if root.text.strip() and not root.children else []
    return [place for at, child in enumerate(root.children) for place in fields(child, (*above, at))]


def with_text(root: Element, place: tuple[int, ...], text: str) -> Element:
    if not place:
        return msgspec.structs.replace(root, text=text)
    children = list(root.children)
    children[place[0]] = with_text(children[place[0]], place[1:], text)
    return msgspec.structs.replace(root, children=tuple(children))


def results_of(root: Element) -> list[Element]:
    return [element for element in root.walk() if element.name == "Result"]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_message_agrees_with_itself_and_with_what_is_read_of_it(version: str) -> None:
    message = example(version)
    result = compare([message], [read(write(message, Syntax.XML))])
    assert not result.differs, result
    assert result.alike > 10 or version.startswith("XC")
    assert not result.envelope


@given(st.data())
def test_a_changed_field_is_the_only_difference_and_has_both_texts(data: st.DataObject) -> None:
    message = example(data.draw(st.sampled_from(VERSIONS)))
    root = message.letters[0].root
    place = data.draw(st.sampled_from(list(fields(root))))
    other = with_root(message, with_text(root, place, "ÆNDRET"))
    (letter,) = compare([message], [other]).letters
    assert letter.differences
    said = " ".join(each.second for each in letter.differences)
    assert "ÆNDRET" in said
    if len(letter.differences) == 1:
        assert letter.differences[0].relation in (Relation.CHANGED, Relation.ONLY_SECOND)
    else:  # what it is about has changed: one is there in its place
        assert {Relation.ONLY_FIRST, Relation.ONLY_SECOND} == {each.relation for each in letter.differences}
    (mirrored,) = compare([other], [message]).letters
    assert sorted(each.first for each in mirrored.differences) == sorted(each.second for each in letter.differences)
    assert mirrored.alike == letter.alike


def test_what_is_added_in_front_moves_nothing_else() -> None:
    root = ANSWER.letters[0].root
    new = changed("XR0131K", {f"{RESULT}/Analysis/AnalysisCode": "NPU99999"}).letters[0].root
    extra = results_of(new)[0]

    def with_extra(element: Element) -> Element:
        if element.name == "LaboratoryResults":
            at = next(n for n, child in enumerate(element.children) if child.name == "Result")
            return msgspec.structs.replace(element, children=(*element.children[:at], extra, *element.children[at:]))
        return msgspec.structs.replace(element, children=tuple(map(with_extra, element.children)))

    (letter,) = compare([ANSWER], [with_root(ANSWER, with_extra(root))]).letters
    (difference,) = letter.differences
    assert (difference.relation, difference.path) == (Relation.ONLY_SECOND, RESULT)
    assert difference.what.en == "Result NPU99999 Kalium;P"
    assert difference.what.da == "Resultat NPU99999 Kalium;P"


def test_results_in_another_order_are_one_difference() -> None:
    def turned(element: Element) -> Element:
        if element.name == "LaboratoryResults":
            results = iter(reversed([child for child in element.children if child.name == "Result"]))
            children = tuple(next(results) if child.name == "Result" else child for child in element.children)
            return msgspec.structs.replace(element, children=children)
        return msgspec.structs.replace(element, children=tuple(map(turned, element.children)))

    (letter,) = compare([ANSWER], [with_root(ANSWER, turned(ANSWER.letters[0].root))]).letters
    assert [each.relation for each in letter.differences] == [Relation.ORDER]


def test_a_text_that_edifact_parts_is_compared_as_one() -> None:
    other = read(write(ANSWER, Syntax.EDIFACT))
    (letter,) = compare([ANSWER], [other]).letters
    texts = [each for each in letter.differences if each.path.endswith(("ResultComments", "ResultTextValue"))]
    assert {each.relation for each in texts} <= {Relation.LAYOUT, Relation.CHANGED}
    assert len(texts) == 6  # two in each of three results


def test_places_are_those_of_each_file() -> None:
    before, after = write(ANSWER, Syntax.EDIFACT), write(changed("XR0131K", {f"{RESULT}/Value": "5.5"}), Syntax.XML)
    differences = compare([read(before)], [read(after)]).letters[0].differences
    (value,) = [each for each in differences if each.path == f"{RESULT}/Value"]
    assert (value.first, value.second) == ("5.4", "5.5")
    assert value.first_place is not None
    assert value.second_place is not None
    assert value.first_place.segment is not None
    line = after.decode("iso-8859-1").split("\n")[(value.second_place.line or 0) - 1]
    assert line[(value.second_place.column or 0) - 1 :].startswith("<Value>5.5")


def test_letters_belong_together_by_number_then_by_sample_then_by_order() -> None:
    several = example("XR0131K", 3)
    turned = msgspec.structs.replace(several, letters=tuple(reversed(several.letters)))
    assert not compare([several], [turned]).differs
    final = changed("XR0131K", {"Letter/Identifier": "ANOTHER", "Letter/Authorisation/Time": "16:00"})
    (letter,) = compare([ANSWER], [final]).letters
    assert {each.path for each in letter.differences} == {"Letter/Identifier", "Letter/Authorisation/Time"}
    more = compare([ANSWER], [several])
    assert [each.first is None for each in more.letters] == [False, True, True]
    assert more.differs


def test_two_interchanges_in_one_file_are_compared_like_two_files() -> None:
    data = write(ANSWER, Syntax.EDIFACT)
    assert not compare(read_all(data + data), read_all(data + data)).differs


def test_a_requisition_is_compared_with_its_answer() -> None:
    requisition = example("XQ0131K")
    answer = answer_to(requisition)
    (letter,) = compare([requisition], [answer]).letters
    assert letter.basis is Basis.REQUISITION
    assert [(each.relation, each.second) for each in letter.differences] == [(Relation.ONLY_SECOND, "NPU01685")]
    (mirrored,) = compare([answer], [requisition]).letters
    assert [(each.relation, each.first) for each in mirrored.differences] == [(Relation.ONLY_FIRST, "NPU01685")]
    (wrong,) = compare(
        [requisition],
        [answer_to(requisition, {"RequisitionInformation/Sample/RequesterSampleIdentifier": "1000000082"})],
    ).letters
    assert {(each.relation, each.first, each.second) for each in wrong.differences} >= {
        (Relation.ONLY_SECOND, "", "1000000082"),
        (Relation.ONLY_FIRST, "1000000015", ""),
    }
    (elsewhere,) = compare([requisition], [answer_to(requisition, {"Receiver/EANIdentifier": "5790000000005"})]).letters
    assert "Requester: Location number" in {each.what.en for each in elsewhere.differences}


def answer_to(requisition: Interchange, changes: dict[str, str | None] | None = None) -> Interchange:
    """The answer that goes back to where the requisition came from."""
    root = requisition.letters[0].root
    turned: dict[str, str | None] = {
        "Receiver/EANIdentifier": root.value("Sender/EANIdentifier"),
        "Sender/EANIdentifier": root.value("Receiver/EANIdentifier"),
        "Receiver/Identifier": root.value("OriginalRequester/Identifier"),
        "Sender/Identifier": root.value("Receiver/Identifier"),
    }
    return changed("XR0131K", turned | (changes or {}))


def test_what_cannot_be_read_is_not_said_to_agree() -> None:
    unknown = read(write(ANSWER, Syntax.EDIFACT).replace(b"R0131K", b"R9999K"))
    result = compare([unknown], [unknown])
    assert [each.basis for each in result.letters] == [Basis.NOTHING]
    assert result.differs
    assert compare(read_all(b"nothing"), read_all(b"nothing")).differs


def test_time_is_in_line_with_the_number_of_results() -> None:
    def letter(count: int) -> Sequence[Interchange]:
        root = ANSWER.letters[0].root
        (result, *_) = results_of(root)

        def grown(element: Element) -> Element:
            if element.name != "LaboratoryResults":
                return msgspec.structs.replace(element, children=tuple(map(grown, element.children)))
            kept = [child for child in element.children if child.name != "Result"]
            return msgspec.structs.replace(element, children=(*kept, *[numbered(result, n) for n in range(count)]))

        return [with_root(ANSWER, grown(root))]

    def numbered(result: Element, number: int) -> Element:
        return msgspec.structs.replace(result, children=(*result.children, Element("Note", str(number))))

    def took(count: int) -> float:
        first, second = letter(count), letter(count + 1)[:1]
        began = time.process_time()
        compare(first, second)
        return time.process_time() - began

    assert min(took(1_600) for _ in range(2)) < 16 * min(took(200) for _ in range(2))


def test_the_letters_of_the_model_are_those_that_were_given() -> None:
    (letter,) = compare([ANSWER], [ANSWER]).letters
    assert isinstance(letter.first, Letter)
    assert letter.first is ANSWER.letters[0]
