"""The service as it runs: HTTP methods, the WSDL, TLS with client certificates, the test page, REST beside it."""

import gzip
import re
import ssl
import subprocess
from pathlib import Path

import httpx
import pytest
from lxml import etree
from office import Office

from messages import KEY_NAME, Card, Message, draw_body, look_up_body, plain_token, release_body, signed
from npn.config import Settings
from npn.soap.names import SOAP_1_2
from npn.soap.reading import LARGEST_BODY
from prepared import initialised
from running import NPN, running
from tlshouse import until


def test_a_series_drawn_by_soap_is_seen_by_rest(plain: Office) -> None:
    drawn = plain.send(plain.message())
    with plain.server.client(plain.key) as rest:
        found = rest.get(f"/v1/series/{drawn.one('SeriesIdentifier')}").json()
        assert (found["first"], found["last"]) == (drawn.one("FirstIdentifier"), drawn.one("LastIdentifier"))
        over_rest = rest.post("/v1/series", json={"count": 5}, headers={"Idempotency-Key": "r-1"}).json()
    looked = plain.send(plain.message(look_up_body(over_rest["first"])))
    assert looked.one("SeriesIdentifier") == over_rest["id"]


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_another_method_is_answered_with_its_own_fault(plain: Office, method: str) -> None:
    answer = httpx.request(method, plain.url, trust_env=False)
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST")
    assert b">illegal_http_method<" in answer.content


def test_a_message_that_is_too_large_is_refused_before_it_is_read(plain: Office) -> None:
    for body in (b"x" * (LARGEST_BODY + 1), b"x" * (20 * LARGEST_BODY)):
        refused = plain.send(body)
        assert (refused.status, refused.code) == (413, "syntax_error")


def test_the_wsdl_has_the_address_the_caller_used(plain: Office) -> None:
    for host in (plain.url.split("/")[2], "npn.example:8443", "[::1]:81"):
        answer = httpx.get(f"{plain.url}?wsdl", headers={"Host": host}, trust_env=False)
        assert answer.headers["content-type"] == "text/xml; charset=utf-8"
        places = [e.get("location") for e in etree.fromstring(answer.content).iter("{*}address")]
        assert places == [f"http://{host}/soap/npn"] * 2
    evil = httpx.get(f"{plain.url}?wsdl", headers={"Host": '"><script>'}, trust_env=False)
    assert b"script" not in evil.content


def test_every_schema_the_wsdl_names_is_served(plain: Office) -> None:
    waiting, seen = [f"{plain.url}?wsdl"], set[str]()
    while waiting:
        address = waiting.pop()
        seen.add(address)
        root = etree.fromstring(httpx.get(address, trust_env=False).content)
        named = {str(e.get("schemaLocation")) for e in root.iter("{*}import")}
        waiting += sorted(named - seen - set(waiting))
    assert len(seen) == 7
    assert httpx.get(f"{plain.url}?xsd=nothing", trust_env=False).status_code == 405


def test_over_tls_the_bound_certificate_alone_is_level_1(secure: Office) -> None:
    answer = secure.send(Message(before="<m:SecurityLevel>1</m:SecurityLevel>"))
    assert answer.status == 200, answer.body
    with secure.client() as client:
        text = client.get(f"{secure.url}?wsdl").text
    assert f'location="https://{secure.url.split("/")[2]}/soap/npn"' in text


def test_over_tls_the_bound_certificate_alone_draws_over_rest_too(secure: Office) -> None:
    draw = {"url": f"{secure.server.url}/v1/series", "json": {"count": 10}, "headers": {"Idempotency-Key": "by-cert"}}
    with secure.client() as client:
        drawn = client.post(**draw)  # type: ignore[arg-type]  # one call written twice
        assert (drawn.status_code, drawn.json()["system"]) == (201, "labka")
        assert client.get(f"{secure.server.url}/v1/me").json()["system"] == "labka"
        wrong = {"Authorization": "Bearer npn_labka_wrong"}
        assert client.get(f"{secure.server.url}/v1/me", headers=wrong).status_code == 401
    context = ssl.create_default_context(cafile=str(secure.folder / "ca.pem"))
    with httpx.Client(verify=context, trust_env=False) as stranger:
        assert stranger.post(**draw).status_code == 401  # type: ignore[arg-type]  # one call written twice


def test_over_tls_without_a_certificate_level_1_is_refused_and_level_2_is_not(secure: Office) -> None:
    context = ssl.create_default_context(cafile=str(secure.folder / "ca.pem"))
    with httpx.Client(verify=context, trust_env=False) as client:
        refused = client.post(secure.url, content=Message().bytes(), headers={"Content-Type": "text/xml"})
        assert b">security_level_failed<" in refused.content
        taken = client.post(secure.url, content=secure.message().bytes(), headers={"Content-Type": "text/xml"})
        assert taken.status_code == 200


