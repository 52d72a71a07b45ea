"""The agent's socket: never taken over, removed by its own agent only, and for whoever may reach it."""

import json
import os
import shutil
import socket
import subprocess
import threading
from pathlib import Path

import pytest

from agent_process import AGENT, AgentProcess, agent, settings
from local_client import LocalClient
from npn.agent.front.sockets import UnixListener
from npn.agent.mock import MockService
from npn.errors import ConfigurationError


def in_folder(folder: Path, name: str, service: MockService, *, more: str = "") -> Path:
    """Settings `name.toml` with a pool of their own, beside others."""
    made = settings(folder, service.url, service.key, more=f'database = "{name}.db"\n{more}')
    return made.rename(folder / f"{name}.toml")


def test_a_second_agent_leaves_the_first_ones_socket_alone(tmp_path: Path) -> None:
    with MockService() as production, MockService() as test:
        test.registry.cursor = 9_000_000_000 - 1_000_000
        first, second = in_folder(tmp_path, "prod", production), in_folder(tmp_path, "test", test)
        agent("refill", config=first)
        with AgentProcess(first):
            before = (tmp_path / "agent.sock").stat().st_ino
            refused = agent("run", config=second)
            assert refused.returncode == 2
            assert "another program listens on" in refused.stderr
            assert "[listen_in_use]" in refused.stderr
            assert (tmp_path / "agent.sock").stat().st_ino == before
            assert agent("take", config=first).stdout.startswith("1")


def test_a_command_with_other_settings_than_the_agents_gets_no_number_of_it(tmp_path: Path) -> None:
    with MockService() as service:
        mine, other = in_folder(tmp_path, "prod", service), in_folder(tmp_path, "test", service)
        agent("refill", config=mine)
        with AgentProcess(mine):
            for command in (["take"], ["refill"], ["status"]):
                refused = agent(*command, config=other)
                assert (refused.returncode, "[other_pool]" in refused.stderr) == (3, True), command
                assert str(tmp_path / "prod.db") in refused.stderr
            checked = agent("status", "--check", config=other)
            assert (checked.returncode, checked.stdout[:9]) == (2, "critical:")
            by_address = agent("take", "--listen", f"unix:{tmp_path}/agent.sock", config=other)
            assert by_address.stdout.startswith("1")


def test_stopping_removes_ones_own_socket_only(tmp_path: Path) -> None:
    path = tmp_path / "a.sock"
    first = UnixListener.open(path)
    path.unlink()
    second = UnixListener.open(path)
    first.socket.close()
    first.remove()
    assert path.is_socket()
    second.remove()
    assert not path.exists()
    second.socket.close()


def test_what_a_killed_agent_has_left_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a.sock"
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(path))
    left.close()
    listener = UnixListener.open(path)
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(path))
    listener.socket.close()


@pytest.mark.parametrize("backlog", [0, 16])
def test_a_socket_in_use_is_refused_also_where_its_queue_is_full(tmp_path: Path, backlog: int) -> None:
    path = tmp_path / "a.sock"
    with socket.socket(socket.AF_UNIX) as busy:
        busy.bind(str(path))
        busy.listen(backlog)
        waiting = []
        for _ in range(3):
            client = socket.socket(socket.AF_UNIX)
            client.settimeout(0)
            client.connect_ex(str(path))
            waiting.append(client)
        before = path.stat().st_ino
        with pytest.raises(ConfigurationError) as caught:
            UnixListener.open(path)
        assert (caught.value.code, caught.value.field) == ("listen_in_use", "listen")
        assert path.stat().st_ino == before
        for client in waiting:
            client.close()


def test_a_file_that_is_no_socket_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.sock"
    path.write_text("a note")
    with pytest.raises(ConfigurationError, match="not a socket"):
        UnixListener.open(path)
    assert path.read_text() == "a note"


def test_of_many_that_start_at_once_one_gets_the_socket(tmp_path: Path) -> None:
    path = tmp_path / "a.sock"
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(path))
    left.close()
    opened: list[UnixListener] = []
    refused: list[str] = []
    gate = threading.Barrier(12)

    def start() -> None:
        gate.wait()
        try:
            opened.append(UnixListener.open(path))
        except ConfigurationError as error:
            refused.append(error.code)

    threads = [threading.Thread(target=start) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(opened), refused) == (1, ["listen_in_use"] * 11)
    opened[0].socket.close()


def as_nobody(*arguments: str) -> subprocess.CompletedProcess[str]:
    """A command as a user who may use the socket and read nothing else."""
    command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *AGENT, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, cwd="/")


