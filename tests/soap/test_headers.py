"""Every DGWS fault code with a sample, and the header's members one by one."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
import structlog
from desk import Desk

from messages import KEY_NAME, Card, Message, Pair, draw_body, now, password_card, plain_token, release_body, signed
from npn.errors import FaultCode
from npn.soap.names import DGWS_1_0, DS, SOAP_1_1, SOAP_1_2, SOAPS, WSSE, Soap


def sample(desk: Desk, code: FaultCode, soap: Soap) -> Message | bytes:
    """A message that is answered with this fault."""
    old = now() - timedelta(days=2)
    key, pair = desk.keys["labka"], desk.pairs["labka"]
    whole = desk.message(soap=soap)
    samples: dict[FaultCode, Message | bytes] = {
        FaultCode.SYNTAX_ERROR: whole.but(body=draw_body("many")),
        FaultCode.MISSING_REQUIRED_HEADER: whole.but(medcom=""),
        FaultCode.SECURITY_LEVEL_FAILED: whole.but(credentials=""),
        FaultCode.INVALID_USERNAME_PASSWORD: whole.but(credentials=password_card("labka", "wrong")),
        FaultCode.INVALID_SIGNATURE: signed(Message(soap=soap), pair).replace(b"card-1", b"card-2"),
        FaultCode.INVALID_IDCARD: whole.but(credentials=password_card("labka", key.secret, version="9")),
        FaultCode.INVALID_CERTIFICATE: signed(Message(soap=soap), Pair.make("stranger")),
        FaultCode.EXPIRED_IDCARD: whole.but(credentials=password_card("labka", key.secret, begins=old)),
        FaultCode.NOT_AUTHORIZED: desk.message(release_body(*_numbers_of_another(desk)), soap=soap),
        FaultCode.NONREPUDIATION_NOT_SUPPORTED: whole.but(
            header="<m:RequireNonRepudiationReceipt>yes</m:RequireNonRepudiationReceipt>"
        ),
        FaultCode.SIGNATURE_NOT_SUPPORTED: whole.but(credentials=f'<ds:Signature xmlns:ds="{DS}"/>'),
        FaultCode.PROCESSING_PROBLEM: whole.but(body=draw_body(0)),
        FaultCode.INVALID_DATE_TIMEZONE: whole.but(created="2026-01-31T12:00:00+01:00"),
    }
    return samples[code]


def _numbers_of_another(desk: Desk) -> tuple[str, str]:
    theirs = desk.send(desk.message(by="bcc"))
    return theirs.one("FirstIdentifier"), theirs.one("LastIdentifier")


SERVERS = (FaultCode.NONREPUDIATION_NOT_SUPPORTED, FaultCode.SIGNATURE_NOT_SUPPORTED)


@pytest.mark.parametrize("soap", SOAPS, ids=lambda s: s.version)
@pytest.mark.parametrize("code", [c for c in FaultCode if c is not FaultCode.ILLEGAL_HTTP_METHOD])
def test_every_fault_code_has_its_sample(desk: Desk, code: FaultCode, soap: Soap) -> None:
    """The one that is left, for another HTTP method, is tested with the running service."""
    message = sample(desk, code, soap)
    refused = desk.send(message, content_type=soap.media_type)
    assert refused.code == code.value
    server = code in SERVERS
    if soap is SOAP_1_2:
        assert refused.status == (500 if server else 400)
        assert refused.one("Value") == ("soap:Receiver" if server else "soap:Sender")
        assert refused.one("Text")
    else:
        assert refused.status == 500
        assert refused.one("faultcode") == ("soap:Server" if server else "soap:Client")
        assert refused.one("faultstring")
    if isinstance(message, Message) and code is not FaultCode.MISSING_REQUIRED_HEADER:
        assert refused.one("InResponseToMessageID") == message.message_id


@pytest.mark.parametrize(
    "header",
    [
        "<m:FlowStatus>flow_running</m:FlowStatus>",
        "<m:FlowStatus>flow_finalized_succesfully</m:FlowStatus>",
        "<m:Priority>AKUT</m:Priority>",
        "<m:Priority>HASTER</m:Priority>",
        "<m:Priority>RUTINE</m:Priority>",
        "<m:RequireNonRepudiationReceipt>no</m:RequireNonRepudiationReceipt>",
        "<m:TimeOut>5</m:TimeOut>",
        "<m:TimeOut>unbound</m:TimeOut>",
        "<!-- a comment -->",
    ],
)
def test_what_dgws_knows_is_accepted(desk: Desk, header: str) -> None:
    assert desk.send(desk.message(header=header)).status == 200


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("<m:FlowStatus>flow_finalized_successfully</m:FlowStatus>", "FlowStatus"),
        ("<m:Priority>SNART</m:Priority>", "Priority"),
        ("<m:RequireNonRepudiationReceipt>maybe</m:RequireNonRepudiationReceipt>", "RequireNonRepudiationReceipt"),
        ("<m:TimeOut>7</m:TimeOut>", "TimeOut"),
        ("<m:SecurityLevel>0</m:SecurityLevel>", "SecurityLevel"),
        ("<m:Priority>AKUT</m:Priority><m:Priority>AKUT</m:Priority>", "Priority"),
        ("<m:Urgency>AKUT</m:Urgency>", "Urgency"),
        (f'<x:Priority xmlns:x="{DGWS_1_0}">AKUT</x:Priority>', "Priority"),
        ("<m:Priority><b>AKUT</b></m:Priority>", ""),
    ],
)
def test_what_dgws_does_not_know_is_refused_with_the_field(desk: Desk, header: str, field: str) -> None:
    refused = desk.send(desk.message(header=header))
    assert (refused.code, (refused.all("Field") or [""])[0]) == ("syntax_error", field)


@pytest.mark.parametrize(
    "changed",
    [
        {"medcom": ""},
        {"medcom": '<m:Header xmlns:m="http://www.medcom.dk/dgws/2006/04/dgws-1.0.xsd"/>'},
        {"message_id": ""},
        {"security": ""},
        {"security": f'<wsse:Security xmlns:wsse="{WSSE}"/>'},
    ],
)
def test_a_missing_header_is_named(desk: Desk, changed: dict[str, str]) -> None:
    refused = desk.send(desk.message(**changed))
    assert refused.code == "missing_required_header"
    assert refused.one("Field")


@pytest.mark.parametrize("message_id", ["x" * 129, "with space", "æ", "a\tb"])
def test_a_message_id_that_is_none_is_refused(desk: Desk, message_id: str) -> None:
    assert desk.send(desk.message(message_id=message_id)).code == "syntax_error"


def test_a_header_that_must_be_understood_and_is_not_is_refused(desk: Desk) -> None:
    def with_block(must: str) -> bytes:
        block = f'<x:Route xmlns:x="urn:x" s:mustUnderstand="{must}"/></s:Header>'
        return desk.message().bytes().replace(b"</s:Header>", block.encode())

    assert desk.send(with_block("0")).status == 200
    refused = desk.send(with_block("1"))
    assert (refused.one("faultcode"), refused.code) == ("soap:MustUnderstand", "syntax_error")


def test_another_soap_version_is_a_version_mismatch(desk: Desk) -> None:
    other = desk.message().bytes().replace(b"http://schemas.xmlsoap.org/soap/envelope/", b"urn:soap:9")
    assert desk.send(other).one("faultcode") == "soap:VersionMismatch"


def test_the_log_has_what_dgws_asks_for_and_no_password(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    structlog.reset_defaults()
    key = desk.keys["labka"]
    messages = [
        desk.message(flow_id="flow-9"),
        Message(credentials=plain_token("labka", str(key))),
        Message(credentials=plain_token("labka", f"{key.secret}x")),
        Message(credentials=Card(KEY_NAME, level=3).text()),
    ]
    for message in messages:
        desk.send(message)
    said = capsys.readouterr().out
    for part in ("message_id=", "flow_id=flow-9", "system=labka", "operation=GetAnalysisIdentifiers", "result=ok"):
        assert part in said
    assert "result=invalid_username_password" in said
    assert "received_at=" in said
    assert key.secret not in said
    assert json.dumps(key.secret)[1:-1] not in said


def test_every_fault_code_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "reference" / "errors.md").read_text("utf-8")
    legacy = page.partition("## Legacy web service")[2]
    assert [code for code in FaultCode if f"| `{code.value}` |" not in legacy] == []


@pytest.mark.parametrize(
    ("soap", "meant", "status"),
    [
        (SOAP_1_1, 'actor="http://schemas.xmlsoap.org/soap/actor/next"', 500),
        (SOAP_1_1, 'actor="urn:another:node"', 200),
        (SOAP_1_2, 'role="http://www.w3.org/2003/05/soap-envelope/role/ultimateReceiver"', 500),
        (SOAP_1_2, 'role="http://www.w3.org/2003/05/soap-envelope/role/none"', 200),
    ],
)
def test_a_header_for_another_node_need_not_be_understood(desk: Desk, soap: Soap, meant: str, status: int) -> None:
    block = f'<x:Route xmlns:x="urn:x" s:mustUnderstand="1" s:{meant}/></s:Header>'
    sent = desk.message(soap=soap).bytes().replace(b"</s:Header>", block.encode())
    assert desk.send(sent, content_type=soap.media_type).status == status
