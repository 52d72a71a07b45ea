"""A series is a range of one scheme, read from text and counted without listing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.numbers.schemes import schemes, walked, windows

from npn.errors import InvalidInputError
from npn.numbers.scheme import NPN10, NumberScheme
from npn.numbers.series import Series


@given(st.data())
def test_a_series_lists_and_counts_its_usable_numbers(data: st.DataObject) -> None:
    scheme = data.draw(schemes())
    first, last = data.draw(windows(scheme, widest=500))
    series = Series.parse(scheme, scheme.format(first), scheme.format(last))
    expected = list(walked(scheme, first, last))
    assert (series.size, series.usable) == (last - first + 1, len(expected))
    assert list(series.numbers()) == expected
    assert series.nth(len(expected) + 1) is None
    assert [series.nth(n) for n in range(1, len(expected[:20]) + 1)] == expected[:20]


@given(st.integers(0, 10**10 - 1), st.integers(1, 1000))
def test_the_smallest_series_that_holds_some_usable_numbers_ends_at_the_last_of_them(start: int, usable: int) -> None:
    series = Series.holding(NPN10, start, usable)
    if series is None:
        assert NPN10.count(start, NPN10.highest) < usable
    else:
        assert (series.first, series.usable) == (start, usable)
        assert NPN10.is_usable(series.last)


def test_each_bad_bound_is_named() -> None:
    for first, last, field in [("12", "1000000000", "first"), ("1000000000", "x", "last")]:
        with pytest.raises(InvalidInputError) as refused:
            Series.parse(NPN10, first, last)
        assert (refused.value.code, refused.value.field) == ("not_a_number", field)
    with pytest.raises(InvalidInputError) as refused:
        Series.parse(NPN10, "1000000001", "1000000000")
    assert (refused.value.code, refused.value.field) == ("not_a_range", "last")
    with pytest.raises(InvalidInputError) as refused:
        Series(NPN10, 0, 10**10)
    assert refused.value.field == "last"


def test_series_overlap_when_they_share_a_number_of_the_same_length() -> None:
    eleven = NumberScheme("eleven", 11, (1,) * 11)
    series = Series(NPN10, 100, 199)
    assert series.overlaps(Series(NPN10, 199, 300))
    assert not series.overlaps(Series(NPN10, 200, 300))
    assert not series.overlaps(Series(eleven, 100, 199))
    assert 100 in series
    assert 200 not in series