@pytest.mark.skipif(os.getuid() != 0 or not shutil.which("setpriv"), reason="only root can become another user")
def test_who_may_use_the_socket_needs_neither_the_key_nor_the_settings() -> None:
    folder = Path("/tmp") / f"npn-agent-{os.getpid()}"  # noqa: S108  # pytest's own folders are closed to others
    folder.mkdir(mode=0o755)
    try:
        with MockService() as service:
            key = folder / "agent.key"
            key.write_text(service.key)
            key.chmod(0o600)
            config = folder / "agent.toml"
            config.write_text(f'url = "{service.url}"\nkey_file = "agent.key"\n')
            agent("refill", config=config)
            (folder / "agent.db").chmod(0o600)
            with AgentProcess(config):
                (folder / "agent.sock").chmod(0o666)
                for mode in (0o644, 0o600):  # with readable settings, and without
                    config.chmod(mode)
                    assert as_nobody("take", "--config", str(config)).stdout.startswith("1")
                    checked = as_nobody("status", "--check", "--config", str(config))
                    assert (checked.returncode, checked.stdout[:4]) == (0, "ok: ")
                other = folder / "other.toml"
                other.write_text(f'url = "{service.url}"\nkey = "x"\ndatabase = "other.db"\n')
                other.chmod(0o600)
                mistaken = as_nobody("take", "--config", str(other))
                assert (mistaken.returncode, mistaken.stdout, "[other_pool]" in mistaken.stderr) == (3, "", True)
                (folder / "agent.sock").chmod(0o600)
                refused = as_nobody("take", "--config", str(config))
                assert (refused.returncode, "[socket_forbidden]" in refused.stderr) == (4, True)
                assert as_nobody("status", "--check", "--config", str(config)).returncode == 3
            unreadable = as_nobody("status", "--check", "--config", str(config))
            assert (unreadable.returncode, unreadable.stdout[:8]) == (3, "unknown:")
    finally:
        shutil.rmtree(folder)


def test_the_check_answers_unknown_whatever_is_wrong_with_its_call(tmp_path: Path) -> None:
    (tmp_path / "folder.toml").mkdir()
    for arguments in (
        ["status", "--check", "--config", str(tmp_path / "folder.toml")],
        ["status", "--check", "--config", str(tmp_path / "absent.toml")],
        ["status", "--check", "--colour", "red"],
        ["status", "--check", "more"],
        ["--colour", "status", "--check"],
        ["status", "--check", "--listen", "0.0.0.0:1"],
        ["status", "--check", "--listen", f"unix:{tmp_path}/nobody.sock"],
    ):
        done = subprocess.run([*AGENT, *arguments], capture_output=True, text=True, check=False, timeout=60)
        assert (done.returncode, done.stdout[:8]) == (3, "unknown:"), (arguments, done)
        assert "Traceback" not in done.stderr


def test_a_wrong_variable_for_certificates_is_nothing_to_who_asks_the_agent(tmp_path: Path) -> None:
    wrong = {"SSL_CERT_FILE": "/nonexistent", "ALL_PROXY": "socks5://nowhere:1", "NO_PROXY": "[::1]"}
    with MockService() as service:
        config = settings(tmp_path, service.url, service.key)
        agent("refill", config=config)
        with AgentProcess(config):
            assert agent("take", config=config, environment=wrong).returncode == 0


def test_a_parameter_in_the_address_is_refused_and_not_dropped(tmp_path: Path) -> None:
    with MockService() as service:
        config = settings(tmp_path, service.url, service.key)
        agent("refill", config=config)
        with AgentProcess(config):
            client = LocalClient(tmp_path / "agent.sock")
            for method, path in (("POST", "/take?count=5"), ("GET", "/status?x"), ("POST", "/return?a=b")):
                status, body = client.call(method, path)
                problem = json.loads(body)
                assert (status, problem["code"]) == (422, "invalid_parameter"), path
            assert "count" in problem["hint"]
            client.close()


def test_an_agent_waits_for_a_command_that_has_the_pool_for_a_moment(tmp_path: Path) -> None:
    from npn.agent import Pool  # noqa: PLC0415  # only here

    with MockService() as service:
        config = settings(tmp_path, service.url, service.key)
        pool = Pool.open(tmp_path / "agent.db")
        threading.Timer(2.0, pool.close).start()
        with AgentProcess(config) as process:
            assert process.process.poll() is None
