"""What a sample number looks like: properties of the forms, and the numbers of the public samples."""

import doctest
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.messages.letters import least

import npn.messages.model.number_forms
from npn.messages import Severity, read, read_all, validate
from npn.messages.examples import example
from npn.messages.examples.samples import changed
from npn.messages.model.number_forms import (
    KNOWN_SCHEMES,
    NumberContext,
    NumberForm,
    accepting,
    describe,
    descriptions_of,
)
from npn.messages.number_report import NumberReport, letters_of
from npn.messages.oioxml.writing import write
from npn.messages.rules.model import Options
from npn.numbers.notation import read_scheme
from npn.numbers.scheme import NPN10, NPN14, NumberScheme

NUMBER = "RequisitionInformation/Sample/RequesterSampleIdentifier"
ODD = read_scheme("12:1,2,3,4,5,6,7,8,9,10,11,12:97:5")
schemes = st.sampled_from((NPN10, NPN14, ODD))


def usable(scheme: NumberScheme, at: int) -> str:
    number = scheme.next(at % (scheme.highest - 10_000) + 1)
    assert number is not None
    return scheme.format(number)


def test_the_documented_example_holds() -> None:
    assert doctest.testmod(npn.messages.model.number_forms).failed == 0


@given(schemes, st.integers(0, 10**14))
def test_a_usable_number_is_an_npn_of_its_scheme_and_of_no_other_that_was_not_named(
    scheme: NumberScheme, at: int
) -> None:
    number = usable(scheme, at)
    assert describe(number, NumberContext((scheme,))).form is NumberForm.NPN
    others = tuple(other for other in (NPN10, NPN14, ODD) if other is not scheme)
    assert not describe(number, NumberContext(others)).is_npn
    assert describe(f" {number} ", NumberContext((*others, scheme))).is_npn


@given(schemes, st.integers(0, 10**14), st.integers(0, 99))
def test_an_extension_is_taken_off_and_what_is_before_it_keeps_its_form(
    scheme: NumberScheme, at: int, tube: int
) -> None:
    number = usable(scheme, at)
    described = describe(f"{number}-{tube}", NumberContext((scheme,)))
    assert (described.form, described.base, described.extension) == (NumberForm.EXTENSION, number, str(tube))
    assert described.is_npn
    assert described.scheme
    assert not describe(f"{number}-{tube}", NumberContext((NumberScheme("x", 6, (1,) * 6),))).is_npn


@given(st.integers(0, 999_999), st.integers(0, 9_999_999))
def test_a_providers_number_is_named_by_its_provider(provider: int, running: int) -> None:
    digits = f"{provider:06}{running:07}"
    number = next((f"{digits}{check}" for check in range(10) if accepting(f"{digits}{check}", (NPN14,))), None)
    if number is None:
        return
    known = NumberContext(providers=frozenset((f"{provider:06}",)))
    described = describe(number, known)
    assert (described.form, described.provider) == (NumberForm.PROVIDER, f"{provider:06}")
    assert (int(described.running), described.scheme, described.is_npn) == (running, "npn14", False)
    assert describe(number, known, flagged=True).form is NumberForm.NPN
    assert describe(number, NumberContext()).form is NumberForm.NPN
    without = describe(number, NumberContext((NPN10,), providers=known.providers))
    assert (without.form, without.scheme) == (NumberForm.PROVIDER, "")


@given(st.integers(1990, 2099), st.integers(0, 10**10 - 1), st.booleans(), st.sampled_from(("", "-", " ")))
def test_the_year_comes_first_in_two_digits_or_four(year: int, running: int, long: bool, between: str) -> None:  # noqa: FBT001  # hypothesis
    written = str(year) if long else f"{year % 100:02}"
    number = f"{written}{between}{running:06}"
    described = describe(number, NumberContext((), years=(year,)))
    assert described.form is NumberForm.LOCAL_YEAR
    assert describe(number, NumberContext((), years=())).form is not NumberForm.LOCAL_YEAR
    assert describe(number, NumberContext((), years=(year,)), flagged=True).form is not NumberForm.LOCAL_YEAR


@given(st.text())
def test_any_text_has_a_form_and_words(text: str) -> None:
    described = describe(text, NumberContext(years=(2024,), providers=frozenset(("125012",))))
    assert all(described.words)


