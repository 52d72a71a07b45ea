"""Draws: which numbers a system is given, when it is refused, and what a repeat is answered."""

from concurrent.futures import Future
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from npn.config import Settings
from npn.errors import InvalidInputError, RefusedError, UnauthenticatedError, UnavailableError
from npn.ledger.canonical import read
from npn.numbers.scheme import NPN10, NumberScheme
from npn.registry import store
from npn.registry.draws import GrantedSeries
from npn.registry.events import RulesAdopted
from npn.registry.importing import import_ranges, read_lines
from npn.registry.model import Draw, checked_draw
from npn.systems.model import ApiKey, Caller, ConnectedSystem, Environment, Role, SystemState
from npn.wiring.assembly import build
from npn.wiring.service import Service
from prepared import initialised
from wishes import Connected, draw, refusal, wish


def small_space(service: Service, *, first: int = 1_000_000, last: int = 1_000_999, name: str = "small") -> None:
    """Open a space of seven-digit production numbers with weights of its own."""
    scheme = NumberScheme("seven", 7, (3, 1, 7, 3, 1, 7, 1), modulus=11)
    service.registry.add_space(
        by="test", name=name, environment=Environment.PRODUCTION, scheme=scheme, first=first, last=last
    )


def import_text(service: Service, *ranges: str) -> int:
    """Import `space,system,first,last` lines."""
    lines = "".join(f"{line},2026-01-01\n" for line in ranges)
    return import_ranges(service.ledger, read_lines(f"space,system,first,last,drawn_at\n{lines}"), by="test")


def system_caller(by: Connected) -> Caller:
    """The caller that a system's key stands for."""
    return Caller(Role.SYSTEM, by[0].id, by[0].id, by[1].digest)


def last_entry(service: Service) -> dict[str, object]:
    """The data of the ledger's last entry."""
    from_store = service.ledger.state()
    with service.database.read() as connection:
        text = connection.exec_driver_sql(f"SELECT data FROM ledger WHERE seq = {from_store.length}").scalar_one()
    return dict(read(text))


def test_series_follow_each_other_without_a_gap(service: Service, connected: Connected) -> None:
    first, second = draw(service, connected, "a", count=10), draw(service, connected, "b", count=25)
    assert (first.first, first.last, first.size) == (1_000_000_000, 1_000_000_009, 10)
    assert (second.first, second.size) == (first.last + 1, 25)
    assert first.usable == NPN10.count(first.first, first.last)


def test_a_usable_series_is_the_smallest_from_the_cursor_that_holds_so_many(
    service: Service, connected: Connected
) -> None:
    draw(service, connected, "ahead", count=7)
    series = draw(service, connected, "a", usable=900)
    assert series.first == 1_000_000_007
    assert series.usable == NPN10.count(series.first, series.last) == 900
    assert NPN10.is_usable(series.last)


def test_a_repeated_request_id_returns_the_same_series_for_ever_and_across_restarts(
    settings: Settings, service: Service, connected: Connected
) -> None:
    series = draw(service, connected, "a", count=100, purpose="night")
    draw(service, connected, "b")
    again = build(settings)
    try:
        answer = again.allocator.draw(wish(connected, "a", count=100, purpose="night")).result(30)
        assert answer == GrantedSeries(series, repeated=True)
    finally:
        again.close()


def test_a_repeat_after_release_returns_the_series_as_it_now_is(service: Service, connected: Connected) -> None:
    series = draw(service, connected, "a", count=100)
    from_number = series.text(series.first + 40)
    service.registry.release(series.id, by=system_caller(connected), from_text=from_number)
    again = draw(service, connected, "a", count=100)
    assert (again.first, again.last, again.usable, again.drawn_at) == (
        series.first,
        series.last,
        series.usable,
        series.drawn_at,
    )
    assert again.state == "partly_released"


