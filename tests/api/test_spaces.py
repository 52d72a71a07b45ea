"""The number spaces over REST: listed for everybody, followed by draws without a restart."""

from collections.abc import Iterator

import pytest

from house import House
from npn.numbers.scheme import NPN14
from npn.systems.model import Environment
from npn.wiring.assembly import build
from npn.wiring.service import Service


@pytest.fixture
def beside(house: House) -> Iterator[Service]:
    """Another process on the same database, as `npn admin` is."""
    service = build(house.settings)
    try:
        if all(space.name != "p14" for space in service.registry.spaces()):
            bounds = {"first": 10**13, "last": 9 * 10**13 - 1}
            environment = Environment.PRODUCTION
            service.registry.add_space(by="t", name="p14", environment=environment, scheme=NPN14, **bounds)
        yield service
    finally:
        service.close()


def test_the_spaces_are_listed_without_a_key(house: House, beside: Service) -> None:
    assert beside
    answer = house.ask("GET", "/v1/spaces", by="")
    assert answer.status_code == 200
    listed = {item["name"]: item for item in answer.json()["items"]}
    assert listed["production"] == {
        "name": "production",
        "environment": "production",
        "default": True,
        "open": True,
        "scheme": {
            "name": "npn10",
            "length": 10,
            "weights": [4, 3, 2, 7, 6, 5, 4, 3, 2, 1],
            "modulus": 11,
            "remainder": 0,
        },
        "first": "1000000000",
        "last": "8999999999",
    }
    assert (listed["p14"]["default"], listed["p14"]["scheme"]["name"]) == (False, "npn14")
    assert house.ask("GET", "/v1/spaces?of=mine", by="").json()["code"] == "invalid_parameter"


def test_a_running_server_follows_default_and_closed_spaces(house: House, beside: Service) -> None:
    fresh, key = beside.systems.add(by="t", name="Fresh", vendor="V", owner="O", environment=Environment.PRODUCTION)
    assert house.drawn(10)["space"] == "production"
    beside.spaces.set_default("p14", by="t")
    try:
        assert house.drawn(10)["space"] == "production"
        assert house.ask("GET", "/v1/me", by=str(key)).json()["space"] == "p14"
        drawn = house.draw({"usable": 5}, by=str(key)).json()
        assert (drawn["space"], len(drawn["first"]), drawn["usable"]) == ("p14", 14, 5)
        me = house.ask("GET", "/v1/me", by=str(key)).json()
        assert next(space["name"] for space in me["spaces"]) == "p14"
        assert me["space"] == beside.systems.get(fresh.id).space == "p14"
    finally:
        beside.spaces.set_default("production", by="t")


def test_a_closed_space_refuses_new_draws_alone(house: House, beside: Service) -> None:
    series = house.draw({"count": 10}, request_id="before-closing").json()
    beside.spaces.set_open("production", is_open=False, by="t")
    try:
        refused = house.draw({"count": 10})
        assert (refused.status_code, refused.json()["code"], refused.json()["field"]) == (409, "space_closed", "space")
        assert house.draw({"count": 10}, request_id="before-closing").status_code == 200
        assert house.ask("GET", f"/v1/numbers/{series['first']}").json()["state"] == "granted"
        assert house.draw({"count": 10, "space": "p14"}).status_code == 201
        shown = {item["name"]: item["open"] for item in house.ask("GET", "/v1/spaces", by="").json()["items"]}
        assert shown["production"] is False
        assert house.ask("POST", f"/v1/series/{series['id']}/release", json={}).status_code == 200
    finally:
        beside.spaces.set_open("production", is_open=True, by="t")
    assert house.draw({"count": 10}).status_code == 201
