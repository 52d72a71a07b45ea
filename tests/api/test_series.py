"""Series over REST, on both engines: drawn, repeated, listed, shown, their numbers listed, released."""

import csv
import io
import json
import threading

import pytest

from house import JSON, House
from npn.numbers.scheme import NPN10


def test_a_draw_is_answered_with_the_whole_series(house: House) -> None:
    answer = house.draw({"count": 10000, "purpose": "nat"}, request_id="whole-1")
    made = answer.json()
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/v1/series/{made['id']}"
    assert set(made) == {
        *("id", "space", "first", "last", "size", "usable", "state", "released_from"),
        *("drawn_at", "system", "purpose", "request_id", "receipt"),
    }
    first, last = int(made["first"]), int(made["last"])
    assert (made["size"], made["usable"]) == (10000, NPN10.count(first, last))
    assert last - first + 1 == 10000
    assert (made["space"], made["system"], made["state"]) == ("production", "labka", "granted")
    assert (made["purpose"], made["request_id"], made["released_from"]) == ("nat", "whole-1", None)
    assert made["drawn_at"].endswith("Z")


def test_a_draw_of_usable_numbers_ends_at_the_last_of_them(house: House) -> None:
    made = house.draw({"usable": 900}).json()
    assert made["usable"] == 900
    assert NPN10.is_usable(int(made["last"]))


def test_a_repeat_gives_the_same_series_and_another_body_is_a_conflict(house: House) -> None:
    first = house.draw({"count": 50}, request_id="again")
    again = house.draw({"count": 50, "purpose": None}, request_id="again")
    other = house.draw({"count": 51}, request_id="again")
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")


def test_a_repeat_says_what_was_released_since_and_nothing_else_is_new(house: House) -> None:
    first = house.draw({"count": 50}, request_id="then-released").json()
    house.ask("POST", f"/v1/series/{first['id']}/release", content="{}", headers=JSON)
    again = house.draw({"count": 50}, request_id="then-released").json()
    assert again == {**first, "state": "released", "released_from": first["first"]}


def test_two_systems_may_use_the_same_request_id(house: House) -> None:
    mine, theirs = (house.draw({"count": 5}, request_id="shared", by=by).json() for by in ("labka", "mads"))
    assert mine["id"] != theirs["id"]


