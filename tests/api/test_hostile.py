"""Whatever is sent, the answer is a problem with a stable code that names what is to blame; never a 5xx."""

import json
from contextlib import closing
from http.client import HTTPConnection

import pytest

from house import CLIENT, JSON, House

BODIES: list[tuple[bytes, int, str, str | None]] = [
    (b"", 400, "malformed_json", None),
    (b"{", 400, "malformed_json", None),
    (b'{"count": 1}}', 400, "malformed_json", None),
    (b'{"count": NaN}', 400, "malformed_json", None),
    (b'{"count": Infinity}', 400, "malformed_json", None),
    (b'{"count": 1, "count": 2}', 400, "malformed_json", None),
    (b'{"count": 1, "c\\u006funt": 1}', 400, "malformed_json", None),
    (b'{"purpose": "\\ud800", "count": 1}', 400, "malformed_json", None),
    (b'{"purpose": "\xff", "count": 1}', 400, "malformed_json", None),
    (b'\xef\xbb\xbf{"count": 1}', 400, "malformed_json", None),
    ('{"count": 1}'.encode("utf-16"), 400, "malformed_json", None),
    (b"count=1", 400, "malformed_json", None),
    (b"\x00", 400, "malformed_json", None),
    (b"[" * 60_000, 422, "invalid_field", None),
    (b'{"purpose":' * 5000, 422, "invalid_field", "purpose"),
    (b"[]", 422, "invalid_field", None),
    (b'"count"', 422, "invalid_field", None),
    (b"null", 422, "invalid_field", None),
    (b"1", 422, "invalid_field", None),
    (b"{}", 422, "count_or_usable", "count"),
    (b'{"count": 1, "usable": 1}', 422, "count_or_usable", "usable"),
    (b'{"count": null}', 422, "count_or_usable", "count"),
    (b'{"count": "10"}', 422, "invalid_field", "count"),
    (b'{"count": 1.0}', 422, "invalid_field", "count"),
    (b'{"count": 1e2}', 422, "invalid_field", "count"),
    (b'{"count": true}', 422, "invalid_field", "count"),
    (b'{"count": [1]}', 422, "invalid_field", "count"),
    (b'{"count": {}}', 422, "invalid_field", "count"),
    (b'{"usable": "\xc2\xb3\xc2\xb2"}', 422, "invalid_field", "usable"),
    (b'{"count": 0}', 422, "count_too_small", "count"),
    (b'{"count": -1}', 422, "count_too_small", "count"),
    (b'{"count": -' + b"9" * 40 + b"}", 422, "count_too_small", "count"),
    (b'{"count": 10000001}', 422, "count_too_large", "count"),
    (b'{"count": ' + b"9" * 400 + b"}", 422, "count_too_large", "count"),
    (b'{"count": 1, "cuont": 2}', 422, "unknown_field", "cuont"),
    (b'{"count": 1, "": 2}', 422, "unknown_field", ""),
    (b'{"count": 1, "purpose": 1}', 422, "invalid_field", "purpose"),
    (b'{"count": 1, "purpose": "a\\u0000b"}', 422, "invalid_field", "purpose"),
    (json.dumps({"count": 1, "purpose": "x" * 201}).encode(), 422, "invalid_field", "purpose"),
    (b'{"count": 1, "space": "pro\\u0000duction"}', 422, "unknown_space", "space"),
    (b'{"count": 1, "space": ""}', 422, "unknown_space", "space"),
    (b'{"count": 1, "space": "' + b"x" * 60_000 + b'"}', 422, "unknown_space", "space"),
]


@pytest.mark.parametrize("wrong", BODIES, ids=lambda wrong: repr(wrong[0])[:40])
def test_a_wrong_body_is_named(house: House, wrong: tuple[bytes, int, str, str | None]) -> None:
    body, status, code, field = wrong
    answer = house.ask("POST", "/v1/series", content=body, headers={**JSON, "Idempotency-Key": "hostile"})
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (status, code)
    assert (problem.get("field") or None) == (field or None)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert problem["type"] == f"/docs/problems#{code}"
    assert problem["request_id"] == answer.headers["X-Request-Id"]


