"""A key or a certificate that is replaced in its file counts for a running agent without a restart."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agent_process import AgentProcess, agent
from npn.agent.agent import Agent
from npn.agent.settings import AgentSettings
from npn.wiring.assembly import build
from running_service import RealService

SYSTEM = "labka-ii"


@pytest.fixture
def real(tmp_path: Path) -> Iterator[tuple[RealService, str]]:
    folder = tmp_path / "service"
    folder.mkdir()
    service = RealService(folder)
    (tmp_path / "agent.key").write_text(service.key)
    with service.running() as url:
        yield service, url


def rotated(real: RealService) -> str:
    """The operator gives the system a new key; the one before counts no more."""
    service = build(real.settings)
    try:
        return str(service.systems.rotate_key(SYSTEM, by="test", revoke_old=True))
    finally:
        service.close()


def test_a_rotated_key_is_used_by_the_running_daemon(real: tuple[RealService, str], tmp_path: Path) -> None:
    service, url = real
    config = tmp_path / "agent.toml"
    config.write_text(f'url = "{url}"\nkey_file = "agent.key"\n[stock]\nmin_draw = 100\n')
    with AgentProcess(config) as daemon:
        assert agent("refill", config=config).returncode == 0
        key = rotated(service)
        _wait(lambda: "[unauthenticated]" in agent("refill", config=config).stderr)  # servers remember it for seconds
        (tmp_path / "agent.key").write_text(key)
        assert agent("refill", config=config).returncode == 0
        (tmp_path / "agent.key").write_text("no key\n")
        named = agent("refill", config=config)
        assert (named.returncode, "agent.key" in named.stderr) == (2, True), named.stderr
        assert daemon.process.poll() is None


def test_an_agent_that_was_refused_goes_on_by_itself_once_its_file_has_the_new_key(
    real: tuple[RealService, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("npn.agent.agent.TICK", 0.1)
    service, url = real
    key = rotated(service)
    settings = AgentSettings(url=url, key_file="agent.key", folder=str(tmp_path))
    with Agent.open(settings) as one:
        one.start()
        _wait(lambda: _error(one) == "unauthenticated")
        assert one.pool.free() == 0
        (tmp_path / "agent.key").write_text(key)
        _wait(lambda: one.pool.free() > 0)
        _wait(lambda: _error(one) == "")


def _error(one: Agent) -> str:
    with one.pool.reading() as log:
        return log.fact("last_error_code") or ""


def _wait(until: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not until():
        assert time.monotonic() < end
        time.sleep(0.05)