@pytest.mark.parametrize("other", [{"count": 11}, {"usable": 10}, {"purpose": "x"}, {"space": "production"}])
def test_the_same_request_id_for_another_draw_is_a_conflict(
    service: Service, connected: Connected, other: dict[str, object]
) -> None:
    draw(service, connected, "a")
    assert refusal(service, connected, "a", **other).code == "idempotency_conflict"  # type: ignore[arg-type]  # by name


def test_request_ids_of_two_systems_and_two_wires_are_apart(service: Service, connected: Connected) -> None:
    other = service.systems.add(by="test", name="MADS", vendor="V", owner="O", environment=Environment.PRODUCTION)
    ids = {
        draw(service, connected, "a").id,
        draw(service, other, "a").id,
        draw(service, connected, "a", channel="soap").id,
    }
    assert len(ids) == 3


def test_a_refused_draw_leaves_its_request_id_free(service: Service, connected: Connected) -> None:
    assert refusal(service, connected, "a", count=10_000_001).code == "count_too_large"
    assert draw(service, connected, "a", count=5).size == 5


def test_a_repeat_is_answered_before_any_policy(service: Service, connected: Connected) -> None:
    series = draw(service, connected, "a")
    service.systems.set_state(connected[0].id, SystemState.SUSPENDED, by="test")
    assert draw(service, connected, "a") == series
    assert refusal(service, connected, "b").code == "system_suspended"
    service.systems.set_state(connected[0].id, SystemState.ACTIVE, by="test")
    assert draw(service, connected, "b").first == series.last + 1


def test_equal_request_ids_waiting_together_are_one_draw(service: Service, connected: Connected) -> None:
    waiting = [wish(connected, "a"), wish(connected, "b"), wish(connected, "a"), wish(connected, "a", count=11)]
    answers = service.registry.draw(waiting)
    first, other, repeat, conflict = answers
    assert isinstance(first, GrantedSeries)
    assert isinstance(other, GrantedSeries)
    assert isinstance(repeat, GrantedSeries)
    assert repeat.series == first.series
    assert repeat.repeated
    assert other.series.first == first.series.last + 1
    assert getattr(conflict, "code", "") == "idempotency_conflict"


def test_a_draw_beyond_the_end_of_the_space_is_refused_and_never_wraps(service: Service, connected: Connected) -> None:
    small_space(service)
    draw(service, connected, "a", count=990, space="small")
    assert refusal(service, connected, "b", count=11, space="small").code == "space_exhausted"
    assert refusal(service, connected, "b", usable=11, space="small").code == "space_exhausted"
    last = draw(service, connected, "b", count=10, space="small")
    assert last.last == 1_000_999
    assert refusal(service, connected, "c", count=1, space="small").code == "space_exhausted"
    assert refusal(service, connected, "c", usable=1, space="small").code == "space_exhausted"


def test_the_very_last_numbers_of_all_digits_can_be_drawn(service: Service, connected: Connected) -> None:
    scheme = NumberScheme("long", 18, tuple(range(18, 0, -1)))
    top = 10**18 - 1
    service.registry.add_space(
        by="test", name="long", environment=Environment.PRODUCTION, scheme=scheme, first=top - 9, last=top
    )
    assert draw(service, connected, "a", count=10, space="long").last == top
    assert refusal(service, connected, "b", count=1, space="long").code == "space_exhausted"


def test_occupied_ranges_are_jumped_and_the_jump_is_recorded(service: Service, connected: Connected) -> None:
    import_text(service, f"production,{connected[0].id},1000000005,1000000009")
    series = draw(service, connected, "a", count=10)
    assert (series.first, series.last) == (1_000_000_010, 1_000_000_019)
    assert last_entry(service)["skipped"] == [{"first": "1000000000", "last": "1000000009"}]


def test_a_draw_finds_its_way_past_many_occupied_ranges(service: Service, connected: Connected) -> None:
    draw(service, connected, "before", count=10)
    taken = [(1_000_000_015 + 10 * n, 1_000_000_016 + 10 * n) for n in range(40)]
    import_text(service, *(f"production,{connected[0].id},{a},{b}" for a, b in taken))
    series = draw(service, connected, "a", count=9)
    assert series.first == taken[-1][1] + 1
    small = draw(service, connected, "b", usable=900)
    assert small.first == series.last + 1


