"""Messages over REST: as the command prints, within limits, over TLS or loopback, by whose rate."""

import json
import subprocess
from email.parser import BytesParser
from urllib.parse import quote
from xml.etree.ElementTree import fromstring

import httpx
import pytest

from house import House
from npn.messages import convert, write
from npn.messages.examples import example
from npn.messages.examples.samples import changed
from running import NPN

EDIFACT = {"Content-Type": "application/edifact"}
XML = {"Content-Type": "application/xml"}
BYTES = {"Content-Type": "application/octet-stream"}
NUMBER = "RequisitionInformation/Sample/RequesterSampleIdentifier"
ANSWER = example("XR0131K")
SENT = write(ANSWER, "edifact")
WRONG = SENT.replace(b"UNT+", b"UNT+9")


def send(house: House, path: str, body: bytes, **more: object) -> httpx.Response:
    return house.ask("POST", f"/v1/messages/{path}", content=body, **{"by": "labka", "headers": BYTES, **more})


def printed(command: str, *options: str, data: bytes) -> object:
    """What the command line prints of the same bytes."""
    line = [NPN, "message", command, "--json", *options, "-"]
    done = subprocess.run(line, input=data, capture_output=True, check=False)
    return json.loads(done.stdout)


@pytest.mark.parametrize("data", [SENT, WRONG, write(ANSWER, "xml"), b"", b"\x00\xff", b"<a/>"], ids=range(6))
def test_the_answers_are_what_the_commands_print(house: House, data: bytes) -> None:
    inspected, checked = send(house, "inspect", data), send(house, "validate", data)
    assert inspected.json() == printed("inspect", data=data)
    assert checked.json() == printed("validate", data=data)
    assert {answer.headers["cache-control"] for answer in (inspected, checked)} == {"no-store"}


def test_options_are_the_commands(house: House) -> None:
    few = send(house, "validate?rules=date,result.comma&limit=1", SENT).json()
    assert few == printed("validate", "--rules", "date,result.comma", "--limit", "1", data=SENT)


def test_the_schemes_are_the_commands_several_with_semicolons(house: House) -> None:
    flagged = write(changed("XQ0131K", {NUMBER: "95100000809965"}), "xml")
    for names in (("npn14",), ("npn10", "npn14"), ("12:1,2,3,4,5,6,7,8,9,1,2,3", "npn10")):
        query, options = quote(";".join(names)), [part for name in names for part in ("--scheme", name)]
        assert send(house, f"validate?scheme={query}", flagged).json() == printed("validate", *options, data=flagged)
        assert send(house, f"inspect?scheme={query}", flagged).json() == printed("inspect", *options, data=flagged)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("validate?rules=none.such", "rules"),
        ("validate?limit=0", "limit"),
        ("validate?limit=", "limit"),
        ("validate?format=", "format"),
        ("convert?to=xml&force=", "force"),
        ("convert?to=", "to"),
        ("inspect?lang=", "lang"),
        ("validate?limit=٣", "limit"),
        ("validate?scheme=other", "scheme"),
        ("validate?format=pdf", "format"),
        ("validate?show_persons=true", "show_persons"),
        ("convert", "to"),
        ("convert?to=json", "to"),
        ("convert?to=xml&force=1", "force"),
        ("view?for=me", "for"),
        ("validate?scheme=npn10;14:1,2", "scheme"),
        ("inspect?scheme=9", "scheme"),
        ("inspect?lang=sv", "lang"),
        ("inspect?other=1", "other"),
    ],
)
def test_a_wrong_option_is_named(house: House, query: str, field: str) -> None:
    answer = send(house, query, SENT)
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["field"]) == (422, "invalid_parameter", field)


def test_a_message_is_converted_and_its_losses_are_told(house: House) -> None:
    expected = convert(ANSWER, "edifact")
    answer = send(house, "convert?to=edifact", write(ANSWER, "xml"), headers=XML)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/edifact")
    assert answer.content == expected.data
    report = send(house, "convert/report?to=edifact", write(ANSWER, "xml")).json()
    assert report["written"] is True
    assert [loss["rule"] for loss in report["losses"]] == [loss.rule for loss in expected.losses]


def test_the_report_and_the_message_come_in_one_answer(house: House) -> None:
    answer = send(house, "convert?to=xml", SENT, headers={**EDIFACT, "Accept": "multipart/mixed"})
    assert answer.status_code == 200
    head = f"Content-Type: {answer.headers['content-type']}\r\n\r\n".encode()
    report, message = BytesParser().parsebytes(head + answer.content).get_payload()
    assert json.loads(report.get_payload(decode=True))["written"] is True  # type: ignore[union-attr]  # a part
    assert message.get_payload(decode=True).startswith(b"<?xml")  # type: ignore[union-attr]  # a part


