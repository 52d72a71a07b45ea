"""The identifiers, each read to a value or to a reason."""

import doctest
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import ean, verhoeff
from stdnum.dk import cpr as stdnum_cpr

import npn.messages.model.identifiers
import npn.messages.model.masking
from npn.messages.edifact.syntax import read_interchanges
from npn.messages.model.finding import Severity
from npn.messages.model.identifiers import (
    Cpr,
    CprKind,
    Flaw,
    Gln,
    Sks,
    Sor,
    Yder,
    cpr,
    gln,
    masked,
    sks,
    sor,
    ydernummer,
)

digits = st.text("0123456789", min_size=10, max_size=10)


def read(text: str, **more: date) -> Cpr:
    number = cpr(text, **more)
    assert isinstance(number, Cpr), number
    return number


def flaw(found: object) -> str:
    assert isinstance(found, Flaw), found
    assert found.text.en.endswith(".")
    assert found.text.da.endswith(".")
    return found.code


def test_the_documented_examples_hold() -> None:
    for module in (npn.messages.model.identifiers, npn.messages.model.masking):
        assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize(
    ("text", "born"),
    [
        ("0101000009", date(1900, 1, 1)),
        ("3112993999", date(1999, 12, 31)),
        ("0101364000", date(2036, 1, 1)),
        ("0101374000", date(1937, 1, 1)),
        ("0101369000", date(2036, 1, 1)),
        ("0101999000", date(1999, 1, 1)),
        ("0101575000", date(2057, 1, 1)),
        ("0101585000", date(1858, 1, 1)),
        ("0101998999", date(1899, 1, 1)),
        ("2902004000", date(2000, 2, 29)),
    ],
)
def test_character_seven_and_the_year_give_the_century(text: str, born: date) -> None:
    assert read(text).born == born


@pytest.mark.parametrize(
    ("text", "kind", "born"),
    [
        ("0703921VJ4", CprKind.NATIONAL_REPLACEMENT, date(1992, 3, 7)),
        ("1206550VK9", CprKind.REGIONAL_REPLACEMENT, date(1955, 6, 12)),
        ("3101057JC9", CprKind.NATIONAL_REPLACEMENT, date(2005, 1, 31)),
        ("310105-7jc9", CprKind.NATIONAL_REPLACEMENT, date(2005, 1, 31)),
        ("0101905AA0", CprKind.REGIONAL_REPLACEMENT, date(1890, 1, 1)),
        ("0101106AA0", CprKind.REGIONAL_REPLACEMENT, date(2010, 1, 1)),
        ("6101900000", CprKind.RAISED_DAY, date(1990, 1, 1)),
        ("9112901111", CprKind.RAISED_DAY, date(1990, 12, 31)),
    ],
)
def test_replacement_numbers_are_told_apart(text: str, kind: CprKind, born: date) -> None:
    number = read(text)
    assert (number.kind, number.born) == (kind, born)
    assert number.note is None


def test_the_last_digit_tells_the_sex() -> None:
    assert read("0703921VJ4").is_female
    assert not read("1206550VK9").is_female


@pytest.mark.parametrize(
    "text", ["", "121277822", "12127782211", "12I2778221", "١٢١٢٧٧٨٢٢١", "1206552A39", "0101903AA0x"]
)
def test_a_text_of_another_form_is_no_cpr_number(text: str) -> None:
    assert flaw(cpr(text)) == "form"


@pytest.mark.parametrize("text", ["2727121212", "3002901234", "0013901234", "6001901234", "0101903AA0", "9201901234"])
def test_an_impossible_date_is_named_and_is_a_warning_only(text: str) -> None:
    found = cpr(text)
    assert flaw(found) == "date"
    assert isinstance(found, Flaw)
    assert found.severity is Severity.WARNING


def test_a_birth_in_the_future_is_a_flaw_when_today_is_given() -> None:
    assert read("0101364000").born.year == 2036
    assert flaw(cpr("0101364000", today=date(2026, 1, 1))) == "future"
    assert read("0101364000", today=date(2036, 1, 1))


def test_failing_modulus_11_is_remarked_not_refused() -> None:
    number = read("1212778221")
    assert not number.passes_modulus
    assert number.note is not None
    assert (number.note.code, number.note.severity) == ("modulus", Severity.WARNING)
    common = next(read(f"010165{n:04}") for n in range(1, 99) if not read(f"010165{n:04}").passes_modulus)
    assert common.note is not None
    assert common.note.severity is Severity.INFO
    sound = next(read(f"020165{n:04}") for n in range(1, 99) if read(f"020165{n:04}").passes_modulus)
    assert sound.note is None


