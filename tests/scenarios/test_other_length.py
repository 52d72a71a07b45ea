"""A production system moves to numbers of another length: two people, a real server, a real agent."""

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any  # what a JSON document holds

import httpx
import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "soap"))  # for its `messages`

from agent_process import AgentProcess, agent
from command import Ran, npn
from messages import Message, draw_body, password_card  # found on the path set above
from npn.agent.mock import MockService
from npn.agent.mock_registry import MockRegistry
from npn.config import Settings
from npn.people import totp
from npn.wire import Space
from npn.wiring.assembly import build
from operators import PASSWORD, operator, ready
from running import Running, running

SYSTEM = "labka-ii"
BOUNDS = ("--first", "10000000000000", "--last", "10000000999999", "--environment", "production")


class Town:
    """A service with a second space, a system, and two operators."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        assert npn("admin", "init", on=settings).status == 0
        assert npn("admin", "space", "add", "p14", "--scheme", "npn14", *BOUNDS, on=settings).status == 0
        made = ("--vendor", "CSC", "--owner", "Region Nord", "--environment", "production", "--json")
        self.key = str(npn("admin", "system", "add", "Labka II", *made, on=settings).json["key"])
        service = build(settings)
        self.factors = {name: ready(service, operator(service, name)) for name in ("anna", "bo")}
        service.close()

    def operator(self, name: str, *arguments: str) -> Ran:
        """Run `npn admin …` as an operator who has proved who they are."""
        code = totp.code_at(self.factors[name], int(time.time()) // 30)
        given = f"{PASSWORD}\n{code}\n"
        done = npn("admin", *arguments, "--as", f"{name}@example.dk", "--json", on=self.settings, stdin=given)
        assert done.status == 0, done.err
        return done


@pytest.fixture
def town(settings: Settings) -> Town:
    return Town(settings)


@pytest.fixture
def server(town: Town, tmp_path: Path) -> Iterator[Running]:
    with running(town.settings, tmp_path) as made:
        yield made


def drawn_over_rest(server: Running, key: str, request_id: str) -> dict[str, Any]:
    with server.client(key) as client:
        answer = client.post("/v1/series", json={"count": 11}, headers={"Idempotency-Key": request_id})
    assert answer.status_code in (200, 201), answer.text
    document: dict[str, Any] = answer.json()
    return document


def drawn_over_soap(server: Running, key: str) -> str:
    message = Message(draw_body(11), credentials=password_card(SYSTEM, key))
    answer = httpx.post(f"{server.url}/soap/npn", content=message.bytes(), headers={"Content-Type": "text/xml"})
    assert answer.status_code == 200, answer.text
    return answer.text.partition("FirstIdentifier>")[2].partition("<")[0]


def status(config: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(agent("status", "--json", config=config).stdout)
    return document


def taken(config: Path, count: int) -> list[int]:
    """The lengths of numbers taken through the running daemon."""
    done = agent("take", str(count), config=config)
    assert done.returncode == 0, done.stderr
    return [len(line) for line in done.stdout.split()]


def written(folder: Path, url: str, more: str = "") -> Path:
    config = folder / "agent.toml"
    config.write_text(f'url = "{url}"\nkey_file = "agent.key"\n{more}\n[stock]\nmin_draw = 60\n')
    return config


def test_a_moved_system_draws_the_other_length_and_its_agent_waits_to_be_told(
    town: Town, server: Running, tmp_path: Path
) -> None:
    (tmp_path / "agent.key").write_text(town.key)
    config = written(tmp_path, server.url)
    before = drawn_over_rest(server, town.key, "before")
    assert (before["space"], len(before["first"])) == ("production", 10)
    with AgentProcess(config):
        assert agent("refill", config=config).returncode == 0
        asked = town.operator("anna", "system", "set-space", SYSTEM, "p14", "--reason", "the country's length")
        assert drawn_over_rest(server, town.key, "one-person")["space"] == "production"
        town.operator("bo", "approval", "approve", str(asked.json["id"]))

        assert drawn_over_rest(server, town.key, "moved")["space"] == "p14"
        assert drawn_over_rest(server, town.key, "before")["first"] == before["first"]
        assert len(drawn_over_soap(server, town.key)) == 14
        with server.client(town.key) as client:
            me = client.get("/v1/me").json()
        assert me["space"] == "p14"
        assert any("p14" in notice for notice in me["notices"]), me["notices"]

        assert taken(config, 40) == [10] * 40
        refused = agent("refill", config=config)
        assert "allow_scheme_change" in refused.stdout + refused.stderr
        shown = status(config)
        assert (shown["free"], "scheme_change" in [a["code"] for a in shown["alarms"]]) == (20, True), shown
        check = agent("status", "--check", config=config)
        assert check.returncode == 1, check.stdout
        assert taken(config, 10) == [10] * 10

    config = written(tmp_path, server.url, "allow_scheme_change = true")
    with AgentProcess(config):
        assert agent("refill", config=config).returncode == 0
        assert taken(config, 30) == [10] * 10 + [14] * 20
        assert "scheme_change" not in [a["code"] for a in status(config)["alarms"]]

    ledger = tmp_path / "ledger.jsonl"
    assert npn("ledger", "export", ledger, on=town.settings).status == 0
    assert npn("ledger", "verify", ledger).status == 0


def test_the_mock_moves_a_system_by_the_same_rule(tmp_path: Path) -> None:
    long = Space(
        name="p14",
        environment="production",
        length=14,
        weights=[2, 7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1],
        modulus=11,
        remainder=0,
        first="10000000000000",
        last="10000000999999",
    )
    with MockService(registry=MockRegistry()) as mock:
        (tmp_path / "agent.key").write_text(mock.key)
        config = written(tmp_path, mock.url)
        with AgentProcess(config):
            assert agent("refill", config=config).returncode == 0
            mock.registry.others = [mock.registry.space, *mock.registry.others]
            mock.registry.space, mock.registry.cursor = long, int(long.first)
            assert taken(config, 50) == [10] * 50
            agent("refill", config=config)
            assert "scheme_change" in [a["code"] for a in status(config)["alarms"]]
            listed = httpx.get(f"{mock.url}/v1/spaces").json()["items"]
            assert {(s["name"], s["scheme"]["name"]) for s in listed} >= {("p14", "npn14"), ("production", "npn10")}
        with AgentProcess(written(tmp_path, mock.url, "allow_scheme_change = true")):
            assert agent("refill", config=config).returncode == 0
            assert taken(config, 20) == [10] * 10 + [14] * 10
