"""The agent's files are readable by their owner alone, whatever the umask; a looser one is tightened or named."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from agent_process import AgentProcess, agent, settings
from npn.agent import Pool
from npn.agent.mock import MockService


def modes(folder: Path) -> dict[str, int]:
    """The modes of the pool's files."""
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.glob("agent.db*")}


@pytest.mark.parametrize("umask", [0o000, 0o022])
def test_the_pool_with_its_tokens_and_what_lies_beside_it_is_its_owner_s_alone(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        with MockService() as service, AgentProcess(settings(tmp_path, service.url, service.key)) as running:
            files = modes(tmp_path)
            assert running.stop() == 0
    finally:
        os.umask(before)
    assert {"agent.db", "agent.db-wal", "agent.db-shm", "agent.db.lock", "agent.db.mark"} <= files.keys()
    assert set(files.values()) == {0o600}


def test_looser_files_are_tightened_at_start_and_said(tmp_path: Path) -> None:
    with MockService() as service:
        config = settings(tmp_path, service.url, "")
        key = tmp_path / "agent.key"
        key.write_text(service.key)
        config.write_text(config.read_text().replace('key = ""', 'key_file = "agent.key"'))
        agent("refill", config=config)
        loose = [key, *(tmp_path / name for name in modes(tmp_path))]
        for path in loose:
            path.chmod(0o644)
        with AgentProcess(config) as running:
            assert running.stop() == 0
        log = running.log.read_text()
    assert set(modes(tmp_path).values()) == {0o600}
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert [path for path in loose if f"{path} could be read by others (mode 0644)" not in log] == []


def test_settings_that_hold_the_key_are_named_and_left_alone(tmp_path: Path) -> None:
    with MockService() as service:
        config = settings(tmp_path, service.url, service.key)
        config.chmod(0o644)
        with AgentProcess(config) as running:
            assert running.stop() == 0
        named = f"{config} can be read by others (mode 0644): chmod 600 {config}"
        assert named in running.log.read_text()
        assert stat.S_IMODE(config.stat().st_mode) == 0o644
        config.chmod(0o600)
        running.log.unlink()
        with AgentProcess(config) as running:
            assert running.stop() == 0
        assert "can be read by others" not in running.log.read_text()


def test_a_program_that_uses_the_library_has_private_files_too(tmp_path: Path) -> None:
    program = "import os, sys; os.umask(0); from npn.agent import Pool; Pool.open(sys.argv[1]).close()"
    subprocess.run([sys.executable, "-c", program, str(tmp_path / "agent.db")], check=True, timeout=60)
    assert set(modes(tmp_path).values()) == {0o600}
    (tmp_path / "agent.db").chmod(0o666)
    with Pool.open(tmp_path / "agent.db") as pool:
        assert [(loose.mode, loose.tightened) for loose in pool.loose] == [(0o666, True)]
    assert set(modes(tmp_path).values()) == {0o600}
