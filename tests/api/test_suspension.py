"""A suspended system over REST: every operation of the table is answered or refused as its state permits."""

import json
import re
from collections.abc import Mapping

import msgspec
import pytest

from house import JSON, House
from npn.reference.model import Operation
from npn.reference.operations import OPERATIONS
from npn.systems.model import SystemState
from npn.wiring.assembly import build

KEYED = [each for each in OPERATIONS if not each.public]


@pytest.fixture(scope="module")
def asleep(house: House) -> Mapping[str, str]:
    """The suspended system's series, drawn while it was not."""
    service = build(house.settings)
    try:
        service.systems.set_state("asleep", SystemState.ACTIVE, by="t")
        drawn = house.draw({"count": 10}, by="asleep", request_id="before").json()
        service.systems.set_state("asleep", SystemState.SUSPENDED, by="t")
    finally:
        service.close()
    return {"series_id": drawn["id"], "number": drawn["first"]}


@pytest.mark.parametrize("operation", KEYED, ids=lambda each: each.name)
def test_reads_are_answered_and_what_would_change_something_is_refused(
    house: House, asleep: Mapping[str, str], operation: Operation
) -> None:
    path = re.sub(r"\{([a-z_]+)\}", lambda found: asleep[found[1]], operation.path)
    body = next(iter(operation.bodies.values()), None)
    headers = {**JSON, "Idempotency-Key": "after"} if operation.body else {}
    content = None if operation.body is None else msgspec.json.encode(body)
    answer = house.ask(operation.method, path, by="asleep", content=content, headers=headers)
    if operation.method in ("GET", "HEAD", "OPTIONS"):
        assert answer.status_code == 200, answer.text
    else:
        assert (answer.status_code, answer.json()["code"]) == (403, "system_suspended")


@pytest.mark.parametrize("operation", KEYED, ids=lambda each: each.name)
def test_a_revoked_key_is_answered_nothing(house: House, asleep: Mapping[str, str], operation: Operation) -> None:
    path = re.sub(r"\{([a-z_]+)\}", lambda found: asleep[found[1]], operation.path)
    headers = {**JSON, "Idempotency-Key": "after"} if operation.body else {}
    content = json.dumps({"count": 10}) if operation.body else None
    answer = house.ask(operation.method, path, by="gone", content=content, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


def test_the_repeat_of_a_granted_draw_is_answered(house: House, asleep: Mapping[str, str]) -> None:
    again = house.draw({"count": 10}, by="asleep", request_id="before")
    assert (again.status_code, again.json()["id"]) == (200, asleep["series_id"])


def test_the_caller_is_told_its_state(house: House, asleep: Mapping[str, str]) -> None:
    assert asleep
    assert house.ask("GET", "/v1/me", by="asleep").json()["state"] == "suspended"
