"""The mock is the service: one table of requests, right and wrong, is sent to both, and the answers agree."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field

import httpx
import pytest

from npn.agent.mock import MockService
from npn.systems.model import Environment
from npn.wiring.assembly import build
from running_service import RealService

JSON = "application/json"
SERIES = "{series}"  # the first series that was drawn
OTHERS = "{others}"  # a series of another system
STOCK = {"free": 5, "used_per_day": 1.5, "as_of": "2026-01-31T12:00:00Z"}


@dataclass
class Asked:
    """One request. `body`: text as it is, or a document; `headers` with the value None are left out."""

    method: str
    path: str
    body: object = None
    headers: Mapping[str, str | None] = field(default_factory=dict)

    def __str__(self) -> str:
        shown = "" if self.body is None else f" {self.body if isinstance(self.body, str) else json.dumps(self.body)}"
        more = "".join(f" {name}={value}" for name, value in self.headers.items())
        return f"{self.method} {self.path}{shown[:60]}{more[:60]}"


def draw(body: object, key: str | None = "k", **headers: str | None) -> Asked:
    """A draw."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Asked("POST", "/v1/series", body, {"Idempotency-Key": key, **named})


def release(body: object, series: str = SERIES, **headers: str | None) -> Asked:
    """A release."""
    return Asked("POST", f"/v1/series/{series}/release", body, {n.replace("_", "-"): v for n, v in headers.items()})


def stock(**changed: object) -> Asked:
    """A stock report."""
    document = {**STOCK, **changed}
    return Asked("PUT", "/v1/stock", {name: value for name, value in document.items() if value is not ...})


def get(path: str, **headers: str | None) -> Asked:
    """A reading."""
    return Asked("GET", path, None, {name.replace("_", "-"): value for name, value in headers.items()})


