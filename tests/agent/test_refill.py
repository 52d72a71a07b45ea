"""A draw is repeated with its own request id after any doubt; nothing arrives twice, and nothing unasked for."""

from datetime import date, timedelta

import msgspec
import pytest

from laboratory import Laboratory, power_cut
from npn.agent import Pool
from npn.agent.mock import Failure, MockService
from npn.agent.stock import reset
from npn.agent.upstream.client import ServiceDoubtError, ServiceRefusalError
from npn.errors import InvalidInputError, NpnError, RefusedError
from npn.replenishment.policy import StockPolicy
from npn.wire import DrawRequest


def draws(service: MockService) -> list[int]:
    """Statuses of the draws so far."""
    return [status for method, path, status in service.calls if (method, path) == ("POST", "/v1/series")]


def test_a_new_pool_draws_the_smallest_draw_at_once(laboratory: Laboratory, service: MockService) -> None:
    with laboratory.open() as pool:
        outcome = laboratory.refill(pool).round()
        assert (outcome.drawn, pool.free()) == (100, 100)
        assert laboratory.refill(pool).round().drawn == 0
    assert len(service.registry.series) == 1


@pytest.mark.parametrize("failure", ["lose_reply", "drop", "error", "unavailable", "garbage"])
def test_a_draw_whose_answer_was_lost_is_repeated_with_its_own_id(
    laboratory: Laboratory, service: MockService, failure: Failure
) -> None:
    with laboratory.open() as pool:
        refill = laboratory.refill(pool)
        original = refill._client.draw
        refill._client.draw = lambda *a: (service.fail(failure), original(*a))[1]  # type: ignore[method-assign]  # fails the draw only
        with pytest.raises(ServiceDoubtError):
            refill.round()
        with pool.reading() as log:
            pending = log.pending_request()
        assert pending is not None
        assert pool.free() == 0
    with laboratory.open() as pool:  # and a restart in between changes nothing
        laboratory.refill(pool).round()
        assert pool.free() == 100
        assert pool.series()[0].request_id == pending.request_id
    assert len(service.registry.series) == 1


def test_a_series_is_not_handed_out_before_a_contact_after_its_arrival(
    laboratory: Laboratory, service: MockService
) -> None:
    with laboratory.open() as pool:
        refill = laboratory.refill(pool)
        original = refill._client.series
        lists: list[int] = []

        def second_list_fails(header: str) -> list[object]:
            lists.append(1)
            if len(lists) == 2:
                service.fail("drop")
            return original(header)  # type: ignore[return-value]  # the same list

        refill._client.series = second_list_fails  # type: ignore[method-assign,assignment]  # fails the second list
        with pytest.raises(ServiceDoubtError):
            refill.round()
        assert (pool.free(), pool.status().arrived) == (0, 100)
        refill.round()
        assert (pool.free(), pool.status().arrived) == (100, 0)


@pytest.mark.parametrize("code", ["system_suspended", "quota_exceeded", "insecure_transport", "agreement_missing"])
def test_a_refusal_is_shown_in_the_services_own_words_and_the_next_draw_gets_a_new_id(
    laboratory: Laboratory, service: MockService, code: str
) -> None:
    service.registry.policy = code
    with laboratory.open() as pool:
        with pytest.raises(ServiceRefusalError, match=f"refused: {code}") as caught:
            laboratory.refill(pool).round()
        assert caught.value.code == code
        with pool.reading() as log:
            assert log.fact("last_error_code") == code
            assert log.pending_request() is None
        service.registry.policy = None
        assert laboratory.refill(pool).round().drawn == 100


def test_a_refused_draw_that_was_granted_late_is_adopted_by_its_own_id(
    laboratory: Laboratory, service: MockService
) -> None:
    service.registry.policy = "quota_exceeded"
    with laboratory.open() as pool:
        with pytest.raises(ServiceRefusalError):
            laboratory.refill(pool).round()
        (request_id,) = [row[0] for row in pool.store.connection.execute("SELECT request_id FROM request")]
        service.registry.policy = None
        wish = DrawRequest(usable=100, purpose="agent")  # the first sending arrives after all
        late = service.registry._grant("lab-1", request_id, wish)
        service.registry.series.append(late)
        service.registry.bodies["lab-1", request_id] = wish
        service.registry.cursor = int(late.last) + 1
        laboratory.refill(pool).round()
        assert [s.id for s in pool.series()] == [late.id]
        assert pool.free() == 100


def test_a_series_that_this_pool_did_not_ask_for_is_flagged_and_never_handed_out(
    laboratory: Laboratory, service: MockService
) -> None:
    other = service.registry._grant("lab-1", "by-hand", DrawRequest(count=1000))
    service.registry.series.append(other)
    service.registry.cursor = int(other.last) + 1
    with laboratory.open() as pool:
        laboratory.refill(pool).round()
        (flag,) = pool.status().flags
        assert (flag.kind, flag.series) == ("unknown_series", other.id)
        assert all(int(number) > int(other.last) for number in pool.take_many(100))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"first": "1000000001"}, "it says"),
        ({"usable": 99}, "count of usable numbers"),
        ({"space": "elsewhere"}, "unknown space"),
        ({"first": "0999999990"}, "leaves its space"),
        ({"state": "released"}, "released already"),
        ({"last": "not a number"}, "not a sample number"),
    ],
)
def test_a_series_that_is_not_as_it_must_be_never_enters_the_pool(
    laboratory: Laboratory, service: MockService, change: dict[str, object], words: str
) -> None:
    with laboratory.open() as pool:
        refill = laboratory.refill(pool)
        original = refill._client.draw
        refill._client.draw = lambda *a: msgspec.structs.replace(original(*a), **change)  # type: ignore[method-assign]  # a service that errs
        with pytest.raises(InvalidInputError, match=words):
            refill.round()
        assert (pool.free(), pool.series()) == (0, [])
        assert [flag.kind for flag in pool.status().flags] == ["bad_series"]


