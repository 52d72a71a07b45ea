"""The newcomers' walks from a fresh clone: a REST vendor, a technician with the agent, a SOAP vendor."""

import http.client
import json
import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "soap"))  # for its `messages`

from newcomers import Clone, cloned

from messages import (  # from that path
    Message,
    draw_body,
    look_up_body,
    password_card,
    plain_token,
    release_body,
)
from moved_clock import Clock, environment, library
from postgres import free_port

pytestmark = [pytest.mark.slow, pytest.mark.timeout(0)]
DAYS, STEPS = 180, 12


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    made = cloned(tmp_path_factory.mktemp("clone"))
    done = made.npn("admin", "init")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1].startswith("npn_operator_")
    return made


# the REST vendor --------------------------------------------------------------------------------------------
DOT_NET = {
    "Content-Type": "application/json; charset=utf-8",
    "Accept": "application/json, text/plain;q=0.5",
    "User-Agent": "LabSystem/4.2 (.NET 8.0; Win32NT 10.0.20348)",
    "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00",
    "Request-Id": "|7e5c.1.",
    "Expect": "100-continue",
}


def as_dot_net(url: str, key: str, body: bytes, request_id: str) -> tuple[int, dict[str, object]]:
    """POST in chunks, as HttpClient does with a JsonContent."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
    headers = {**DOT_NET, "Authorization": f"Bearer {key}", "Idempotency-Key": request_id}
    connection.request("POST", "/v1/series", body=iter([body[:3], body[3:]]), headers=headers, encode_chunked=True)
    answer = connection.getresponse()
    document: dict[str, object] = json.loads(answer.read())
    connection.close()
    return answer.status, document


def test_the_rest_vendor(clone: Clone, tmp_path: Path) -> None:
    system, key = clone.system("REST")
    with clone.serving() as url:
        request_id = str(uuid.uuid4())
        status, series = as_dot_net(url, key, b'{"count": 100, "purpose": "pr\xc3\xb8ver"}', request_id)
        assert (status, series["size"], series["purpose"]) == (201, 100, "prøver")
        again = as_dot_net(url, key, b'{"purpose":"pr\\u00f8ver","count":100}', request_id)
        assert (again[0], again[1]["id"]) == (200, series["id"])
        for body, code in (
            (b'{"count": 101}', "idempotency_conflict"),
            (b'{"count": 1, "usable": 1}', "count_or_usable"),
            (b'{"count": "1"}', "invalid_field"),
            (b'{"count": 1', "malformed_json"),
            (b'{"count": 1, "colour": 1}', "unknown_field"),
        ):
            status, problem = as_dot_net(url, key, body, request_id if b"101" in body else str(uuid.uuid4()))
            assert (status in (400, 409, 422), problem["code"]) == (True, code)
            assert problem["detail"]
            assert problem["hint"]
        client = {"NPN_URL": url, "NPN_KEY": key}
        drawn = clone.npn("draw", 50, "--usable", "--json", more=client)
        assert json.loads(drawn.stdout)["usable"] == 50, drawn.stderr
        assert clone.npn("lookup", series["first"], more=client).returncode in (0, 1)
        assert clone.npn("release", series["id"], more=client).returncode == 0
        with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}) as python:
            receipt = python.get(f"/v1/receipts/{series['id']}")
            assert (receipt.status_code, receipt.text.count(".")) == (200, 2)
            assert python.get("/v1/me").json()["system"] == system
        if shutil.which("java") is None:
            pytest.skip(
                "all but the JDK's client: java is not installed (Debian: apt-get install default-jdk-headless)"
            )
        envelope = tmp_path / "envelope.xml"
        envelope.write_bytes(Message(credentials=password_card(system, key)).bytes())
        program = clone.folder / "tests" / "connections" / "JdkClient.java"
        java = ["java", str(program), url, key, str(envelope)]
        done = subprocess.run(java, capture_output=True, text=True, timeout=120, check=False)
        assert "drawn 201" in done.stdout.splitlines(), done.stderr


# the technician ---------------------------------------------------------------------------------------------
class Desk:
    """The technician's agent: a daemon whose clock is moved, and commands beside it."""

    def __init__(self, clone: Clone, folder: Path, moved: dict[str, str]) -> None:
        self.clone, self.moved = clone, moved
        self.config = folder / "agent.toml"

    def write(self, url: str, key: str) -> None:
        """Save the settings and the key on Windows."""
        (self.config.parent / "agent.key").write_text(f"{key}\r\n")
        stock = "[stock]\nmin_draw = 1000\nused_per_day = 27\n"
        self.config.write_text(f'\ufeffurl = "{url}"\nkey_file = "agent.key"\n{stock}', "utf-8")

    @contextmanager
    def running(self) -> Iterator[None]:
        command = [str(self.clone.program), "agent", "run", "--config", str(self.config)]
        with (
            (self.config.parent / "agent.log").open("ab") as log,
            subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=log, env=self.clone.environment(self.moved)
            ) as process,
        ):
            try:
                assert process.stdout is not None
                assert b"ready" in process.stdout.readline()
                yield
            finally:
                process.terminate()

    def ask(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        return self.clone.npn("agent", *arguments, "--config", self.config, more=self.moved)

    def state(self) -> str:
        document: dict[str, str] = json.loads(self.ask("status", "--json").stdout)
        return document["state"]

    def wait(self, state: str) -> None:
        """Wait until the agent is in a state; its own rounds bring it there."""
        deadline = time.monotonic() + 90
        while self.state() != state:
            assert time.monotonic() < deadline, self.ask("status").stdout
            time.sleep(0.5)


@pytest.mark.skipif(library() is None, reason="libfaketime is not installed (Debian: apt-get install faketime)")
def test_the_technician_is_half_a_year_without_the_centre_under_an_operators_limits(
    clone: Clone, tmp_path: Path
) -> None:
    system, key = clone.system("Technician")
    limits = ("--smallest", 5000, "--largest", 6000, "--quota", 300_000, "--quota-days", 30)
    assert clone.npn("admin", "system", "set-limits", system, *limits).returncode == 0
    port = free_port()
    clock = Clock(tmp_path / "clock")
    moved = environment(clock.file)
    taken: list[str] = []
    seen: list[str] = []
    with clone.serving(port, moved) as url:
        desk = Desk(clone, tmp_path, moved)
        desk.write(url, key)
        with desk.running():
            desk.wait("ok")
            assert json.loads(desk.ask("status", "--json").stdout)["free"] == 5000
            taken += desk.ask("take", 10).stdout.split()
    with desk.running():  # the centre is gone
        for step in range(1, STEPS + 1):
            clock.move(timedelta(days=DAYS * step / STEPS))
            for count in (200, 200):
                done = desk.ask("take", count)
                assert done.returncode == 0, done.stderr
                taken += done.stdout.split()
            check = desk.ask("status", "--check")
            assert len(check.stdout.splitlines()) == 1
            seen.append(("ok", "warning", "critical", "unknown")[check.returncode])
        assert "hours" not in desk.ask("status").stdout  # months are told in days
        with clone.serving(port, moved):
            refilled = desk.ask("refill")
            assert refilled.returncode == 0, refilled.stderr
            desk.wait("ok")
            taken += desk.ask("take", 300).stdout.split()
            given_back = desk.ask("release", "--all")
            assert given_back.returncode == 0, given_back.stderr
    assert len(set(taken)) == len(taken) == 10 + STEPS * 400 + 300
    assert seen[0] == "warning"
    assert seen[-1] == "critical"
    assert seen == sorted(seen, reverse=True)  # it never gets better by itself
    ledger = tmp_path / "ledger.jsonl"
    assert clone.npn("ledger", "export", ledger).returncode == 0
    assert clone.npn("ledger", "verify", ledger).returncode == 0


# the SOAP vendor --------------------------------------------------------------------------------------------
def read_by_sample(clone: Clone, url: str, system: str) -> None:
    """The sample that a vendor copies tells a fault, and ends with an error."""
    samples = clone.folder / "docs" / "guide" / "legacy"
    told = subprocess.run(
        ["bash", str(samples / "client.sh")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=clone.environment({"NPN_SOAP_URL": f"{url}/soap/npn", "NPN_SYSTEM": system, "NPN_SECRET": "wrong"}),
    )
    assert (told.returncode, told.stdout) == (1, ""), told
    assert told.stderr.startswith("refused: ")


def test_the_soap_vendor_reads_every_fault(clone: Clone, tmp_path: Path) -> None:
    system, key = clone.system("SOAP")
    other, other_key = clone.system("Other SOAP")
    credentials, theirs = password_card(system, key), password_card(other, other_key)
    with clone.serving() as url:
        wsdl = httpx.get(f"{url}/soap/npn?wsdl").text
        assert "wsdl:fault" in wsdl

        def send(message: Message) -> tuple[int, str]:
            answer = httpx.post(f"{url}/soap/npn", content=message.bytes(), headers={"Content-Type": "text/xml"})
            return answer.status_code, answer.text

        drawn = Message(draw_body(22), credentials=credentials)
        status, text = send(drawn)
        assert status == 200, text
        assert send(drawn) == (200, text)
        first, last = (text.partition(f"{name}Identifier>")[2].partition("<")[0] for name in ("First", "Last"))
        for message, code, word in (
            (drawn.but(body=draw_body(23)), "", "idempotency_conflict"),
            (Message(credentials=plain_token(system, "wrong")), "", ""),
            (Message(credentials=password_card(system, "wrong")), "invalid_username_password", ""),
            (Message(), "security_level_failed", ""),
            (Message(credentials=credentials, security=""), "", "Security"),
            (Message(credentials=credentials, created="yesterday"), "", "Created"),
            (Message(credentials=credentials, message_id=""), "", "MessageID"),
            (Message(draw_body(0), credentials=credentials), "processing_problem", "count_too_small"),
            (Message(draw_body("ten"), credentials=credentials), "", "NumberOfIdentifiers"),
            (Message(draw_body(10**9), credentials=credentials), "processing_problem", "count_too_large"),
            (Message(release_body(first, last), credentials=theirs), "not_authorized", "not_owner"),
            (Message(release_body(last, first), credentials=credentials), "", "Identifier"),
            (Message(look_up_body("abc"), credentials=credentials), "syntax_error", "not_a_number"),
            (
                Message("<n:Nothing xmlns:n='urn:npn:analysisidentifier:1'/>", credentials=credentials),
                "",
                "GetAnalysis",
            ),
        ):
            status, text = send(message)
            assert (status, "faultstring" in text) == (500, True), text
            assert code in text, text
            assert word in text, text.partition("Body>")[2]
            assert "count is" not in text  # the fault speaks the caller's words
        read_by_sample(clone, url, system)
