"""What stops a round, and what the service says of the system, reaches who looks: status, check, metrics, on_state."""

import json
import sys
import time
from datetime import date, timedelta
from pathlib import Path

import msgspec
import pytest

from agent_process import AgentProcess, agent, settings
from laboratory import Laboratory
from local_client import LocalClient
from npn.agent.agent import Agent
from npn.agent.alarms import ago
from npn.agent.condition import Condition
from npn.agent.front.figures import metrics
from npn.agent.mock import MockService
from npn.agent.settings import AgentSettings
from npn.errors import ConflictError
from npn.wiring.assembly import build
from running_service import RealService


def opened(folder: Path, service: MockService, **more: object) -> Agent:
    """An agent in this process, on the mock."""
    made = AgentSettings(url="http://127.0.0.1:1", key=service.key, folder=str(folder), **more)  # type: ignore[arg-type]  # settings by name
    return Agent.open(made, transport=service.transport())


def condition_of(folder: Path, service: MockService) -> Condition:
    """The condition after one round."""
    with opened(folder, service) as one:
        one.round()
        return one.condition()


def codes(condition: Condition) -> list[str]:
    """Of its alarms."""
    return [alarm.code for alarm in condition.alarms]


class OddError(Exception):
    """An error of its own family."""


@pytest.mark.parametrize(
    "error", [OddError("odd"), ValueError("bad"), UnicodeEncodeError("ascii", "x", 0, 1, "no"), KeyError("k")]
)
def test_whatever_stops_a_round_is_its_last_error(tmp_path: Path, service: MockService, error: Exception) -> None:
    def fails() -> None:
        raise error

    with opened(tmp_path, service) as one:
        one.round()
        one.refill._client.me = fails  # type: ignore[method-assign,assignment]  # a fault of any kind
        one._next_round = 0.0
        one.start()
        for _ in range(200):
            condition = one.condition()
            if condition.last_error:
                break
            time.sleep(0.02)
        assert condition.last_error_code == "internal"
        assert type(error).__name__ in str(condition.last_error)
        assert type(error).__name__ in condition.line
        assert 'npn_agent_last_error{code="internal"} 1' in metrics(condition)
        assert "npn_agent_last_round_failed 1" in metrics(condition)
        assert one._next_round - time.monotonic() < 5  # tried again soon, as any failure


def test_a_fault_in_reserving_ahead_ends_no_loop_and_is_shown(tmp_path: Path, service: MockService) -> None:
    with opened(tmp_path, service) as one:
        one.round()
        original, failures = one.pool.reserve_ahead, [0]

        def fails(*, wait: float) -> None:
            failures[0] += 1
            if failures[0] < 3:
                raise OddError("odd")
            original(wait=0.01)

        one.pool.reserve_ahead = fails  # type: ignore[method-assign]  # a fault of any kind
        one.start()
        for _ in range(100):
            if "fault" in codes(one.condition()):
                break
            time.sleep(0.02)
        assert "OddError" in one.condition().line
        for _ in range(300):
            if failures[0] > 4:
                break
            time.sleep(0.02)
        assert "fault" not in codes(one.condition())


def test_a_fault_in_watching_is_shown_and_the_rounds_go_on(tmp_path: Path, service: MockService) -> None:
    with opened(tmp_path, service) as one:
        one._watch = lambda: 1 / 0  # type: ignore[method-assign,assignment]  # a fault of any kind
        one.start()
        for _ in range(200):
            if "fault" in codes(one.condition()) and one.condition().free:
                break
            time.sleep(0.02)
        assert "ZeroDivisionError" in one.condition().line
        assert one.condition().severity == "warning"


def test_a_suspended_system_is_a_warning_though_the_stock_is_full(tmp_path: Path, service: MockService) -> None:
    assert condition_of(tmp_path, service).severity == "ok"
    service.registry.state = "suspended"
    condition = condition_of(tmp_path, service)
    assert (condition.severity, codes(condition)) == ("warning", ["system_suspended"])
    assert "suspended the system lab-1" in condition.line
    assert "npn_agent_system_suspended 1" in metrics(condition)


