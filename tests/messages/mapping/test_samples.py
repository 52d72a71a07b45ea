"""MedCom's own pairs: each is the same message twice, and each is carried to the other exactly."""

from pathlib import Path

import pytest
from lxml import etree
from tests.messages.schemas import MEDCOM, NEEDS_SHARED

from npn.messages import Severity, Syntax, convert, read, validate

pytestmark = NEEDS_SHARED
EDIFACT = sorted((MEDCOM / "samples" / "edifact").glob("*.edi"))
XML = sorted((MEDCOM / "samples" / "xml").glob("*.xml"))


def canonical(data: bytes) -> bytes:
    """The document without blank text and comments, in canonical form."""
    parser = etree.XMLParser(remove_blank_text=True, remove_comments=True)
    return etree.tostring(etree.fromstring(data, parser), method="c14n", exclusive=True)


def partner(path: Path) -> bytes:
    """The same message in XML."""
    return (MEDCOM / "samples" / "xml" / f"{path.stem}.xml").read_bytes()


@pytest.mark.parametrize("path", EDIFACT, ids=lambda path: path.stem)
@pytest.mark.parametrize("as_peer", [False, True], ids=["right", "as_peer"])
def test_edifact_becomes_exactly_its_partner(path: Path, *, as_peer: bool) -> None:
    made = convert(read(path.read_bytes(), as_peer=as_peer), Syntax.XML, as_peer=as_peer)
    assert made.data is not None
    assert made.findings == ()
    assert canonical(made.data) == canonical(partner(path))


@pytest.mark.parametrize("path", EDIFACT, ids=lambda path: path.stem)
@pytest.mark.parametrize("as_peer", [False, True], ids=["right", "as_peer"])
def test_xml_becomes_exactly_its_partner(path: Path, *, as_peer: bool) -> None:
    made = convert(read(partner(path)), Syntax.EDIFACT, as_peer=as_peer)
    assert made.findings == ()
    assert made.data == path.read_bytes().replace(b"\r", b"").replace(b"\n", b"")


@pytest.mark.parametrize("as_peer", [False, True], ids=["right", "as_peer"])
def test_an_answer_with_kommentar_over_a_finding_goes_there_and_back(*, as_peer: bool) -> None:
    original = (MEDCOM / "samples" / "xml" / "RPT02_1.xml").read_bytes()
    there = convert(read(original), Syntax.EDIFACT, as_peer=as_peer)
    assert there.findings == ()
    back = convert(read(there.data or b"", as_peer=as_peer), Syntax.XML, as_peer=as_peer)
    assert canonical(back.data or b"") == canonical(original)


@pytest.mark.parametrize("path", EDIFACT, ids=lambda path: path.stem)
def test_there_and_back_is_the_same(path: Path) -> None:
    there = convert(read(path.read_bytes()), Syntax.XML).data or b""
    back = convert(read(there), Syntax.EDIFACT).data
    assert back == path.read_bytes().replace(b"\r", b"").replace(b"\n", b"")


@pytest.mark.parametrize("path", [*EDIFACT, *XML], ids=lambda path: path.name)
def test_the_verdict_is_what_the_name_says(path: Path) -> None:
    errors = [each for each in validate(read(path.read_bytes())) if each.severity is Severity.ERROR]
    assert bool(errors) is path.stem.endswith("invalid")


@pytest.mark.parametrize("path", EDIFACT, ids=lambda path: path.stem)
def test_line_breaks_anywhere_change_nothing(path: Path) -> None:
    data = path.read_bytes().replace(b"\r", b"").replace(b"\n", b"")
    broken = data[:9] + b"\r\n".join(data[at : at + 37] for at in range(9, len(data), 37))
    assert canonical(convert(read(broken), Syntax.XML).data or b"") == canonical(partner(path))


@pytest.mark.parametrize(
    "path", [each for each in XML if not each.stem.endswith("invalid")], ids=lambda path: path.stem
)
@pytest.mark.parametrize("encoding", ["UTF-8", "ISO-8859-1", "windows-1252"])
def test_every_encoding_says_the_same(path: Path, encoding: str) -> None:
    data = etree.tostring(etree.fromstring(path.read_bytes()), encoding=encoding, xml_declaration=True)
    rewritten = convert(read(data), Syntax.XML)
    assert rewritten.data is not None
    assert canonical(rewritten.data) == canonical(path.read_bytes())
