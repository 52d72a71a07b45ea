"""Connections are capped, the idle ones go first, and what has run out is named."""

import fcntl
import os
import resource
import shutil
import socket
import ssl
import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

from authority import Authority
from crowd import HALF_A_BODY, HALF_A_HEAD, IDLE, NOTHING, crowd, drawing
from house import House, populated
from npn.config import Settings
from npn.connections.capacity import GRACE_SECONDS, Capacity, ConnectionStage
from npn.db import Database
from npn.errors import UnavailableError
from npn.wiring.service import Service
from running import Running, running
from talking import Talk

CLIENTS = 16
STRANGERS_REQUEST = b"GET /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n"
STAGES = (
    ConnectionStage.BUSY,
    ConnectionStage.KNOWN,
    ConnectionStage.UNREAD,
    ConnectionStage.BODY,
    ConnectionStage.HEAD,
    ConnectionStage.IDLE,
)


@pytest.fixture(scope="module", params=["http", "tls"])
def small(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, Path]]:
    """A server that may open 400 descriptors and no more."""
    prlimit = shutil.which("prlimit")
    if prlimit is None:
        pytest.skip("prlimit is not installed (Debian: apt-get install util-linux)")
    folder = tmp_path_factory.mktemp("small")
    settings = Settings(database=f"sqlite:///{folder / 'npn.db'}", witness=str(folder / "npn.witness"))
    keys = populated(settings)
    authority = Authority()
    authority.server().write(folder, "server")
    (folder / "ca.pem").write_bytes(authority.pem)
    options = ["--tls-cert", str(folder / "server.pem"), "--tls-key", str(folder / "server.key")]
    options = options if request.param == "tls" else []
    with running(settings, folder, *options, under=[prlimit, "--nofile=400:400"]) as server:
        yield House(server, settings, keys), folder
        log = server.log.read_text("utf-8")
        assert "Traceback" not in log
        assert "connections_full" in log
        assert "Too many open files" not in log


def trusting(folder: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(folder / "ca.pem"))


def descriptors(server: Running) -> int:
    return len(list(Path(f"/proc/{server.process.pid}/fd").iterdir()))


@pytest.mark.parametrize("sent", [IDLE, HALF_A_HEAD, HALF_A_BODY, NOTHING], ids=["idle", "head", "body", "nothing"])
def test_connections_that_want_nothing_stop_no_draw(small: tuple[House, Path], sent: bytes) -> None:
    """Over TLS none of them even ends its handshake."""
    house, folder = small
    verify = trusting(folder)
    with ExitStack() as stack:
        clients = [stack.enter_context(house.server.client(house.keys["labka"], verify=verify)) for _ in range(CLIENTS)]
        before = drawing(clients, 1)
        with crowd(house.server, 300, sent):
            during = drawing(clients, 4)
            assert descriptors(house.server) < 400
    assert before.problems == during.problems == []
    assert during.statuses == [201] * (4 * CLIENTS)
    assert max(during.seconds) < 10


def test_answers_that_nobody_reads_stop_no_draw(small: tuple[House, Path]) -> None:
    house, _ = small
    if house.server.url.startswith("https"):
        pytest.skip("the same as over HTTP, once the handshake is done")
    with house.server.client(house.keys["labka"]) as client, crowd(house.server, 200, NOTHING) as greedy:
        for connection in greedy:
            connection.settimeout(0)
            try:
                connection.send(STRANGERS_REQUEST * 100)
            except OSError:  # its place was needed
                continue
        drawn = drawing([client], 5)
    assert drawn.problems == []
    assert drawn.statuses == [201] * 5
    assert house.server.memory("VmHWM") < 400


def test_strangers_who_always_have_more_requests_on_their_way_stop_no_draw(tmp_path: Path) -> None:
    """They take every connection, read each answer, and have asked a hundred times more before it comes."""
    settings = Settings(database=f"sqlite:///{tmp_path / 'npn.db'}", witness=str(tmp_path / "npn.witness"))
    keys, until = populated(settings), threading.Event()

    def ask_on(connection: socket.socket) -> None:
        with suppress(OSError):  # its place was needed
            while not until.is_set():
                connection.sendall(STRANGERS_REQUEST)
                connection.recv(1_048_576)

    with running(settings, tmp_path, toml={"max_connections": CLIENTS}) as server, ExitStack() as stack:
        strangers = stack.enter_context(crowd(server, CLIENTS, STRANGERS_REQUEST * 100))
        pool = stack.enter_context(ThreadPoolExecutor(CLIENTS))
        stack.callback(until.set)
        for connection in strangers:
            pool.submit(ask_on, connection)
        time.sleep(0.5)  # all of them are being answered
        clients = [stack.enter_context(server.client(keys["labka"])) for _ in range(4)]
        drawn = drawing(clients, 5)
    assert drawn.problems == []
    assert drawn.statuses == [201] * 20


