"""Every answer and every fault validates against the schemas of DGWS, and ours say what those say."""

from pathlib import Path

import pytest
from desk import Desk
from lxml import etree
from test_headers import sample

from messages import Message, draw_body, look_up_body, release_body, signed
from npn.errors import FaultCode
from npn.soap.mapping import read_mapping
from npn.soap.names import DGWS, DGWS_1_0, SOAPS, WSSE, Soap
from npn.soap.wsdl import schema, wsdl

ADDRESS = "http://npn.example/soap/npn"


@pytest.fixture(scope="module")
def official(shared: Path) -> dict[str, etree.XMLSchema]:
    folder = shared / "data" / "dgws"
    names = {DGWS_1_0: "medcom.xsd", DGWS[1]: "medcom-1.0.1.xsd", WSSE: "wsse.xsd"}
    return {namespace: etree.XMLSchema(file=str(folder / name)) for namespace, name in names.items()}


def check(body: bytes, official: dict[str, etree.XMLSchema], ours: etree.XMLSchema | None) -> None:
    root = etree.fromstring(body)
    header, content = root[0], root[1][0]
    assert [etree.QName(block).localname for block in header] == ["Security", "Header"]
    for block in header:
        official[etree.QName(block).namespace or ""].assertValid(block)
    for code in content.iter("{*}FaultCode"):
        official[etree.QName(code).namespace or ""].assertValid(code)
    if ours is not None:
        ours.assertValid(content)


def body_schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.fromstring((schema("body", read_mapping(""), ADDRESS) or "").encode()))


@pytest.mark.parametrize("soap", SOAPS, ids=lambda s: s.version)
@pytest.mark.parametrize("dgws", DGWS)
def test_every_answer_validates(desk: Desk, official: dict[str, etree.XMLSchema], soap: Soap, dgws: str) -> None:
    ours = body_schema()
    drawn = desk.send(desk.message(draw_body(20), soap=soap, dgws=dgws))
    first, last = drawn.one("FirstIdentifier"), drawn.one("LastIdentifier")
    bodies = [look_up_body(first), look_up_body("8999999999"), look_up_body("1000000001"), release_body(first, last)]
    answers = [drawn, *(desk.send(desk.message(body, soap=soap, dgws=dgws)) for body in bodies)]
    answers.append(desk.send(desk.message(flow_id=None, soap=soap, dgws=dgws)))
    for answer in answers:
        assert answer.status == 200
        check(answer.body, official, ours)


@pytest.mark.parametrize("soap", SOAPS, ids=lambda s: s.version)
@pytest.mark.parametrize("code", [c for c in FaultCode if c is not FaultCode.ILLEGAL_HTTP_METHOD])
def test_every_fault_validates(desk: Desk, official: dict[str, etree.XMLSchema], code: FaultCode, soap: Soap) -> None:
    answer = desk.send(sample(desk, code, soap), content_type=soap.media_type)
    assert answer.code == code.value
    check(answer.body, official, None)


def test_a_fault_before_there_was_a_message_id_validates_too(desk: Desk, official: dict[str, etree.XMLSchema]) -> None:
    check(desk.send(b"<broken").body, official, None)


def test_the_tests_own_messages_are_good_dgws(desk: Desk, official: dict[str, etree.XMLSchema]) -> None:
    for dgws in DGWS:
        root = etree.fromstring(Message(dgws=dgws).bytes())
        for block in root[0]:
            official[etree.QName(block).namespace or ""].assertValid(block)
    root = etree.fromstring(signed(Message(), desk.pairs["labka"], algorithm="sha1"))
    security = root[0][0]
    for element in security.iter("{*}SignatureValue", "{*}DigestValue", "{*}X509Certificate"):
        element.text = "".join((element.text or "").split())
    official[WSSE].assertValid(security)


@pytest.mark.parametrize("name", ["dgws-1.0", "dgws-1.0.1"])
def test_our_header_schema_takes_what_the_official_one_takes(shared: Path, name: str) -> None:
    file = shared / "data" / "dgws" / ("medcom.xsd" if name == "dgws-1.0" else "medcom-1.0.1.xsd")
    theirs = etree.parse(str(file)).getroot()
    ours = etree.fromstring((schema(name, read_mapping(""), ADDRESS) or "").encode())
    assert ours.get("targetNamespace") == theirs.get("targetNamespace")

    def elements(root: etree._Element) -> set[str | None]:
        return {e.get("name") for e in root.findall("{*}element")}

    def values(root: etree._Element) -> set[str | None]:
        return {e.get("value") for e in root.iter("{*}enumeration")}

    assert elements(ours) >= elements(theirs)
    assert values(ours) == values(theirs)


@pytest.mark.parametrize("name", ["body", "dgws-1.0", "dgws-1.0.1", "wsse", "wsu", "saml", "problem"])
def test_every_schema_that_is_served_is_one(name: str, tmp_path: Path) -> None:
    for known in ("body", "dgws-1.0", "dgws-1.0.1", "wsse", "wsu", "saml", "problem"):
        text = schema(known, read_mapping(""), str(tmp_path))
        assert text is not None
        (tmp_path / known).write_text(text.replace(f"{tmp_path}?xsd=", f"{tmp_path}/"), "utf-8")
    etree.XMLSchema(file=str(tmp_path / name))


def test_there_is_no_schema_of_another_name() -> None:
    for name in ("", "../mapping.toml", "dgws", "wsse.xsd"):
        assert schema(name, read_mapping(""), ADDRESS) is None


def test_the_wsdl_names_both_bindings_at_the_address_used() -> None:
    for dgws, namespace in (("dgws-1.0", DGWS_1_0), ("dgws-1.0.1", DGWS[1])):
        root = etree.fromstring(wsdl(read_mapping(""), ADDRESS, dgws=dgws).encode())
        assert [e.get("location") for e in root.iter("{*}address")] == [ADDRESS, ADDRESS]
        assert root.nsmap["medcom"] == namespace
        assert len(list(root.iter("{http://schemas.xmlsoap.org/wsdl/}binding"))) == 2


@pytest.mark.parametrize("name", ["dgws-1.0", "dgws-1.0.1"])
def test_the_wsdl_declares_what_a_faults_detail_holds(desk: Desk, name: str) -> None:
    root = etree.fromstring(wsdl(read_mapping(""), ADDRESS, dgws=name).encode())
    space = {"w": "http://schemas.xmlsoap.org/wsdl/"}
    elements = {
        message.get("name"): message.find("w:part", space).get("element")  # type: ignore[union-attr]  # each has one
        for message in root.findall("w:message", space)
    }
    operations = root.findall("w:portType/w:operation", space)
    bound = root.findall("w:binding/w:operation", space)
    assert (len(operations), len(bound)) == (3, 6)
    for operation in operations:
        declared = [str(fault.get("message")).removeprefix("tns:") for fault in operation.findall("w:fault", space)]
        assert [elements[fault] for fault in declared] == ["medcom:FaultCode", "problem:Problem"]
    for operation in bound:
        assert [fault.get("name") for fault in operation.findall("w:fault", space)] == ["DgwsFault", "ProblemFault"]
    refused = desk.send(desk.message(draw_body(0)))
    detail = next(etree.fromstring(refused.body).iter("detail"))
    assert [etree.QName(child).localname for child in detail] == ["FaultCode", "Problem"]
    assert "NumberOfIdentifiers is 0" in refused.one("faultstring")
