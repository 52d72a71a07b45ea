"""HTTP/1.1 as RFC 9112 has it, over HTTP and over TLS."""

import uuid

import pytest

from talking import Counter

GET = "GET /healthz HTTP/1.1\r\nHost: npn.example\r\n"
LAST = f"{GET}Connection: close\r\n\r\n"
SETTINGS = "AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA"
OFFER = f"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: {SETTINGS}\r\n"


def draw(counter: Counter, *more: str, body: str = '{"count":3}', request_id: str = "") -> str:
    lines = [
        "POST /v1/series HTTP/1.1",
        "Host: npn.example",
        f"Authorization: Bearer {counter.key}",
        f"Idempotency-Key: {request_id or uuid.uuid4()}",
        *more,
    ]
    if not any(line.lower().startswith("content-type") for line in more):
        lines.append("Content-Type: application/json")
    if not any(line.lower().startswith(("transfer-encoding", "content-length")) for line in more):
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines) + f"\r\n\r\n{body}"


@pytest.mark.parametrize(
    "host",
    [
        "",
        "Host: a\r\nHost: a\r\n",
        "Host: a\r\nhOST: b\r\n",
        "Host:\r\n",
        "Host: a b\r\n",
        "Host: a/b\r\n",
        "Host: a@b\r\n",
        "Host: a:b\r\n",
        "Host: a:1:2\r\n",
        "Host: [::1\r\n",
        "Host: a,b\u00e6\r\n",
        'Host: "><script>\r\n',
        f"Host: {'a' * 300}\r\n",
    ],
)
def test_a_request_names_exactly_one_host(counter: Counter, host: str) -> None:
    talk = counter.talk().send(f"GET /healthz HTTP/1.1\r\n{host}\r\n")
    reply = talk.reply()
    assert (reply.status, reply.code, reply.headers["connection"]) == (400, "malformed_http", "close")
    assert talk.ended()


@pytest.mark.parametrize(
    "host", ["a", "a.b:80", "a:", "[::1]:8000", "[2001:db8::1]", "1.2.3.4", "a_b-c~d", " a\t", "b%c3%a6"]
)
def test_a_host_is_a_name_or_an_address_with_a_port_or_none(counter: Counter, host: str) -> None:
    assert counter.talk().send(f"GET /healthz HTTP/1.1\r\nHost: {host}\r\n\r\n").reply().status == 200


def test_http_1_0_needs_no_host_and_ends_after_its_answer(counter: Counter) -> None:
    talk = counter.talk().send("GET /healthz HTTP/1.0\r\n\r\n")
    assert talk.reply().status == 200
    assert talk.ended()


def test_an_address_in_full_names_the_host_itself(counter: Counter) -> None:
    talk = counter.talk().send("GET http://named.example:8443/soap/npn?wsdl HTTP/1.1\r\nHost: other.example\r\n\r\n")
    reply = talk.reply()
    assert reply.status == 200
    assert b"://named.example:8443/soap/npn" in reply.body
    assert b"other.example" not in reply.body


SMUGGLED = [
    "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
    "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
    "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
    "Content-Length: 3, 3\r\n\r\nabc",
    "Content-Length: +3\r\n\r\nabc",
    "Content-Length: 0x3\r\n\r\nabc",
    "Content-Length: -1\r\n\r\n",
    "Content-Length: 99999999999999999999999\r\n\r\n",
    "Content-Length : 3\r\n\r\nabc",
    "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n",
    "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "Transfer-Encoding: chunked\r\n\r\n3\nabc\r\n0\r\n\r\n",
    "Transfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n0\r\n\r\n",
    "Transfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n",
    "Transfer-Encoding: chunked\r\n\r\n-1\r\nabc\r\n0\r\n\r\n",
    "X: a\r\n folded\r\n\r\n",
    "X: a\r\n\tfolded\r\n\r\n",
    " X: a\r\n\r\n",
    "X: a\nY: b\r\n\r\n",
    "X: a\rY: b\r\n\r\n",
    "X: a\x00b\r\n\r\n",
    "X(: a\r\n\r\n",
    "X\r\n\r\n",
    ": a\r\n\r\n",
    "X: a\r\n\n",
]


@pytest.mark.parametrize("rest", SMUGGLED)
def test_what_two_servers_could_read_in_two_ways_is_refused_and_the_connection_ended(
    counter: Counter, rest: str
) -> None:
    head = draw(counter, "Content-Length: 0").partition("Content-Type")[0].replace("Content-Length: 0\r\n", "")
    talk = counter.talk().send(f"{head}Content-Type: application/json\r\n{rest}{LAST}")
    reply = talk.reply()
    assert (reply.status, reply.code) in ((400, "malformed_http"), (501, "transfer_coding_unknown"))
    assert talk.ended()