def test_a_notice_and_a_near_deadline_are_warnings_and_a_far_one_is_only_told(
    tmp_path: Path, service: MockService
) -> None:
    near, far = (date.today() + timedelta(days=days) for days in (9, 200))  # noqa: DTZ011  # the laboratory's day
    service.registry.notices = ["sign it", "plain HTTP ends", "a certificate has expired"]
    service.registry.deadlines = [f"{near}: sign it", f"{far}: plain HTTP ends"]
    condition = condition_of(tmp_path, service)
    assert [(a.code, a.severity) for a in condition.alarms] == [
        ("deadline", "warning"),
        ("deadline", "ok"),
        ("notice", "warning"),
    ]
    assert "a certificate has expired" in condition.line
    assert condition.service is not None
    assert condition.service.deadlines == service.registry.deadlines
    assert "npn_agent_service_notices 3" in metrics(condition)
    service.registry.notices, service.registry.deadlines = [], []
    assert condition_of(tmp_path, service).severity == "ok"


def test_the_quota_is_part_of_the_status(tmp_path: Path, service: MockService) -> None:
    service.registry.quota, service.registry.quota_days = 50_000, 30
    condition_of(tmp_path, service)
    condition = condition_of(tmp_path, service)
    assert condition.service is not None
    assert (condition.service.quota, condition.service.quota_days) == (50_000, 30)
    assert 10_000 < (condition.service.quota_used or 0) < 12_000
    assert f"npn_agent_quota_left {50_000 - (condition.service.quota_used or 0)}" in metrics(condition)


def test_what_the_real_service_says_of_a_suspended_system_reaches_the_check_and_the_program(tmp_path: Path) -> None:
    noted = tmp_path / "noted"
    program = f"import os; open({str(noted)!r}, 'a').write(os.environ['NPN_TEXT'] + chr(10))"
    more = f"on_state = [{json.dumps(sys.executable)}, '-c', {json.dumps(program)}]"
    real = RealService(tmp_path)
    with real.running() as url:
        config = settings(tmp_path, url, real.key, more=more)
        agent("refill", config=config)
        service = build(real.settings)
        service.systems.set_state("labka-ii", type(service.systems.get("labka-ii").state)("suspended"), by="test")
        service.close()
        refused = agent("refill", config=config)
        assert (refused.returncode, "[system_suspended]" in refused.stderr) == (3, True)
        with AgentProcess(config):
            for _ in range(100):
                checked = agent("status", "--check", config=config)
                if checked.returncode == 1 and noted.exists():
                    break
            assert "suspended the system labka-ii" in checked.stdout
            client = LocalClient(tmp_path / "agent.sock")
            assert b"npn_agent_system_suspended 1" in client.call("GET", "/metrics")[1]
            client.close()
            assert "labka-ii is suspended" in agent("status", config=config).stdout
        assert "suspended the system labka-ii" in noted.read_text()


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 seconds"),
        (119, "119 seconds"),
        (180, "3 minutes"),
        (7200, "2 hours"),
        (86_400, "24 hours"),
        (4320 * 3600, "180 days"),
        (691_201, "8 days"),
    ],
)
def test_spans_are_told_in_days(seconds: float, text: str) -> None:
    assert ago(seconds) == text


def test_the_last_contact_and_the_clock_are_told_in_days(tmp_path: Path, service: MockService) -> None:
    with opened(tmp_path, service) as one:
        one.round()
        one._good_at = time.monotonic() - 180 * 86_400
        assert one._client is not None
        one._client.clock_skew = -691_201.0
        line = one.condition().line
        assert "180 days ago" in line
        assert "this machine's clock is 8 days ahead of the service's" in line
        one._client.clock_skew = 691_201.0
        assert "8 days behind the service's" in one.condition().line


# giving everything back -------------------------------------------------------------------------------------
def test_releasing_all_gives_back_what_was_not_handed_out_and_draws_nothing(
    laboratory: Laboratory, service: MockService
) -> None:
    with laboratory.open() as pool:
        laboratory.stock(pool, 100)
        laboratory.stock(pool, 150)
        handed = pool.take_many(30)
        refill = laboratory.refill(pool)
        assert refill.release_all() == [s.id for s in service.registry.series]
        assert pool.free() == 0
        outcome = refill.round()
        assert (outcome.drawn, "until `npn agent refill`" in outcome.kept_back) == (0, True)
        first, second = service.registry.series
        assert (first.state, second.state) == ("partly_released", "released")
        assert int(handed[-1]) < int(str(first.released_from)) <= int(handed[-1]) + 28
        with pool.reading() as log:
            assert {r.state for r in log.releases()} == {"done"}
        assert refill.round(to_target=True).drawn == 100
        assert refill.round().kept_back == ""