@pytest.mark.parametrize(
    ("name", "form", "part"),
    [
        ("xml/REQ02_1.xml", NumberForm.PROVIDER, "125012"),
        ("edifact/REQ02_1.edi", NumberForm.PROVIDER, "125012"),
        ("xml/REQ03_1.xml", NumberForm.PROVIDER, "18"),
        ("xml/RPT02_1.xml", NumberForm.LOCAL_YEAR, "14"),
        ("xml/RPT02_1.xml", NumberForm.EXTENSION, "100202896789"),
        ("xml/RPT04_1.xml", NumberForm.EXTENSION, "99012344"),
        ("xml/XRPT06_2_invalid.xml", NumberForm.NPN, ""),
        ("xml/XRPT05_1.xml", NumberForm.LOCAL_YEAR, "2007"),
        ("edifact/RPT01_2.edi", NumberForm.LOCAL_YEAR, "00"),
        ("xml/REQ01_1.xml", NumberForm.OTHER, ""),
    ],
)
def test_the_numbers_of_the_public_samples_are_recognised(
    samples: Path, name: str, form: NumberForm, part: str
) -> None:
    interchange = read(samples.joinpath(name).read_bytes())
    described = [d for _, d in descriptions_of(interchange.letters[0], interchange.envelope)]
    assert [d for d in described if d.form is form and (not part or part in d.parts.values())], described


def found(number: str, **options: Any) -> set[tuple[str, Severity]]:  # Any: the options of the rules
    made = changed("XQ0131K", {NUMBER: number})
    rules = ("npn.flag-form", "npn.flag-modulus")
    return {(f.rule, f.severity) for f in validate(made, options=Options(**options)) if f.rule in rules}


def test_a_flagged_number_of_any_known_scheme_passes() -> None:
    assert found("1000000015") == set()
    assert found("95100000809965") == set()


@pytest.mark.parametrize(
    ("number", "rule"), [("24-123456", "form"), ("1000000016", "modulus"), ("95100000809966", "modulus")]
)
def test_a_flagged_number_of_no_scheme_is_a_warning_and_an_error_where_the_schemes_were_stated(
    number: str, rule: str
) -> None:
    assert found(number) == {(f"npn.flag-{rule}", Severity.WARNING)}
    assert found(number, stated=True) == {(f"npn.flag-{rule}", Severity.ERROR)}
    assert found("1000000015", schemes=(NPN14,), stated=True) == {("npn.flag-form", Severity.ERROR)}


def test_the_warning_names_the_assumption_in_both_languages() -> None:
    made = changed("XQ0131K", {NUMBER: "24-123456"})
    warning = next(f for f in validate(made) if f.rule == "npn.flag-form")
    assert "(assumed: npn10 with 10 digits, npn14 with 14 digits)" in warning.en
    assert "(antaget: npn10 med 10 cifre, npn14 med 14 cifre)" in warning.da
    stated = next(f for f in validate(made, options=Options(schemes=(ODD,), stated=True)) if f.rule == "npn.flag-form")
    assert "(12:1,2,3,4,5,6,7,8,9,10,11,12:97:5 with 12 digits)" in stated.en


def carried(*numbers: str | None) -> dict[str, int]:
    """The report on requisitions with these numbers."""
    report = NumberReport()
    for number in numbers:
        made = read(write(least("XQ0131K", {NUMBER: number, "Letter/Authorisation/Date": "2024-03-04"})))
        for group, use in letters_of(made, schemes=KNOWN_SCHEMES):
            report.add(group, use)
    total = report.total()
    assert total["letters"] == sum(total.values()) - total["letters"]
    return total


def test_the_report_counts_what_each_letter_carries() -> None:
    total = carried("1000000015", "95100000809965", "24-123456", "1000000015-2", "1000000016", None)
    assert total == {"letters": 6, "npn": 3, "local": 2, "both": 0, "none": 1, "unread": 0}
    assert carried("1000000015")["npn"] == 1
    two = least(
        "XQ0131K", {NUMBER: "1000000015", "RequisitionInformation/Sample/OriginalRequesterSampleIdentifier": "7"}
    )
    assert [use for _, use in letters_of(two, schemes=KNOWN_SCHEMES)] == ["both"]


def test_receipts_are_left_out_and_unknown_versions_stand_by_themselves(samples: Path) -> None:
    assert list(letters_of(example("XC0330Q"), schemes=KNOWN_SCHEMES)) == []
    data = (samples / "edifact" / "RPT01_2.edi").read_bytes().replace(b"R0130K", b"R0199K")
    ((_, use),) = letters_of(read_all(data)[0], schemes=KNOWN_SCHEMES)
    assert use == "unread"