@pytest.mark.parametrize(
    "first",
    [
        "GET /healthz\r\n",
        "GET /healthz HTTP/2.0\r\n",
        "GET /healthz HTTP/1.2\r\n",
        "GET healthz HTTP/1.1\r\n",
        "GET /healthz#part HTTP/1.1\r\n",
        "GET\t/healthz HTTP/1.1\r\n",
        "get /healthz HTTP/1.1\r\n",
        "GET /healthz HTTP/1.1\n",
        "PRI * HTTP/2.0\r\n",
        "FETCH /healthz HTTP/1.1\r\n",
    ],
)
def test_a_first_line_that_is_not_http_1_1_is_refused(counter: Counter, first: str) -> None:
    talk = counter.talk().send(f"{first}Host: a\r\n\r\n")
    reply = talk.reply()
    assert (reply.status, reply.code) == (400, "malformed_http")
    assert talk.ended()


def test_this_is_no_proxy_and_a_server_as_a_whole_has_no_options(counter: Counter) -> None:
    refused = counter.talk().send("CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n").reply()
    assert (refused.status, refused.code) == (405, "method_not_allowed")
    assert "GET" in refused.headers["allow"]
    assert counter.talk().send("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n").reply().status in (404, 405)


def test_another_transfer_coding_is_not_understood(counter: Counter) -> None:
    talk = counter.talk().send(draw(counter, "Transfer-Encoding: gzip, chunked", body="0\r\n\r\n"))
    reply = talk.reply()
    assert (reply.status, reply.code) == (501, "transfer_coding_unknown")
    assert talk.ended()
    old = draw(counter, "Transfer-Encoding: chunked", body="0\r\n\r\n").replace("HTTP/1.1", "HTTP/1.0")
    assert counter.talk().send(old).reply().status == 400


def test_there_are_a_hundred_headers_at_most(counter: Counter) -> None:
    fine = "".join(f"X-{n}: 1\r\n" for n in range(99))
    assert counter.talk().send(f"{GET}{fine}\r\n").reply().status == 200
    talk = counter.talk().send(f"{GET}{fine}X: 1\r\n\r\n")
    reply = talk.reply()
    assert (reply.status, reply.code) == (431, "headers_too_large")
    assert talk.ended()


@pytest.mark.parametrize(
    "offer",
    [
        OFFER,
        "Connection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n",
        "Connection: keep-alive, Upgrade\r\nUpgrade: TLS/1.2, h2c\r\n",
        "Upgrade: h2c\r\n",
    ],
)
@pytest.mark.parametrize("pieces", ["whole", "head and body", "bytes"])
def test_an_offer_to_change_the_protocol_is_passed_over_and_the_body_kept(
    counter: Counter, offer: str, pieces: str
) -> None:
    chunked = '4\r\n{"co\r\n7;x=y\r\nunt":3}\r\n0\r\nX-Trailer: 1\r\n\r\n'
    lines = offer.rstrip().split("\r\n")
    for request in (draw(counter, *lines), draw(counter, *lines, "Transfer-Encoding: chunked", body=chunked)):
        talk = counter.talk()
        head, _, body = request.partition("\r\n\r\n")
        parts = {"whole": [request], "head and body": [f"{head}\r\n\r\n", body], "bytes": list(request)}[pieces]
        talk.send(*parts, f"GET /healthz HTTP/1.1\r\nHost: a\r\n{offer}\r\n", LAST)
        drawn = talk.reply()
        assert drawn.status == 201, drawn
        assert "upgrade" not in drawn.headers
        assert [talk.reply().status, talk.reply().status] == [200, 200]
        assert talk.ended()


def test_requests_sent_in_one_go_are_answered_in_their_order(counter: Counter) -> None:
    names = [f"order-{uuid.uuid4()}" for _ in range(60)]
    talk = counter.talk().send("".join(draw(counter, request_id=name) for name in names) + LAST)
    answered = []
    for _ in names:
        reply = talk.reply()
        assert reply.status == 201, reply
        answered.append(next(name for name in names if name.encode() in reply.body))
    assert answered == names
    assert talk.reply().body == b'{"status":"alive"}'
    assert talk.ended()


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ("NOT HTTP\r\n\r\n", 400),
        ("GET /healthz HTTP/1.1\r\n\r\n", 400),
        (f"{GET}X: {'x' * 20_000}\r\n\r\n", 431),
        (f"{GET}X-Never: ", 408),
        ("POST /v1/series HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n{", 408),
    ],
)
def test_a_wrong_request_is_answered_after_those_before_it(counter: Counter, wrong: str, status: int) -> None:
    names = [f"before-{uuid.uuid4()}" for _ in range(5)]
    talk = counter.talk().send("".join(draw(counter, request_id=name) for name in names) + wrong)
    for name in names:
        reply = talk.reply()
        assert (reply.status, name.encode() in reply.body) == (201, True), reply
    last = talk.reply()
    if last.status == 401:  # the head of the last was sound: it is answered before its body's time is over
        assert status == 408
    else:
        assert last.status == status
    assert talk.ended()


def test_nothing_behind_a_last_request_is_done(counter: Counter) -> None:
    name = f"behind-{uuid.uuid4()}"
    talk = counter.talk().send(LAST + draw(counter, request_id=name))
    assert talk.reply().status == 200
    assert talk.ended()
    with counter.house.server.client(counter.key, verify=False) as client:
        assert name not in client.get("/v1/series").text


