"""The scheme's arithmetic equals brute force, whatever the scheme; bad input is refused with its field."""

import pickle
import time
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.numbers.schemes import passes, schemes, walked, windows

from npn.errors import InvalidInputError
from npn.numbers.scheme import NPN10, NumberScheme

SIX = NumberScheme("six", 6, (3, -8, 0, 22, 5, 1), 13, 4)
NOTHING = NumberScheme("nothing", 18, (0,) * 18, 11, 5)
EVERYTHING = NumberScheme("everything", 18, (11,) * 18, 11, 0)
SPARSE = NumberScheme("sparse", 18, (1, *(0,) * 17), 97, 3)  # only numbers that begin with 3


@given(st.data())
def test_count_equals_brute_force_over_random_schemes_and_ranges(data: st.DataObject) -> None:
    scheme = data.draw(schemes())
    first, last = data.draw(windows(scheme))
    assert scheme.count(first, last) == sum(1 for _ in walked(scheme, first, last))


@given(st.data())
def test_enumeration_equals_brute_force_over_random_schemes_and_ranges(data: st.DataObject) -> None:
    scheme = data.draw(schemes())
    first, last = data.draw(windows(scheme))
    assert list(scheme.usable(first, last)) == list(walked(scheme, first, last))


@given(st.data())
def test_the_nth_number_equals_the_nth_of_brute_force(data: st.DataObject) -> None:
    scheme = data.draw(schemes())
    first, last = data.draw(windows(scheme))
    for place, number in enumerate(walked(scheme, first, last), 1):
        assert scheme.nth(first, place) == number
        if place > 20:
            break


@given(st.data())
def test_next_and_previous_are_the_nearest_of_brute_force(data: st.DataObject) -> None:
    scheme = data.draw(schemes())
    first, last = data.draw(windows(scheme, widest=400))
    found = list(walked(scheme, first, last))
    middle = (first + last) // 2
    following = scheme.next(middle)
    preceding = scheme.previous(middle)
    after = [number for number in found if number >= middle]
    before = [number for number in found if number <= middle]
    assert following == after[0] if after else following is None or following > last
    assert preceding == before[-1] if before else preceding is None or preceding < first


@given(st.data())
def test_nth_undoes_count_anywhere_in_the_scheme(data: st.DataObject) -> None:
    scheme = data.draw(schemes())
    start = data.draw(st.integers(scheme.lowest, scheme.highest))
    left = scheme.count(start, scheme.highest)
    assert scheme.nth(start, left + 1) is None
    if left:
        n = data.draw(st.integers(1, left))
        number = scheme.nth(start, n)
        assert number is not None
        assert passes(scheme, number)
        assert scheme.count(start, number) == n


@given(st.data())
def test_counts_add_up_where_a_range_is_cut(data: st.DataObject) -> None:
    scheme = data.draw(schemes(largest_modulus=999))
    first, cut, last = sorted(data.draw(st.tuples(*[st.integers(scheme.lowest, scheme.highest)] * 3)))
    assert scheme.count(first, last) == scheme.count(first, cut) + scheme.count(cut + 1, last)


@given(st.data())
def test_a_number_is_usable_exactly_when_its_weighted_sum_says_so(data: st.DataObject) -> None:
    scheme = data.draw(schemes(largest_modulus=999))
    number = data.draw(st.integers(scheme.lowest, scheme.highest))
    assert scheme.is_usable(number) == passes(scheme, number)


@given(st.data())
def test_a_number_is_read_back_as_it_was_written(data: st.DataObject) -> None:
    scheme = data.draw(schemes())
    number = data.draw(st.integers(scheme.lowest, scheme.highest))
    assert scheme.parse(scheme.format(number)) == number


def test_a_whole_small_scheme_equals_brute_force() -> None:
    expected = list(walked(SIX, 0, 999_999))
    assert list(SIX.usable(0, 999_999)) == expected
    assert SIX.count(0, 999_999) == len(expected)
    assert [SIX.nth(0, n) for n in range(1, len(expected) + 1)] == expected


def test_the_default_scheme_has_the_known_figures() -> None:
    assert NPN10.count(0, 9_999_999_999) == 909_090_909
    assert list(NPN10.usable(1_000_000_000, 1_000_000_030)) == [1000000007, 1000000015, 1000000023]


