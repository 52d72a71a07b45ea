"""The mock and the real service give the agent the same answers: every check here runs against both."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from npn.agent import Pool
from npn.agent.mock import MockService
from npn.agent.upstream.client import ServiceClient
from npn.agent.upstream.refill import Refill
from npn.registry.recovery import recover
from npn.replenishment.policy import StockPolicy
from npn.wiring.assembly import build
from running_service import RealService

STOCK = {"free": 5, "used_per_day": 1.5, "as_of": "2026-01-31T12:00:00Z"}


@pytest.fixture(params=["mock", "real"])
def api(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[httpx.Client]:
    """A client of either service, with a system's key."""
    with ExitStack() as stack:
        if request.param == "mock":
            mock = stack.enter_context(MockService())
            url, key = mock.url, mock.key
        else:
            real = RealService(tmp_path)
            url, key = stack.enter_context(real.running()), real.key
        headers = {"Authorization": f"Bearer {key}"}
        yield stack.enter_context(httpx.Client(base_url=url, headers=headers))


def draw(api: httpx.Client, key: str, *, pool: str = "", **body: object) -> httpx.Response:
    """One draw."""
    headers = {"Idempotency-Key": key, **({"Npn-Pool": pool} if pool else {})}
    return api.post("/v1/series", json=body, headers=headers)


