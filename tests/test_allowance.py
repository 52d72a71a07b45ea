"""What a system may draw: bounds on the figure asked for, a quota of numbers, and a wish fitted to both."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.numbers.schemes import schemes, walked, windows

from npn.allowance import Allowance, Unit
from npn.errors import RefusedError
from npn.numbers.scheme import NPN10

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
quotas = st.one_of(
    st.just((None, None)),
    st.tuples(st.integers(1, 10**12), st.integers(1, 3660)),
    st.tuples(st.integers(1, 30), st.integers(1, 9)),
)


@st.composite
def allowances(draw: st.DrawFn) -> Allowance:
    smallest = draw(st.integers(1, 10_000))
    quota, days = draw(quotas)
    return Allowance(smallest, draw(st.integers(smallest, 10**7)), quota, days)


@given(st.data())
def test_any_window_holds_the_usable_numbers_it_is_said_to_hold_at_least(data: st.DataObject) -> None:
    scheme = data.draw(schemes())
    first, last = data.draw(windows(scheme))
    size = last - first + 1
    assert scheme.at_least(size) <= sum(1 for _ in walked(scheme, first, last))


def test_the_bound_is_close_for_the_countrys_scheme() -> None:
    assert [NPN10.at_least(size) for size in (0, 100, 5_500, 10**6)] >= [0, 4, 480, 90_880]


@given(allowances(), st.integers(0, 10**8), st.integers(0, 10**6), st.integers(10**9, 8 * 10**9))
def test_a_fitted_wish_is_taken_by_the_same_rule(allowance: Allowance, wanted: int, used: int, start: int) -> None:
    asked = allowance.fitted(wanted, NPN10, used=used)
    if isinstance(asked, RefusedError):
        assert asked.code == "quota_exceeded"
        assert allowance.quota is not None
        return
    end = NPN10.nth(start, asked)
    assert end is not None
    drawn = [(NOW - timedelta(hours=1), used)]
    assert allowance.refusal(asked, "usable", size=end - start + 1, drawn=drawn, at=NOW) is None


@pytest.mark.parametrize(
    ("allowance", "wanted", "used", "asked"),
    [
        (Allowance(smallest_draw=5000), 1000, 0, 5000),
        (Allowance(largest_draw=500), 9000, 0, 500),
        (Allowance(), 9000, 0, 9000),
        (Allowance(quota=110_000, quota_days=30), 900, 0, 900),
    ],
)
def test_a_wish_is_raised_to_the_smallest_and_lowered_to_the_largest(
    allowance: Allowance, wanted: int, used: int, asked: int
) -> None:
    assert allowance.fitted(wanted, NPN10, used=used) == asked


def test_a_wish_is_lowered_to_what_is_left_of_the_quota_and_refused_where_too_little_is() -> None:
    allowance = Allowance(quota=110_000, quota_days=30)
    lowered = allowance.fitted(9000, NPN10, used=60_000)
    assert isinstance(lowered, int)
    assert 4_500 < lowered <= 50_000 // 11
    refused = allowance.fitted(9000, NPN10, used=109_995)
    assert isinstance(refused, RefusedError)
    assert "5 of 110000 numbers are left" in refused.message


@pytest.mark.parametrize("unit", ["count", "usable"])
@pytest.mark.parametrize(("asked", "code"), [(4, "count_too_small"), (5, ""), (50, ""), (51, "count_too_large")])
def test_the_bounds_hold_for_the_figure_asked_for_whichever_it_is(unit: Unit, asked: int, code: str) -> None:
    refused = Allowance(5, 50).refusal(asked, unit, size=10**6)
    assert (refused.code if refused else "") == code
    assert refused is None or refused.field == unit


def test_the_quota_says_when_enough_has_left_its_window() -> None:
    drawn = [(NOW - timedelta(days=6), 60), (NOW - timedelta(days=2), 30)]
    refused = Allowance(quota=100, quota_days=7).refusal(20, "count", size=20, drawn=drawn, at=NOW)
    assert refused is not None
    assert refused.retry_after == 86_401


@given(allowances(), allowances(), st.lists(st.tuples(st.integers(0, 40), st.integers(1, 40)), max_size=8))
def test_a_change_that_lets_no_more_be_had_never_does_after_any_history(
    before: Allowance, after: Allowance, history: list[tuple[int, int]]
) -> None:
    """`history`: how many days ago, how many numbers."""

    def left(allowance: Allowance) -> float:
        if allowance.quota is None or allowance.quota_days is None:
            return float("inf")
        return allowance.quota - sum(size for ago, size in history if ago < allowance.quota_days)

    if not after.lets_more_be_had_than(before):
        assert max(left(after), 0) <= max(left(before), 0)


@pytest.mark.parametrize(
    ("before", "after", "more"),
    [
        ((1000, 1), (1000, 1), False),
        ((1000, 1), (1001, 1), True),
        ((1000, 1), (3_660_000, 3660), True),  # the same rate, and 3,660 times as much at once
        ((1000, 30), (1000, 1), True),  # as much, thirty times as often
        ((30_000, 30), (29_999, 1), True),
        ((1000, 1), (None, None), True),
        ((None, None), (10**12, 1), False),
        ((1000, 1), (1000, 7), False),
        ((1000, 1), (1, 3660), False),
    ],
)
def test_a_quota_lets_more_be_had_where_it_is_greater_or_looks_back_less(
    before: tuple[int | None, int | None],
    after: tuple[int | None, int | None],
    more: bool,  # noqa: FBT001  # what pytest fills in
) -> None:
    assert Allowance(1, 10, *after).lets_more_be_had_than(Allowance(1, 10, *before)) is more