def test_a_usable_series_does_not_count_across_an_occupied_range(service: Service, connected: Connected) -> None:
    import_text(service, f"production,{connected[0].id},1000000100,1000000100")
    series = draw(service, connected, "a", usable=20)
    assert series.first == 1_000_000_101
    assert NPN10.count(series.first, series.last) == 20


def test_an_occupied_range_at_the_end_of_the_space_ends_it(service: Service, connected: Connected) -> None:
    small_space(service)
    import_text(service, f"small,{connected[0].id},1000900,1000999")
    assert refusal(service, connected, "a", count=901, space="small").code == "space_exhausted"
    assert draw(service, connected, "a", count=900, space="small").last == 1_000_899
    assert refusal(service, connected, "b", count=1, space="small").code == "space_exhausted"


def test_a_test_system_cannot_draw_from_production_nor_the_reverse(service: Service, connected: Connected) -> None:
    tester = service.systems.add(by="test", name="Trial", vendor="V", owner="O", environment=Environment.TEST)
    assert refusal(service, tester, "a", space="production").code == "wrong_space"
    assert refusal(service, connected, "a", space="test").code == "wrong_space"
    assert draw(service, tester, "a").first == 9_000_000_000


def test_a_space_that_does_not_exist_is_named(service: Service, connected: Connected) -> None:
    error = refusal(service, connected, "a", space="nowhere")
    assert isinstance(error, InvalidInputError)
    assert (error.code, error.field) == ("unknown_space", "space")


def test_a_revoked_key_draws_nothing_even_when_it_was_checked_before(service: Service, connected: Connected) -> None:
    service.systems.rotate_key(connected[0].id, by="test", revoke_old=True)
    assert isinstance(refusal(service, connected, "a"), UnauthenticatedError)


@pytest.mark.parametrize(
    ("parts", "field"),
    [
        ({"count": 1, "usable": 1}, "usable"),
        ({"count": None}, "count"),
        ({"purpose": "a\nb"}, "purpose"),
        ({"purpose": "x" * 201}, "purpose"),
        *(({"request_id": text}, "Idempotency-Key") for text in ("", "x" * 129, "a b", "é", "a\x00")),
    ],
)
def test_a_wish_that_makes_no_sense_is_refused_with_its_field(parts: dict[str, object], field: str) -> None:
    sound = Draw("labka", "key", "a", 10, None, None, None)
    with pytest.raises(InvalidInputError) as error:
        checked_draw(replace(sound, **parts))  # type: ignore[arg-type]  # by name
    assert error.value.field == field


def test_the_smallest_and_largest_draw_of_a_system_hold(service: Service, connected: Connected) -> None:
    service.systems.set_limits(
        connected[0].id, by="test", smallest_draw=5, largest_draw=50, quota=None, quota_days=None
    )
    assert refusal(service, connected, "a", count=4).code == "count_too_small"
    assert refusal(service, connected, "a", usable=51).code == "count_too_large"
    assert draw(service, connected, "a", count=50).size == 50


def test_a_quota_counts_what_is_drawn_in_the_same_transaction(service: Service, connected: Connected) -> None:
    service.systems.set_limits(connected[0].id, by="test", smallest_draw=1, largest_draw=1000, quota=100, quota_days=7)
    answers = service.registry.draw([wish(connected, f"r{n}", count=30) for n in range(5)])
    assert [isinstance(a, GrantedSeries) for a in answers] == [True, True, True, False, False]
    refused = answers[3]
    assert isinstance(refused, RefusedError)
    assert refused.code == "quota_exceeded"
    assert refused.retry_after is not None
    assert 0 < refused.retry_after <= 7 * 86_400 + 1


