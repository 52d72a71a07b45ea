"""For those who watch: ready or why not, figures, logs without secrets."""

import asyncio
import json
import re
import time
from pathlib import Path

import pytest

from house import JSON, House
from npn.errors import UnavailableError
from npn.http.verdict import SharedVerdict
from tlshouse import until


def test_a_sound_service_is_alive_and_ready(house: House) -> None:
    assert house.ask("GET", "/healthz", by="").json() == {"status": "alive"}
    state = house.ask("GET", "/readyz", by="").json()
    on_sqlite = house.settings.database.startswith("sqlite")
    assert (state["status"], state["clock"]["status"]) == ("ready", "sound")
    assert state["witness_same_device"] is on_sqlite
    assert f"npn_witness_same_device {float(on_sqlite)}" in house.ask("GET", "/metrics", by="").text
    assert ("witness_same_device" in house.server.log.read_text("utf-8")) is on_sqlite, "said at start"
    assert state["database_login_owns_tables"] is not on_sqlite, "a superuser's login in tests"
    assert state["database_pooled"] is False
    assert house.ask("HEAD", "/readyz", by="").status_code == 200


def test_without_its_witness_it_reads_but_does_not_draw_and_says_why(alone: House) -> None:
    made = alone.draw({"count": 10}, request_id="before").json()
    witness = Path(alone.settings.witness)
    kept = witness.read_bytes()
    witness.unlink()
    for answer in (alone.ask("GET", "/readyz", by=""), alone.draw({"count": 10}, request_id="later")):
        assert (answer.status_code, answer.json()["code"]) == (503, "witness_missing")
        assert int(answer.headers["Retry-After"]) > 0
        assert str(witness) not in answer.text
    assert alone.ask("GET", f"/v1/series/{made['id']}").status_code == 200
    assert 'npn_witness_state{state="witness_missing"} 1.0' in alone.ask("GET", "/metrics", by="").text
    assert str(witness) in alone.server.log.read_text("utf-8")
    witness.write_bytes(kept)
    time.sleep(1.1)  # a verdict counts for a second
    assert alone.ask("GET", "/readyz", by="").status_code == 200
    assert alone.draw({"count": 10}, request_id="later").status_code == 201


@pytest.mark.parametrize("sound", [True, False])
def test_those_who_ask_at_once_share_one_check_for_a_second(*, sound: bool) -> None:
    asked, moment = [], [0.0]

    async def check() -> None:
        asked.append(moment[0])
        await asyncio.sleep(0.01)
        if not sound:
            raise UnavailableError("not now", code="witness_missing")

    async def ask() -> None:
        verdict = SharedVerdict(clock=lambda: moment[0])
        for moment[0] in (5.0, 5.9, 6.0, 6.5):
            outcomes = await asyncio.gather(*(verdict.of(check) for _ in range(5)), return_exceptions=True)
            assert [outcome is None for outcome in outcomes] == [sound] * 5

    asyncio.run(ask())
    assert asked == [5.0, 6.0]


def test_a_draw_that_takes_too_long_is_found_by_its_repeat(alone: House) -> None:
    held = Path(f"{alone.settings.database.removeprefix('sqlite:///')}")
    import sqlite3  # noqa: PLC0415  # this test alone holds a lock by hand

    other = sqlite3.connect(held, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    slow = alone.draw({"count": 10}, request_id="slow")
    assert (slow.status_code, slow.json()["code"]) == (503, "draw_timeout")
    assert int(slow.headers["Retry-After"]) > 0
    other.execute("ROLLBACK")
    other.close()
    again = alone.draw({"count": 10}, request_id="slow")
    assert again.status_code in (200, 201)
    assert alone.draw({"count": 10}, request_id="slow").json() == again.json()


def test_figures_tell_what_was_done(house: House) -> None:
    def figure(name: str) -> float:
        found = re.search(rf"^{re.escape(name)} (\S+)$", house.ask("GET", "/metrics", by="").text, flags=re.MULTILINE)
        return float(found[1]) if found else 0.0

    granted = 'npn_draws_total{outcome="granted",space="test"}'
    usable = 'npn_usable_numbers_granted_total{space="test"}'
    refused = 'npn_refusals_total{code="wrong_space"}'
    before = [figure(name) for name in (granted, usable, refused)]
    made = house.drawn(1000, by="tester")
    house.draw({"count": 1, "space": "production"}, by="tester")
    after = [figure(name) for name in (granted, usable, refused)]
    assert [b - a for a, b in zip(before, after, strict=True)] == [1, made["usable"], 1]
    assert figure("npn_allocator_batch_size_count") > 0
    assert figure('npn_space_cursor{space="test"}') == int(made["last"]) + 1
    assert 0 < figure('npn_space_used_ratio{space="test"}') < 1
    judged = sum(figure(f'npn_systems_by_cover{{colour="{c}"}}') for c in ("green", "amber", "red", "unknown"))
    assert judged == len(house.keys) - 1  # every system once; the operator is none
    assert figure('npn_witness_state{state="sound"}') == 1
    timed = 'npn_http_request_seconds_count{method="POST",route="/v1/series",status="201"}'
    assert figure(timed) > 0


def test_the_log_has_a_line_for_each_request_and_no_secrets(house: House) -> None:
    made = house.draw({"count": 10, "purpose": "fortrolig-besked"}, request_id="logged-request").json()
    house.ask("POST", f"/v1/series/{made['id']}/release", content=json.dumps({"from": made["last"]}), headers=JSON)
    house.ask("GET", f"/v1/numbers/{made['first']}", headers={"X-Request-Id": "look-me-up-1"})
    until(lambda: "look-me-up-1" in house.server.log.read_text("utf-8"))  # the line follows the answer
    text = house.server.log.read_text("utf-8")
    lines = [json.loads(line) for line in text.splitlines()]
    [mine] = [line for line in lines if line.get("request_id") == "look-me-up-1"]
    assert (mine["route"], mine["status"], mine["system"]) == ("/v1/numbers/{number}", 200, "labka")
    assert mine["ms"] >= 0
    for secret in (*house.keys.values(), "fortrolig-besked", made["first"], made["last"]):
        assert secret not in text
