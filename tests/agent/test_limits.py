"""The real agent asks the real service for what it will take, whatever limits an operator has set."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import hypothesis
import pytest
from hypothesis import strategies as st

from npn.agent import Pool
from npn.agent.mock import MockService
from npn.agent.model import DrawIntent
from npn.agent.upstream.client import ServiceClient
from npn.agent.upstream.refill import Refill, RoundOutcome, _space, within_allowance
from npn.errors import RefusedError
from npn.replenishment.policy import StockPolicy
from npn.wiring.assembly import build
from npn.wiring.service import Service
from running_service import RealService

SYSTEM = "labka-ii"


@dataclass
class Limits:
    """What the operator has set."""

    smallest: int = 1
    largest: int = 10_000_000
    quota: int | None = None
    days: int | None = None


@contextmanager
def service_with(limits: Limits, folder: Path, kind: str) -> Iterator[tuple[str, str]]:
    """The real service, or the mock, with these limits; gives address and key."""
    if kind == "mock":
        with MockService() as mock:
            mock.registry.smallest_draw, mock.registry.largest_draw = limits.smallest, limits.largest
            mock.registry.quota, mock.registry.quota_days = limits.quota, limits.days
            yield mock.url, mock.key
        return
    real = RealService(folder)
    service = build(real.settings)
    service.systems.set_limits(
        SYSTEM,
        by="test",
        smallest_draw=limits.smallest,
        largest_draw=limits.largest,
        quota=limits.quota,
        quota_days=limits.days,
    )
    service.close()
    with real.running() as url:
        yield url, real.key


def refill(pool: Pool, where: tuple[str, str], policy: StockPolicy, *, to_target: bool = False) -> RoundOutcome:
    """One round."""
    client = ServiceClient(*where)
    try:
        return Refill(pool, client, policy).round(to_target=to_target)
    finally:
        client.close()


def _until_refused(act: Callable[[], object]) -> str:
    """The code of the refusal; what a bound leaves over is drawn in a round or two before."""
    for _ in range(5):
        try:
            act()
        except RefusedError as error:
            return error.code
    return ""


KINDS = pytest.mark.parametrize("kind", ["real", "mock"])


@KINDS
def test_a_request_is_raised_to_the_smallest_draw(tmp_path: Path, kind: str) -> None:
    with service_with(Limits(smallest=5000), tmp_path, kind) as where, Pool.open(tmp_path / "agent.db") as pool:
        assert refill(pool, where, StockPolicy(min_draw=1000)).drawn == 5000
        assert pool.free() == 5000


@KINDS
def test_a_smallest_draw_above_the_agents_own_largest_is_still_asked_for(tmp_path: Path, kind: str) -> None:
    policy = StockPolicy(min_draw=10, max_draw=2000)
    with service_with(Limits(smallest=3001), tmp_path, kind) as where, Pool.open(tmp_path / "agent.db") as pool:
        assert refill(pool, where, policy).drawn == 3001


@KINDS
def test_a_request_is_lowered_to_the_largest_draw_and_not_to_an_eleventh_of_it(tmp_path: Path, kind: str) -> None:
    policy = StockPolicy(min_draw=100, used_per_day=5, reorder_days=150, target_days=183)
    with service_with(Limits(largest=500), tmp_path, kind) as where, Pool.open(tmp_path / "agent.db") as pool:
        outcome = refill(pool, where, policy)
        assert outcome.drawn >= 183 * 5
        assert [s.free for s in pool.series()] == [500, 415]


@KINDS
def test_a_quota_counts_numbers_and_the_agent_asks_for_the_usable_ones_that_fit(tmp_path: Path, kind: str) -> None:
    limits = Limits(quota=5000, days=30)
    with service_with(limits, tmp_path, kind) as where, Pool.open(tmp_path / "agent.db") as pool:
        assert 430 <= refill(pool, where, StockPolicy(min_draw=1000)).drawn <= 5000 // 11


@KINDS
def test_a_quota_that_is_nearly_used_is_drawn_and_then_named_with_the_stock_kept(tmp_path: Path, kind: str) -> None:
    limits = Limits(quota=22_000, days=30)
    policy = StockPolicy(min_draw=900, used_per_day=20, reorder_days=150, target_days=183)
    with service_with(limits, tmp_path, kind) as where, Pool.open(tmp_path / "agent.db") as pool:
        first = refill(pool, where, policy)
        assert 1900 < first.drawn <= 2000
        assert _until_refused(lambda: refill(pool, where, policy)) == "quota_exceeded"
        assert pool.free() >= first.drawn
        with pool.reading() as log:
            assert log.fact("last_error_code") == "quota_exceeded"


@KINDS
def test_a_quota_too_small_for_the_smallest_draw_is_said_and_nothing_is_asked(tmp_path: Path, kind: str) -> None:
    limits = Limits(smallest=1000, quota=5000, days=7)
    with service_with(limits, tmp_path, kind) as where, Pool.open(tmp_path / "agent.db") as pool:
        with pytest.raises(RefusedError, match="smallest draw of 1000") as caught:
            refill(pool, where, StockPolicy(min_draw=50))
        assert caught.value.code == "quota_exceeded"
        assert pool.free() == 0


@pytest.mark.parametrize(("smallest", "largest"), [(7, 7), (1, 1), (4999, 5001), (1234, 10_000_000)])
def test_any_pair_of_bounds_gives_a_stock(tmp_path: Path, smallest: int, largest: int) -> None:
    limits = Limits(smallest=smallest, largest=largest)
    with service_with(limits, tmp_path, "real") as where, Pool.open(tmp_path / "agent.db") as pool:
        refill(pool, where, StockPolicy(min_draw=1000))
        assert {s.free for s in pool.series()} <= set(range(smallest, largest + 1))
        assert pool.free() >= min(1000, smallest)


@pytest.fixture(scope="module")
def endless(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Service, tuple[str, str], MockService]]:
    """A real service whose limits may be changed beside it, with a mock of the same limits."""
    real = RealService(tmp_path_factory.mktemp("endless"))
    service = build(real.settings)
    with real.running() as url, MockService() as mock:
        yield service, (url, real.key), mock
    service.close()


@st.composite
def limits(draw: st.DrawFn) -> Limits:
    """Any limits with a quota of so many numbers beside those that are drawn."""
    smallest = draw(st.integers(1, 3000))
    largest = smallest + draw(st.integers(0, 4000))
    return Limits(smallest, largest, *draw(st.one_of(st.just((None, None)), windows)))


windows = st.tuples(st.integers(1, 60_000), st.integers(1, 40))
wishes = st.lists(st.integers(0, 9000), min_size=1, max_size=2)


@hypothesis.settings(
    max_examples=12,
    deadline=None,
    phases=[hypothesis.Phase.generate],
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
@hypothesis.given(limits(), wishes)
def test_what_the_agent_asks_for_is_never_refused_whatever_the_limits(
    endless: tuple[Service, tuple[str, str], MockService], given: Limits, amounts: list[int]
) -> None:
    """Each wish is fitted to what `GET /v1/me` says, and taken; quotas grow with what earlier examples have drawn."""
    service, where, mock = endless
    asked_of = [ServiceClient(*where), ServiceClient(mock.url, mock.key)]
    try:
        for client in asked_of:
            _limit(service, mock, replace(given, quota=10**12, days=40))
            used = client.me().quota
            assert used is not None
            _limit(service, mock, replace(given, quota=given.quota and (used.used or 0) + given.quota))
            fitted_to = client.me().quota
            assert fitted_to is not None
            assert (fitted_to.smallest_draw, fitted_to.largest_draw) == (given.smallest, given.largest)
            for wish in amounts:
                me = client.me()
                amount = within_allowance(wish, me, _space(me, "production"), drawn=0)
                if isinstance(amount, RefusedError):
                    assert amount.code == "quota_exceeded"
                    continue
                intent = DrawIntent(
                    request_id=secrets.token_hex(8),
                    pool_id="p",
                    usable=amount,
                    space=None,
                    state="pending",
                    attempts=0,
                    series=None,
                )
                pool = f"{secrets.token_hex(10)}; {secrets.token_hex(16)}; {secrets.token_hex(16)}"
                assert client.draw(intent, pool).usable == amount
    finally:
        for client in asked_of:
            client.close()


def _limit(service: Service, mock: MockService, given: Limits) -> None:
    service.systems.set_limits(
        SYSTEM,
        by="test",
        smallest_draw=given.smallest,
        largest_draw=given.largest,
        quota=given.quota,
        quota_days=given.days,
        agreed=True,
    )
    mock.registry.smallest_draw, mock.registry.largest_draw = given.smallest, given.largest
    mock.registry.quota, mock.registry.quota_days = given.quota, given.days