def test_releasing_all_without_the_service_takes_the_numbers_out_at_once_and_tells_later(
    laboratory: Laboratory, service: MockService
) -> None:
    with laboratory.open() as pool:
        laboratory.stock(pool)
        service.down = True
        with pytest.raises(Exception, match="can't reach"):
            laboratory.refill(pool).release_all()
        assert pool.free() == 0
    with laboratory.open() as pool:
        service.down = False
        assert laboratory.refill(pool).round().drawn == 0
        assert service.registry.series[0].state == "released"


def test_a_tail_under_way_becomes_part_of_giving_all_back(laboratory: Laboratory, service: MockService) -> None:
    with laboratory.open() as pool:
        laboratory.stock(pool)
        series = pool.series()[0]
        service.down = True
        middle = series.scheme.format(series.first + 500)
        refill = laboratory.refill(pool)
        for act in (lambda: refill.release(series.id, middle), refill.release_all):
            with pytest.raises(Exception, match="can't reach"):
                act()
        service.down = False
        refill.round()
        assert service.registry.series[0].state == "released"
        assert pool.free() == 0


def test_release_all_on_the_command_line_with_the_agent_running_and_without(tmp_path: Path) -> None:
    with MockService() as service:
        config = settings(tmp_path, service.url, service.key)
        agent("refill", config=config)
        with AgentProcess(config):
            done = agent("release", "--all", config=config)
            assert (done.returncode, "nothing is drawn until" in done.stdout) == (0, True), done.stderr
            assert agent("take", config=config).returncode == 4
            time.sleep(1.5)  # a taker without success wakes the rounds
            shown = agent("status", config=config).stdout
            assert "[draws_held]" in shown
            assert "nothing left" in shown
        assert len(service.registry.series) == 1
        assert agent("refill", config=config).stdout.startswith("drew 1000")
        released = json.loads(agent("release", "--all", "--json", config=config).stdout)["released"]
        assert released == [service.registry.series[-1].id]
        assert agent("release", config=config).returncode == 2
        assert agent("release", "--all", "s1", config=config).returncode == 2


# numbers of another length ----------------------------------------------------------------------------------
def test_numbers_of_another_length_are_not_drawn_unless_the_settings_say_so(
    tmp_path: Path, service: MockService
) -> None:
    condition_of(tmp_path, service)
    weights = [2, 7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1]
    service.registry.space = msgspec.structs.replace(
        service.registry.space, name="long", length=14, weights=weights, first="1" + "0" * 13, last="8" + "9" * 13
    )
    service.registry.cursor = 10**13
    with opened(tmp_path, service) as one:
        one.pool.take_many(900)
        outcome = one.round(to_target=True)
        assert (outcome.drawn, "14 digits" in outcome.kept_back) == (0, True)
        assert one.pool.free() == 100
        condition = one.condition()
        assert (codes(condition), condition.severity) == (["scheme_change"], "warning")
        assert not one._short()
    with opened(tmp_path, service, allow_scheme_change=True) as one:
        assert one.round(to_target=True).drawn == 1000
        assert "scheme_change" not in codes(one.condition())
        numbers = one.pool.take_many(200)
        assert [len(number) for number in numbers] == [10] * 100 + [14] * 100


def test_a_series_of_another_length_that_comes_all_the_same_is_kept_out(tmp_path: Path, service: MockService) -> None:
    condition_of(tmp_path, service)
    before = service.registry.space
    with opened(tmp_path, service) as one:
        client = one.refill._client
        original = client.draw

        def moved(*given: object) -> object:  # the operator moves the system while the agent asks
            long = [2, 7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1]
            bounds = {"first": "1" + "0" * 13, "last": "8" + "9" * 13}
            service.registry.space = msgspec.structs.replace(before, length=14, weights=long, name="long", **bounds)
            service.registry.cursor = 10**13
            return original(*given)  # type: ignore[arg-type]  # passed through

        client.draw = moved  # type: ignore[method-assign,assignment]  # a move in mid-round
        one.pool.take_many(900)
        with pytest.raises(ConflictError) as caught:
            one.round(to_target=True)
        assert caught.value.code == "scheme_change"
        assert one.pool.free() == 100
        assert {len(number) for number in one.pool.take_many(100)} == {10}
        assert "bad_series" in codes(one.condition())


def test_an_agent_without_stock_takes_whatever_length_the_service_gives(tmp_path: Path, service: MockService) -> None:
    assert condition_of(tmp_path, service).free == 1000
