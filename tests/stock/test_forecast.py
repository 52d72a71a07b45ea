"""The national lifetime forecast: arithmetic that can be checked by hand, and the same from a database."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from npn.config import Settings
from npn.errors import NotFoundError
from npn.registry.importing import import_ranges, read_lines
from npn.stock.forecast import BLOCK_DAYS, DrawnSeries, forecast, forecast_space
from npn.systems.model import Environment
from npn.wiring.assembly import build
from npn.wiring.service import Service
from prepared import initialised
from wishes import draw

NOW = datetime(2026, 12, 31, 12, tzinfo=UTC)


def days_ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def evenly(per_day: int, days: int, usable: int = 0) -> list[DrawnSeries]:
    return [DrawnSeries(days_ago(n + 0.5), per_day, usable) for n in range(days)]


def test_even_use_ends_on_the_day_that_division_gives() -> None:
    found = forecast("p", left=10_000, drawn=evenly(100, 364, 9), since=days_ago(364), now=NOW)
    assert (found.per_day, found.usable_per_day, found.blocks) == (100.0, 9.0, 13)
    assert found.waste == pytest.approx(0.91)
    assert found.ends == found.earliest == found.latest == date(2027, 4, 10)  # a hundred days on


def test_use_in_lumps_is_the_same_mean_with_a_wide_range() -> None:
    lumps = [DrawnSeries(days_ago(5 + n * 2 * BLOCK_DAYS), 5600, 509) for n in range(6)]
    found = forecast("p", left=1_000_000, drawn=lumps, since=days_ago(12 * BLOCK_DAYS), now=NOW)
    assert found.per_day == pytest.approx(100)
    assert found.earliest is not None
    assert found.ends is not None
    assert found.latest is not None
    assert found.earliest < found.ends < found.latest
    # by hand: stdev of 0 and 5600 in turn is 2924.5; t(11) = 2.20; 2.20 * 2924.5 / sqrt(12) / 28 = 66.3 a day
    assert (found.earliest - NOW.date()).days == pytest.approx(1_000_000 / 166.3, rel=0.001)
    assert (found.latest - NOW.date()).days == pytest.approx(1_000_000 / 33.7, rel=0.003)


def test_nothing_drawn_never_ends() -> None:
    found = forecast("p", left=5, drawn=[], since=days_ago(364), now=NOW)
    assert (found.per_day, found.waste, found.ends, found.latest) == (0.0, 0.0, None, None)


def test_a_space_with_nothing_left_has_ended() -> None:
    assert forecast("p", left=0, drawn=[], since=days_ago(364), now=NOW).ends == NOW.date()


def test_less_than_four_weeks_give_a_day_but_no_range() -> None:
    found = forecast("p", left=1000, drawn=evenly(10, 10), since=days_ago(10), now=NOW)
    assert (found.per_day, found.blocks, found.earliest) == (10.0, 0, None)
    assert found.ends == date(2027, 4, 10)


@pytest.mark.parametrize(("left", "ends"), [(36_525, date(2127, 1, 1)), (36_526, None), (10**18, None)])
def test_an_end_more_than_a_hundred_years_away_is_none(left: int, ends: date | None) -> None:
    found = forecast("p", left=left, drawn=evenly(1, 56), since=days_ago(56), now=NOW)
    assert (found.per_day, found.ends) == (1.0, ends)


@given(
    st.lists(
        st.builds(DrawnSeries, st.floats(0.01, 399).map(days_ago), st.integers(1, 10**7), st.integers(0, 10**6)),
        max_size=40,
    ),
    st.integers(0, 10**10),
)
def test_the_range_holds_the_day(drawn: list[DrawnSeries], left: int) -> None:
    found = forecast("p", left=left, drawn=drawn, since=days_ago(364), now=NOW)
    if found.ends is not None and found.earliest is not None:
        assert found.earliest <= found.ends
        assert found.latest is None or found.ends <= found.latest


def test_the_database_tells_the_same_and_what_is_occupied_is_not_left(settings: Settings) -> None:
    initialised(settings)
    clock = [days_ago(56)]
    service = build(settings, clock=lambda: clock[0])
    try:
        by = service.systems.add(by="t", name="S", vendor="V", owner="O", environment=Environment.PRODUCTION)
        for n in range(8):
            clock[0] = days_ago(56 - 7 * n)
            draw(service, by, f"r{n}", count=7_000_000)
        lines = f"space,system,first,last,drawn_at\nproduction,{by[0].id},8000000000,8000999999,2020-01-01\n"
        import_ranges(service.ledger, read_lines(lines), by="t")
        found = forecast_space(service.database, "production", now=NOW)
        assert (found.per_day, found.blocks) == (1_000_000.0, 2)
        assert found.left == 8_000_000_000 - 56_000_000 - 1_000_000
        assert found.waste == pytest.approx(10 / 11, abs=0.001)
        assert found.earliest is not None
    finally:
        service.close()


def test_a_space_that_does_not_exist_is_named(service: Service) -> None:
    with pytest.raises(NotFoundError):
        forecast_space(service.database, "nowhere", now=NOW)
