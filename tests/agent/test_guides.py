"""What the guides say is true: samples run, every alarm, code and setting is explained, the unit is sound."""

import importlib
import json
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from agent_process import AgentProcess, agent, settings
from npn.agent import alarms, condition, errors
from npn.agent.mock import MockService
from npn.agent.settings import AgentSettings
from npn.agent.stock import pool, reset, store
from npn.agent.upstream import transfers
from npn.replenishment.policy import StockPolicy

ROOT = Path(__file__).parent.parent.parent
VENDORS = (ROOT / "docs" / "guide" / "agent-vendors.md").read_text("utf-8")
ONCALL = (ROOT / "docs" / "guide" / "agent-oncall.md").read_text("utf-8")


def sample(language: str) -> str:
    """The first sample in a language."""
    found = re.search(rf"```{language}\n(.*?)```", VENDORS, re.DOTALL)
    assert found
    return found[1]


def test_the_python_sample_prints_numbers(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", sample("python")], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("1000000007\n[")


def test_the_sample_settings_are_read(tmp_path: Path) -> None:
    (tmp_path / "agent.key").write_text("npn_x_y")
    (tmp_path / "agent.toml").write_text(sample("toml"))
    assert agent("status", config=tmp_path / "agent.toml").returncode == 3  # read, and there is no pool yet


def test_the_curl_sample_takes_numbers(tmp_path: Path) -> None:
    with MockService() as service:
        config = settings(tmp_path, service.url, service.key)
        agent("refill", config=config)
        with AgentProcess(config):
            done = subprocess.run(["sh", "-c", sample("sh")], cwd=tmp_path, capture_output=True, check=True)
    assert len(json.loads(done.stdout)["numbers"]) == 2


@pytest.mark.skipif(shutil.which("java") is None, reason="no Java runtime is installed")
def test_the_java_sample_takes_numbers(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (tmp_path / "Take.java").write_text(sample("java"))
    with MockService() as service:
        config = settings(tmp_path, service.url, service.key, more=f'listen = "127.0.0.1:{port}"')
        agent("refill", config=config)
        with AgentProcess(config):
            command = ["java", "Take.java", f"http://127.0.0.1:{port}"]
            done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)["numbers"]) == 2


def test_every_setting_is_explained_to_whoever_is_on_call() -> None:
    for name in (*AgentSettings.__struct_fields__, *StockPolicy.__struct_fields__):
        assert f"`{name}`" in ONCALL or f"`[stock] {name}`" in ONCALL or name in ("stock", "folder", "file"), name


def test_every_alarm_and_every_code_of_a_pool_is_explained_to_whoever_is_on_call() -> None:
    source = "".join(Path(str(module.__file__)).read_text("utf-8") for module in (condition, alarms))
    codes = re.findall(r'Alarm\("(\w+)"', source)
    assert len(codes) > 12
    for code in codes:
        assert f"| `{code}` |" in ONCALL, code
    text = "".join(Path(str(m.__file__)).read_text("utf-8") for m in (errors, pool, store, transfers, reset))
    for code in set(re.findall(r'code="(pool_\w+|mark_\w+)"', text)) - {"pool_closed", "pool_taken_over"}:
        assert f"(`{code}`)" in ONCALL, code


def test_the_states_are_those_of_the_status() -> None:
    levels = msgspec.inspect.type_info(condition.Level)
    for state in levels.values if isinstance(levels, msgspec.inspect.LiteralType) else ():
        assert f"| `{state}` |" in ONCALL


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_the_systemd_unit_is_sound() -> None:
    unit = ROOT / "deploy" / "npn-agent.service"
    done = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False)
    complaints = [line for line in done.stderr.splitlines() if "npn-agent" in line and "not executable" not in line]
    assert not complaints


def test_the_former_name_of_the_agent_still_imports() -> None:
    assert importlib.import_module("npn.agent.keeper").Agent is importlib.import_module("npn.agent.agent").Agent
