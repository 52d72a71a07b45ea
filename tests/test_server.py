"""The process: starts quickly or says why not, shuts slow and hostile clients out, stops gracefully."""

import json
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from house import House, populated
from npn.config import Settings
from running import NPN, Running, running


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(database=f"sqlite:///{tmp_path / 'npn.db'}", witness=str(tmp_path / "npn.witness"))


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A server with little patience."""
    folder = tmp_path_factory.mktemp("served")
    settings = Settings(database=f"sqlite:///{folder / 'npn.db'}", witness=str(folder / "npn.witness"))
    keys = populated(settings)
    with running(settings, folder, toml={"header_timeout_seconds": 1.5, "body_timeout_seconds": 1.5}) as server:
        yield House(server, settings, keys)


def refusal(*options: str, database: str) -> tuple[int, str]:
    done = subprocess.run(
        [NPN, "serve", "--port", "0", "--database", database, *options],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert not done.stdout
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr


def test_it_never_makes_a_database(tmp_path: Path) -> None:
    status, said = refusal(database=f"sqlite:///{tmp_path / 'none.db'}")
    assert (status, said.count("\n")) == (2, 2)
    assert "npn admin init" in said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("days", [0, -5000, 99_999_999])
def test_a_quarantine_in_the_settings_is_named_at_start_and_ignored(
    tmp_path: Path, settings: Settings, days: int
) -> None:
    keys = populated(settings)
    with running(settings, tmp_path, toml={"quarantine_days": days}) as server:
        house = House(server, settings, keys)
        assert "the quarantine is a policy in the ledger: 3650 days" in server.log.read_text("utf-8")
        series = house.drawn(10)
        answer = house.ask("POST", f"/v1/series/{series['id']}/release", json={})
        assert answer.status_code == 200
        history = house.ask("GET", f"/v1/numbers/{series['first']}").json()["history"]
        assert history[-1]["detail"] > "in quarantine until 2036"
        assert httpx.get(f"{server.url}/readyz", trust_env=False).json()["clock"]["status"] == "sound"
        assert "npn_clock_difference_seconds 0.0" in httpx.get(f"{server.url}/metrics", trust_env=False).text


def test_it_refuses_a_database_without_schema_and_wrong_settings(tmp_path: Path, settings: Settings) -> None:
    (tmp_path / "empty.db").write_bytes(b"")
    assert "npn admin init" in refusal(database=f"sqlite:///{tmp_path / 'empty.db'}")[1]
    populated(settings)
    for options, word in (
        (["--host", "no.such.host.invalid"], "host"),
        (["--tls-cert", "nowhere.pem"], "tls_cert"),
        (["--client-ca", "nowhere.pem"], "client_ca"),
        (["--log-level", "loud"], "log_level"),
        (["--config", str(tmp_path / "none.toml")], "none.toml"),
    ):
        status, said = refusal(*options, database=settings.database)
        assert status == 2
        assert word in said


def test_a_port_in_use_is_told_in_one_line_and_a_hint(served: House) -> None:
    port = str(served.server.address[1])
    done = subprocess.run(
        [NPN, "serve", "--port", port, "--database", served.settings.database],
        capture_output=True,
        text=True,
        check=False,
    )
    error, hint = done.stderr.splitlines()[-2:]  # after what the log says of the places
    assert (done.returncode, error.startswith("Error: ")) == (2, True)
    assert "--port" in hint


def test_without_its_witness_it_starts_all_the_same(tmp_path: Path, settings: Settings) -> None:
    populated(settings)
    Path(settings.witness).unlink()
    with running(settings, tmp_path) as server, server.client() as client:
        assert client.get("/healthz").status_code == 200
        answer = client.get("/readyz")
        assert (answer.status_code, answer.json()["code"]) == (503, "witness_missing")


def test_it_uses_little_memory_when_idle(served: House) -> None:
    assert served.server.memory() < 150


def connect(server: Running) -> socket.socket:
    made = socket.create_connection(server.address, timeout=10)
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return made


def all_of(connection: socket.socket) -> bytes:
    received = b""
    try:
        while block := connection.recv(65_536):
            received += block
    except ConnectionResetError:
        pass
    return received


def up_to(connection: socket.socket, end: bytes) -> bytes:
    """Receive until what came ends so; head and body of an answer may come apart."""
    received = b""
    while not received.endswith(end) and (block := connection.recv(65_536)):
        received += block
    return received


def problem(raw: bytes) -> tuple[int, str]:
    head, _, body = raw.partition(b"\r\n\r\n")
    assert b"application/problem+json" in head
    assert b"x-request-id" in head.lower()
    return int(head.split()[1]), json.loads(body)["code"]


def test_headers_that_drip_are_not_waited_for(served: House) -> None:
    with connect(served.server) as slow:
        started = time.monotonic()
        slow.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n")
        for _ in range(3):
            time.sleep(0.15)
            slow.sendall(b"X-Drip: 1\r\n")
        assert problem(all_of(slow)) == (408, "request_timeout")
        assert time.monotonic() - started < 20


def test_a_body_that_drips_is_not_waited_for(served: House) -> None:
    with connect(served.server) as slow:
        head = (
            f"Authorization: Bearer {served.keys['labka']}\r\nContent-Type: application/json\r\nIdempotency-Key: d\r\n"
        )
        slow.sendall(f"POST /v1/series HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n{head}\r\n{{".encode())
        assert problem(all_of(slow)) == (408, "request_timeout")


CHUNKED = "POST /v1/series HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n"


def test_what_comes_after_the_body_is_no_header(served: House) -> None:
    with connect(served.server) as sly:
        trailers = f"Authorization: Bearer {served.keys['labka']}\r\nIdempotency-Key: trailer\r\n"
        sly.sendall(f'{CHUNKED}Connection: close\r\n\r\nc\r\n{{"count":10}}\r\n0\r\n{trailers}\r\n'.encode())
        assert problem(all_of(sly)) == (401, "unauthenticated")


def test_trailers_and_chunks_without_end_are_cut(served: House) -> None:
    for endless in (b"0\r\nX-Trailer: ", b"1;", b"0\r\n" + b"X-Trailer: 1\r\n" * 100):
        with connect(served.server) as greedy:
            head = f"{CHUNKED}Authorization: Bearer {served.keys['labka']}\r\nIdempotency-Key: e\r\n\r\n"
            greedy.sendall(head.encode() + endless)
            sent = 0
            try:
                while sent < 64 * 1024 * 1024:
                    greedy.sendall((endless if endless.endswith(b"\n") else b"x") * 1000)
                    sent += len(endless) * 1000 if endless.endswith(b"\n") else 1000
                    if sent % 100_000 == 0:
                        time.sleep(0.001)
            except OSError:
                pass
            assert sent < 16 * 1024 * 1024, "nobody reads so much"


def test_who_sends_nothing_is_let_go(served: House) -> None:
    with connect(served.server) as silent:
        assert all_of(silent) == b""


def test_many_slow_clients_hold_nobody_up(served: House) -> None:
    slow = [connect(served.server) for _ in range(100)]
    for connection in slow:
        connection.sendall(b"POST /v1/series HTTP/1.1\r\nHost: x\r\nContent-Le")
    started = time.monotonic()
    assert served.draw({"count": 1}).status_code == 201
    assert time.monotonic() - started < 10
    for connection in slow:
        connection.close()


@pytest.mark.parametrize(
    "sent",
    [
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Large: " + b"x" * 20_000 + b"\r\n\r\n",
        b"GET /" + b"x" * 20_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\n" + b"X-Many: 1\r\n" * 2000 + b"\r\n",
        b"GET /healthz HTTP/1.1\r\nX-Endless: " + b"x" * 40_000,
    ],
)
def test_headers_have_a_largest_size(served: House, sent: bytes) -> None:
    with connect(served.server) as large:
        large.sendall(sent)
        assert problem(all_of(large)) == (431, "headers_too_large")


@pytest.mark.parametrize(
    "sent", [b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"HELLO\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n"]
)
def test_what_is_not_http_is_told_so(served: House, sent: bytes) -> None:
    with connect(served.server) as other:
        other.sendall(sent)
        assert problem(all_of(other)) == (400, "malformed_http")


def test_requests_in_a_row_on_one_connection_are_all_answered(served: House) -> None:
    with connect(served.server) as pipe:
        pipe.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n" * 3)
        pipe.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert all_of(pipe).count(b"HTTP/1.1 200 OK") == 4


def test_a_body_that_nobody_wants_is_read_past_and_the_next_request_answered(served: House) -> None:
    """Its head and its body come apart: the answer is there before the body is."""
    head = f"POST /v1/series HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {served.keys['labka']}\r\n"
    with connect(served.server) as pipe:
        pipe.sendall(f"{head}Idempotency-Key: n\r\nContent-Type: text/plain\r\nContent-Length: 11\r\n\r\n".encode())
        assert b" 415 " in pipe.recv(65_536)
        pipe.sendall(b'{"count":1}')
        pipe.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert b"HTTP/1.1 200 OK" in all_of(pipe)


def test_a_body_that_nobody_reads_is_not_read_for_ever(served: House) -> None:
    with connect(served.server) as talker:
        talker.sendall(b"GET /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n" + b"x" * 1000)
        assert all_of(talker).startswith(b"HTTP/1.1 404")


def test_what_was_accepted_is_answered_before_it_stops(tmp_path: Path, settings: Settings) -> None:
    keys = populated(settings)
    with running(settings, tmp_path) as server:
        house = House(server, settings, keys)
        answers: list[int] = []

        def draw(number: int) -> None:
            with server.client(keys["labka"]) as client:
                for turn in range(1000):
                    headers = {"Idempotency-Key": f"{number}-{turn}"}
                    try:
                        answer = client.post("/v1/series", json={"count": 1}, headers=headers)
                    except httpx.ConnectError:
                        return  # the door is closed: nothing was accepted
                    answers.append(answer.status_code)

        threads = [threading.Thread(target=draw, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        until = time.monotonic() + 60
        while len(answers) < 8 and time.monotonic() < until:
            time.sleep(0.01)
        assert house.server.stop(signal.SIGTERM) == 0
        for thread in threads:
            thread.join()
        assert set(answers) <= {201, 503}
        assert answers.count(201) >= 8
        assert "Traceback" not in server.log.read_text("utf-8")


@pytest.mark.parametrize("before", ["nothing", "half a request", "a request and its answer"])
def test_a_request_on_its_way_when_it_is_told_to_stop_is_answered(
    tmp_path: Path, settings: Settings, before: str
) -> None:
    whole = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    populated(settings)
    with running(settings, tmp_path) as server, connect(server) as caller:
        if before == "half a request":
            caller.sendall(whole[:10])
        elif before == "a request and its answer":
            caller.sendall(whole)
            assert up_to(caller, b'{"status":"alive"}').startswith(b"HTTP/1.1 200")
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.3)  # by now it has stopped taking connections
        with pytest.raises(ConnectionRefusedError):
            connect(server)
        caller.sendall(whole[10:] if before == "half a request" else whole)
        answer = all_of(caller)  # up to the end: the connection is closed after the answer
        assert answer.startswith(b"HTTP/1.1 200")
        assert b"connection: close" in answer.lower()
        assert server.process.wait(timeout=20) == 0


def test_a_long_stream_takes_no_memory_and_ends_when_nobody_listens(served: House) -> None:
    made = served.draw({"count": 10**9}, by="huge").json()
    with served.server.client(served.keys["huge"]) as client:
        before = served.server.memory()
        received = 0
        with client.stream("GET", f"/v1/series/{made['id']}/numbers") as answer:
            for block in answer.iter_raw():
                received += len(block)
                if received > 100_000_000:
                    break
        assert served.server.memory("VmHWM") - before < 40
        with client.stream("GET", f"/v1/series/{made['id']}/numbers") as answer:
            next(answer.iter_raw())
            time.sleep(0.5)  # a reader who stops stops the work: nothing piles up
            assert served.server.memory() - before < 40
        started = time.monotonic()
        assert client.get("/healthz").status_code == 200
        assert time.monotonic() - started < 10