def test_numbers_outside_the_scheme_are_not_usable_and_not_counted() -> None:
    assert not NPN10.is_usable(-11)
    assert not NPN10.is_usable(10**10)
    assert NPN10.count(-(10**12), 10**12) == 909_090_909
    assert NPN10.count(5, 4) == 0
    assert NPN10.nth(-5, 1) == 0
    assert NPN10.nth(10**11, 1) is None
    assert NPN10.next(9_999_999_997) is None
    assert NPN10.previous(10**12) == NPN10.nth(0, 909_090_909)
    assert NPN10.previous(-1) is None
    assert list(NPN10.usable(-100, 20)) == list(walked(NPN10, 0, 20))
    assert list(NPN10.usable(30, 20)) == []


def test_a_scheme_without_usable_numbers_answers_at_once() -> None:
    started = time.monotonic()
    assert NOTHING.count(0, NOTHING.highest) == 0
    assert NOTHING.nth(0, 1) is None
    assert NOTHING.previous(NOTHING.highest) is None
    assert list(NOTHING.usable(0, NOTHING.highest)) == []
    assert time.monotonic() - started < 1


def test_wide_gaps_are_jumped_not_walked() -> None:
    started = time.monotonic()
    assert list(islice(SPARSE.usable(0, SPARSE.highest), 2)) == [3 * 10**17, 3 * 10**17 + 1]
    assert SPARSE.nth(4 * 10**17, 1) is None
    assert time.monotonic() - started < 1


def test_where_every_number_passes_all_are_listed() -> None:
    assert EVERYTHING.count(0, EVERYTHING.highest) == 10**18
    assert EVERYTHING.nth(0, 10**18) == 10**18 - 1
    assert list(EVERYTHING.usable(99_990, 100_010)) == list(range(99_990, 100_011))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "³²",
        "".join(chr(0xFF10 + digit) for digit in range(10)),  # full-width digits
        "".join(chr(0x0660 + digit) for digit in range(10)),  # Arabic digits
        "\U0001d7d9000000015",  # a mathematical one
        "1" * 400,
        "100000001",
        "10000000150",
        "+100000001",
        "-100000001",
        " 100000001",
        "100000001\n",
        "1000\x0000015",
        "\u200f100000001",
        "1_00000001",
        "0x10000000",
        "1e00000000",
    ],
)
def test_anything_but_the_right_count_of_ascii_digits_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        NPN10.parse(text)
    assert (refused.value.code, refused.value.field) == ("not_a_number", "number")
    assert refused.value.message.isascii()
    assert refused.value.message.isprintable()
    assert len(refused.value.message) < 300


def test_a_number_with_too_many_digits_is_not_written() -> None:
    for number in (-1, 10**10):
        with pytest.raises(InvalidInputError, match="number"):
            NPN10.format(number)
    assert NPN10.format(15) == "0000000015"


@pytest.mark.parametrize(
    ("field", "changed"),
    [
        ("name", {"name": ""}),
        ("name", {"name": "two words"}),
        ("name", {"name": "a\n"}),
        ("name", {"name": 3}),
        ("length", {"length": 5, "weights": (1,) * 5}),
        ("length", {"length": 19, "weights": (1,) * 19}),
        ("length", {"length": True}),
        ("length", {"length": "10"}),
        ("weights", {"weights": (1,) * 9}),
        ("weights", {"weights": (1.5, *(1,) * 9)}),
        ("weights", {"weights": (10**7, *(1,) * 9)}),
        ("modulus", {"modulus": 1}),
        ("modulus", {"modulus": 1000}),
        ("remainder", {"remainder": 11}),
        ("remainder", {"remainder": -1}),
    ],
)
def test_a_scheme_out_of_bounds_is_refused_with_the_member_to_blame(field: str, changed: dict[str, object]) -> None:
    members = {"name": "npn10", "length": 10, "weights": NPN10.weights, "modulus": 11, "remainder": 0}
    with pytest.raises(InvalidInputError) as refused:
        NumberScheme(**(members | changed))  # type: ignore[arg-type]  # wrong on purpose
    assert refused.value.field == field


@pytest.mark.parametrize("n", [0, -1])
def test_there_is_no_number_before_the_first(n: int) -> None:
    with pytest.raises(InvalidInputError) as refused:
        NPN10.nth(0, n)
    assert refused.value.field == "n"


def test_equal_schemes_are_equal_with_or_without_their_tables() -> None:
    copy = NumberScheme("npn10", 10, NPN10.weights)
    assert NPN10.count(0, 10) >= 0  # its tables are made now
    assert copy == NPN10
    assert hash(copy) == hash(NPN10)
    assert pickle.loads(pickle.dumps(NPN10)) == NPN10  # noqa: S301  # our own value