WRONG = [
    draw({"count": 1}, None),
    draw({"count": 1}, ""),
    draw({"count": 1}, "a b"),
    draw({"count": 1}, "k" * 129),
    draw("{"),
    draw(""),
    draw("[]"),
    draw("1"),
    draw("null"),
    draw('{"count": 1, "count": 2}'),
    draw('{"count": NaN}'),
    draw('{"purpose": "\\ud800", "count": 1}'),
    draw("[" * 5000),
    draw({}),
    draw({"count": 1, "usable": 1}),
    draw({"count": None, "usable": None}),
    draw({"count": "1"}),
    draw({"count": 1.5}),
    draw({"count": 1.0, "colour": "red"}),
    draw({"usable": True}),
    draw({"usable": [1]}),
    draw({"usable": {}}),
    draw({"count": 0}),
    draw({"count": -1}),
    draw({"usable": 0}),
    draw({"count": 10_000_001}),
    draw({"usable": 10_000_001}),
    draw({"count": 10**19}),
    draw({"count": -(10**19)}),
    draw({"count": 10**40}),
    draw({"count": 1, "coumt": 1}),
    draw({"count": 1, "space": "nowhere"}),
    draw({"count": 1, "space": ""}),
    draw({"count": 1, "space": 7}),
    draw({"count": 1, "space": "test"}),
    draw({"count": 1, "purpose": "x" * 201}),
    draw({"count": 1, "purpose": "line\nbreak"}),
    draw({"count": 1, "purpose": 1}),
    draw({"count": 1}, Content_Type="text/plain"),
    draw({"count": 1}, Content_Type=None),
    draw({"count": 1}, Content_Type="application/xml; charset=utf-8"),
    draw({"count": 1}, Content_Encoding="gzip"),
    draw({"count": 1}, Accept="text/html"),
    draw({"count": 1}, Npn_Pool="nonsense"),
    draw({"count": 1}, Npn_Pool="p; a b; c"),
    draw({"count": 1}, Npn_Pool=""),
    draw({"count": 1}, Authorization=None),
    draw({"count": 1}, Authorization="Bearer npn_x_y"),
    draw({"count": 1}, Authorization="Basic eDp5"),
    draw("{" + " " * 70_000 + "}"),
    get("/v1/series?limit=0"),
    get("/v1/series?limit=501"),
    get("/v1/series?limit=-1"),
    get("/v1/series?limit=ten"),
    get("/v1/series?limit="),
    get("/v1/series?cursor=zz"),
    get("/v1/series?cursor=0"),
    get("/v1/series?cursor=1&cursor=2"),
    get("/v1/series?page=2"),
    get("/v1/series?limit=1&colour=red"),
    get("/v1/series?cursor=%ff"),
    get("/v1/series", Accept="text/csv"),
    get("/v1/series", Npn_Pool="nonsense"),
    get("/v1/series/nothing"),
    get(f"/v1/series/{'x' * 65}"),
    get("/v1/series/a%20b"),
    get(f"/v1/series/{OTHERS}"),
    get(f"/v1/series/{SERIES}?full=1"),
    get(f"/v1/series/{SERIES}", Accept="text/html"),
    get("/v1/series/nothing/numbers"),
    get(f"/v1/series/{SERIES}/numbers?limit=1"),
    get(f"/v1/series/{SERIES}/numbers", Accept="application/pdf"),
    release({}, "nothing"),
    release({}, OTHERS),
    release({"from": None}),
    release({"from": 1}),
    release({"from": ""}),
    release({"from": "123"}),
    release({"from": "abcdefghij"}),
    release({"from": "9000000000"}),
    release({"to": "1000000000"}),
    release("{}", Content_Type="text/plain"),
    release(""),
    stock(free=-1),
    stock(free="5"),
    stock(free=...),
    stock(free=10**19),
    stock(used_per_day=-0.5),
    stock(used_per_day=1e300),
    stock(used_per_day=None),
    stock(as_of="2026-01-31"),
    stock(as_of="2026-01-31T12:00:00"),
    stock(as_of="2999-01-31T12:00:00Z"),
    stock(as_of="0001-01-01T00:00:00+14:00"),
    stock(as_of=...),
    stock(colour="red"),
    get("/v1/numbers/123"),
    get("/v1/numbers/abcdefghij"),
    get("/v1/numbers/1000000015?full=1"),
    get("/v1/numbers/1000000015", Authorization=None),
    get("/v1/numbers/1000000015", Accept="application/xml"),
    get("/v1/me?full=1"),
    get("/v1/me", Authorization="Bearer"),
    get("/v1/pools?x=y"),
    get("/v1/spaces?x=y"),
    get("/v1/spaces", Accept="text/html"),
    get("/v1/receipts/nothing"),
    get(f"/v1/receipts/{OTHERS}"),
    get(f"/v1/receipts/{SERIES}", Accept=JSON),
    get("/v1/nothing"),
    get("/v2/series"),
    get("/v1"),
    Asked("DELETE", f"/v1/series/{SERIES}"),
    Asked("PUT", "/v1/series", {}),
    Asked("POST", "/v1/stock", STOCK),
    Asked("PATCH", "/v1/me", {}),
]
RIGHT = [
    draw({"count": 1}, "r1"),
    draw({"count": 10, "purpose": "æøå"}, "r2"),
    draw({"usable": 3}, "r3"),
    draw({"usable": 3}, "r3"),
    draw({"usable": 3, "space": "production"}, "r4"),
    draw({"usable": 4}, "r3"),
    draw({"count": 2}, "r5", Content_Type="application/json; charset=utf8"),
    draw({"count": 2}, "r6", Content_Type="APPLICATION/JSON;odata=verbose"),
    draw({"count": 2}, "r7", Npn_Pool="p; t0; t1"),
    draw({"count": 2}, "r8", Npn_Pool="p; t9; t8"),
    draw({"count": 2}, "r9", Accept="*/*"),
    draw({"count": 2}, "~!", Authorization="bearer {key}"),
    get("/v1/series?limit=2"),
    get("/v1/series?limit=500&cursor="),
    get(f"/v1/series/{SERIES}"),
    get(f"/v1/series/{SERIES}", Accept="text/csv"),
    get(f"/v1/series/{SERIES}", Accept="text/csv;q=0.2, application/json;q=0.1"),
    get(f"/v1/series/{SERIES}/numbers"),
    get(f"/v1/series/{SERIES}/numbers", Accept="text/csv"),
    get(f"/v1/series/{SERIES}/numbers", Accept="application/jsonl"),
    stock(),
    stock(used_per_day=2),
    stock(as_of="2026-01-31T13:00:00+01:00"),
    get("/v1/me"),
    get("/v1/numbers/1000000007"),
    get("/v1/numbers/1000000008"),
    get("/v1/numbers/1000%20000-015"),
    get("/v1/numbers/9000000003"),
    get("/v1/numbers/0000000000"),
    release({"from": "1000000050"}),
    release({"from": "1000000060"}),
    get(f"/v1/series/{SERIES}"),
    get("/v1/numbers/1000000058"),
    release({}),
    release({}),
    get(f"/v1/series/{SERIES}", Accept="text/csv"),
    get("/.well-known/jwks.json", Accept="application/jwk-set+json"),
    get("/healthz", Authorization=None),
    get("/v1/spaces", Authorization=None),
    get("/v1/spaces"),
]
# What differs with the clock, chance, or who is asked.
VARYING = ("id", "drawn_at", "at", "request_id", "receipt", "series", "system", "name", "next", "x", "kid", "detail")


