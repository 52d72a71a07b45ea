"""The running agent as its neighbours see it: the local HTTP interface, the command line, signals, hooks."""

import contextlib
import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent_process import AgentProcess, agent, settings
from local_client import LocalClient
from npn.agent.mock import MockService


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AgentProcess]:
    """An agent on a Unix socket with 1,000 numbers in stock at first."""
    folder = tmp_path_factory.mktemp("agent")
    with MockService() as service:
        config = settings(folder, service.url, service.key, stock="min_draw = 100000", more='webhook = ""')
        with AgentProcess(config) as process:
            _until_stocked(folder)
            yield process


def _until_stocked(folder: Path) -> None:
    client = LocalClient(folder / "agent.sock")
    for _ in range(200):
        if json.loads(client.call("GET", "/status")[1])["free"]:
            client.close()
            return
        time.sleep(0.05)
    raise AssertionError("the agent drew nothing")


@pytest.fixture
def client(running: AgentProcess) -> Iterator[LocalClient]:
    """Connected to it."""
    local = LocalClient(running.config.parent / "agent.sock")
    yield local
    local.close()


def raw(running: AgentProcess, request: bytes) -> bytes:
    """Send bytes, read until the agent hangs up or has answered."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
        sock.settimeout(5)
        sock.connect(str(running.config.parent / "agent.sock"))
        sock.sendall(request)
        sock.shutdown(socket.SHUT_WR)
        received = b""
        while data := sock.recv(65536):
            received += data
        return received


def test_take_and_return_over_the_socket(client: LocalClient) -> None:
    numbers = client.take(5)
    assert len(set(numbers)) == 5
    status, body = client.call("POST", "/return", json.dumps({"numbers": numbers[:2]}).encode())
    assert (status, json.loads(body)) == (200, {"recorded": 2})
    assert not set(client.take(50)) & set(numbers)


def test_a_take_without_a_body_is_one_number(client: LocalClient) -> None:
    assert len(json.loads(client.call("POST", "/take")[1])["numbers"]) == 1


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("POST", "/take", b'{"count": 0}', 422, "invalid_input"),
        ("POST", "/take", b'{"count": "1"}', 422, "invalid_body"),
        ("POST", "/take", b'{"count": 1.5}', 422, "invalid_body"),
        ("POST", "/take", b'{"coumt": 1}', 422, "unknown_field"),
        ("POST", "/take", b"not json", 422, "invalid_body"),
        ("POST", "/take", b'{"count": 99999999999999999999}', 422, "invalid_input"),
        ("POST", "/take", b'{"count": 100000}', 503, "too_few_numbers"),
        ("POST", "/return", b'{"numbers": ["1234567890"]}', 422, "not_from_this_pool"),
        ("POST", "/return", b"", 422, "invalid_body"),
        ("GET", "/take", b"", 405, "method_not_allowed"),
        ("GET", "/nothing", b"", 404, "not_found"),
        ("POST", "/release", b'{"series": "s99"}', 404, "not_found"),
    ],
)
def test_what_can_not_be_done_is_a_problem_with_a_code(
    *, client: LocalClient, method: str, path: str, body: bytes, status: int, code: str
) -> None:
    client.take(3)
    got, answer = client.call(method, path, body)
    assert (got, json.loads(answer)["code"]) == (status, code)
    assert len(client.take(1)) == 1


def test_too_few_numbers_come_with_a_retry_after(running: AgentProcess) -> None:
    body = b'{"count": 100000}'
    raw(running, b"POST /take HTTP/1.1\r\nContent-Length: 0\r\n\r\n")
    answer = raw(running, b"POST /take HTTP/1.1\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
    assert answer.startswith(b"HTTP/1.1 503")
    assert b"\r\nRetry-After: " in answer


def test_chunked_bodies_pipelines_and_expectations_are_understood(running: AgentProcess) -> None:
    chunked = b'POST /take HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"cou\r\n7;x=y\r\nnt": 2}\r\n0\r\n\r\n'
    assert raw(running, chunked).count(b'"1') == 2
    assert raw(running, chunked + chunked).count(b"HTTP/1.1 200") == 2
    expecting = b"POST /take HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n{}"
    assert raw(running, expecting).startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200")


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"nonsense\r\n\r\n", 400),
        (b"GET /status HTTP/1.1\r\nbroken header\r\n\r\n", 400),
        (b"GET /status HTTP/1.1\r\n folded: x\r\n\r\n", 400),
        (b"POST /take HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
        (b"POST /take HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        (b"POST /take HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
        (b"POST /take HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", 400),
        (b"POST /take HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        (b"POST /take HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n", 413),
        (b"POST /take HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nfffffff\r\n", 413),
        (b"GET /status HTTP/1.1\r\nX: " + b"x" * 9000, 431),
    ],
)
def test_what_is_no_request_ends_the_connection_with_an_answer(
    running: AgentProcess, request_: bytes, status: int
) -> None:
    answer = raw(running, request_)
    assert answer.startswith(b"HTTP/1.1 %d" % status)
    assert b"Connection: close" in answer


def test_status_metrics_and_health_say_how_it_is(client: LocalClient) -> None:
    condition = json.loads(client.call("GET", "/status")[1])
    assert (condition["state"], condition["severity"], condition["alarms"]) == ("ok", "ok", [])
    metrics = client.call("GET", "/metrics")[1].decode()
    assert f"npn_agent_free {condition['free']}\n" in metrics
    assert 'npn_agent_state{state="ok"} 1\n' in metrics
    status, body = client.call("GET", "/health")
    assert (status, json.loads(body)["state"]) == (200, "ok")


def test_the_socket_is_for_owner_and_group_only(running: AgentProcess) -> None:
    mode = (running.config.parent / "agent.sock").stat().st_mode
    assert stat.S_IMODE(mode) == 0o660


def test_curl_takes_a_number(running: AgentProcess) -> None:
    done = subprocess.run(
        ["curl", "-sS", "--unix-socket", "agent.sock", "-d", '{"count": 2}', "http://localhost/take"],
        cwd=running.config.parent,
        capture_output=True,
        check=True,
    )
    assert len(json.loads(done.stdout)["numbers"]) == 2


# the command line -----------------------------------------------------------------------------------


def test_take_goes_through_the_running_agent(running: AgentProcess) -> None:
    lines = agent("take", "3", config=running.config).stdout.split()
    numbers = json.loads(agent("take", "2", "--json", config=running.config).stdout)["numbers"]
    assert len(set(lines) | set(numbers)) == 5


def test_status_is_for_people_programs_and_monitoring(running: AgentProcess) -> None:
    assert "in stock" in agent("status", config=running.config).stdout
    condition = json.loads(agent("status", "--json", config=running.config).stdout)
    assert (condition["state"], condition["running"], condition["pid"]) == ("ok", True, running.process.pid)
    checked = agent("status", "--check", config=running.config)
    assert checked.returncode == 0
    assert checked.stdout.startswith("ok: ")


def test_a_second_agent_is_refused_with_the_owners_process_id(running: AgentProcess) -> None:
    second = agent("run", config=running.config)
    assert second.returncode == 3
    assert f"in use by process {running.process.pid}" in second.stderr
    assert "Traceback" not in second.stderr


def test_refill_and_release_go_through_the_running_agent(running: AgentProcess) -> None:
    refilled = json.loads(agent("refill", "--json", config=running.config).stdout)
    (series,) = refilled["series"]
    released = agent("release", series, config=running.config)
    assert (released.returncode, released.stderr) == (0, "")
    again = agent("release", series, config=running.config)
    assert again.returncode == 2
    assert "nothing of series" in again.stderr


def test_reset_is_refused_while_the_agent_runs(running: AgentProcess) -> None:
    refused = agent("reset", "--yes", config=running.config)
    assert refused.returncode == 3
    assert "in use by process" in refused.stderr


def test_without_a_running_agent_the_commands_use_the_pool_itself(tmp_path: Path) -> None:
    with MockService() as service:
        config = settings(tmp_path, service.url, service.key)
        assert agent("take", config=config).returncode == 3
        assert not (tmp_path / "agent.db").exists()
        assert agent("refill", config=config).stdout.startswith("drew 1000 usable numbers")
        numbers = agent("take", "4", config=config).stdout.split()
        assert len(set(numbers)) == 4
        assert "996 usable numbers" in agent("status", config=config).stdout
        checked = agent("status", "--check", config=config)
        assert (checked.returncode, checked.stdout[:9]) == (1, "warning: ")
        assert "the agent is not running" in checked.stdout
        condition = json.loads(agent("status", "--json", config=config).stdout)
        assert (condition["running"], condition["pid"], condition["severity"]) == (False, None, "warning")
        reset = agent("reset", "--yes", "--withhold", config=config)
        assert "996 usable numbers in this pool are withheld for good" in reset.stdout
        assert agent("take", config=config).returncode == 4
        assert agent("status", "--check", config=config).returncode == 2


def test_a_stopped_agent_gives_its_chunk_back_and_exits_cleanly(tmp_path: Path) -> None:
    with MockService() as service:
        config = settings(tmp_path, service.url, service.key)
        with AgentProcess(config) as process:
            _until_stocked(tmp_path)
            agent("take", "3", config=config)
            assert process.stop() == 0
        assert not (tmp_path / "agent.sock").exists()
        condition = json.loads(agent("status", "--json", config=config).stdout)
        assert (condition["lost"], condition["free"]) == (0, 997)


def test_an_agent_without_a_service_starts_hands_out_and_says_so(tmp_path: Path) -> None:
    with MockService() as service:
        config = settings(tmp_path, service.url, service.key)
        agent("refill", config=config)
    with AgentProcess(config):
        assert agent("take", config=config).returncode == 0
        for _ in range(100):
            condition = json.loads(agent("status", "--json", config=config).stdout)
            if condition["last_error"]:
                break
        assert "can't reach" in condition["last_error"]
        assert agent("refill", config=config).returncode == 4


def test_loopback_answers_its_own_names_only_and_no_browser(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with MockService() as service:
        config = settings(tmp_path, service.url, service.key, more=f'listen = "127.0.0.1:{port}"')
        agent("refill", config=config)
        with AgentProcess(config):
            assert agent("take", config=config).returncode == 0
            for headers, status in [
                ([], "200"),
                (["-H", "Host: localhost"], "200"),
                (["-H", "Host: evil.example"], "421"),
                (["-H", "Origin: https://evil.example"], "403"),
                (["-H", "Sec-Fetch-Site: cross-site"], "403"),
            ]:
                code = ["curl", "-s", "-o", os.devnull, "-w", "%{http_code}", "-d", "{}", *headers]
                done = subprocess.run(
                    [*code, f"http://127.0.0.1:{port}/take"], capture_output=True, text=True, check=True
                )
                assert (headers, done.stdout) == (headers, status)


def test_a_change_of_state_runs_the_command(tmp_path: Path) -> None:
    noted = tmp_path / "noted"
    program = f"import os, pathlib; pathlib.Path({str(noted)!r}).write_text(os.environ['NPN_STATE'])"
    with MockService() as service:
        more = f"on_state = [{json.dumps(sys.executable)}, '-c', {json.dumps(program)}]"
        service.registry.policy = "system_suspended"
        with AgentProcess(settings(tmp_path, service.url, service.key, more=more)):
            for _ in range(200):
                if noted.exists() and noted.read_text():
                    break
                time.sleep(0.05)
        assert noted.read_text() == "empty"


def test_a_refusal_of_the_running_agent_keeps_its_hint_apart(running: AgentProcess) -> None:
    refused = agent("take", "99999999", config=running.config)
    assert refused.returncode == 2
    error, hint = refused.stderr.splitlines()
    assert error.endswith("(count) [invalid_input]")
    assert "several times" not in error
    assert hint == "Hint: take several times, or draw a separate series for a batch"


def test_a_machine_set_back_as_a_whole_is_found_before_the_first_number(tmp_path: Path) -> None:
    with MockService() as service:
        config = settings(tmp_path, service.url, service.key)
        agent("refill", config=config)
        kept = {path: path.read_bytes() for path in tmp_path.glob("agent.db*") if path.suffix != ".lock"}
        handed = set(agent("take", "300", config=config).stdout.split())
        agent("refill", config=config)
        for path in tmp_path.glob("agent.db*"):
            path.unlink()
        for path, content in kept.items():
            path.write_bytes(content)
        with AgentProcess(config):
            client = LocalClient(tmp_path / "agent.sock")
            first: list[str] = []
            while not first:
                first = client.take(300)
            client.close()
        assert len(handed) == 300
        assert not set(first) & handed


def test_a_service_that_never_answers_does_not_keep_a_laboratory_waiting(tmp_path: Path) -> None:
    with MockService() as service:
        agent("refill", config=settings(tmp_path, service.url, service.key))
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(8)
        with AgentProcess(settings(tmp_path, f"http://127.0.0.1:{deaf.getsockname()[1]}", "k")):
            client = LocalClient(tmp_path / "agent.sock")
            assert len(client.take(3)) == 3
            client.close()


@pytest.mark.skipif(os.getuid() != 0, reason="only root can mount a small disk")
def test_a_full_disk_is_told_by_status_health_and_the_check_until_there_is_room(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk], check=False).returncode:
        pytest.skip("nothing can be mounted here")
    try:
        with MockService() as service:
            config = settings(disk, service.url, service.key, more="chunk = 10")
            agent("refill", config=config)
            with AgentProcess(config):
                _fill_and_make_room(disk, config)
    finally:
        subprocess.run(["umount", disk], check=True)


def _fill_and_make_room(disk: Path, config: Path) -> None:
    client = LocalClient(disk / "agent.sock")
    handed = client.take(4)
    with (disk / "filler").open("wb", buffering=0) as filler, contextlib.suppress(OSError):
        while filler.write(bytes(512)):
            pass
    while numbers := client.take(3):
        handed += numbers
    assert json.loads(client.call("POST", "/take", b"{}")[1])["code"] == "pool_write"
    assert client.call("GET", "/health")[0] == 503
    checked = agent("status", "--check", config=config)
    assert (checked.returncode, "can't write" in checked.stdout) == (2, True)
    (disk / "filler").unlink()
    handed += client.take(500)
    assert len(set(handed)) == len(handed) > 500
    assert client.call("GET", "/health")[0] == 200
    client.close()


def test_the_check_is_critical_where_the_pool_can_not_be_used_and_unknown_where_nothing_can_be_said(
    tmp_path: Path,
) -> None:
    with MockService() as service:
        config = settings(tmp_path, service.url, service.key)
        assert agent("status", "--check", config=config).returncode == 3
        agent("refill", config=config)
    (tmp_path / "agent.db").write_bytes(b"no database, but long enough to be read as one" * 100)
    damaged = agent("status", "--check", config=config)
    assert (damaged.returncode, damaged.stdout[:9]) == (2, "critical:")
    told = json.loads(agent("status", "--check", "--json", config=config).stdout)
    assert (told["severity"], told["code"]) == ("critical", "pool_damaged")
    config.write_text("url = ")
    assert agent("status", "--check", config=config).returncode == 3


def test_a_large_answer_to_a_slow_client_goes_out_before_the_agent_ends(tmp_path: Path) -> None:
    with MockService() as service:
        config = settings(tmp_path, service.url, service.key, stock="min_draw = 100000")
        agent("refill", config=config)
        with AgentProcess(config) as process, socket.socket(socket.AF_UNIX) as sock:
            sock.settimeout(20)
            sock.connect(str(tmp_path / "agent.sock"))
            sock.sendall(b'POST /take HTTP/1.1\r\nContent-Length: 17\r\n\r\n{"count": 100000}')
            received = sock.recv(1)
            os.kill(process.process.pid, signal.SIGTERM)
            while data := sock.recv(65536):
                received += data
            assert process.stop() == 0
        head, _, body = received.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200")
        assert len(set(json.loads(body)["numbers"])) == 100_000


def test_many_returns_are_taken_while_numbers_go_out(tmp_path: Path) -> None:
    with MockService() as service:
        config = settings(tmp_path, service.url, service.key, stock="min_draw = 3000")
        agent("refill", config=config)
        with AgentProcess(config):
            client = LocalClient(tmp_path / "agent.sock")
            numbers = client.take(1000)
            for _ in range(2):
                status, body = client.call("POST", "/return", json.dumps({"numbers": numbers[::2]}).encode())
                assert status == 200
            assert json.loads(body) == {"recorded": 0}
            assert json.loads(client.call("GET", "/status")[1])["returned"] == 500
            client.close()