def test_a_quota_holds_under_concurrency(settings: Settings, service: Service, connected: Connected) -> None:
    service.systems.set_limits(connected[0].id, by="test", smallest_draw=1, largest_draw=1000, quota=100, quota_days=7)
    other = build(settings)
    try:
        waiting: list[Future[GrantedSeries]] = [
            place.allocator.draw(wish(connected, f"{n}-{where}", count=10))
            for n in range(15)
            for where, place in enumerate((service, other))
        ]
        granted = [f for f in waiting if f.exception(60) is None]
        assert len(granted) == 10
    finally:
        other.close()


def test_a_quota_opens_again_when_draws_leave_its_window(settings: Settings) -> None:
    initialised(settings)
    clock = [datetime(2026, 1, 1, tzinfo=UTC)]
    service = build(settings, clock=lambda: clock[0])
    try:
        by = service.systems.add(by="t", name="S", vendor="V", owner="O", environment=Environment.PRODUCTION)
        service.systems.set_limits(by[0].id, by="t", smallest_draw=1, largest_draw=99, quota=100, quota_days=7)
        draw(service, by, "a", count=90)
        error = refusal(service, by, "b", count=20)
        assert isinstance(error, RefusedError)
        assert error.retry_after is not None
        clock[0] += timedelta(seconds=error.retry_after)
        assert draw(service, by, "b", count=20).size == 20
    finally:
        service.close()


def test_a_clock_that_goes_back_changes_no_number(settings: Settings) -> None:
    initialised(settings)
    clock = [datetime(2026, 6, 1, tzinfo=UTC)]
    service = build(settings, clock=lambda: clock[0])
    try:
        by = service.systems.add(by="t", name="S", vendor="V", owner="O", environment=Environment.PRODUCTION)
        first = draw(service, by, "a")
        clock[0] -= timedelta(days=400)
        assert draw(service, by, "b").first == first.last + 1
        assert draw(service, by, "a") == first
    finally:
        service.close()


def test_a_bad_draw_harms_no_other_in_its_batch(service: Service, connected: Connected) -> None:
    ghost = ConnectedSystem(**{name: getattr(connected[0], name) for name in ConnectedSystem.__slots__} | {"id": "x"})
    bad = [
        wish((ghost, connected[1]), "a"),
        wish((connected[0], ApiKey.make("nobody")), "a"),
        wish(connected, "big", count=10**18),
        wish(connected, "zero", count=0),
        wish(connected, "minus", usable=-5),
        wish(connected, "where", space="\u2028"),
        wish(connected, "nul", space="\x00"),
    ]
    good = [wish(connected, f"good-{n}") for n in range(5)]
    futures = [service.allocator.draw(d) for pair in zip(bad, [*good, *good], strict=False) for d in pair]
    refused, granted = futures[0::2], futures[1::2]
    assert all(f.exception(30) is not None for f in refused)
    assert len({f.result(30).series.first for f in granted}) == 5


def test_a_range_that_the_database_refuses_fails_its_own_draw_only(service: Service, connected: Connected) -> None:
    """A row behind the registry's back, past what a batch looks ahead: the constraint is what stands."""
    with service.ledger.transaction() as tx:
        entry = tx.append(RulesAdopted(rules=2, by="test"))
        row = {
            "id": "hand",
            "kind": "withheld",
            "space": "production",
            "scheme_length": 10,
            "generation": 0,
            "first": 1_000_000_010,
            "last": 1_000_000_019,
            "usable": 0,
            "drawn_at": tx.at,
            "ledger_seq": entry.seq,
        }
        store.add_ranges(tx.exchange, [row])
    first, second = draw(service, connected, "a", count=10), draw(service, connected, "b", count=10)
    assert (first.last, second.first) == (1_000_000_009, 1_000_000_020)


def test_draws_that_wait_when_the_service_stops_are_answered_and_later_ones_told(
    service: Service, connected: Connected
) -> None:
    waiting = [service.allocator.draw(wish(connected, f"r{n}", count=1)) for n in range(700)]
    service.writer.shutdown(wait=True)
    assert len({f.result(0).series.first for f in waiting}) == 700
    with pytest.raises(UnavailableError) as error:
        service.allocator.draw(wish(connected, "late"))
    assert error.value.code == "stopping"