class Side:
    """The service, or its mock, with a series of one's own and one of another system."""

    def __init__(self, url: str, key: str, other: str) -> None:
        self.key = key
        self.client = httpx.Client(base_url=url)
        self.series = self._drawn(key, {"count": 100})
        self.others = self._drawn(other, {"count": 10})

    def _drawn(self, key: str, body: object) -> str:
        headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": "first"}
        answer = self.client.post("/v1/series", json=body, headers=headers)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def ask(self, asked: Asked) -> httpx.Response:
        """Send it as it is."""
        path = asked.path.replace(SERIES, self.series).replace(OTHERS, self.others)
        headers: dict[str, str | None] = {"Authorization": f"Bearer {self.key}", "Accept": "*/*"}
        content = None
        if asked.body is not None:
            content = asked.body if isinstance(asked.body, str) else json.dumps(asked.body)
            headers["Content-Type"] = JSON
        headers |= asked.headers
        sent = {name: value.replace("{key}", self.key) for name, value in headers.items() if value is not None}
        request = self.client.build_request(asked.method, path, content=content, headers=sent)
        if "Accept" not in sent:
            del request.headers["accept"]
        return self.client.send(request)


@pytest.fixture(scope="module")
def sides(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Side, Side]]:
    """Both, in the same state."""
    folder = tmp_path_factory.mktemp("real")
    with ExitStack() as stack:
        mock = stack.enter_context(MockService())
        mock.registry.keys["npn_other_x"] = "other"
        real = RealService(folder)
        service = build(real.settings)
        _, other = service.systems.add(
            by="test", name="Other", vendor="X", owner="Region Syd", environment=Environment.PRODUCTION
        )
        service.close()
        url = stack.enter_context(real.running())
        made = Side(mock.url, mock.key, "npn_other_x"), Side(url, real.key, str(other))
        for side in made:
            stack.callback(side.client.close)
        yield made


def comparable(value: object) -> object:
    """A document without what varies."""
    if isinstance(value, dict):
        return {name: comparable(each) for name, each in value.items() if name not in VARYING}
    return [comparable(each) for each in value] if isinstance(value, list) else value


def compared(answer: httpx.Response) -> object:
    """What both must agree on: of a problem all but the request's id."""
    kind = answer.headers.get("content-type", "").replace(" ", "")
    if kind.startswith("application/problem+json"):
        problem = answer.json()
        assert problem.pop("request_id")
        return answer.status_code, kind, problem
    if "json" in kind and "jsonl" not in kind:
        return answer.status_code, kind, comparable(answer.json())
    return answer.status_code, kind, re.sub(r"\bs[0-9a-f]{20}\b", "an id", answer.text)


@pytest.mark.parametrize("asked", WRONG, ids=str)
def test_what_is_wrong_is_refused_alike_by_the_mock_and_the_service(sides: tuple[Side, Side], asked: Asked) -> None:
    mock, real = (compared(side.ask(asked)) for side in sides)
    assert mock == real
    assert isinstance(real, tuple)
    assert real[0] >= 400


def test_what_is_right_is_answered_alike_by_the_mock_and_the_service(sides: tuple[Side, Side]) -> None:
    for asked in RIGHT:
        mock, real = (compared(side.ask(asked)) for side in sides)
        assert mock == real, str(asked)
        assert isinstance(real, tuple)
        assert real[0] < 500, str(asked)


def test_the_table_is_long_enough_to_be_worth_something() -> None:
    assert len(WRONG) + len(RIGHT) >= 140


def test_a_repeated_header_is_refused_by_both(sides: tuple[Side, Side]) -> None:
    for side in sides:
        headers = [("Authorization", f"Bearer {side.key}"), ("Idempotency-Key", "a"), ("Idempotency-Key", "b")]
        answer = side.client.post("/v1/series", json={"count": 1}, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (400, "repeated_header")


def test_every_code_that_the_mock_gives_is_one_of_the_services(sides: tuple[Side, Side]) -> None:
    for asked in WRONG:
        problem = sides[0].ask(asked).json()
        assert problem["type"] == f"/docs/problems#{problem['code']}"


def test_what_the_mock_shows_of_a_series_has_the_form_of_the_service(sides: tuple[Side, Side]) -> None:
    for side in sides:
        series = side.ask(get(f"/v1/series/{SERIES}")).json()
        assert series["id"].startswith("s")
        assert len(series["id"]) == 21
        assert series["receipt"] == f"/v1/receipts/{series['id']}"
        assert side.ask(get(f"/v1/receipts/{SERIES}")).text.count(".") == 2
        assert side.ask(get("/.well-known/jwks.json", Authorization=None)).json()["keys"][0]["kty"] == "OKP"


def test_the_mock_closes_a_space_and_lists_all_of_them() -> None:
    with MockService() as mock:
        mock.registry.closed = ["production"]
        side = httpx.Client(base_url=mock.url)
        headers = {"Authorization": f"Bearer {mock.key}", "Idempotency-Key": "k"}
        refused = side.post("/v1/series", json={"count": 1}, headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (409, "space_closed")
        items = side.get("/v1/spaces").json()["items"]
        assert [(item["name"], item["open"]) for item in items] == [("production", False), ("test", True)]
        assert set(items[0]) == {"name", "environment", "default", "open", "scheme", "first", "last"}
        side.close()


def test_the_mocks_help_is_printed() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "npn.agent.mock", "--help"], capture_output=True, text=True, check=True, timeout=30
    )
    assert "--largest" in done.stdout