def test_a_known_caller_whose_requests_stand_behind_each_other_keeps_its_connection(tmp_path: Path) -> None:
    settings = Settings(database=f"sqlite:///{tmp_path / 'npn.db'}", witness=str(tmp_path / "npn.witness"))
    keys = populated(settings)
    with running(settings, tmp_path, toml={"max_connections": CLIENTS}) as server, ExitStack() as stack:
        talks = [Talk(server) for _ in range(CLIENTS)]
        for talk in talks:
            stack.callback(talk.socket.close)
            assert talk.send(draws(keys["labka"], 1)).reply().status == 201
        with database_locked(tmp_path / "npn.db"):
            for talk in talks:
                talk.send(draws(keys["labka"], 3))
            time.sleep(0.5)  # all of them are on their way
            refused = Talk(server)
            assert refused.reply().code == "too_many_connections"
            refused.socket.close()
        assert [talk.reply().status for talk in talks for _ in range(3)] == [201] * 3 * CLIENTS


def draws(key: str, count: int) -> bytes:
    """Return requests that each draw one number."""
    head = f"POST /v1/series HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\n"
    body = 'Content-Length: 11\r\n\r\n{"count":1}'
    return "".join(f"{head}Idempotency-Key: {uuid.uuid4()}\r\n{body}" for _ in range(count)).encode()


def test_requests_sent_one_behind_the_other_without_an_end_stop_no_draw_and_fill_no_memory(tmp_path: Path) -> None:
    """What waits to be parsed is bounded: an answer that is written lets no more in than one request's worth."""
    settings = Settings(database=f"sqlite:///{tmp_path / 'npn.db'}", witness=str(tmp_path / "npn.witness"))
    keys, until = populated(settings), threading.Event()
    requests = b"GET /v1/spaces HTTP/1.1\r\nHost: x\r\n\r\n" * 400

    def flood(server: Running) -> None:
        with socket.create_connection(server.address, timeout=1) as connection:
            while not until.is_set():
                with suppress(TimeoutError):  # it does not read any more of them for now
                    connection.sendall(requests)

    with running(settings, tmp_path) as server, ExitStack() as stack:
        clients = [stack.enter_context(server.client(keys["labka"])) for _ in range(CLIENTS)]
        before, memory = drawing(clients, 1), server.memory()
        pool = stack.enter_context(ThreadPoolExecutor(16))
        stack.callback(until.set)
        floods = [pool.submit(flood, server) for _ in range(16)]
        ends, during = time.monotonic() + 4, []
        while time.monotonic() < ends:
            during.append(drawing(clients, 1))
        grown = server.memory() - memory
        until.set()
        assert [flood.exception() for flood in floods] == [None] * 16
    assert before.problems == [problem for each in during for problem in each.problems] == []
    assert {status for each in during for status in each.statuses} == {201}
    assert grown < 80


def test_the_figures_tell_how_many_connections_there_are(small: tuple[House, Path]) -> None:
    house, folder = small
    verify = trusting(folder)
    with house.server.client(verify=verify) as client:
        text = client.get("/metrics").text
    figures = {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in text.splitlines() if line[0] != "#"}
    assert figures["npn_connections_limit"] == 200
    assert figures['npn_connections{stage="busy"}'] >= 1
    assert figures['npn_connections_ended_total{how="evicted"}'] > 0


def test_the_limit_is_raised_where_that_is_allowed(tmp_path: Path) -> None:
    settings = Settings(database=f"sqlite:///{tmp_path / 'npn.db'}", witness=str(tmp_path / "npn.witness"))
    populated(settings)
    prlimit = shutil.which("prlimit") or pytest.skip("prlimit is not installed")
    with running(settings, tmp_path, under=[prlimit, "--nofile=300:3000"]) as server:
        lines = Path(f"/proc/{server.process.pid}/limits").read_text("ascii").splitlines()
        assert next(line for line in lines if line.startswith("Max open files")).split()[3:5] == ["3000", "3000"]
        log = server.log.read_text("utf-8")
        assert "fewer_connections_than_set" in log  # 2,744 of 4,096


