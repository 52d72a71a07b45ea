"""Who can take what, over REST: without a key, with a tag, limited, and without a person's name."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from tests.standards.lists import FIRST, SENDS_NEW, SENDS_OLD, TAKES_OLD, Listed, take

from command import npn
from house import House
from npn.api.routes.standards import PUBLIC_A_MINUTE
from npn.standards.model import CapabilityState, Direction
from npn.standards.products import CapabilityWish, InstallationWish
from npn.wiring.assembly import build
from npn.wiring.service import Service

SYSTEMS = (
    Listed("MADS", "Region Midtjylland"),
    Listed("Clinisys", "SSI", cells=(SENDS_OLD, (*SENDS_NEW[:2], "Tester"))),
    Listed("Novax", "Novax", "Lægesystemer", (TAKES_OLD,)),
)


@pytest.fixture(scope="module")
def town(house: House) -> Iterator[Service]:
    """A list of three systems, and an installation of one."""
    service = build(house.settings)
    take(service, SYSTEMS)
    made = service.products.set_installation("novax", by="admin:t", wish=InstallationWish(region="Nordøst"))
    said = CapabilityWish(
        service.standards.version("R0231M"),
        Direction.RECEIVE,
        CapabilityState.NO,
        "as Bo Hansen told on the telephone",
        "Region Nordøst",
        {"max_results": "50"},
        FIRST + timedelta(3),
    )
    service.products.set_capability(made.id, said, by="admin:t")
    yield service
    service.close()


def test_standards_are_listed_with_their_versions_and_counts(house: House, town: Service) -> None:
    assert town
    answer = house.ask("GET", "/v1/standards", by="")
    assert answer.status_code == 200
    document = answer.json()
    assert document["list_as_of"] == "2026-01-01"
    (rpt02,) = [one for one in document["items"] if one["code"] == "RPT02"]
    assert [(one["version"], one["senders"], one["receivers"]) for one in rpt02["versions"]] == [("R0231M", 2, 1)]
    assert house.ask("GET", "/v1/standards/RPT02", by="").json() == rpt02
    missing = house.ask("GET", "/v1/standards/RPT99", by="")
    assert (missing.status_code, missing.json()["code"]) == (404, "unknown_standard")


def test_capabilities_are_narrowed_by_what_is_asked(house: House, town: Service) -> None:
    assert town

    def lines(query: str) -> list[tuple[str, str]]:
        answer = house.ask("GET", f"/v1/capabilities?standard=RPT02{query}", by="")
        assert answer.status_code == 200, answer.text
        return [(line["system"], line["state"]) for line in answer.json()["items"]]

    assert lines("") == [("Clinisys", "yes"), ("MADS", "yes"), ("Novax", "yes"), ("Novax", "no")]
    assert lines("&direction=receive") == [("Novax", "yes"), ("Novax", "no")]
    assert lines("&region=Nord%C3%B8st") == [("Novax", "no")]
    assert lines("&at=2025-12-31") == []
    assert lines("&at=2026-01-02&region=Nord%C3%B8st") == [("Novax", "yes")]
    assert lines("&feature=max_results%3E20&direction=receive") == [("Novax", "unknown"), ("Novax", "no")]


@pytest.mark.parametrize(
    ("query", "status", "field"),
    [
        ("", 422, "standard"),
        ("standard=RPT02&at=yesterday", 422, "at"),
        ("standard=RPT02&direction=up", 422, "direction"),
        ("standard=RPT02&feature=many", 422, "feature"),
        ("standard=RPT02&version=R1", 404, "version"),
        ("standard=RPT02&person=Bo", 422, "person"),
    ],
)
def test_what_is_asked_wrongly_is_named(house: House, town: Service, *, query: str, status: int, field: str) -> None:
    assert town
    answer = house.ask("GET", f"/v1/capabilities?{query}", by="")
    assert (answer.status_code, answer.json()["field"]) == (status, field)


def test_answer_is_kept_by_its_tag_until_something_changes(house: House, town: Service) -> None:
    path = "/v1/capabilities?standard=XRPT05"
    first = house.ask("GET", path, by="")
    assert first.headers["Cache-Control"] == "public, max-age=60"
    again = house.ask("GET", path, by="", headers={"If-None-Match": f'"other", W/{first.headers["ETag"]}'})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    take(town, [*SYSTEMS[:1], SYSTEMS[1].but(cells=(SENDS_OLD, SENDS_NEW)), *SYSTEMS[2:]], days=1)
    changed = house.ask("GET", path, by="", headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200
    assert changed.headers["ETag"] != first.headers["ETag"]


def test_words_that_may_name_a_person_are_shown_to_nobody(house: House, town: Service) -> None:
    for path in ("/v1/standards", "/v1/standards/RPT02", "/v1/capabilities?standard=RPT02"):
        assert "Bo Hansen" not in house.ask("GET", path, by="").text
    (line,) = [one for one in town.standards.matrix("RPT02") if one.installation]
    assert line.evidence is not None
    assert line.evidence.note == "as Bo Hansen told on the telephone"


def test_command_asks_the_service_without_a_key(house: House, town: Service) -> None:
    assert town
    found = npn("standard", "matrix", "RPT02", "--json", "--url", house.server.url)
    assert (found.status, len(found.lines)) == (0, 4)
    blockers = npn("standard", "blockers", "--retire", "RPT02", "--for", "XRPT05/XR9", "--url", house.server.url)
    assert (blockers.status, "unknown_standard" in blockers.err) == (3, True)


def test_address_that_asks_too_often_waits(alone: House) -> None:
    for _ in range(2 * PUBLIC_A_MINUTE):
        answer = alone.ask("GET", "/v1/standards", by="")
        if answer.status_code == 429:
            break
    assert (answer.status_code, answer.json()["code"]) == (429, "rate_limited")
    assert int(answer.headers["Retry-After"]) >= 1