def test_after_a_series_that_can_not_be_used_nothing_more_is_drawn_before_a_reset(
    laboratory: Laboratory, service: MockService
) -> None:
    with laboratory.open() as pool:
        refill = laboratory.refill(pool)
        original = refill._client.draw
        refill._client.draw = lambda *a: msgspec.structs.replace(original(*a), usable=99)  # type: ignore[method-assign]  # a service that errs
        with pytest.raises(InvalidInputError):
            refill.round()
        for _ in range(3):
            laboratory.refill(pool).round()
        with pytest.raises(RefusedError, match="nothing more is drawn"):
            laboratory.refill(pool).round(to_target=True)
        assert len(draws(service)) == 1
    reset.carry_out(laboratory.path)
    with laboratory.open() as pool:
        assert laboratory.refill(pool).round().drawn == 100


def test_a_series_that_overlaps_an_earlier_one_never_enters_the_pool(
    laboratory: Laboratory, service: MockService
) -> None:
    with laboratory.open() as pool:
        laboratory.stock(pool, 50)
        service.registry.cursor = 1_000_000_000
        with pytest.raises(InvalidInputError, match="overlaps"):
            laboratory.stock(pool, 100)
        assert len(pool.series()) == 1


def test_a_draw_never_blocks_a_take(pool: Pool, laboratory: Laboratory) -> None:
    refill = laboratory.refill(pool)
    taken: list[str] = []
    original = refill._client.me
    refill._client.me = lambda: (taken.append(pool.take()), original())[1]  # type: ignore[method-assign]  # in mid-round
    refill.round()
    assert taken


def test_a_round_draws_up_to_the_target_in_as_many_draws_as_it_takes(
    laboratory: Laboratory, service: MockService
) -> None:
    policy = StockPolicy(min_draw=10, max_draw=200, used_per_day=5, reorder_days=30, target_days=100)
    with laboratory.open() as pool:
        assert laboratory.refill(pool, policy).round().drawn == 500
    assert len(service.registry.series) == 3


def test_a_round_stays_within_the_services_largest_draw(laboratory: Laboratory, service: MockService) -> None:
    service.registry.largest_draw = 200
    policy = StockPolicy(min_draw=10, used_per_day=5, reorder_days=30, target_days=60)
    with laboratory.open() as pool:
        laboratory.refill(pool, policy).round()
        assert pool.free() >= 300
    assert all(series.usable <= 200 for series in service.registry.series)


def test_stock_is_reported_and_receipts_are_kept(pool: Pool, service: MockService) -> None:
    assert service.registry.reports[-1].free == 100
    with pool.reading() as log:
        assert str(log.receipt(service.registry.series[0].id)).count(".") == 2


def test_a_release_leaves_the_pool_before_the_service_is_called(laboratory: Laboratory, service: MockService) -> None:
    pool = laboratory.open()
    laboratory.stock(pool)
    pool.take_many(30)
    service.down = True
    with pytest.raises(ServiceDoubtError):
        laboratory.refill(pool).release(service.registry.series[0].id)
    assert pool.free() == 0
    power_cut(pool)
    service.down = False
    with laboratory.open() as pool:
        laboratory.refill(pool).round()
        released = service.registry.series[0]
        assert released.state == "partly_released"
        with pool.reading() as log:
            assert [r.state for r in log.releases()] == ["done"]
            assert log.releases()[0].from_ == released.released_from


def test_a_tail_released_at_the_service_by_others_is_cut_and_flagged(pool: Pool, service: MockService) -> None:
    series = service.registry.series[0]
    tail = str(int(series.first) + 500)
    service.registry.series[0] = msgspec.structs.replace(series, state="partly_released", released_from=tail)
    laboratory = Laboratory(pool.path.parent, service)
    laboratory.refill(pool, StockPolicy(min_draw=1)).round()
    rest = pool.take_many(pool.free())
    assert rest
    assert all(int(number) < int(tail) for number in rest)
    assert [flag.kind for flag in pool.status().flags] == ["differs"]


def test_a_policy_learns_from_use(laboratory: Laboratory, service: MockService) -> None:
    with laboratory.open() as pool:
        laboratory.stock(pool, 1000)
        today = date(2027, 3, 1)
        for n in range(28):
            with pool.change() as change:
                pool.logbook.note_use(change, today - timedelta(days=28 - n), 20)
        refill = laboratory.refill(pool)
        refill._today = lambda: today
        refill.round()
        assert 150 * 20 < pool.free() <= 184 * 20
        assert service.registry.reports[-1].used_per_day == pytest.approx(20, rel=0.1)


def test_what_stopped_a_round_is_remembered_until_one_succeeds(laboratory: Laboratory, service: MockService) -> None:
    with laboratory.open() as pool:
        service.down = True
        with pytest.raises(NpnError):
            laboratory.refill(pool).round()
        with pool.reading() as log:
            assert "can't reach" in str(log.fact("last_error"))
        service.down = False
        laboratory.refill(pool).round()
        with pool.reading() as log:
            assert log.fact("last_error") is None
            assert log.fact("last_success") is not None