@contextmanager
def database_locked(path: Path) -> Iterator[None]:
    """Hold what every write needs."""
    lock = Path(f"{path}.lock")
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(descriptor)


def test_where_every_connection_is_being_answered_a_new_one_is_told_so(tmp_path: Path) -> None:
    settings = Settings(database=f"sqlite:///{tmp_path / 'npn.db'}", witness=str(tmp_path / "npn.witness"))
    keys = populated(settings)
    with running(settings, tmp_path, toml={"max_connections": CLIENTS}) as server, ExitStack() as stack:
        clients = [stack.enter_context(server.client(keys["labka"])) for _ in range(CLIENTS)]
        drawn: list[list[int]] = []
        with database_locked(tmp_path / "npn.db"):
            waiting = [threading.Thread(target=lambda c=c: drawn.append(drawing([c], 1).statuses)) for c in clients]
            for thread in waiting:
                thread.start()
            ends = time.monotonic() + 10
            refused = 0
            while not refused and time.monotonic() < ends:
                time.sleep(0.2)  # the draws are on their way
                talk = Talk(server)
                try:
                    reply = talk.send(IDLE).reply()
                except AssertionError:  # one of the draws needed its place
                    continue
                finally:
                    talk.socket.close()
                if reply.status == 503:
                    assert reply.code == "too_many_connections"
                    assert reply.headers["retry-after"]
                    refused += 1
            assert refused
        for thread in waiting:
            thread.join()
        assert drawn == [[201]] * CLIENTS, "those who were there first are answered"


@contextmanager
def no_descriptor_left() -> Iterator[None]:
    """Let this process open nothing more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_database_without_a_descriptor_says_that_descriptors_ran_out(service: Service) -> None:
    other = Database(service.settings.database)
    try:
        with no_descriptor_left():
            for way in (other.read, other.write):
                with pytest.raises(UnavailableError) as refused, way():
                    pass
                assert refused.value.code == "out_of_descriptors"
                assert "LimitNOFILE" in refused.value.hint
        with other.read(), other.write():
            pass
    finally:
        other.close()


class Holder:
    """Notes that it was ended."""

    ended = False

    def evict(self) -> None:
        self.ended = True


def test_what_waits_for_its_caller_makes_way_before_what_is_being_answered() -> None:
    capacity = Capacity(6)
    ends = [socket.socketpair() for _ in range(8)]
    try:
        slots = []
        for here, _ in ends[:6]:
            slot = capacity.admit(here)
            assert slot is not None
            slot.holder = Holder()
            slots.append(slot)
        for slot, stage in zip(slots, STAGES, strict=True):
            capacity.move(slot, stage)
        time.sleep(GRACE_SECONDS)
        for expected in (5, 4, 3, 2, 1):
            new = capacity.admit(ends[6][0])
            assert new is not None
            assert [slot.holder.ended for slot in slots] == [n >= expected for n in range(6)]  # type: ignore[union-attr]  # each has one
            capacity.move(new, ConnectionStage.BUSY)
        assert capacity.admit(ends[7][0]) is None, "the first is being answered still"
        assert (len(capacity), capacity.evicted, capacity.refused) == (6, 5, 1)
    finally:
        for pair in ends:
            for end in pair:
                end.close()


def test_within_a_second_who_came_first_makes_way_so_that_a_new_caller_can_speak() -> None:
    capacity = Capacity(3)
    ends = [socket.socketpair() for _ in range(4)]
    try:
        slots = []
        for here, _ in ends[:3]:
            slot = capacity.admit(here)
            assert slot is not None
            slot.holder = Holder()
            slots.append(slot)
        capacity.move(slots[0], ConnectionStage.KNOWN)
        capacity.move(slots[1], ConnectionStage.HEAD)
        slots[1].since -= 0.2
        assert capacity.admit(ends[3][0]) is not None
        assert [slot.holder.ended for slot in slots] == [False, True, False]  # type: ignore[union-attr]  # each has one
    finally:
        for pair in ends:
            for end in pair:
                end.close()
