"""Who calls, what they are told of themselves and of numbers, and what proves their series."""

import json
import time
from datetime import UTC, datetime, timedelta

import pytest

from house import CLIENT, JSON, House
from npn.ledger.keys import verified
from npn.registry.model import RangeKind
from npn.wire.documents import NumberState, SeriesState
from npn.wiring.assembly import build

ROUTES = [
    ("POST", "/v1/series"),
    ("GET", "/v1/series"),
    ("GET", "/v1/series/s00000000000000000000"),
    ("GET", "/v1/series/s00000000000000000000/numbers"),
    ("POST", "/v1/series/s00000000000000000000/release"),
    ("GET", "/v1/numbers/1000000015"),
    ("PUT", "/v1/stock"),
    ("GET", "/v1/me"),
    ("GET", "/v1/receipts/s00000000000000000000"),
]
STRANGERS = [
    "",
    "Bearer",
    "Bearer npn_labka_0000000000000000000000000000000000000000000",
    "Bearer npn_operator_x",
    "Basic bnBuOm5wbg==",
    "Bearer " + "x" * 4000,
    "Bearer npn_labka_' OR 1=1 --",
    "Bearer \xe6\xf8\xe5",
]


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_nothing_is_told_to_strangers(house: House, method: str, path: str) -> None:
    for sent in [*STRANGERS, f"Bearer {house.keys['gone']}"]:
        headers = {**JSON, "Idempotency-Key": "x", **({"Authorization": sent.encode("latin-1")} if sent else {})}
        answer = CLIENT.request(method, f"{house.server.url}{path}", headers=headers, content=b"{}")  # type: ignore[arg-type]  # bytes as a header's value
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_key_sent_twice_is_refused(house: House) -> None:
    with house.server.client() as client:
        both = [("Authorization", f"Bearer {house.keys['labka']}"), ("Authorization", "Bearer x")]
        answer = client.get("/v1/me", headers=both)
    assert (answer.status_code, answer.json()["code"]) == (400, "repeated_header")


def test_what_each_caller_may_do(house: House) -> None:
    body = json.dumps({"free": 1, "used_per_day": 1, "as_of": "2026-01-01T00:00:00Z"})
    for by, status in (("labka", 200), ("tester", 200), ("operator", 403)):
        assert house.ask("PUT", "/v1/stock", by=by, content=body, headers=JSON).status_code == status
        assert house.ask("GET", "/v1/me", by=by).status_code == 200
        assert house.ask("GET", "/v1/series", by=by).status_code == 200
        assert house.ask("GET", "/v1/numbers/1000000015", by=by).status_code == 200


def test_a_key_that_was_ended_draws_nothing_even_while_it_is_remembered(alone: House) -> None:
    assert alone.draw({"count": 1}).status_code == 201
    service = build(alone.settings)
    service.systems.rotate_key("labka", by="t", revoke_old=True)
    service.close()
    refused = alone.draw({"count": 1})
    assert (refused.status_code, refused.json()["code"]) == (401, "unauthenticated")
    assert alone.ask("GET", "/v1/me").status_code == 401


def test_the_last_use_of_a_key_is_recorded(house: House) -> None:
    house.ask("GET", "/v1/me", by="mads")
    service = build(house.settings)
    try:
        for _ in range(100):  # nobody waits for it to be written
            time.sleep(0.05)
            [key] = service.systems.details("mads")["keys"]  # type: ignore[misc]  # a list of one
            if key["last_used_at"]:
                break
        assert datetime.now(UTC) - key["last_used_at"] < timedelta(minutes=2)
    finally:
        service.close()


def test_me_tells_all_that_is_needed_to_check_a_number(house: House) -> None:
    me = house.ask("GET", "/v1/me", by="limited").json()
    assert (me["system"], me["role"], me["environment"], me["state"]) == ("limited", "system", "production", "active")
    assert [space["name"] for space in me["spaces"]] == ["production"]
    assert me["spaces"][0]["weights"] == [4, 3, 2, 7, 6, 5, 4, 3, 2, 1]
    assert (me["quota"]["smallest_draw"], me["quota"]["numbers"], me["quota"]["days"]) == (10, 1500, 7)
    used = me["quota"]["used"]
    house.draw({"count": 10}, by="limited")
    assert house.ask("GET", "/v1/me", by="limited").json()["quota"]["used"] == used + 10
    operator = house.ask("GET", "/v1/me", by="operator").json()
    assert (operator["role"], operator["quota"], len(operator["spaces"])) == ("operator", None, 2)