def test_the_same_draw_many_times_at_once_is_granted_once(house: House) -> None:
    answers: list[tuple[int, str]] = []

    def ask() -> None:
        answer = house.draw({"count": 7}, request_id="at-once")
        answers.append((answer.status_code, answer.json()["id"]))

    threads = [threading.Thread(target=ask) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(status for status, _ in answers) == [200] * 11 + [201]
    assert len({series for _, series in answers}) == 1


def test_policies_refuse_with_their_own_codes(house: House) -> None:
    def refused(body: object, by: str) -> tuple[int, str, str | None]:
        answer = house.draw(body, by=by)
        problem = answer.json()
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert problem["status"] == answer.status_code
        return answer.status_code, problem["code"], problem.get("field")

    assert refused({"count": 5}, "asleep") == (403, "system_suspended", None)
    assert refused({"count": 5, "space": "production"}, "tester") == (403, "wrong_space", "space")
    assert refused({"count": 5, "space": "test"}, "labka") == (403, "wrong_space", "space")
    assert refused({"count": 5}, "limited") == (422, "count_too_small", "count")
    assert refused({"usable": 1001}, "limited") == (422, "count_too_large", "usable")
    assert refused({"count": 10**40}, "limited") == (422, "count_too_large", "count")
    assert refused({"count": 5, "space": "mars"}, "labka") == (422, "unknown_space", "space")
    assert refused({"count": 10**10}, "huge") == (507, "space_exhausted", None)
    assert refused({"count": 5}, "operator") == (403, "not_a_system", None)


def test_a_quota_says_when_to_come_back_and_leaves_the_request_id_free(house: House) -> None:
    assert house.draw({"count": 1000}, by="limited").status_code == 201
    refused = house.draw({"count": 1000}, by="limited", request_id="over-quota")
    assert (refused.status_code, refused.json()["code"]) == (429, "quota_exceeded")
    assert 0 < int(refused.headers["Retry-After"]) <= 7 * 86_400 + 1
    assert house.draw({"count": 100}, by="limited", request_id="over-quota").status_code == 201


def test_pages_hold_every_series_once_newest_first(house: House) -> None:
    drawn = [house.drawn(3, by="tester")["id"] for _ in range(7)]
    seen: list[str] = []
    cursor = ""
    while True:
        page = house.ask("GET", f"/v1/series?limit=3&cursor={cursor}", by="tester").json()
        assert len(page["items"]) <= 3
        seen += [item["id"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen[:7] == drawn[::-1]
    assert len(seen) == len(set(seen))


def test_an_operator_sees_everybodys_and_releases_nothing(house: House) -> None:
    mine, theirs = house.drawn(by="labka")["id"], house.drawn(by="tester")["id"]
    listed = {item["id"] for item in house.ask("GET", "/v1/series?limit=500", by="operator").json()["items"]}
    assert {mine, theirs} <= listed
    assert house.ask("GET", f"/v1/series/{mine}", by="operator").status_code == 200
    refused = house.ask("POST", f"/v1/series/{mine}/release", by="operator", content="{}", headers=JSON)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_a_system")


@pytest.mark.parametrize("path", ["", "/numbers"])
def test_anothers_series_is_not_shown(house: House, path: str) -> None:
    theirs = house.drawn(by="mads")["id"]
    refused = house.ask("GET", f"/v1/series/{theirs}{path}")
    assert (refused.status_code, refused.json()["code"]) == (403, "not_owner")
    assert house.ask("GET", f"/v1/series/s00000000000000000000{path}").status_code == 404
    listed = house.ask("GET", "/v1/series?limit=500").json()["items"]
    assert theirs not in {item["id"] for item in listed}


def test_numbers_are_listed_in_three_forms(house: House) -> None:
    made = house.drawn(1000)
    wanted = [str(n) for n in NPN10.usable(int(made["first"]), int(made["last"]))]
    path = f"/v1/series/{made['id']}/numbers"
    text, table, lines = (
        house.ask("GET", path, headers={"Accept": form}) for form in ("text/plain", "text/csv", "application/jsonl")
    )
    assert text.text.split() == wanted
    assert [row["number"] for row in csv.DictReader(io.StringIO(table.text))] == wanted
    assert [json.loads(line)["number"] for line in lines.text.splitlines()] == wanted
    assert text.headers["Content-Type"].startswith("text/plain")
    assert table.headers["Content-Type"].startswith("text/csv")
    assert lines.headers["Content-Type"].startswith("application/jsonl")
    assert house.ask("GET", path, headers={"Accept": "image/png"}).status_code == 406


def test_a_released_tail_is_no_longer_listed_nor_in_the_file(house: House) -> None:
    made = house.drawn(1000)
    tail = str(int(made["first"]) + 500)
    path = f"/v1/series/{made['id']}"
    released = house.ask("POST", f"{path}/release", content=json.dumps({"from": tail}), headers=JSON)
    assert released.status_code == 200
    assert (released.json()["state"], released.json()["released_from"]) == ("partly_released", tail)
    again = house.ask("POST", f"{path}/release", content=json.dumps({"from": tail}), headers=JSON)
    assert again.json() == released.json()
    listed = house.ask("GET", f"{path}/numbers").text.split()
    assert max(listed) < tail
    [row] = csv.DictReader(io.StringIO(house.ask("GET", path, headers={"Accept": "text/csv"}).text))
    assert (row["first"], row["last"], row["usable"]) == (made["first"], str(int(tail) - 1), str(len(listed)))
    house.ask("POST", f"{path}/release", content="{}", headers=JSON)
    assert house.ask("GET", f"{path}/numbers").text == ""
    empty = house.ask("GET", path, headers={"Accept": "text/csv"})
    assert (empty.status_code, empty.json()["code"]) == (409, "nothing_held")


def test_only_the_owner_releases_and_only_within_the_series(house: House) -> None:
    made = house.drawn(100)
    path = f"/v1/series/{made['id']}/release"

    def refused(body: str, by: str = "labka") -> tuple[int, str]:
        answer = house.ask("POST", path, by=by, content=body, headers=JSON)
        return answer.status_code, answer.json()["code"]

    assert refused("{}", "mads") == (403, "not_owner")
    assert refused('{"from": "1"}') == (422, "not_a_number")
    assert refused('{"from": "³²00000000"}') == (422, "not_a_number")
    assert refused('{"from": "8999999999"}') == (422, "outside_series")
    assert refused('{"from": null}') == (422, "invalid_field")
    assert refused('{"from": 1000000000}') == (422, "invalid_field")
    assert refused('{"form": "1000000000"}') == (422, "unknown_field")
    assert refused("") == (400, "malformed_json")
    assert house.ask("GET", f"/v1/series/{made['id']}").json()["state"] == "granted"