def test_a_caller_who_waits_to_be_asked_for_its_body_is_asked(counter: Counter) -> None:
    head, _, body = draw(counter, "Expect: 100-continue").partition("\r\n\r\n")
    talk = counter.talk().send(f"{head}\r\n\r\n")
    assert talk.reply().status == 100
    assert talk.send(body).reply().status == 201
    assert talk.send(LAST).reply().status == 200


def test_a_caller_who_is_refused_before_its_body_is_told_that_the_connection_ends(counter: Counter) -> None:
    """It may send the body anyway, or its next request: nobody could tell which."""
    head = draw(counter, "Expect: 100-continue").partition("\r\n\r\n")[0].replace(counter.key, "npn_wrong_key")
    talk = counter.talk().send(f"{head}\r\n\r\n")
    reply = talk.reply()
    assert (reply.status, reply.headers["connection"]) == (401, "close")
    assert talk.ended()


def test_an_expectation_of_http_1_0_is_none(counter: Counter) -> None:
    request = draw(counter, "Expect: 100-continue").replace("HTTP/1.1", "HTTP/1.0", 1)
    assert counter.talk().send(request).reply().status == 201


@pytest.mark.parametrize(
    "path", ["/healthz", "/docs", "/openapi.json", "/v1/me", "/v1/series", "/soap/npn?wsdl", "/sign-in"]
)
def test_head_answers_as_get_does_without_the_content(counter: Counter, path: str) -> None:
    request = f"{path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {counter.key}\r\n\r\n"
    talk = counter.talk()
    got, head = talk.send(f"GET {request}").reply(), talk.send(f"HEAD {request}").reply(head=True)
    assert head.status == got.status == 200
    assert head.headers["content-length"] == got.headers["content-length"]
    assert head.headers["content-type"] == got.headers["content-type"]
    assert talk.send(LAST).reply().body == b'{"status":"alive"}'


def test_head_of_a_stream_without_end_ends(counter: Counter) -> None:
    huge = counter.house.keys["huge"]
    talk = counter.talk().send(draw(counter, body='{"count":1000000000}').replace(counter.key, huge))
    series = talk.reply().body.split(b'"id":"')[1].split(b'"')[0].decode()
    talk.send(f"HEAD /v1/series/{series}/numbers HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {huge}\r\n\r\n", LAST)
    assert talk.reply(head=True).status == 200
    assert talk.reply().body == b'{"status":"alive"}'


def test_where_get_is_head_is_allowed(counter: Counter) -> None:
    talk = counter.talk().send(
        "DELETE /v1/series HTTP/1.1\r\nHost: a\r\n\r\nHEAD /v1/stock HTTP/1.1\r\nHost: a\r\n\r\n"
    )
    assert {"GET", "HEAD", "POST"} <= set(talk.reply().headers["allow"].split(", "))
    refused = talk.reply(head=True)
    assert (refused.status, "HEAD" in refused.headers["allow"]) == (405, False)


@pytest.mark.parametrize(
    "media",
    [
        "application/json; charset=utf8",
        "application/json;odata=verbose",
        "application/json; charset=us-ascii",
        'Application/JSON ; charset="UTF-16"; x=y',
        "application/json;",
        "application/json;;; =",
    ],
)
def test_parameters_of_a_media_type_do_not_matter(counter: Counter, media: str) -> None:
    assert counter.talk().send(draw(counter, f"Content-Type: {media}")).reply().status == 201


@pytest.mark.parametrize("coding", ["gzip", "br", "identity, gzip", "deflate"])
def test_a_compressed_body_is_refused_by_name(counter: Counter, coding: str) -> None:
    reply = counter.talk().send(draw(counter, f"Content-Encoding: {coding}")).reply()
    assert (reply.status, reply.code) == (415, "unsupported_media_type")
    assert b'"field":"Content-Encoding"' in reply.body
    assert counter.talk().send(draw(counter, "Content-Encoding: identity")).reply().status == 201


def test_a_caller_who_still_sends_reads_why_it_was_refused(counter: Counter) -> None:
    talk = counter.talk().send(draw(counter, "Content-Length: 300000", body="x" * 300_000))
    reply = talk.reply()
    assert (reply.status, reply.code) == (413, "body_too_large")


@pytest.mark.parametrize(("length", "ends"), [(200_000, False), (1_100_000, True), (3_000_000, True)])
def test_a_caller_whose_body_is_not_read_past_is_told_that_the_connection_ends(
    counter: Counter, length: int, *, ends: bool
) -> None:
    """Else its next request would be sent into a connection that is being closed."""
    request = draw(counter, f"Content-Length: {length}", body="x" * length).replace(counter.key, "npn_wrong_key")
    talk = counter.talk().send(request)
    reply = talk.reply()
    assert (reply.status, reply.headers.get("connection")) == (401, "close" if ends else None)
    if ends:
        assert talk.ended()
    else:
        assert talk.send(LAST).reply().status == 200


def test_a_caller_who_has_said_all_it_will_is_answered(counter: Counter) -> None:
    talk = counter.talk().send(draw(counter))
    if counter.ca is None:  # TLS has no half-closed connections
        talk.socket.shutdown(1)
    assert talk.reply().status == 201
