"""Cover and the six months' rule: arithmetic that can be checked by hand, and the same from a database."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from moved_clock import Clock
from npn.config import Settings
from npn.http.metrics import Metrics
from npn.stock.cover import RULE_DAYS, Colour, CoverSource, Draws, colour_of, cover
from npn.stock.model import Report
from npn.stock.picture import cover_of, take
from npn.systems.model import Caller, Environment, Role
from npn.wiring.assembly import build
from npn.wiring.service import Service
from prepared import initialised
from wishes import Connected, draw

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def reported(free: int, rate: float, *, days_old: float = 0.0) -> Report:
    return Report("labka", free, rate, ago(days_old), ago(days_old))


def test_a_report_is_brought_forward_to_today() -> None:
    found = cover("labka", report=reported(20_000, 100.0, days_old=10), draws=Draws(since_report=4_000), now=NOW)
    assert (found.source, found.free, found.days) == (CoverSource.REPORTED, 23_000, 230.0)
    assert found.colour is Colour.GREEN
    assert found.breaks_on == date(2027, 1, 10)  # 47 days on: 230 less 183
    assert found.draw == 0


def test_a_stock_below_six_months_says_which_draw_mends_it() -> None:
    found = cover("labka", report=reported(10_000, 100.0), draws=Draws(), now=NOW)
    assert (found.days, found.colour) == (100.0, Colour.RED)
    assert found.draw == 197 * 100 - 10_000  # to six months and two weeks
    assert (found.breaks_on, found.below_since, found.is_below) == (None, None, True)  # no report says since when


def test_an_estimate_raises_no_red_alarm_however_low_it_is() -> None:
    draws = Draws(count=3, first_at=ago(394), last_at=ago(170), after_first=22_400, last=18_200)
    found = cover("labka", report=None, draws=draws, now=NOW)
    assert (found.source, found.whole_days, found.colour) == (CoverSource.ESTIMATED, 12, Colour.AMBER)
    assert found.draw
    assert [colour_of(days, CoverSource.ESTIMATED) for days in (183, 150, 0)] == [
        Colour.GREEN,
        Colour.AMBER,
        Colour.AMBER,
    ]


def test_between_the_reorder_point_and_six_months_a_draw_is_due() -> None:
    assert [colour_of(days) for days in (183, 182.9, 150, 149.9, 0)] == [
        Colour.GREEN,
        Colour.AMBER,
        Colour.AMBER,
        Colour.RED,
        Colour.RED,
    ]


def test_where_nothing_is_used_the_stock_lasts() -> None:
    found = cover("labka", report=reported(500, 0.0), draws=Draws(), now=NOW)
    assert (found.colour, found.days, found.breaks_on, found.draw) == (Colour.GREEN, None, None, 0)
    assert cover("labka", report=reported(0, 0.0), draws=Draws(), now=NOW).colour is Colour.UNKNOWN


def test_an_old_report_gives_way_to_what_the_draws_tell() -> None:
    # a draw of 18,000 half a year apart, the last one 30 days ago: 36,000 in 364 days
    draws = Draws(count=3, first_at=ago(394), last_at=ago(30), after_first=36_400, last=18_200, since_report=0)
    found = cover("labka", report=reported(1, 1.0, days_old=90), draws=draws, now=NOW)
    assert (found.source, found.used_per_day) == (CoverSource.ESTIMATED, pytest.approx(100.0))
    assert (found.free, found.colour) == (15_200, Colour.AMBER)


@pytest.mark.parametrize(
    "draws",
    [
        Draws(),
        Draws(count=1, first_at=ago(90), last_at=ago(90), last=100),
        Draws(count=2, first_at=ago(20), last_at=ago(1), after_first=100, last=100),
    ],
)
def test_too_little_history_is_unknown_and_no_figure_is_made_up(draws: Draws) -> None:
    found = cover("labka", report=None, draws=draws, now=NOW)
    assert (found.source, found.colour) == (CoverSource.UNKNOWN, Colour.UNKNOWN)
    assert (found.free, found.used_per_day, found.days, found.draw) == (None, None, None, None)


@given(
    free=st.integers(0, 10**18),
    rate=st.floats(0, 10**15),
    age=st.floats(0, 34),
    since=st.integers(-(10**12), 10**12),
)
def test_every_report_is_judged_and_the_draw_it_names_mends_the_rule(
    free: int, rate: float, age: float, since: int
) -> None:
    found = cover("labka", report=reported(free, rate, days_old=age), draws=Draws(since_report=since), now=NOW)
    assert found.free is not None
    assert found.free >= 0
    if found.days is not None and found.used_per_day:
        assert (found.colour is Colour.GREEN) == (found.days >= RULE_DAYS)
        assert (found.draw == 0) == (found.colour is Colour.GREEN)
        if found.draw and found.draw < 10**18:
            assert (found.free + found.draw) / found.used_per_day >= RULE_DAYS


class Calendar:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def year(settings: Settings) -> Iterator[tuple[Service, Connected, Calendar]]:
    """A system that draws about 18,200 usable numbers every half year and never reports."""
    initialised(settings)
    clock = Calendar()
    service = build(settings, clock=clock)
    try:
        clock.at = ago(395)
        by = service.systems.add(by="t", name="Labka", vendor="V", owner="O", environment=Environment.PRODUCTION)
        for turn, days in enumerate((394, 393, 212, 30)):
            clock.at = ago(days)
            draw(service, by, f"r{turn}", usable=9_100 if days > 390 else 18_200)
        clock.at = NOW
        yield service, by, clock
    finally:
        service.close()


def test_since_when_a_stock_is_below_comes_from_the_report_that_showed_it(
    year: tuple[Service, Connected, Calendar],
) -> None:
    service, by, clock = year
    for days_ago, free in ((300, 10_000), (200, 30_000), (90, 18_299), (60, 18_300), (41, 17_000), (20, 15_000)):
        clock.at = ago(days_ago)
        service.stock.report(by=by[0].id, free=free, used_per_day=100.0, as_of=clock.at)
    clock.at = NOW
    found = cover_of(service.database, by[0].id, now=NOW)
    assert (found.source, found.is_below, found.breaks_on) == (CoverSource.REPORTED, True, None)
    assert found.below_since == ago(41).date()  # at 60 days ago it was at the line: 18,300 for 100 a day
    assert take(service.database, now=NOW).covers[by[0].id] == found
    service.stock.report(by=by[0].id, free=40_000, used_per_day=100.0, as_of=NOW)
    above = cover_of(service.database, by[0].id, now=NOW)
    assert (above.below_since, above.breaks_on) == (None, date(2027, 6, 29))  # 400 less 183 days on


def test_a_stock_that_every_report_showed_below_has_no_day_on_which_it_fell(
    year: tuple[Service, Connected, Calendar],
) -> None:
    service, by, clock = year
    for days_ago in (30, 3):
        clock.at = ago(days_ago)
        service.stock.report(by=by[0].id, free=9_000, used_per_day=100.0, as_of=clock.at)
    clock.at = NOW
    found = cover_of(service.database, by[0].id, now=NOW)
    assert (found.is_below, found.below_since, found.breaks_on) == (True, None, None)


def test_the_estimate_from_a_database_is_the_one_made_by_hand(year: tuple[Service, Connected, Calendar]) -> None:
    service, by, _ = year
    found = cover_of(service.database, by[0].id, now=NOW)
    assert (found.source, found.colour) == (CoverSource.ESTIMATED, Colour.AMBER)
    assert found.used_per_day == pytest.approx(36_400 / 364)
    assert found.free == 15_200
    picture = take(service.database, now=NOW)
    assert picture.covers[by[0].id] == found
    assert sum(month.usable for month in picture.use["production"]) == 36_400  # the first two lie 13 months back
    assert [m.series for m in picture.months[by[0].id]] == [0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0]


@pytest.mark.moves_clock
def test_what_is_drawn_or_released_after_a_report_counts(service: Service, connected: Connected, clock: Clock) -> None:
    system, key = connected
    began = clock.at
    service.stock.report(by=system.id, free=10_000, used_per_day=100.0, as_of=began)
    clock.wait(timedelta(hours=1))
    series = draw(service, connected, "later", usable=5_000)
    assert cover_of(service.database, system.id, now=began + timedelta(days=1)).free == 14_900
    service.registry.release(series.id, by=Caller(Role.SYSTEM, system.id, system.id, key.digest), from_text=None)
    assert cover_of(service.database, system.id, now=began + timedelta(days=1)).free == 9_900


def test_a_system_is_told_that_its_stock_is_low(year: tuple[Service, Connected, Calendar]) -> None:
    service, by, _ = year
    service.stock.report(by=by[0].id, free=10_000, used_per_day=100.0, as_of=NOW)
    [notice] = service.notices(by[0])
    assert notice.code == "stock_low"
    assert "100 days" in notice.text
    assert "draw 9700 usable numbers" in notice.text
    service.stock.report(by=by[0].id, free=40_000, used_per_day=100.0, as_of=NOW + timedelta(minutes=1))
    assert service.notices(by[0]) == []


def test_the_days_left_of_a_space_and_every_cover_are_figures(year: tuple[Service, Connected, Calendar]) -> None:
    service, by, _ = year
    tester = service.systems.add(by="t", name="Tester", vendor="V", owner="O", environment=Environment.TEST)
    service.systems.set_limits(
        "tester", by="t", smallest_draw=1, largest_draw=10**9, quota=None, quota_days=None, agreed=True
    )
    draw(service, tester, "many", count=900_000_000)
    assert by[0].id == "labka"
    text = Metrics().text(service.registry, service.ledger, service.pictures).decode()
    assert re.search(r'^npn_space_days_left\{space="test"\} 0.0$', text, flags=re.MULTILINE)
    assert 'npn_system_cover_days{source="estimated",system="labka"} 152.0' in text
    assert 'npn_systems_by_cover{colour="amber"} 1.0' in text
    assert 'npn_space_days_left{space="production"}' not in text  # so little is drawn that the calendar ends first


def test_a_draw_many_times_the_normal_is_pointed_out(year: tuple[Service, Connected, Calendar]) -> None:
    service, by, clock = year
    assert take(service.database, now=NOW).unusual == []
    draw(service, by, "usual", usable=80_000)  # six times the mean of the four before
    draw(service, by, "slip", usable=400_000)
    [found] = take(service.database, now=NOW).unusual
    assert (found.system, found.usable) == (by[0].id, 400_000)
    assert found.mean == pytest.approx((2 * 9_100 + 2 * 18_200 + 80_000) / 5)
    text = Metrics().text(service.registry, service.ledger, service.pictures).decode()
    assert 'npn_unusual_draws{system="labka"} 1.0' in text
    clock.at = NOW + timedelta(days=40)
    assert take(service.database, now=clock.at).unusual == []  # by now somebody has asked


_DRAWN = st.lists(
    st.tuples(st.integers(0, 30), st.integers(1, 5000), st.sampled_from(["draw", "draw", "draw", "report", "release"])),
    min_size=1,
    max_size=12,
)


@pytest.mark.moves_clock
@given(steps=_DRAWN)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_systems_cover_summed_in_the_database_is_the_one_of_the_picture_of_all(
    steps: list[tuple[int, int, str]], service: Service, clock: Clock
) -> None:
    system, key = service.systems.add(
        by="test", name=f"Lab {uuid4().hex}", vendor="CSC", owner="Region Nord", environment=Environment.PRODUCTION
    )
    caller = Caller(Role.SYSTEM, system.id, system.id, key.digest)
    held: list[str] = []
    for days, usable, what in steps:
        clock.wait(timedelta(days=days, minutes=1))
        if what == "draw":
            held.append(draw(service, (system, key), uuid4().hex, usable=usable).id)
        elif what == "report":
            service.stock.report(by=system.id, free=usable, used_per_day=3.0, as_of=clock.at)
        elif held:
            service.registry.release(held.pop(), by=caller, from_text=None)
    now = clock.at + timedelta(hours=1)
    assert cover_of(service.database, system.id, now=now) == take(service.database, now=now).covers[system.id]