@given(digits)
def test_ordinary_numbers_agree_with_python_stdnum(text: str) -> None:
    found = cpr(text, today=date.today())  # noqa: DTZ011  # python-stdnum refuses what is after today, here
    if int(text[:2]) > 60:
        return
    assert isinstance(found, Cpr) == stdnum_cpr.is_valid(text)
    if isinstance(found, Cpr):
        assert found.born == stdnum_cpr.get_birth_date(text)
        assert found.passes_modulus == (stdnum_cpr.checksum(text) == 0)


@given(st.text("0123456789", min_size=13, max_size=13))
def test_glns_agree_with_python_stdnum(text: str) -> None:
    assert isinstance(gln(text), Gln) == ean.is_valid(text)


@pytest.mark.parametrize(
    ("text", "code"),
    [("579000012028", "length"), ("5790000120283", "check_digit"), ("DKKMDKMDNET", "form"), ("", "form")],
)
def test_what_is_no_gln_says_why(text: str, code: str) -> None:
    assert flaw(gln(text)) == code


def test_a_danish_gln_is_known_by_its_prefix() -> None:
    assert Gln("5790000120284").is_danish
    assert not Gln("4012345000009").is_danish


@given(st.integers(1, 99_999_999))
def test_sor_codes_are_held_to_verhoeffs_check_digit(item: int) -> None:
    stem = f"{item}100001600"
    if len(stem) < 10:
        return
    right = verhoeff.calc_check_digit(stem)
    for digit in "0123456789":
        assert isinstance(sor(stem + digit), Sor) == (digit == right)


@pytest.mark.parametrize(
    ("text", "code"),
    [("265161000016001", "check_digit"), ("1234567890", "length"), ("1" * 19, "length"), ("26516100001600X", "form")],
)
def test_what_is_no_sor_code_says_why(text: str, code: str) -> None:
    assert flaw(sor(text)) == code


def test_a_sor_code_of_another_namespace_is_held_to_its_length_only() -> None:
    assert sor("12345678901") == Sor("12345678901")


@pytest.mark.parametrize(
    ("text", "code"), [("1234567", "length"), ("12345", "length"), ("12345A", "form"), ("", "form")]
)
def test_a_ydernummer_has_six_digits(text: str, code: str) -> None:
    assert ydernummer("125012") == Yder("125012")
    assert flaw(ydernummer(text)) == code


@pytest.mark.parametrize("text", ["1301", "4201050", "130101", "1301AB", "1301ÅBC"])
def test_a_department_number_has_a_hospital_and_perhaps_a_department(text: str) -> None:
    assert sks(text) == Sks(text)
    assert Sks(text).hospital + Sks(text).department == text


@pytest.mark.parametrize("text", ["", "130", "13011", "1301ab", "13010101", "A301"])
def test_what_is_no_department_number_says_why(text: str) -> None:
    assert flaw(sks(text)) == "form"


@given(st.text())
def test_no_text_makes_a_reader_raise(text: str) -> None:
    for reader in (cpr, gln, sor, ydernummer, sks):
        reader(text)


@given(digits)
def test_masking_hides_every_readable_cpr_number(text: str) -> None:
    for shown in (text, f"{text[:6]}-{text[6:]}", f"{text[:6]} {text[6:]}"):
        if isinstance(cpr(text), Cpr):
            assert text[6:] not in masked(f"CPR:{shown}.") or text[6:] in text[:6]
            assert masked(f"'{shown}'") == f"'{shown[:6]}-****'"


@pytest.mark.parametrize("text", ["5790000120284", "265161000016000", "121277822", "12127782212", "ref A1212778221"])
def test_masking_leaves_other_numbers_alone(text: str) -> None:
    assert masked(text) == text


def test_the_replacement_numbers_are_masked_too() -> None:
    assert masked("0703921VJ4, 6101900000") == "070392-****, 610190-****"
    assert read("070392-1VJ4").masked == "070392-****"


def test_the_samples_persons_are_read(samples: Path) -> None:
    found = []
    for path in sorted(samples.glob("edifact/*.edi")):
        for message in read_interchanges(path.read_bytes()).interchanges[0].messages:
            found += [cpr(s.value(2)) for s in message.segments if s.tag == "PNA" and s.value(2)]
    assert sum(isinstance(each, Cpr) for each in found) >= 6
    assert {each.code for each in found if isinstance(each, Flaw)} == {"date"}  # the invented relative 2727121212