def test_a_purpose_in_any_script_comes_back_as_it_was(house: House) -> None:
    purpose = "Nat på Skejby 血液 🩸"
    assert house.draw({"count": 1, "purpose": purpose}).json()["purpose"] == purpose


@pytest.mark.parametrize("key", ["", "x" * 129, "a b", "tab\there", "æ"])
def test_a_request_id_that_is_none_is_refused(house: House, key: str) -> None:
    headers = [(b"Content-Type", b"application/json"), (b"Idempotency-Key", key.encode("utf-8"))]
    headers.append((b"Authorization", f"Bearer {house.keys['labka']}".encode()))
    answer = CLIENT.post(f"{house.server.url}/v1/series", content=b'{"count": 1}', headers=headers)  # type: ignore[arg-type]  # bytes
    assert answer.status_code in (400, 422)
    assert answer.json()["code"] in ("idempotency_key_required", "invalid_idempotency_key")
    assert answer.json()["field"] == "Idempotency-Key"


def test_a_draw_without_a_request_id_is_refused(house: House) -> None:
    answer = house.ask("POST", "/v1/series", content=b'{"count": 1}', headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_required")


@pytest.mark.parametrize(
    "number",
    [
        "abc",
        "123",
        "9" * 400,
        "³²",
        "%00",
        "1000000015%00",
        "%E2%80%AE1000000015",
        "-000000015",
        "1e9",
        "١٠٠٠٠٠٠٠١٥",
        "%ff",
    ],
)
def test_what_is_not_a_number_is_said_to_be_none(house: House, number: str) -> None:
    answer = house.ask("GET", f"/v1/numbers/{number}")
    assert (answer.status_code, answer.json()["code"]) == (422, "not_a_number")


@pytest.mark.parametrize("series", ["x", "%00", "s%00", "'%20OR%201=1", "..", "%2e%2e%2fme", "s" * 5000, "%ff", "æ"])
@pytest.mark.parametrize("suffix", ["", "/numbers"])
def test_a_series_that_is_none_is_not_found(house: House, series: str, suffix: str) -> None:
    answer = house.ask("GET", f"/v1/series/{series}{suffix}")
    assert answer.status_code in (404, 400, 422) or (series == ".." and answer.status_code == 200)
    assert house.ask("GET", f"/v1/receipts/{series}").status_code in (404, 400)


@pytest.mark.parametrize(
    ("query", "code", "field"),
    [
        ("limit=0", "invalid_parameter", "limit"),
        ("limit=501", "invalid_parameter", "limit"),
        ("limit=ten", "invalid_parameter", "limit"),
        ("limit=%C2%B2", "invalid_parameter", "limit"),
        ("limit=", "invalid_parameter", "limit"),
        ("limit=1&limit=2", "invalid_parameter", "limit"),
        ("cursor=abc", "invalid_cursor", "cursor"),
        ("cursor=-1", "invalid_cursor", "cursor"),
        ("cursor=0", "invalid_cursor", "cursor"),
        ("cursor=" + "9" * 19, "invalid_cursor", "cursor"),
        ("cursor=%00", "invalid_cursor", "cursor"),
        ("limt=5", "invalid_parameter", "limt"),
        ("cursor=%ff", "invalid_parameter", "query"),
    ],
)
def test_a_wrong_query_is_named(house: House, query: str, code: str, field: str) -> None:
    answer = house.ask("GET", f"/v1/series?{query}")
    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (422, code, field)


def test_bodies_are_json_and_no_larger_than_64_kib(house: House) -> None:
    headers = {**JSON, "Idempotency-Key": "large"}
    large = b'{"purpose": "' + b"x" * 65_536 + b'"}'

    def chunked() -> "object":
        for start in range(0, len(large), 1000):
            yield large[start : start + 1000]

    for content in (large, chunked()):
        answer = house.ask("POST", "/v1/series", content=content, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    for kind in (
        "text/plain",
        "application/x-www-form-urlencoded",
        "",
        "text/json",
        "application/jsonx; charset=utf-8",
    ):
        answer = house.ask("POST", "/v1/series", content=b'{"count":1}', headers={**headers, "Content-Type": kind})
        assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")
    fine = {**headers, "Content-Type": "Application/JSON; charset=UTF-8", "Idempotency-Key": "fine"}
    assert house.ask("POST", "/v1/series", content=b'{"count":1}', headers=fine).status_code == 201


@pytest.mark.parametrize(
    ("path", "kind", "word"),
    [
        ("/v1/series", "application/json", "body_too_large"),
        ("/soap/npn", "text/xml", "larger than"),
        ("/sign-in", "application/x-www-form-urlencoded", "more than the form can take"),
    ],
)
def test_a_body_declared_as_too_large_is_refused_before_it_is_sent(
    house: House, path: str, kind: str, word: str
) -> None:
    headers = {"Authorization": f"Bearer {house.keys['labka']}", "Idempotency-Key": "declared", "Accept-Language": "en"}
    with closing(HTTPConnection(*house.server.address, timeout=10)) as connection:
        connection.putrequest("POST", path)
        for name, value in {**headers, "Content-Type": kind, "Content-Length": "10000000"}.items():
            connection.putheader(name, value)
        connection.endheaders()
        answer = connection.getresponse()
        assert (answer.status, word in answer.read().decode()) == (413, True)


def test_other_paths_methods_and_forms(house: House) -> None:
    nowhere = house.ask("GET", "/v2/series")
    assert (nowhere.status_code, nowhere.json()["code"]) == (404, "not_found")
    other = house.ask("DELETE", "/v1/series")
    assert (other.status_code, other.json()["code"]) == (405, "method_not_allowed")
    assert {"GET", "POST"} <= {method.strip() for method in other.headers["Allow"].split(",")}
    form = house.ask("GET", "/v1/me", headers={"Accept": "text/html"})
    assert (form.status_code, form.json()["code"]) == (406, "not_acceptable")
    for accept in ("*/*", "application/*", "text/html, application/json;q=0.5", "text/html, */*;q=0.1"):
        assert house.ask("GET", "/v1/me", headers={"Accept": accept}).status_code == 200


def test_every_answer_carries_its_request_id_and_the_security_headers(house: House) -> None:
    for path in ("/healthz", "/v1/me", "/nowhere", "/docs", "/openapi.json"):
        answer = house.ask("GET", path, headers={"X-Request-Id": "my-request-0001"})
        assert answer.headers["X-Request-Id"] == "my-request-0001"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "server" not in answer.headers
    made = house.ask("GET", "/healthz", headers={"X-Request-Id": "<script>alert(1)</script>"}).headers["X-Request-Id"]
    assert made.isalnum()


@pytest.mark.parametrize("blank", [b"\xa0", b"\x85", b"\x1c", b"\x0b"])
def test_a_request_id_with_a_blank_of_another_kind_is_another_one_and_refused(alone: House, blank: bytes) -> None:
    def drawn(key: bytes) -> int:
        connection = HTTPConnection(*alone.server.address, timeout=30)  # which sends what others would not
        with closing(connection):
            connection.putrequest("POST", "/v1/series")
            connection.putheader("Content-Type", "application/json")
            connection.putheader("Content-Length", "12")
            connection.putheader("Idempotency-Key", key)
            connection.putheader("Authorization", f"Bearer {alone.keys['labka']}")
            connection.endheaders(b'{"count": 5}')
            return connection.getresponse().status

    assert drawn(b"nb1") == 201
    assert drawn(b"nb1" + blank) in (400, 422)
    assert drawn(b"nb1 ") == 200