def test_a_message_is_written_in_another_version_and_a_loss_needs_consent(house: House) -> None:
    data = write(example("XQ0131K"), "xml").replace(b"XQ0131K", b"XQ0132K")
    answer = send(house, "bridge?to=XQ0131K", data, headers=XML)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/xml")
    assert b"<VersionCode>XQ0131K" in answer.content
    more = data.replace(b"<Patient>", b"<Ekstra>x</Ekstra><Patient>")
    refused = send(house, "bridge?to=XQ0131K", more)
    assert (refused.status_code, refused.json()["code"]) == (422, "message_not_converted")
    assert send(house, "bridge?to=XQ0131K&consent=Ekstra", more).status_code == 200
    report = send(house, "bridge?to=XQ0131K", more, headers={**XML, "Accept": "application/json"}).json()
    assert [(loss["rule"], loss["weight"]) for loss in report["losses"]] == [("Ekstra", "lost_to_reader")]
    wrong = send(house, "bridge?to=XQ0999K", data).json()
    assert (wrong["code"], wrong["field"]) == ("invalid_parameter", "to")


def test_a_message_with_errors_is_not_converted_unless_it_is_forced(house: House) -> None:
    answer = send(house, "convert?to=xml", WRONG)
    assert (answer.status_code, answer.json()["code"]) == (422, "message_not_converted")
    both = send(house, "convert?to=xml", WRONG, headers={**EDIFACT, "Accept": "multipart/mixed"})
    assert both.status_code == 422
    assert b'"written":false' in both.content
    assert send(house, "convert/report?to=xml", WRONG).json()["errors"][0]["rule"] == "edifact.unt-count"
    assert send(house, "convert?to=xml&force=true", WRONG).content.startswith(b"<?xml")


def test_a_page_is_made_that_runs_nothing(house: House) -> None:
    page = send(house, "view?for=citizen&lang=en", SENT)
    assert page.status_code == 200
    assert '<html lang="en">' in page.text
    assert "sandbox" in page.headers["content-security-policy"]


def test_several_interchanges_are_checked_and_neither_converted_nor_shown(house: House) -> None:
    assert len(send(house, "inspect", SENT + SENT).json()["interchanges"]) == 2
    for path in ("convert?to=xml", "view?for=clinician"):
        assert send(house, path, SENT + SENT).json()["code"] == "message_not_fit"


def test_a_build_server_gets_its_own_form(house: House) -> None:
    asked, accepted = (
        send(house, "validate?format=junit&lang=da", WRONG),
        send(house, "validate?lang=da", WRONG, headers={**EDIFACT, "Accept": "application/xml"}),
    )
    assert asked.content == accepted.content
    suites = fromstring(asked.content)  # noqa: S314  # our own
    failures = suites.findall(".//failure")
    assert len(failures) == int(suites.get("failures", "")) == 1
    assert failures[0].get("type") == "edifact.unt-count"
    assert "segmenter" in failures[0].get("message", "")


def test_only_messages_are_taken(house: House) -> None:
    for media in ("application/json", "application/x-www-form-urlencoded", ""):
        answer = send(house, "inspect", SENT, headers={"Content-Type": media})
        assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")
    packed = send(house, "inspect", SENT, headers={**BYTES, "Content-Encoding": "gzip"})
    assert packed.json()["field"] == "Content-Encoding"


def test_five_mebibytes_are_taken_and_no_byte_more(house: House) -> None:
    most = 5 << 20
    assert send(house, "inspect", b"A" * most).status_code == 200
    answer = send(house, "inspect", b"A" * (most + 1))
    assert (answer.status_code, answer.json()["code"]) == (413, "message_too_large")
    chunked = send(house, "inspect", iter([b"A" * most, b"A"]))  # type: ignore[arg-type]  # a body of no known length
    assert (chunked.status_code, chunked.json()["code"]) == (413, "message_too_large")


def test_a_wrong_key_is_refused_though_nobody_needs_one(house: House) -> None:
    assert send(house, "inspect", SENT, by="").status_code == 200
    assert send(house, "inspect", SENT, by="gone").status_code == 401


def test_nothing_of_a_message_is_logged(house: House) -> None:
    send(house, "validate", SENT.replace(b"UNB+", b"UNB+SECRETWORD"))
    send(house, "convert?to=xml", b"SECRETWORD")
    assert "SECRETWORD" not in house.server.log.read_text("utf-8")
