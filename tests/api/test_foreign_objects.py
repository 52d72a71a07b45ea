"""REST and SOAP show and change nothing of another's: every operation, by every kind of caller, as the routes say.

Which operations there are follows from the handlers and the mapping; one whose path has a parameter without an object
here fails.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

sys.path.insert(0, str(Path(__file__).parent.parent / "soap"))  # for its `messages`

from house import CLIENT, JSON, House
from messages import Message, draw_body, look_up_body, password_card, release_body
from npn.api.handlers import HANDLERS
from npn.soap.mapping import read_mapping
from snapshot import rows

PURPOSE = "andres formål"
PUBLIC = {
    "/.well-known/jwks.json",
    "/v1/spaces",
    "/v1/standards",
    "/v1/standards/{code}",
    "/v1/capabilities",
    "/healthz",
    "/readyz",
    "/metrics",
    "/openapi.json",
}
OF_NOTHING = {"/v1/standards/{code}": {404}, "/v1/capabilities": {422}}  # what is asked for is not named, or not there
OPERATIONS = sorted(
    (str(method), re.sub(r":str(?=\})", "", path))
    for handler in HANDLERS
    for path in handler.paths
    for method in handler.http_methods
    if str(method) not in ("OPTIONS", "HEAD")
)
BODIES = {
    ("POST", "/v1/series"): b'{"count": 10}',
    ("POST", "/v1/series/{series_id}/release"): b"{}",
    ("PUT", "/v1/stock"): b'{"free": 1, "used_per_day": 1, "as_of": "2026-01-01T00:00:00Z"}',
}
STATUS = {  # what a caller who is a system, and may act, is told of another's
    ("GET", "/v1/series/{series_id}"): {403, 404},
    ("GET", "/v1/series/{series_id}/numbers"): {403, 404},
    ("POST", "/v1/series/{series_id}/release"): {403, 404},
    ("GET", "/v1/receipts/{series_id}"): {403, 404},
    ("GET", "/v1/numbers/{number}"): {200},  # whose a number is may be asked; for what it was drawn may not
}
OF_NOBODY = {(method, path) for method, path in OPERATIONS if path.startswith("/v1/messages/")}
STATUS |= {key: {415} for key in OF_NOBODY}  # about the message that is sent, and JSON is none: no object is named
CHANGES = {("POST", "/v1/series"), ("PUT", "/v1/stock")}  # with one's own: nothing of another's is named


@pytest.fixture(scope="module")
def theirs(house: House) -> dict[str, str]:
    """A series of another's, with all that must not be seen of it."""
    drawn = house.draw(
        {"count": 1000, "purpose": PURPOSE}, by="mads", request_id="andres-ønske".replace("ø", "oe")
    ).json()
    return {
        "code": "RPT99",
        "series_id": drawn["id"],
        "number": drawn["first"],
        "last": drawn["last"],
        "request": drawn["request_id"],
    }


@pytest.fixture(scope="module")
def database(house: House) -> Iterator[sa.Engine]:
    url = sa.make_url(house.settings.database)
    engine = sa.create_engine(url.set(drivername="postgresql+psycopg") if url.drivername == "postgresql" else url)
    yield engine
    engine.dispose()


def shows(answer: httpx.Response, theirs: dict[str, str]) -> bool:
    """Whether an answer tells of the other's series more than was asked with."""
    looked_up = "/v1/numbers/" in str(answer.request.url)
    words = [PURPOSE, theirs["request"]] if looked_up else [PURPOSE, theirs["request"], "mads", theirs["last"]]
    return any(word in answer.text for word in words)


@pytest.mark.parametrize(("method", "path"), OPERATIONS, ids=lambda part: part)
@pytest.mark.parametrize("by", ["labka", "tester", "asleep", "gone", "", "npn_nobody_" + "x" * 43])
def test_no_request_shows_or_changes_what_is_another_s(
    house: House, database: sa.Engine, theirs: dict[str, str], *, method: str, path: str, by: str
) -> None:
    address = re.sub(r"\{([a-z_]+)\}", lambda parameter: theirs[parameter[1]], path)
    may = by in ("labka", "tester", "asleep")
    if may and (method, path) in CHANGES:
        return
    before = rows(database)
    headers = {**JSON, "Idempotency-Key": theirs["request"], "Accept": "*/*"}
    answer = house.ask(method, address, by=by, content=BODIES.get((method, path), b""), headers=headers)
    if path in PUBLIC:
        assert answer.status_code in OF_NOTHING.get(path, {200, 503})
    elif not may and not (by == "" and (method, path) in OF_NOBODY):  # without a key the public may come there
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    else:
        assert answer.status_code in STATUS.get((method, path), {200})
    assert path == "/metrics" or not shows(answer, theirs)
    assert rows(database) == before


def test_another_s_request_id_leads_to_no_series_of_theirs(house: House, theirs: dict[str, str]) -> None:
    answer = house.draw({"count": 1000, "purpose": PURPOSE}, by="labka", request_id=theirs["request"])
    assert answer.status_code == 201
    assert answer.json()["id"] != theirs["series_id"]
    assert answer.json()["system"] == "labka"


@pytest.mark.parametrize("path", [path for method, path in OPERATIONS if method == "GET" and path not in PUBLIC])
def test_an_operator_s_key_changes_nothing_by_looking(
    house: House, database: sa.Engine, theirs: dict[str, str], path: str
) -> None:
    before = rows(database)
    address = re.sub(r"\{([a-z_]+)\}", lambda parameter: theirs[parameter[1]], path)
    assert house.ask("GET", address, by="operator", headers={"Accept": "*/*"}).status_code in (200, 403)
    assert rows(database) == before


def soap_bodies(theirs: dict[str, str]) -> dict[str, str]:
    """Return a body for each operation that names what is the other's."""
    return {
        "draw": draw_body(10),
        "release": release_body(theirs["number"], theirs["last"]),
        "look_up": look_up_body(theirs["number"]),
    }


@pytest.mark.parametrize("operation", sorted(read_mapping("").operations))
@pytest.mark.parametrize("by", ["labka", "tester", "asleep", "gone", "operator", "mads with the key of labka"])
def test_no_message_shows_or_changes_what_is_another_s(
    house: House, database: sa.Engine, theirs: dict[str, str], *, operation: str, by: str
) -> None:
    name, _, _ = by.partition(" ")
    key = house.keys["labka" if " " in by else by]
    secret = key.removeprefix(f"npn_{name}_")
    if operation == "draw" and by in ("labka", "tester"):
        return
    message = Message(soap_bodies(theirs)[operation], credentials=password_card(name, secret))
    before = rows(database)
    answer = CLIENT.post(f"{house.server.url}/soap/npn", content=message.bytes(), headers={"Content-Type": "text/xml"})
    if operation == "look_up" and by in ("labka", "tester", "asleep"):
        assert answer.status_code == 200
    else:
        assert answer.status_code == 500
        assert b"FaultCode" in answer.content
    assert PURPOSE not in answer.text
    assert theirs["request"] not in answer.text
    after = rows(database)
    kept = {"stored_answer"}  # a look-up's answer is kept for its repeat
    assert {name: found for name, found in after.items() if name not in kept} == {
        name: found for name, found in before.items() if name not in kept
    }
