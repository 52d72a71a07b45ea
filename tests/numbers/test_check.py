"""The check of a typed number; schemes written on one line; the examples in the package's own docstrings."""

import doctest
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.numbers.schemes import schemes

from npn.errors import InvalidInputError
from npn.numbers import check, notation, quoting, scheme, series, suggest, text
from npn.numbers.scheme import NPN10, NumberScheme


@given(st.one_of(st.text(), st.text("0123456789- ", max_size=14)))
def test_is_valid_never_raises_and_agrees_with_validate(typed: str) -> None:
    if check.is_valid(typed):
        assert NPN10.is_usable(check.validate(typed))
    else:
        with pytest.raises(InvalidInputError) as refused:
            check.validate(typed)
        assert refused.value.code in {"not_a_number", "not_usable"}
        assert refused.value.message.isprintable()


def test_a_number_typed_in_groups_is_the_same_number() -> None:
    assert check.validate("1000 000-015") == check.validate("1000000015") == 1000000015


def test_a_number_that_fails_the_check_is_not_usable() -> None:
    with pytest.raises(InvalidInputError, match="does not pass") as refused:
        check.validate("1000000016")
    assert (refused.value.code, refused.value.field) == ("not_usable", "number")


@given(schemes())
def test_a_scheme_is_read_back_as_it_was_written(drawn: NumberScheme) -> None:
    read = notation.read_scheme(notation.write_scheme(drawn))
    assert (read.length, read.weights, read.modulus, read.remainder) == (
        drawn.length,
        drawn.weights,
        drawn.modulus,
        drawn.remainder,
    )


def test_a_known_name_and_its_description_mean_the_same() -> None:
    assert notation.read_scheme("npn10") is NPN10
    assert notation.read_scheme("10:4,3,2,7,6,5,4,3,2,1").weights == NPN10.weights


@pytest.mark.parametrize(
    "written", ["", "npn11", "10", "10:", "10:1,2;3", "10:1,2:0x0b", "٣:1", "6:1,1,1,1,1,1:11:0:9"]
)
def test_what_is_no_scheme_is_refused_with_the_way_to_write_one(written: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        notation.read_scheme(written)
    assert (refused.value.code, refused.value.field) == ("unknown_scheme", "scheme")
    assert "npn10" in refused.value.hint


@pytest.mark.parametrize(
    ("written", "field"),
    [
        ("5:1,1,1,1,1", "length"),
        ("6:1", "weights"),
        ("6:1,1,1,1,1,1:0", "modulus"),
        ("6:1,1,1,1,1,1:7:7", "remainder"),
    ],
)
def test_a_scheme_out_of_bounds_names_its_member(written: str, field: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        notation.read_scheme(written)
    assert refused.value.field == field


@given(st.text())
def test_quoted_text_is_short_plain_and_on_one_line(typed: str) -> None:
    shown = quoting.quoted(typed)
    assert shown.isascii()
    assert shown.isprintable()
    assert len(shown) < 450


@pytest.mark.parametrize("module", [check, notation, quoting, scheme, series, suggest, text], ids=lambda m: m.__name__)
def test_the_examples_in_the_docstrings_hold(module: ModuleType) -> None:
    failed, tried = doctest.testmod(module, optionflags=doctest.ELLIPSIS)
    assert tried > 0
    assert failed == 0
