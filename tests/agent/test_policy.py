"""When to draw and how much: bounds, the trap, cover, levels, and what is learnt from use."""

from datetime import date, timedelta

import hypothesis.strategies as st
import msgspec
import pytest
from hypothesis import given

from npn.agent.charts import svg_chart, terminal_chart
from npn.errors import ConfigurationError
from npn.replenishment.consumption import Estimate, learn
from npn.replenishment.consumption import history as believed
from npn.replenishment.policy import StockPolicy, check_seconds
from npn.replenishment.simulate import Scenario, simulate, summary

TODAY = date(2027, 3, 1)


def history(days: int, taken: int | list[int]) -> dict[date, int]:
    """The same number each day, or one for each weekday."""
    first = TODAY - timedelta(days=days)
    return {
        day: taken if isinstance(taken, int) else taken[day.weekday()]
        for day in (first + timedelta(days=n) for n in range(days))
    }


def learned(use: dict[date, int]) -> Estimate:
    """Learn from all of it."""
    return learn(use, since=min(use), today=TODAY)


# what can't work ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "field", "words"),
    [
        ({"target_days": 100}, "stock.target_days", ["100", "150", "reorder_days", "-50"]),
        ({"target_days": 150}, "stock.target_days", ["150 - 150 = 0"]),
        ({"max_draw": 500}, "stock.max_draw", ["max_draw = 500", "min_draw = 1000"]),
        ({"used_per_day": 100, "max_draw": 5000}, "stock.max_draw", ["5000", "150 x 100.0", "15000"]),
        ({"min_draw": 0}, "stock.min_draw", ["at least 1"]),
        ({"reorder_days": -1}, "stock.reorder_days", ["at least 1"]),
        ({"check_every": "soon"}, "stock.check_every", ["'soon'"]),
        ({"critical_days": 151}, "stock.critical_days", ["151"]),
        ({"used_per_day": float("nan")}, "stock.used_per_day", ["nan"]),
    ],
)
def test_a_policy_that_can_not_work_is_refused_with_the_arithmetic_and_the_keys(
    keys: dict[str, float], field: str, words: list[str]
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        msgspec.structs.replace(StockPolicy(), **keys).verify()
    assert caught.value.field == field
    assert all(word in caught.value.message for word in words)


def test_a_draw_below_the_learnt_reorder_point_is_refused() -> None:
    policy = StockPolicy(max_draw=2000)
    policy.verify()
    with pytest.raises(ConfigurationError, match=r"150 x 20\.\d"):
        policy.verify(learned(history(60, 20)))


@given(
    reorder=st.integers(1, 300),
    more=st.integers(1, 300),
    smallest=st.integers(1, 5000),
    largest=st.integers(1, 10**6),
    rate=st.floats(0.01, 5000),
)
def test_what_is_accepted_lifts_an_empty_stock_above_the_reorder_point(
    *, reorder: int, more: int, smallest: int, largest: int, rate: float
) -> None:
    policy = StockPolicy(
        target_days=reorder + more,
        reorder_days=reorder,
        critical_days=0,
        min_draw=smallest,
        max_draw=largest,
        used_per_day=rate,
    )
    try:
        policy.verify()
    except ConfigurationError:
        return
    drawn = policy.amount(0, Estimate(per_day=0), today=TODAY)
    assert smallest <= drawn <= largest
    assert drawn > reorder * rate
    assert policy.amount(drawn, Estimate(per_day=0), today=TODAY) == 0


def test_a_new_pool_draws_the_smallest_draw() -> None:
    assert StockPolicy().amount(0, Estimate(per_day=0), today=TODAY) == 1000
    assert StockPolicy().amount(1000, Estimate(per_day=0), today=TODAY) == 0


def test_small_users_draw_rarely_and_not_in_dust() -> None:
    rows = simulate(Scenario(rate=0.4, days=1000, start=80), StockPolicy())
    draws = [row.drawn for row in rows if row.drawn]
    assert len(draws) <= 2
    assert min(draws) >= 1000


@pytest.mark.parametrize(
    ("free", "level"), [(0, "empty"), (100, "critical"), (1000, "low"), (2700, "ok"), (3000, "ok")]
)
def test_levels_speak_of_days(free: int, level: str) -> None:
    assert StockPolicy().level(free, learned(history(60, 20)), today=TODAY) == level


@pytest.mark.parametrize(("text", "seconds"), [("nightly", 86400), ("continuous", 60), ("90s", 90), ("2d", 172800)])
def test_times_are_read(text: str, seconds: float) -> None:
    assert check_seconds(text) == seconds


# what is learnt -------------------------------------------------------------------------------------


def test_with_little_history_nothing_is_claimed() -> None:
    assert learn({}, since=None, today=TODAY).confidence == "none"
    assert learned(history(3, 10)).confidence == "none"
    assert learned(history(10, 10)).confidence == "little"
    assert learned(history(40, 10)).confidence == "good"
    assert learned(history(400, 10)).confidence == "season"


@given(st.integers(1, 1000), st.integers(1, 500))
def test_steady_use_is_learnt_as_it_is(rate: int, days: int) -> None:
    assert learned(history(days, rate)).per_day == pytest.approx(rate, rel=0.01)


def test_weekdays_are_learnt() -> None:
    estimate = learned(history(100, [100, 100, 100, 100, 100, 10, 0]))
    assert estimate.weekday[6] < 0.15 < estimate.weekday[5] < 0.35
    assert estimate.weekday[0] > 1.2
    assert estimate.need(7, today=TODAY) == pytest.approx(510, rel=0.05)


def test_one_wild_day_changes_little_and_an_outbreak_is_believed() -> None:
    use = history(56, 100)
    use[TODAY - timedelta(days=20)] = 50_000
    assert learned(use).per_day < 120
    for n in range(1, 8):
        use[TODAY - timedelta(days=n)] = 1000
    assert learned(use).per_day > 900


def test_a_lot_once_a_week_is_no_outlier() -> None:
    use = {day: (70 if day.weekday() == 2 else 0) for day in history(60, 0)}
    assert learned(use).per_day == pytest.approx(10, rel=0.35)


def test_seasons_are_learnt_after_a_year() -> None:
    first = TODAY - timedelta(days=730)
    days = (first + timedelta(days=n) for n in range(730))
    estimate = learned({day: 200 if day.month in (1, 2, 12) else 80 for day in days})
    assert estimate.month[0] > 1.3
    assert estimate.month[6] < 0.9
    assert estimate.cover(10_000, today=date(2027, 6, 1)) != estimate.cover(10_000, today=date(2027, 11, 25))


@given(st.integers(0, 10**6), st.floats(0.01, 1000))
def test_cover_and_need_agree(free: int, rate: float) -> None:
    estimate = Estimate(per_day=rate)
    cover = estimate.cover(free, today=TODAY)
    assert cover is not None
    assert cover == pytest.approx(min(free / rate, 3650), abs=0.001)


@given(st.dictionaries(st.dates(date(2024, 1, 1), TODAY), st.integers(0, 10**9), max_size=50))
def test_any_history_gives_a_sane_estimate(use: dict[date, int]) -> None:
    estimate = learn(use, since=min(use, default=None), today=TODAY)
    assert 0 <= estimate.per_day < 10**10
    assert all(factor >= 0 for factor in (*estimate.weekday, *estimate.month))


def test_days_in_the_future_of_a_clock_that_jumped_do_no_harm() -> None:
    use = {**history(60, 10), TODAY + timedelta(days=4000): 99}
    assert learn(use, since=min(use), today=TODAY).per_day == pytest.approx(10, rel=0.01)
    assert learn(use, since=TODAY + timedelta(days=9), today=TODAY).confidence == "none"


# simulated ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pattern", ["constant", "weekday", "winter", "outbreak"])
def test_the_usual_policy_never_runs_out_in_a_year(pattern: str) -> None:
    scenario = msgspec.convert({"rate": 100, "days": 365, "pattern": pattern}, Scenario)
    found = summary(simulate(scenario, StockPolicy()))
    assert found.missing == 0
    assert found.drawn > 0


def test_five_months_without_the_centre_are_survived_and_a_year_is_not() -> None:
    assert summary(simulate(Scenario(rate=100, days=365, away=(30, 150)), StockPolicy())).missing == 0
    assert summary(simulate(Scenario(rate=100, days=400, away=(30, 365)), StockPolicy())).missing > 0


def test_a_cap_on_draws_is_climbed_by_several() -> None:
    found = summary(simulate(Scenario(rate=100, days=200, cap=300, start=1000), StockPolicy()))
    assert (found.missing, found.draws > 0) == (0, True)


def test_the_known_trap_a_draw_below_the_reorder_point_runs_dry() -> None:
    """A system that waits for the stock to fall past its reorder point never sees that again."""
    policy = StockPolicy(max_draw=5000)
    trapped = summary(simulate(Scenario(rate=100, days=365, start=2000, trigger="crossing"), policy))
    assert (trapped.draws, trapped.first_empty_day) == (1, 70)
    assert summary(simulate(Scenario(rate=100, days=365, start=2000), policy)).missing == 0


def test_charts_show_the_run() -> None:
    rows = simulate(Scenario(rate=100, days=400, away=(30, 365)), StockPolicy())
    chart = terminal_chart(rows)
    assert "!" in chart
    assert "~" in chart
    assert len(chart.splitlines()) == 16
    assert [line.strip() for line in chart.splitlines()[-2:]] == ["~ the service away", "! numbers missing"]
    assert svg_chart(rows, "a < b").count("&lt;") == 2


def test_a_chart_of_a_few_days_shows_each_of_them() -> None:
    rows = simulate(Scenario(rate=100, days=30, away=(20, 9)), StockPolicy())
    marks = terminal_chart(rows).splitlines()[12]
    assert marks == " " * 11 + "".join("!" if row.missing else "~" if row.away else " " for row in rows).rstrip()


# a clock that was wrong, or is ----------------------------------------------------------------------


def test_a_day_in_1970_is_no_history() -> None:
    use = history(90, 20) | {date(1970, 1, 1): 3, date(2099, 5, 5): 1}
    since, today = believed(use, today=TODAY)
    assert (since, today) == (TODAY - timedelta(days=90), TODAY)
    assert learn(use, since=since, today=today).confidence == "good"


@pytest.mark.parametrize("wrong", [date(1970, 1, 1), date(2019, 6, 1), date(2099, 5, 5)])
def test_while_the_clock_is_wrong_the_expected_use_stays_as_it_was(wrong: date) -> None:
    use = history(90, 20) | {wrong: 7}
    since, today = believed(use, today=wrong)
    assert today == TODAY
    assert learn(use, since=since, today=today).per_day == pytest.approx(20)


def test_a_laboratory_that_paused_for_long_learns_anew_after_a_week() -> None:
    later = TODAY + timedelta(days=200)
    use = history(90, 20)
    assert believed(use, today=later) == (TODAY - timedelta(days=90), TODAY)
    use |= {later + timedelta(days=n): 5 for n in range(8)}
    assert believed(use, today=later + timedelta(days=8)) == (later, later + timedelta(days=8))


def test_without_use_there_is_no_history() -> None:
    assert believed({}, today=TODAY) == (None, TODAY)
    assert believed({TODAY: 3}, today=TODAY) == (TODAY, TODAY)