def test_stock_is_kept_and_its_cover_told(house: House) -> None:
    said = {"free": 900, "used_per_day": 4.5, "as_of": "2026-01-31T13:00:00+01:00"}
    answer = house.ask("PUT", "/v1/stock", by="mads", content=json.dumps(said), headers=JSON)
    assert answer.json() == {"free": 900, "used_per_day": 4.5, "as_of": "2026-01-31T12:00:00Z"}
    me = house.ask("GET", "/v1/me", by="mads").json()
    assert (me["stock"], me["cover_days"]) == (answer.json(), 200.0)


def test_a_report_of_long_ago_is_read_back_as_it_was(house: House) -> None:
    said = {"free": 1, "used_per_day": 1.0, "as_of": "0093-02-14T02:18:57Z"}
    assert house.ask("PUT", "/v1/stock", by="huge", content=json.dumps(said), headers=JSON).status_code == 200
    assert house.ask("GET", "/v1/me", by="huge").json()["stock"] == said


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("free", -1),
        ("free", 10**40),
        ("free", "1"),
        ("used_per_day", -0.5),
        ("used_per_day", None),
        ("as_of", "2026-01-31T12:00:00"),
        ("as_of", "yesterday"),
        ("as_of", "0001-01-01T00:00:00+23:59"),
        ("as_of", "9999-12-31T23:59:59-23:59"),
        ("as_of", "2999-01-01T00:00:00Z"),
    ],
)
def test_a_wrong_report_names_its_member(house: House, member: str, value: object) -> None:
    said = {"free": 1, "used_per_day": 1, "as_of": "2026-01-01T00:00:00Z", member: value}
    answer = house.ask("PUT", "/v1/stock", content=json.dumps(said), headers=JSON)
    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (422, "invalid_field", member)


def test_a_number_tells_its_history(house: House) -> None:
    made = house.drawn(100, by="tester")
    wrong = f"{int(made['first']) + 1}"
    found = house.ask("GET", f"/v1/numbers/{made['first']}").json()
    assert (found["state"], found["series"], found["system"]) == ("granted", made["id"], "tester")
    assert found["drawn_at"] == made["drawn_at"]
    assert [entry["event"] for entry in found["history"]] == ["granted"]
    mistyped = house.ask("GET", f"/v1/numbers/{wrong}").json()
    assert not mistyped["usable"]
    suggested = [guess["number"] for guess in mistyped["suggestions"]]
    assert suggested
    assert len(suggested) == len(set(suggested))
    house.ask("POST", f"/v1/series/{made['id']}/release", by="tester", content="{}", headers=JSON)
    again = house.ask("GET", f"/v1/numbers/{made['first']}").json()
    assert (again["state"], [entry["event"] for entry in again["history"]]) == ("released", ["granted", "released"])
    unknown = house.ask("GET", "/v1/numbers/8999999990").json()
    assert (unknown["state"], unknown["history"]) == ("never_issued", [])


def test_a_receipt_proves_the_series(house: House) -> None:
    made = house.drawn(100)
    answer = house.ask("GET", made["receipt"])
    keys = house.ask("GET", "/.well-known/jwks.json", by="").json()["keys"]
    payload = verified(answer.text, keys)
    assert answer.headers["Content-Type"] == "application/jose"
    same = ("space", "first", "last", "size", "usable", "system", "request_id", "drawn_at")
    assert {name: payload[name] for name in same} == {name: made[name] for name in same}
    assert payload["series"] == made["id"]
    assert "d" not in keys[0]
    assert house.ask("GET", made["receipt"]).text == answer.text
    assert house.ask("GET", made["receipt"], by="mads").status_code == 403


def test_the_wires_states_are_the_models() -> None:
    assert set(NumberState.__args__) == {*(kind.value for kind in RangeKind), "released", "never_issued"}  # type: ignore[attr-defined]  # a Literal
    assert set(SeriesState.__args__) == {"granted", "partly_released", "released"}  # type: ignore[attr-defined]  # a Literal


def test_who_asks_too_often_is_told_to_wait(alone: House) -> None:
    with alone.server.client(alone.keys["labka"]) as client:
        answers = [client.get("/v1/me") for _ in range(60)]
    assert answers[0].status_code == 200
    refused = answers[-1]
    assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
    assert int(refused.headers["Retry-After"]) >= 1
    assert alone.ask("GET", "/v1/me", by="mads").status_code == 200