def code(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of a problem."""
    assert answer.headers["content-type"].startswith("application/problem+json")
    return answer.status_code, answer.json()["code"]


def test_a_draw_and_its_repeat(api: httpx.Client) -> None:
    first = draw(api, "a", usable=100)
    again = draw(api, "a", usable=100)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert first.json()["usable"] == 100
    assert code(draw(api, "a", usable=101)) == (409, "idempotency_conflict")


def test_series_follow_each_other_and_are_listed_newest_first(api: httpx.Client) -> None:
    drawn = [draw(api, f"r{n}", count=50).json() for n in range(3)]
    assert int(drawn[1]["first"]) == int(drawn[0]["last"]) + 1
    page = api.get("/v1/series", params={"limit": 2}).json()
    rest = api.get("/v1/series", params={"limit": 2, "cursor": page["next"]}).json()
    assert [s["id"] for s in page["items"] + rest["items"]] == [s["id"] for s in reversed(drawn)]
    assert rest["next"] is None


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        ({"count": 0}, (422, "count_too_small")),
        ({"count": 10_000_001}, (422, "count_too_large")),
        ({"count": 1, "colour": "red"}, (422, "unknown_field")),
    ],
)
def test_refusals_have_the_same_codes(api: httpx.Client, body: dict[str, object], refusal: tuple[int, str]) -> None:
    assert code(draw(api, "x", **body)) == refusal


def test_a_key_that_nobody_knows_is_refused(api: httpx.Client) -> None:
    answer = api.get("/v1/me", headers={"Authorization": "Bearer npn_x_y"})
    assert code(answer) == (401, "unauthenticated")


def test_me_tells_all_that_is_needed_to_check_a_number(api: httpx.Client) -> None:
    me = api.get("/v1/me").json()
    (space,) = [s for s in me["spaces"] if s["name"] == "production"]
    assert (space["length"], space["modulus"], space["first"]) == (10, 11, "1000000000")
    assert me["quota"]["largest_draw"] == 10_000_000


def test_a_tail_and_then_the_rest_are_released(api: httpx.Client) -> None:
    series = draw(api, "a", count=100).json()
    middle = str(int(series["first"]) + 40)
    tail = api.post(f"/v1/series/{series['id']}/release", json={"from": middle}).json()
    assert (tail["state"], tail["released_from"]) == ("partly_released", middle)
    again = api.post(f"/v1/series/{series['id']}/release", json={"from": middle}).json()
    assert again == tail
    whole = api.post(f"/v1/series/{series['id']}/release", json={}).json()
    assert (whole["state"], whole["released_from"]) == ("released", series["first"])


def test_stock_is_reported_and_receipts_are_given(api: httpx.Client) -> None:
    assert api.put("/v1/stock", json=STOCK).status_code == 200
    assert api.get("/v1/me").json()["stock"]["free"] == 5
    series = draw(api, "a", count=10).json()
    assert api.get(f"/v1/receipts/{series['id']}").text.count(".") == 2


def test_the_chain_of_tokens_is_asked_by_every_call_that_counts(api: httpx.Client) -> None:
    series = draw(api, "a", count=10, pool="p; t0; t1").json()
    pool = {"Npn-Pool": "p; t1; t2"}
    assert api.put("/v1/stock", json=STOCK, headers=pool).status_code == 200
    assert api.get("/v1/series", headers={"Npn-Pool": "p; t2; t3"}).status_code == 200
    for answer in (
        api.put("/v1/stock", json=STOCK, headers={"Npn-Pool": "p; t0; x"}),
        api.get("/v1/series", headers={"Npn-Pool": "p; t3; t4"}),
        api.post(f"/v1/series/{series['id']}/release", json={}, headers={"Npn-Pool": "p; t3; t4"}),
        draw(api, "a", count=10, pool="p; t3; t4"),
    ):
        assert code(answer) == (409, "agent_cloned")
        assert len(answer.headers["Npn-Pool-Holds"]) == 64
    assert code(draw(api, "b", count=1, pool="nonsense")) == (422, "invalid_pool")


def test_the_refused_pool_alone_withdraws_a_contest_and_nobody_once_two_were_refused(api: httpx.Client) -> None:
    def report(header: str) -> int:
        return api.put("/v1/stock", json=STOCK, headers={"Npn-Pool": header}).status_code

    assert [report(f"p; {pair}") for pair in ("a; b", "d; e", "b; c", "d; e", "b; e")] == [200, 409, 409, 409, 409]
    assert [report(f"q; {pair}") for pair in ("a; b", "d; e", "d; e", "b; e", "e; f")] == [200, 409, 409, 200, 200]


# the agent on the real service ----------------------------------------------------------------------


def make_a_round(pool: Pool, url: str, key: str, *, stock: int = 100, to_target: bool = False) -> None:
    """One round of a pool."""
    client = ServiceClient(url, key)
    try:
        Refill(pool, client, StockPolicy(min_draw=stock)).round(to_target=to_target)
    finally:
        client.close()


def test_the_agent_works_on_the_real_service_and_the_operator_sees_a_clone(tmp_path: Path) -> None:
    real = RealService(tmp_path)
    with real.running() as url:
        with Pool.open(tmp_path / "agent.db") as pool:
            make_a_round(pool, url, real.key)
            handed = set(pool.take_many(10))
        for name in ("agent.db", "agent.db.mark"):
            shutil.copy(tmp_path / name, tmp_path / f"copy-{name}")
        with (
            Pool.open(tmp_path / "agent.db") as one,
            Pool.open(tmp_path / "copy-agent.db", mark=tmp_path / "copy-agent.db.mark") as two,
        ):
            for pool in (one, two, one):
                make_a_round(pool, url, real.key)
            first, second = set(one.take_many(100)), set(two.take_many(100))
            assert not (first & second) | (first | second) & handed
            assert one.status().flags
    service = build(real.settings)
    (contested,) = service.pools.list(contested=True)
    assert [(s.first, s.space) for s in contested.suspects] == [("1000000000", "production")]
    service.close()


@pytest.mark.parametrize("drew", [True, False])
def test_a_service_set_back_to_a_backup_is_no_clone_and_nothing_is_repeated(tmp_path: Path, *, drew: bool) -> None:
    """With draws since the backup the witness tells, and `recover` skips; without, only the tokens are older."""
    real = RealService(tmp_path)
    with Pool.open(tmp_path / "agent.db") as pool:
        with real.running() as url:
            make_a_round(pool, url, real.key)
        real.copy(tmp_path / "backup")
        with real.running() as url:
            make_a_round(pool, url, real.key, stock=300 if drew else 100, to_target=drew)
            make_a_round(pool, url, real.key)
        handed = set(pool.take_many(20))
        before = pool.free()
        real.restore(tmp_path / "backup")
        if drew:
            service = build(real.settings)
            recover(service.ledger, by="test")
            service.close()
        with real.running() as url:
            make_a_round(pool, url, real.key)
            assert pool.free() == before
            assert pool.status().alarm is None
            assert {flag.kind for flag in pool.status().flags} == ({"missing_at_service"} if drew else set())
            make_a_round(pool, url, real.key, stock=2000, to_target=True)
        numbers = pool.take_many(pool.free())
        assert len(set(numbers) | handed) == len(numbers) + 20
    service = build(real.settings)
    assert service.pools.list(contested=True) == []
    service.close()
