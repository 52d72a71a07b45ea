"""The numbers of persons and places, against python-stdnum where it has the same check."""

import doctest
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import ean, verhoeff
from stdnum.dk import cpr as stdnum_cpr

from npn.messages import identifiers
from npn.messages.identifiers import Cpr, birth_date, cpr, is_gln, masked


def test_the_examples_hold() -> None:
    assert doctest.testmod(identifiers).failed == 0


@given(st.text("0123456789", min_size=13, max_size=13))
def test_a_location_number_is_right_where_stdnum_says_so(text: str) -> None:
    assert is_gln(text) == ean.is_valid(text)


@given(st.text("0123456789", min_size=11, max_size=18))
def test_the_verhoeff_check_is_stdnums(text: str) -> None:
    assert identifiers.verhoeff(text) == verhoeff.checksum(text)


@given(st.dates(date(1858, 1, 1), date(2036, 12, 31)), st.integers(0, 9999))
def test_a_birth_date_is_stdnums(day: date, serial: int) -> None:
    number = f"{day:%d%m%y}{serial:04}"
    try:
        expected = stdnum_cpr.get_birth_date(number)
    except ValueError:
        return
    assert birth_date(number) == expected
    assert cpr(number) in (Cpr.ORDINARY, Cpr.WITHOUT_MODULUS)


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        ("0000000000", Cpr.UNKNOWN),
        ("2902014123", Cpr.NO_DATE),
        ("9902014123", Cpr.NO_DATE),
        ("7012504123", Cpr.REPLACEMENT),
        ("1206550VK9", Cpr.REPLACEMENT),
        ("3102550VK9", Cpr.NO_DATE),
        ("12345", Cpr.NOT_ONE),
        ("²²²²²²²²²²", Cpr.NOT_ONE),
    ],
)
def test_every_kind_of_person_number_is_told_apart(number: str, kind: Cpr) -> None:
    assert cpr(number) is kind


@given(st.text())
def test_no_text_raises(text: str) -> None:
    cpr(text)
    birth_date(text)
    for check in (is_gln, identifiers.is_sor, identifiers.is_sks_department, identifiers.is_provider_number):
        assert check(text) in (True, False)


def test_a_number_in_a_longer_one_is_left_alone() -> None:
    assert masked("12345678901234 and 1206550VK9") == "12345678901234 and 120655-****"
