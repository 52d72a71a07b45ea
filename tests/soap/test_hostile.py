"""Hostile XML: refused quickly, with a fault that says why, and nothing is granted."""

import time
import tracemalloc

import pytest
import sqlalchemy as sa
from desk import Desk

from messages import Message, draw_body
from npn.soap.names import SOAP_1_1, SOAP_1_2
from npn.soap.reading import LARGEST_BODY

ENVELOPE = SOAP_1_1.namespace
BOMB = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "ha"}">' for n in range(12))


def around(inside: str) -> bytes:
    return Message(body=inside).bytes()


HOSTILE = {
    "entity bomb": (
        f"<!DOCTYPE s [{BOMB}]>".encode() + Message(draw_body("&a11;")).bytes().partition(b"?>")[2],
        "document type",
    ),
    "quadratic bomb": (
        b'<!DOCTYPE s [<!ENTITY a "' + b"x" * 20_000 + b'">]><s>' + b"&a;" * 5_000 + b"</s>",
        "document type",
    ),
    "external entity": (
        b'<!DOCTYPE s [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
        + Message(draw_body("&a;")).bytes().partition(b"?>")[2],
        "document type",
    ),
    "external document type": (
        b'<!DOCTYPE s SYSTEM "http://192.0.2.1/x.dtd">' + Message().bytes().partition(b"?>")[2],
        "document type",
    ),
    "parameter entity": (b'<!DOCTYPE s [<!ENTITY % a SYSTEM "http://192.0.2.1/x">%a;]><s/>', "document type"),
    "document type hidden by a comment": (b"<!-- --><!DOCTYPE s><s/>", "document type"),
    "undeclared entity": (Message(draw_body("&nbsp;")).bytes(), "well-formed"),
    "XInclude": (
        around('<i:include xmlns:i="http://www.w3.org/2001/XInclude" href="file:///etc/passwd" parse="text"/>'),
        "XInclude",
    ),
    "XInclude, 2003": (around('<i:include xmlns:i="http://www.w3.org/2003/XInclude" href="/etc/passwd"/>'), "XInclude"),
    "processing instruction": (around("<a><?php echo 1?></a>"), "processing instructions"),
    "style sheet": (
        b'<?xml-stylesheet href="http://192.0.2.1/x.xsl"?>' + Message().bytes().partition(b"?>")[2],
        "processing instructions",
    ),
    "deep nesting": (around("<a>" * 60 + "</a>" * 60), "nested"),
    "very deep nesting": (b"<a>" * 20_000, "well-formed"),
    "many elements": (around("<a>" + "<b/>" * 5_000 + "</a>"), "elements"),
    "huge attribute": (around(f'<a b="{"x" * 40_000}"/>'), "attribute"),
    "many attributes": (around("<a " + " ".join(f'a{n}=""' for n in range(6_000)) + "/>"), "attributes"),
    "many namespaces": (around("<a " + " ".join(f'xmlns:a{n}="u{n}"' for n in range(3_000)) + "/>"), ""),
    "attribute twice": (around('<a b="1" b="2"/>'), "well-formed"),
    "duplicate ids": (around('<a id="x"><b Id="x"/></a>'), "same id"),
    "duplicate ids in two namespaces": (around('<a xmlns:u="urn:u" u:id="x"><b xml:id="x"/></a>'), "same id"),
    "not closed": (Message().bytes()[:-5], "well-formed"),
    "two roots": (Message().bytes() + b"<b/>", "well-formed"),
    "nothing": (b"", "well-formed"),
    "blanks": (b"   ", "well-formed"),
    "not XML": (b"GetAnalysisIdentifiers&count=10", "well-formed"),
    "JSON": (b'{"count": 10}', "well-formed"),
    "nul": (around("<a>\x00</a>"), ""),
    "control character": (around("<a>\x07</a>"), ""),
    "control reference": (around("<a>&#7;</a>"), "well-formed"),
    "surrogate reference": (around("<a>&#xD800;</a>"), "well-formed"),
    "too large": (around("<a>" + "x" * LARGEST_BODY + "</a>"), "larger"),
    "HTML": (b"<!doctype html><html></html>", "well-formed"),
    "another envelope": (b"<Envelope><Body/></Envelope>", "envelope"),
    "no body": (f'<s:Envelope xmlns:s="{ENVELOPE}"/>'.encode(), "Body"),
    "two bodies": (Message().bytes().replace(b"</s:Envelope>", b"<s:Body/></s:Envelope>"), "Body"),
    "two headers": (Message().bytes().replace(b"<s:Body>", b"<s:Header/><s:Body>"), "Body"),
    "header after the body": (f'<s:Envelope xmlns:s="{ENVELOPE}"><s:Body/><s:Header/></s:Envelope>'.encode(), "Header"),
    "text in the envelope": (Message().bytes().replace(b"<s:Body>", b"text<s:Body>"), "text"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_message_is_refused_quickly_and_with_the_reason(desk: Desk, name: str) -> None:
    body, reason = HOSTILE[name]
    started = time.perf_counter()
    refused = desk.send(body)
    took = time.perf_counter() - started
    assert refused.code == ("missing_required_header" if name == "?" else "syntax_error"), refused.body
    assert reason in refused.one("faultstring")
    assert b"root:" not in refused.body
    assert took < 1.0


def test_memory_stays_flat_whatever_is_sent(desk: Desk) -> None:
    for body, _ in HOSTILE.values():
        desk.send(body)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(5):
            for body, _ in HOSTILE.values():
                desk.send(body)
        after, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before < 500_000
    assert most - before < 20_000_000


@pytest.mark.parametrize(
    ("encoding", "declared", "content_type", "good"),
    [
        ("utf-8", "UTF-8", "text/xml; charset=utf-8", True),
        ("utf-8", "UTF-8", 'text/xml; charset="UTF-8"', True),
        ("utf-8-sig", "UTF-8", "text/xml", True),
        ("utf-8", None, "text/xml", True),
        ("utf-16", "UTF-16", "text/xml; charset=utf-16", True),
        ("utf-16", "UTF-16", "text/xml", True),
        ("iso-8859-1", "ISO-8859-1", "text/xml; charset=iso-8859-1", True),
        ("iso-8859-1", "ISO-8859-1", "text/xml", True),
        ("cp1252", "windows-1252", "text/xml", True),
        ("iso-8859-1", None, "text/xml", False),
        ("iso-8859-1", "UTF-8", "text/xml", False),
        ("utf-8", "ISO-8859-1", "text/xml; charset=utf-8", True),
        ("utf-8", "utf-16", "text/xml; charset=utf-8", True),
        ("utf-8", "utf-16", 'application/xml; odata=verbose; Charset="UTF-8"', True),
        ("utf-8-sig", "utf-16", "text/xml", True),
        ("utf-8", "x-unknown", "text/xml; charset=utf-8", True),
        ("utf-8-sig", "UTF-8", "text/xml; charset=x-unknown", True),
        ("utf-16-le", "UTF-16", "text/xml; charset=utf-16le", True),
        ("utf-16-be", "UTF-8", "text/xml; charset=UTF-16BE", True),
        ("utf-16", "UTF-8", "text/xml; charset=utf-8", True),
        ("iso-8859-1", "UTF-8", "text/xml; charset=iso-8859-1", True),
        ("iso-8859-1", "UTF-8", "text/xml; charset=utf-8", False),
        ("utf-8", "utf-16", "text/xml", False),
        ("utf-16-le", "UTF-16", "text/xml; charset=utf-16", False),
        ("utf-16", "UTF-8", "text/xml", True),
        ("utf-8-sig", "UTF-8", "text/xml; charset=utf-16", True),
        ("utf-7", "UTF-7", "text/xml; charset=utf-7", False),
        ("cp037", "IBM037", "text/xml", False),
        ("utf-32", "UTF-32", "text/xml", False),
        ("utf-8", "x-unknown", "text/xml", False),
    ],
)
def test_a_byte_order_mark_outranks_the_header_and_that_the_declaration(  # noqa: PLR0917  # what pytest hands over
    desk: Desk,
    encoding: str,
    declared: str | None,
    content_type: str,
    good: bool,  # noqa: FBT001  # as above
) -> None:
    declaration = "" if declared is None else f'<?xml version="1.0" encoding="{declared}"?>'
    text = declaration + desk.message(draw_body(3, "prøvenumre")).text().partition("?>")[2]
    answer = desk.send(text.encode(encoding), content_type=content_type)
    assert (answer.status == 200) is good, answer.body
    if not good:
        assert answer.code == "syntax_error"
        return
    with desk.service.database.read() as connection:
        drawn = sa.text("SELECT purpose FROM live_range WHERE id = :id")
        assert connection.scalar(drawn, {"id": answer.one("SeriesIdentifier")}) == "prøvenumre"


@pytest.mark.parametrize(
    "content_type", ["", "application/json", "multipart/related; type=text/xml", "text/plain", "xml", "text/html"]
)
def test_another_content_type_is_refused(desk: Desk, content_type: str) -> None:
    refused = desk.send(desk.message(), content_type=content_type)
    assert (refused.status, refused.code) == (415, "syntax_error")


def test_a_fault_of_soap_1_2_is_seen_even_where_the_message_can_not_be_read(desk: Desk) -> None:
    refused = desk.send(b"<broken", content_type=SOAP_1_2.media_type)
    assert refused.root.tag == f"{{{SOAP_1_2.namespace}}}Envelope"
    assert refused.status == 400


def test_what_a_caller_wrote_comes_back_as_text_only(desk: Desk) -> None:
    refused = desk.send(desk.message(message_id="a&amp;b&lt;c", flow_id='"&gt;', body=draw_body("x")))
    assert refused.one("InResponseToMessageID") == "a&b<c"
    assert refused.one("FlowID") == '">'
