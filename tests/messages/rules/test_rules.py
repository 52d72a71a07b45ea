"""Every rule keeps its promise on its own samples, and the sound letters break none."""

from pathlib import Path

import pytest

from npn.errors import InvalidInputError, UnavailableError
from npn.messages import Severity, read, validate, versions
from npn.messages.examples import example
from npn.messages.examples.samples import changed
from npn.messages.findings.places import Places
from npn.messages.model.finding import Text
from npn.messages.model.interchange import Interchange
from npn.messages.oioxml.writing import write
from npn.messages.rules import RULES, Options, Rule, select
from npn.messages.rules.model import ANY, RuleSubject, Sample, Scope
from npn.messages.validation import run_rules

ROOT = Path(__file__).resolve().parents[3]
IDS = [rule.id for rule in RULES]


def outcome(rule: Rule, *, fails: bool) -> set[str]:
    sample = rule.sample
    options = (fails and sample.fails_with) or sample.options
    made = changed(sample.version, sample.fails if fails else sample.passes, letters=sample.letters)
    result = run_rules(made, Places(made), options=options)
    assert rule.id in result.ran
    return {finding.rule for finding in result.findings}


@pytest.mark.parametrize("rule", RULES, ids=IDS)
def test_a_rule_says_nothing_on_its_passing_sample(rule: Rule) -> None:
    assert rule.id not in outcome(rule, fails=False)


@pytest.mark.parametrize("rule", RULES, ids=IDS)
def test_a_rule_finds_what_is_wrong_in_its_failing_sample(rule: Rule) -> None:
    assert rule.id in outcome(rule, fails=True)


@pytest.mark.parametrize("rule", RULES, ids=IDS)
def test_a_rule_speaks_both_languages_and_cites_its_source(rule: Rule) -> None:
    for text in rule.demands:
        assert text.endswith(".")
    assert rule.finds.en != rule.finds.da or not rule.finds.en
    assert rule.citation


def test_ids_are_unique_and_say_their_layer() -> None:
    assert len(set(IDS)) == len(IDS)
    assert all("." in name for name in IDS)


@pytest.mark.parametrize("name", versions.names())
def test_the_sound_letter_of_every_version_is_sound(name: str) -> None:
    made = read(write(example(name)))
    assert made.letters[0].version is versions.version(name)
    assert [finding for finding in validate(made) if finding.severity is not Severity.INFO] == []


def broken(_case: RuleSubject) -> list[object]:
    raise ZeroDivisionError("012345-6789")


def rule_that(check: object, rule_id: str = "test.broken") -> Rule:
    return Rule(
        id=rule_id, severity=Severity.ERROR, scope=Scope(ANY),
        demands=Text("It works.", "Det virker."), finds=Text("it does not", "det gør det ikke"), citation="a test",
        sample=Sample(version="XR0131K"), check=check,  # type: ignore[arg-type]  # a rule that breaks on purpose
    )  # fmt: skip


def test_a_rule_that_breaks_is_an_error_that_names_it_and_no_approval() -> None:
    made = example("XR0131K")
    result = run_rules(made, Places(made), rules=[rule_that(broken)])
    assert [finding.rule for finding in result.findings] == ["rule-broken", "nothing-checked"]
    assert "test.broken" in result.findings[0].en
    assert "012345" not in result.findings[0].en
    assert not result.passed


def test_a_broken_rule_does_not_stop_the_others() -> None:
    made = example("XR0131K")
    result = run_rules(made, Places(made), rules=[rule_that(broken), *RULES])
    assert [finding.rule for finding in result.findings] == ["rule-broken"]
    assert len(result.ran) > 40
    assert not result.passed


def test_no_rule_that_ran_is_no_approval() -> None:
    made = example("XC0330Q")
    result = run_rules(made, Places(made), rules=select(["result", "npn.*"]))
    assert [finding.rule for finding in result.findings] == ["nothing-checked"]
    assert not result.passed


def test_an_interchange_without_letters_is_not_approved() -> None:
    empty = Interchange(example("XR0131K").syntax, "", example("XR0131K").envelope, ())
    assert not run_rules(empty, Places(empty)).passed


def test_a_sound_letter_passes() -> None:
    made = example("XR0131K")
    assert run_rules(made, Places(made)).passed


def test_a_service_that_is_away_is_not_a_broken_rule() -> None:
    def away(_number: str) -> str:
        raise UnavailableError("nobody answers")

    made = example("XQ0131K")
    with pytest.raises(UnavailableError):
        run_rules(made, Places(made), options=Options(lookup=away))


def test_rules_are_chosen_by_id_prefix_and_glob() -> None:
    assert [rule.id for rule in select(["cpr.date"])] == ["cpr.date"]
    assert {rule.id.partition(".")[0] for rule in select(["date", "np?.*"])} == {"date", "npn"}
    assert select([]) == RULES


def test_a_pattern_that_names_no_rule_is_refused_with_the_way_out() -> None:
    with pytest.raises(InvalidInputError) as caught:
        select(["cpr.dat"])
    assert caught.value.field == "rules"
    assert "message-rules.md" in caught.value.hint


def test_findings_never_show_a_whole_cpr_number_unless_asked() -> None:
    number = "2512484917"
    made = changed("XR0131K", {"Patient/CivilRegistrationNumber": number, "RequisitionInformation/Sample/RequesterSampleIdentifier": number, "LaboratoryResults/Result/Value": number + "x"})  # fmt: skip  # noqa: E501 - one message
    for options, shown in ((Options(), False), (Options(show_persons=True), True)):
        texts = "".join(f.en + f.da for f in run_rules(made, Places(made), options=options).findings)
        assert (number in texts) is shown
        assert "251248-****" in texts


def test_a_finding_points_at_line_column_and_path() -> None:
    data = write(changed("XR0131K", {"LaboratoryResults/Result[2]/Value": "3,10"}))
    made = read(data)
    found = [finding for finding in run_rules(made, Places(made)).findings if finding.rule == "result.comma"]
    assert found[0].place.path == "/Emessage/LaboratoryReport/LaboratoryResults/Result[2]/Value"
    line, column = found[0].place.line, found[0].place.column
    assert line is not None
    assert column is not None
    assert data.decode("latin-1").splitlines()[line - 1][column - 1 :].startswith("<Value>3,10")
