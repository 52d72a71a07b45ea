"""The notice planner: dates that can be checked with a calendar, and what holds for every rhythm."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from npn.errors import InvalidInputError
from npn.transport.planner import Rhythm, checked, months_later, prospect, ready

HALF_YEARLY = Rhythm(date(2026, 10, 1), every_months=6, freeze_months=3)

days = st.dates(date(2020, 1, 1), date(2080, 1, 1))
rhythms = st.builds(
    Rhythm,
    first_release=days,
    every_months=st.integers(1, 60),
    freeze_months=st.integers(0, 24),
    work_weeks=st.integers(0, 260),
)


@pytest.mark.parametrize(
    ("notice", "release"),
    [
        (date(2026, 7, 1), date(2026, 10, 1)),  # on the very day of the freeze
        (date(2026, 7, 2), date(2027, 4, 1)),  # a day late costs half a year
        (date(2026, 11, 24), date(2027, 4, 1)),
        (date(2027, 1, 1), date(2027, 4, 1)),
        (date(2027, 1, 2), date(2027, 10, 1)),
        (date(2025, 2, 1), date(2025, 10, 1)),  # before the release that was named, too
    ],
)
def test_half_yearly_releases_frozen_three_months_before(notice: date, release: date) -> None:
    assert ready(HALF_YEARLY, notice=notice).release == release


def test_work_comes_before_the_freeze() -> None:
    worked = Rhythm(date(2026, 10, 1), every_months=6, freeze_months=3, work_weeks=8)
    assert ready(worked, notice=date(2026, 11, 6)).release == date(2027, 4, 1)  # eight weeks on is 1 January
    assert ready(worked, notice=date(2026, 11, 7)).release == date(2027, 10, 1)


def test_a_month_that_lacks_the_day_has_its_last() -> None:
    assert months_later(date(2026, 8, 31), 6) == date(2027, 2, 28)
    assert months_later(date(2028, 2, 29), -12) == date(2027, 2, 28)


def test_a_proposed_date_says_who_can_not_make_it_and_when_all_can() -> None:
    stated = {
        "BCC": HALF_YEARLY,
        "CSC": Rhythm(date(2026, 12, 1), every_months=1, freeze_months=0),
        "MADS": Rhythm(date(2027, 3, 1), every_months=12, freeze_months=6),
    }
    found = prospect(
        stated, vendors=["BCC", "CSC", "MADS", "Tieto"], notice=date(2026, 11, 24), proposed=date(2027, 6, 1)
    )
    assert found.late == ["MADS"]
    assert found.unknown == ["Tieto"]
    assert found.earliest == date(2028, 3, 1)
    assert not found.can_all
    assert found.ready["BCC"] == ready(HALF_YEARLY, notice=date(2026, 11, 24))


def test_without_any_statement_there_is_no_earliest_date() -> None:
    found = prospect({}, vendors=["BCC"], notice=date(2026, 1, 1), proposed=date(2027, 1, 1))
    assert (found.earliest, found.unknown) == (None, ["BCC"])


@given(rhythms, days)
def test_the_release_is_one_of_the_vendors_and_the_first_that_can_be(rhythm: Rhythm, notice: date) -> None:
    found = ready(rhythm, notice=notice)
    finished = notice + timedelta(weeks=rhythm.work_weeks)
    apart = (found.release.year - rhythm.first_release.year) * 12 + found.release.month - rhythm.first_release.month
    assert apart % rhythm.every_months == 0
    number = apart // rhythm.every_months
    assert rhythm.release(number) == found.release
    assert finished <= found.freeze <= found.release
    assert rhythm.freeze(rhythm.release(number - 1)) < finished


@given(rhythms, days, st.integers(0, 1000))
def test_later_notice_never_means_an_earlier_release(rhythm: Rhythm, notice: date, later: int) -> None:
    assert ready(rhythm, notice=notice).release <= ready(rhythm, notice=notice + timedelta(days=later)).release


@given(st.dictionaries(st.sampled_from("ABCDE"), rhythms, min_size=1), days)
def test_everybody_can_make_the_earliest_date_and_somebody_not_the_day_before(
    stated: dict[str, Rhythm], notice: date
) -> None:
    vendors = sorted(stated)
    earliest = prospect(stated, vendors=vendors, notice=notice, proposed=notice).earliest
    assert earliest is not None
    assert prospect(stated, vendors=vendors, notice=notice, proposed=earliest).can_all
    assert not prospect(stated, vendors=vendors, notice=notice, proposed=earliest - timedelta(days=1)).can_all


@pytest.mark.parametrize(
    ("rhythm", "field"),
    [
        (Rhythm(date(2026, 1, 1), 0, 0), "every_months"),
        (Rhythm(date(2026, 1, 1), 6, 25), "freeze_months"),
        (Rhythm(date(2026, 1, 1), 6, 3, -1), "work_weeks"),
        (Rhythm(date(1900, 1, 1), 6, 3), "release"),
    ],
)
def test_a_rhythm_out_of_bounds_is_refused_with_its_field(rhythm: Rhythm, field: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        checked(rhythm)
    assert refused.value.field == field
