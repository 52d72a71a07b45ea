"""The client commands against a running service, and against none."""

import csv
import io
import json
import os
import re
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from house import House, populated
from npn.config import Settings
from npn.numbers.scheme import NPN10
from running import NPN, running


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("client")
    settings = Settings(database=f"sqlite:///{folder / 'npn.db'}", witness=str(folder / "npn.witness"))
    keys = populated(settings)
    with running(settings, folder) as server:
        yield House(server, settings, keys)


def npn(house: House, *arguments: str, by: str = "labka", url: str = "") -> subprocess.CompletedProcess[str]:
    known = {name: value for name, value in os.environ.items() if not name.startswith("NPN_")}
    environment = {**known, "NPN_URL": url or house.server.url, "NPN_KEY": house.keys.get(by, by)}
    done = subprocess.run([NPN, *arguments], capture_output=True, text=True, timeout=60, check=False, env=environment)
    assert "Traceback" not in done.stderr
    return done


def test_a_draw_makes_a_request_id_and_shows_it(served: House) -> None:
    done = npn(served, "draw", "100", "--json", "--purpose", "nat")
    made = json.loads(done.stdout)
    assert done.returncode == 0
    assert (made["size"], made["purpose"]) == (100, "nat")
    assert f"Request id: {made['request_id']}" in done.stderr


def test_the_same_request_id_draws_the_same_series(served: House) -> None:
    first, again = (npn(served, "draw", "9", "--usable", "--request-id", "cli-1", "--json") for _ in range(2))
    assert json.loads(first.stdout) == json.loads(again.stdout)
    other = npn(served, "draw", "10", "--usable", "--request-id", "cli-1")
    assert (other.returncode, other.stdout) == (3, "")
    assert "idempotency_conflict" in other.stderr


def test_a_series_is_listed_shown_and_its_numbers_written(served: House) -> None:
    made = json.loads(npn(served, "draw", "1000", "--json").stdout)
    newest = json.loads(npn(served, "series", "list", "--limit", "1", "--json").stdout)
    assert newest["id"] == made["id"]
    assert made["id"] in npn(served, "series", "list").stdout
    assert json.loads(npn(served, "series", "show", made["id"], "--format", "json").stdout) == made
    [row] = csv.DictReader(io.StringIO(npn(served, "series", "show", made["id"], "--format", "csv").stdout))
    assert (row["first"], row["last"]) == (made["first"], made["last"])
    text = npn(served, "series", "numbers", made["id"]).stdout.split()
    lines = npn(served, "series", "numbers", made["id"], "--format", "jsonl").stdout.splitlines()
    table = list(csv.DictReader(io.StringIO(npn(served, "series", "numbers", made["id"], "--format", "csv").stdout)))
    assert len(text) == made["usable"]
    assert text == [json.loads(line)["number"] for line in lines] == [line["number"] for line in table]


def test_a_tail_is_released_and_a_number_looked_up(served: House) -> None:
    made = json.loads(npn(served, "draw", "100", "--json").stdout)
    tail = str(int(made["first"]) + 50)
    released = json.loads(npn(served, "release", made["id"], "--from", tail, "--json").stdout)
    assert (released["state"], released["released_from"]) == ("partly_released", tail)
    shown = npn(served, "lookup", tail)
    assert "released by labka" in shown.stdout
    wrong = npn(served, "lookup", str(int(made["first"]) + 1))
    assert (wrong.returncode, "Did you mean" in wrong.stdout) == (1, True)
    told = npn(served, "lookup", tail, "--json")
    information = json.loads(told.stdout)
    assert information["state"] == "released"
    assert told.returncode == shown.returncode == (0 if information["usable"] else 1)
    usable = NPN10.format(NPN10.nth(int(made["first"]), 1) or 0)
    for typed in (usable, f" {usable[:4]} {usable[4:7]}-{usable[7:]} "):
        assert npn(served, "lookup", typed).returncode == 0
    assert npn(served, "release", made["id"], by="mads").returncode == 3


def test_refusals_and_wrong_usage_have_their_exit_status(served: House) -> None:
    for arguments, by, status in (
        (("draw", "5"), "asleep", 3),
        (("draw", "5"), "nobody", 3),
        (("draw", "5"), "operator", 3),
        (("series", "show", "x"), "labka", 3),
        (("series", "numbers", "../../me"), "labka", 3),
        (("lookup", "abc"), "labka", 3),
        (("draw", "0"), "labka", 2),
        (("draw", "many"), "labka", 2),
        (("draw", "5"), "æøå", 2),
    ):
        done = npn(served, *arguments, by=by)
        assert (done.returncode, done.stdout) == (status, ""), arguments
        assert done.stderr.count("Hint: ") == 1
    assert npn(served, "draw", "1", url="ftp://x").returncode == 2
    assert npn(served, "draw", "1", url="not a url").returncode == 2


def test_a_service_that_is_not_there_is_status_four(served: House) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        done = npn(served, "draw", "1", url=f"http://127.0.0.1:{taken.getsockname()[1]}")
    assert (done.returncode, done.stdout) == (4, "")
    assert "Request id: " in done.stderr  # so that it can be repeated under the same id


def whole(connection: socket.socket) -> bytes:
    """Read one message, head and body, in however many parts it comes."""
    connection.settimeout(60)
    received = b""
    while True:
        head, ended, body = received.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)\ncontent-length: *([0-9]+)", head)
        if ended and len(body) >= (int(length[1]) if length else 0):
            return received
        part = connection.recv(65_536)
        assert part, "it ended before it was whole"
        received += part


def test_a_draw_whose_answers_are_lost_is_repeated_and_granted_once(served: House) -> None:
    """A proxy that lets every request through and loses the first two answers."""
    host, port = served.server.address
    with socket.create_server(("127.0.0.1", 0)) as door:

        def carry() -> None:
            for turn in range(3):
                caller, _ = door.accept()
                with caller, socket.create_connection((host, port)) as service:
                    service.sendall(whole(caller))
                    answer = whole(service)
                    if turn == 2:
                        caller.sendall(answer)

        carrier = threading.Thread(target=carry)
        carrier.start()
        done = npn(served, "draw", "33", "--json", url=f"http://127.0.0.1:{door.getsockname()[1]}")
        carrier.join()
    made = json.loads(done.stdout)
    listed = [json.loads(line) for line in npn(served, "series", "list", "--json").stdout.splitlines()]
    assert [s["id"] for s in listed if s["size"] == 33] == [made["id"]]


def test_a_stream_goes_into_a_pipe_that_closes_early(served: House, tmp_path: Path) -> None:
    made = json.loads(npn(served, "draw", "5000000", "--json").stdout)
    environment = {**os.environ, "NPN_URL": served.server.url, "NPN_KEY": served.keys["labka"]}
    command = f"{NPN} series numbers {made['id']} | head -n 2"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True, env=environment)
    assert len(done.stdout.split()) == 2
    assert "Traceback" not in done.stderr
