"""Bridges as data: nothing is lost unseen, and what is written is valid in the other version."""

from collections.abc import Iterator
from random import Random

import pytest
from tests.messages.letters import least

from npn.messages import Element, Interchange, read, versions
from npn.messages.bridges.bridging import BridgedMessage, bridge
from npn.messages.bridges.cases import bridge_cases
from npn.messages.bridges.comparison import check
from npn.messages.bridges.model import Weight
from npn.messages.bridges.registry import bridges, way
from npn.messages.bridges.texts import lines_of
from npn.messages.examples import example
from npn.messages.oioxml.writing import write
from npn.messages.profiles import named, use
from npn.messages.verdicts import Verdict, verdict_of

ENDS = sorted(bridges(versions.registry()))
WAYS = [*ENDS, ("XR0530M", "XR0532M"), ("XR0130K-2005", "XR0131K")]


@pytest.fixture(autouse=True)
def only_the_toolkits_own() -> Iterator[None]:
    use(None)
    yield
    use(None)


def leaves(element: Element, path: str = "") -> Iterator[tuple[str, str]]:
    """Every text of a letter with its path."""
    for child in element.children:
        here = f"{path}/{child.name}".lstrip("/")
        if child.children and child.children[0].name in ("Break", "Paragraph"):
            yield from ((here, line) for line in lines_of(child) if line)
        elif child.children:
            yield from leaves(child, here)
        elif child.text:
            yield here, child.text


def texts(element: Element) -> str:
    return "\n".join(text for _, text in leaves(element))


def unseen(original: Interchange, result: BridgedMessage) -> list[tuple[str, str]]:
    """What is neither in the bridged letter nor named by a loss."""
    assert result.interchange is not None
    there = texts(result.interchange.letters[0].root)
    rules = [loss.rule for loss in result.losses]
    own = ("Letter/VersionCode", "Letter/TypeCode", "Letter/StatisticalCode")
    return [
        (path, text)
        for path, text in leaves(original.letters[0].root)
        if text not in there and path not in own and not any(is_named(path, rule) for rule in rules)
    ]


def is_named(path: str, rule: str) -> bool:
    return f"{path}/".startswith(f"{rule}/") or rule.startswith(f"{path}:")


CODED = ("ResultStatus", "MedicalSpecialityCode", "Operator")


@pytest.mark.parametrize(("source", "target"), WAYS)
def test_every_value_arrives_or_is_named_as_lost_and_what_is_written_is_valid(source: str, target: str) -> None:
    written = 0
    for case in bridge_cases(named(source)):
        original = read(case.data)
        if original.letters[0].version is not named(source):
            continue  # both forms of a version have one EDIFACT
        result = bridge(original, named(target))
        lost = [(path, text) for path, text in unseen(original, result) if path.rpartition("/")[2] not in CODED]
        assert not lost, case.name
        if result.data is not None:
            written += 1
            again = read(result.data)
            assert again.letters[0].version_code == named(target).code, case.name
            errors = [finding.en for finding in again.findings if finding.severity == "error"]
            assert not errors, case.name
    assert written


@pytest.mark.parametrize(("source", "target"), WAYS)
def test_the_check_finds_nothing_in_what_our_own_bridge_makes(source: str, target: str) -> None:
    for case in bridge_cases(named(source)):
        result = bridge(read(case.data), named(target))
        if result.data is not None:
            assert check(case.data, result.data, to=named(target)).differences == (), case.name


@pytest.mark.parametrize(("source", "target"), WAYS)
def test_the_check_finds_any_text_that_was_altered(source: str, target: str) -> None:
    """Alter one text of the converted message at a time."""
    random = Random(3)
    data = next(case.data for case in bridge_cases(named(source)) if case.name == "least")
    result = bridge(read(data), named(target), consent=("*",))
    assert result.data is not None
    document = result.data.decode("latin-1")
    ends = [at for at in range(document.index("</Envelope>") + 1, len(document)) if document.startswith("</", at)]
    for at in random.sample([at for at in ends if document[at - 1] != ">"], 12):
        altered = f"{document[:at]}x{document[at:]}".encode("latin-1")
        differences = check(data, altered, to=named(target)).differences
        assert len(differences) == 1, document[at - 40 : at + 20]
        assert differences[0].kind == "changed"


def test_the_ways_that_the_issue_names_are_there() -> None:
    wanted = [("XQ0132K", "XQ0131K"), ("XR0231M", "XR0532M"), ("XR0532M", "XR0231M"), ("XR0530M", "XR0531M")]
    wanted += [("XR0531M", "XR0532M"), ("XR0130K-2007", "XR0131K")]
    assert set(wanted) <= set(ENDS)
    assert [step.target for step in way("XR0530M", "XR0532M")] == ["XR0531M", "XR0532M"]
    assert way("XQ0131K", "XR0131K") == ()


def test_a_status_of_the_whole_follows_from_those_of_its_results() -> None:
    path = "LaboratoryResults/Result/ResultStatusCode"
    for status, whole in (("svar_endeligt", "komplet_svar"), ("svar_midlertidigt", "del_svar")):
        result = bridge(least("XR0130K-2007", {path: status}), named("XR0131K"))
        assert result.interchange is not None
        report = result.interchange.letters[0].root.value("LaboratoryResults/GeneralResultInformation/ReportStatusCode")
        assert report == whole


def test_an_answer_goes_to_the_web_form_and_back() -> None:
    there = bridge(least("XR0231M"), named("XR0532M"))
    assert there.data is not None
    assert verdict_of(read(there.data).findings) is Verdict.VALID
    back = bridge(read(there.data), named("XR0231M"))
    assert back.data is not None
    before, after = least("XR0231M").letters[0].root, read(back.data).letters[0].root
    for path in ("Patient", "Sender", "Receiver"):
        assert [leaf for leaf in leaves(after) if leaf[0].startswith(path)] == [
            leaf for leaf in leaves(before) if leaf[0].startswith(path)
        ]


def test_a_value_that_does_not_fit_is_never_cut_and_no_consent_lets_it_through() -> None:
    code = "LaboratoryResults/Result/Analysis/AnalysisCode"
    result = bridge(least("XR0130K-2007", {code: "NPU123456789"}), named("XR0131K"), consent=("*",))
    assert result.data is None
    (loss,) = [loss for loss in result.losses if loss.stops]
    assert (loss.rule, loss.what, loss.weight) == (code, "does_not_fit", Weight.LOST_TO_READER)


def test_several_letters_each_go_over() -> None:
    document = write(example("XQ0131K", 2)).replace(b"XQ0131K", b"XQ0132K")
    result = bridge(read(document), named("XQ0131K"))
    assert result.data is not None
    assert [letter.version_code for letter in read(result.data).letters] == ["XQ0131K", "XQ0131K"]
    assert len(result.ways) == 2


def test_a_message_with_errors_is_not_written() -> None:
    result = bridge(read(b"<Emessage/>"), named("XQ0131K"))
    assert result.data is None
    assert result.errors
