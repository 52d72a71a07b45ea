"""A system without an accepted agreement, over REST: told, warned, refused, and never robbed."""

from datetime import UTC, datetime

from agreements_texts import TEXTS
from house import House
from npn.agreements.model import Dates, VersionNumber
from npn.wiring.assembly import build

V1 = VersionNumber(1, 0)


def test_a_system_is_warned_at_each_draw_then_refused_and_keeps_what_it_has(alone: House) -> None:
    today = datetime.now(UTC).date()
    before = alone.draw({"count": 100}, request_id="early")
    assert "Npn-Notice" not in before.headers
    assert alone.ask("GET", "/v1/me").json()["notices"] == []

    service = build(alone.settings)
    try:
        service.agreements.publish(V1, TEXTS, by="t", effective_from=today)
        service.agreements.set_dates(Dates("connection", V1, warn_from=today), by="t")
        told = alone.ask("GET", "/v1/me").json()
        assert "version 1.0, is not accepted" in told["notices"][0]

        service.agreements.set_dates(Dates("connection", V1, warn_from=today, refuse_from=today), by="t")
        refused = alone.draw({"count": 100})
        assert (refused.status_code, refused.json()["code"]) == (403, "agreement_missing")
        assert refused.json()["hint"]
        again = alone.draw({"count": 100}, request_id="early")
        assert (again.status_code, again.json()["first"]) == (200, before.json()["first"])
        assert alone.draw({"count": 10}, by="tester").status_code == 201

        service.agreements.accept("labka", by="t", accepted_by="Anna", capacity="manager")
        assert alone.draw({"count": 100}).status_code == 201
        assert alone.ask("GET", "/v1/me").json()["notices"] == []
    finally:
        service.close()


def test_the_warning_is_a_header_of_the_draw(alone: House) -> None:
    today = datetime.now(UTC).date()
    service = build(alone.settings)
    try:
        service.agreements.publish(V1, TEXTS, by="t", effective_from=today)
        service.agreements.set_dates(Dates("connection", V1, warn_from=today), by="t")
        service.agreements.accept("mads", by="t", accepted_by="Bo", capacity="manager")
    finally:
        service.close()
    answer = alone.draw({"count": 100}, request_id="one")
    assert (answer.status_code, answer.headers["Npn-Notice"]) == (201, "agreement_missing; version=1.0")
    assert alone.draw({"count": 100}, request_id="one").headers["Npn-Notice"] == "agreement_missing; version=1.0"
    assert "Npn-Notice" not in alone.draw({"count": 100}, by="mads").headers