def test_levels_2_to_4_go_over_http_and_tls(plain: Office, secure: Office) -> None:
    for office_ in (plain, secure):
        assert office_.send(office_.message()).status == 200
        for level in (3, 4):
            body = signed(Message(soap=SOAP_1_2), office_.pair, Card(KEY_NAME, level=level))
            assert office_.send(body, SOAP_1_2.media_type).status == 200


def test_the_log_names_message_flow_system_operation_and_result_and_no_secret(plain: Office) -> None:
    message = plain.message(draw_body(3), flow_id="flow-log")
    plain.send(message)
    plain.send(Message(credentials=plain_token("labka", "a-wrong-password")))
    until(lambda: message.message_id in plain.server.log.read_text("utf-8"))
    log = plain.server.log.read_text("utf-8")
    line = next(line for line in log.splitlines() if message.message_id in line)
    for part in ('"flow_id":"flow-log"', '"system":"labka"', '"operation":"GetAnalysisIdentifiers"', '"result":"ok"'):
        assert part in line
    assert plain.key.secret not in log
    assert "a-wrong-password" not in log


def explained(office_: Office, message: bytes, *, upload: bool = False) -> str:
    page = f"{office_.server.url}/soap/test"
    if upload:
        answer = httpx.post(page, files={"file": ("m.xml", message)}, data={"message": ""}, trust_env=False)
    else:
        answer = httpx.post(page, data={"message": message.decode()}, trust_env=False)
    assert answer.status_code == 200
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script" not in policy
    assert "<script" not in answer.text
    return re.sub(r"\s+", " ", answer.text)


@pytest.mark.parametrize("upload", [True, False], ids=["uploaded", "pasted"])
def test_the_test_page_explains_a_message_and_grants_nothing(plain: Office, upload: bool) -> None:  # noqa: FBT001  # a parameter of the test
    message = plain.message(draw_body(33, "test page"))
    shown = explained(plain, message.bytes(), upload=upload)
    for part in (
        "version 1.1",
        message.message_id,
        "sosi:AuthenticationLevel",
        "level 2",
        "33",
        "It would be answered",
    ):
        assert part in shown
    assert plain.key.secret not in shown
    assert "&lt;npn:FirstIdentifier&gt;" in shown
    would = re.search(r"FirstIdentifier&gt;(\d+)&lt;", shown)
    really = plain.send(message)
    assert would is not None
    assert really.one("FirstIdentifier") == would[1]


def test_the_test_page_says_where_a_message_stops(plain: Office) -> None:
    shown = explained(plain, plain.message(draw_body(0)).bytes())
    assert "processing_problem" in shown
    assert "HTTP 500" in shown
    shown = explained(plain, b"<broken")
    assert "not well-formed" in shown
    shown = explained(plain, plain.message(draw_body("<b>x</b>")).bytes())
    assert "<b>x</b>" not in shown
    assert "It stops here" in explained(plain, b"")


def test_the_test_page_releases_and_stores_nothing(plain: Office) -> None:
    drawn = plain.send(plain.message())
    first, last = drawn.one("FirstIdentifier"), drawn.one("LastIdentifier")
    message = plain.message(release_body(first, last))
    assert "&gt;released&lt;" in explained(plain, message.bytes())
    assert plain.send(plain.message(look_up_body(first))).one("State") == "granted"
    assert plain.send(message.but(body=look_up_body(first))).status == 200


def test_the_test_page_is_for_test_environments_only(secure: Office, tmp_path: Path) -> None:
    settings = Settings(database=f"sqlite:///{tmp_path / 'npn.db'}", witness=str(tmp_path / "w"))
    initialised(settings)
    with running(settings, tmp_path) as server:
        assert httpx.get(f"{server.url}/soap/test", trust_env=False).status_code == 404
        assert httpx.post(f"{server.url}/soap/test", data={"message": "x"}, trust_env=False).status_code == 404


def test_a_mapping_that_can_not_be_used_stops_the_start_with_one_line(tmp_path: Path) -> None:
    settings = Settings(database=f"sqlite:///{tmp_path / 'npn.db'}", witness=str(tmp_path / "w"))
    initialised(settings)
    (tmp_path / "npn.toml").write_text(f'soap_mapping = "{tmp_path}/absent.toml"\n')
    command = [NPN, "serve", "--port", "0", "--database", settings.database, "--witness", settings.witness]
    done = subprocess.run(
        [*command, "--config", str(tmp_path / "npn.toml")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "absent.toml" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_compressed_message_is_refused_with_the_reason(plain: Office) -> None:
    headers = {"Content-Type": "text/xml", "Content-Encoding": "gzip"}
    with plain.client() as client:
        answer = client.post(plain.url, content=gzip.compress(b"<x/>"), headers=headers)
    assert answer.status_code == 415
    assert b"Content-Encoding" in answer.content
    assert b"compressed" in answer.content
