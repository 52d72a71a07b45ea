"""Plain HTTP as its callers meet it, over REST and SOAP: counted, told when it ends, browned out, cut off."""

import time as clock
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import httpx
import pytest

from messages import Answered, Message, draw_body, look_up_body, password_card
from npn.config import Settings
from npn.instants import day_in, rfc3339_seconds
from npn.transport.service import REMEMBERED
from npn.wiring.assembly import build
from npn.wiring.service import Service
from running import Running, running
from tlshouse import connect


@dataclass
class Plain:
    """A server on plain HTTP, and the service beside it to change what holds."""

    server: Running
    keys: dict[str, str]
    service: Service

    def rest(self, method: str, path: str, *, by: str = "labka", **more: object) -> httpx.Response:
        with self.server.client(self.keys[by]) as client:
            return client.request(method, path, **more)  # type: ignore[arg-type]  # passed on

    def draw(self, request_id: str, *, by: str = "labka") -> httpx.Response:
        return self.rest("POST", "/v1/series", by=by, json={"count": 10}, headers={"Idempotency-Key": request_id})

    def soap(self, message: Message) -> tuple[Answered, httpx.Headers]:
        with self.server.client() as client:
            answer = client.post("/soap/npn", content=message.bytes(), headers={"Content-Type": "text/xml"})
        return Answered(answer.status_code, answer.headers["content-type"], answer.content), answer.headers

    def message(self, body: str) -> Message:
        secret = self.keys["labka"].removeprefix("npn_labka_")
        return Message(body, credentials=password_card("labka", secret))

    def known(self) -> None:
        """Wait until the server has surely learnt what was changed beside it."""
        clock.sleep(REMEMBERED + 0.5)


@pytest.fixture
def plain(tmp_path: Path) -> Iterator[Plain]:
    settings = Settings(database=f"sqlite:///{tmp_path / 'npn.db'}", witness=str(tmp_path / "npn.witness"))
    keys = connect(settings)
    service = build(settings)
    with running(settings, tmp_path) as server:
        yield Plain(server, keys, service)
        assert '"failure"' not in server.log.read_text("utf-8")
    service.close()


def in_days(days: float) -> datetime:
    return datetime.now(UTC).replace(microsecond=0) + timedelta(days=days)


def test_nothing_is_said_or_refused_until_a_date_is_set(plain: Plain) -> None:
    for answer in (plain.draw("a"), plain.rest("GET", "/v1/me"), plain.rest("GET", "/v1/me", by="operator")):
        assert answer.is_success
        assert not {"sunset", "deprecation", "link"} & set(answer.headers)
    assert plain.soap(plain.message(draw_body(5)))[0].status == 200


def test_once_announced_every_answer_over_plain_http_to_a_known_system_says_when_it_ends(plain: Plain) -> None:
    cut_off = in_days(300)
    made = plain.service.transport.announce(cut_off, by="t", reason="decided by the <steering> group")
    plain.service.transport.exempt("bcc", in_days(400), by="t", reason="late")
    plain.known()
    _, headers = plain.soap(plain.message(draw_body(5)))
    problem = plain.rest("GET", "/v1/series/s0")
    for answer in (plain.draw("a").headers, plain.rest("GET", "/v1/me").headers, problem.headers, headers):
        assert answer["deprecation"] == f"@{int(made.announced_at.timestamp())}"
        assert parsedate_to_datetime(answer["sunset"]) == cut_off
        assert 'rel="sunset"' in answer["link"]
        assert 'rel="deprecation"' in answer["link"]
    assert parsedate_to_datetime(plain.rest("GET", "/v1/me", by="bcc").headers["sunset"]) > cut_off
    with plain.server.client() as stranger:
        assert "sunset" not in stranger.get("/v1/me").headers
        assert "sunset" not in stranger.get("/healthz").headers
        page = stranger.get("/docs/transport")
        assert day_in("da", cut_off) in page.text
        assert rfc3339_seconds(cut_off) in page.text
        assert "decided by the &lt;steering&gt; group" in page.text


def test_a_brown_out_refuses_rest_and_soap_and_lets_the_exempt_pass(plain: Plain) -> None:
    repeated = plain.message(draw_body(5))
    before, soap_before = plain.draw("before"), plain.soap(repeated)[0]
    transport = plain.service.transport
    transport.announce(in_days(300), by="t", reason="decided")
    transport.exempt("bcc", in_days(400), by="t", reason="late")
    transport.announce_brown_out(in_days(-0.01), in_days(0.5), by="t", reason="a try", short_notice=True)
    plain.known()
    for refused in (plain.draw("new"), plain.rest("GET", "/v1/me"), plain.rest("GET", "/v1/numbers/1000000015")):
        assert (refused.status_code, refused.json()["code"]) == (403, "insecure_transport")
        assert 0 < int(refused.headers["retry-after"]) <= 43_200
        assert "as announced" in refused.json()["detail"]
    again = plain.draw("before")
    assert (again.status_code, again.json()["id"]) == (200, before.json()["id"])
    assert plain.draw("new", by="bcc").status_code == 201
    assert plain.rest("GET", "/v1/me", by="operator").status_code == 200

    for body in (draw_body(7), look_up_body("1000000015")):
        fault, headers = plain.soap(plain.message(body))
        assert (fault.status, fault.code) == (500, "not_authorized")
        assert b"insecure_transport" in fault.body
        assert int(headers["retry-after"]) > 0
    assert plain.soap(repeated)[0].body == soap_before.body


def test_after_the_cut_off_plain_http_is_refused_for_good(plain: Plain) -> None:
    plain.service.transport.announce(in_days(2 / 86_400), by="t", reason="decided", short_notice=True)
    plain.known()
    clock.sleep(2)
    refused = plain.draw("late")
    assert refused.json()["code"] == "insecure_transport"
    assert "https://" in refused.json()["hint"]
    assert "retry-after" not in refused.headers
    assert plain.soap(plain.message(draw_body(7)))[0].code == "not_authorized"


def test_calls_over_plain_http_are_counted_per_system_by_rest_and_soap(plain: Plain) -> None:
    plain.draw("a")
    plain.rest("GET", "/v1/me")
    plain.soap(plain.message(draw_body(5)))
    plain.rest("GET", "/v1/me", by="mads")
    plain.rest("GET", "/v1/me", by="operator")
    with plain.server.client() as stranger:
        stranger.get("/v1/me")
    plain.server.stop()  # what was counted is written before the end
    found = plain.service.transport.usage()
    assert {(u.system, u.rest_plain, u.soap_plain, u.secure) for u in found.values()} == {
        ("labka", 2, 1, 0),
        ("mads", 1, 0, 0),
    }
    assert found["labka"].plain_from == "127.0.0.1"
