"""VANSEnvelopes and binary letters as the commands show them."""

import json
from base64 import b64encode
from pathlib import Path

import pytest
from tests.cli.test_message import npn
from tests.messages.letters import least

from npn.messages import convert, read, read_all, validate
from npn.messages.examples import example
from npn.messages.oioxml.writing import write
from npn.messages.verdicts import Verdict, verdict_of

SENDER, RECEIVER = "5790000120284", "5790000125012"


@pytest.fixture(params=["xml", "edifact"])
def wrapped(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A message in one syntax, and the envelope round it."""
    data = write(example("XQ0131K"))
    if request.param == "edifact":
        data = convert(example("XQ0131K"), "edifact").data or b""
    (tmp_path / "message.txt").write_bytes(data)
    made = npn(
        "wrap", tmp_path / "message.txt", "--sender", SENDER, "--receiver", RECEIVER, "-o", tmp_path / "envelope.xml"
    )
    assert made.returncode == 0, made.stderr
    return tmp_path / "envelope.xml"


def test_every_command_opens_an_envelope(wrapped: Path) -> None:
    bare = wrapped.parent / "message.txt"
    assert npn("validate", wrapped).returncode == 0
    document = json.loads(npn("inspect", "--json", wrapped).stdout)["interchanges"][0]
    inside = json.loads(npn("inspect", "--json", bare).stdout)["interchanges"][0]
    vans = document.pop("vans")
    assert inside.pop("vans") is None
    assert document == inside
    assert (vans["sender"], vans["receiver"], vans["size_in_bytes"]) == (SENDER, RECEIVER, str(bare.stat().st_size))
    assert vans["name"].removeprefix("MCM:").removeprefix("X") == "REQ01"
    assert f"from {SENDER} to {RECEIVER}" in npn("inspect", wrapped).stdout.decode()
    for command in (("convert", "--to", "edifact"), ("convert", "--to", "xml"), ("view", "--for", "clinician")):
        assert npn(command[0], wrapped, *command[1:]).stdout == npn(command[0], bare, *command[1:]).stdout


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        (b"<SizeInBytes>", b"<SizeInBytes>9", "vans.size"),
        (b"REQ01</Name>", b"RPT01</Name>", "vans.name"),
        (b"Q0131K</Version>", b"Q0130K</Version>", "vans.version"),
        (b"<Format>", b"<Format>HL7 ", "vans.format"),
        (b"envelope:1.0.4", b"envelope:1.0.5", "vans.namespace"),
        (b"<EnvelopeIdentifier>", b"<EnvelopeIdentifier>x", "vans.identifier"),
        (b"<Data>", b"<Data>!", "vans.data"),
        (b"Data>", b"NoData>", "vans.data"),
    ],
)
def test_what_the_envelope_says_is_compared_with_the_message(wrapped: Path, old: bytes, new: bytes, rule: str) -> None:
    data = wrapped.read_bytes()
    assert old in data
    rules = [finding.rule for finding in validate(read(data.replace(old, new))) if finding.severity != "info"]
    assert rule in rules
    assert [name for name in rules if name.startswith("vans.")] == [rule]


def test_a_log_holds_many_envelopes_and_each_is_opened(wrapped: Path) -> None:
    one = wrapped.read_bytes()
    assert [len(interchange.letters) for interchange in read_all(one * 3)] == [1, 1, 1]
    large = write(least("XQ0131K")).replace(b"</Emessage>", b" " * (3 << 20) + b"</Emessage>")
    (wrapped.parent / "large.txt").write_bytes(large)
    out = wrapped.parent / "large.xml"
    npn("wrap", wrapped.parent / "large.txt", "--sender", SENDER, "--receiver", RECEIVER, "-o", out)
    assert npn("validate", out).returncode == 0


def test_an_envelope_in_an_envelope_and_a_receipt_are_named(wrapped: Path) -> None:
    data = wrapped.read_bytes()
    inner = b64encode(data)
    start, end = data.index(b"<Data>") + 6, data.index(b"</Data>")
    nested = read(data[:start] + inner + data[end:])
    assert [finding.rule for finding in nested.findings][-1] == "vans.nested"
    message = data[data.index(b"<Message>") : data.index(b"</Message>") + len(b"</Message>")]
    receipt = read(data.replace(message, b"<Receipt><PositiveMessage/></Receipt>"))
    assert [finding.rule for finding in receipt.findings] == ["vans.receipt"]


# --- binary letters -------------------------------------------------------------------------------------------

UUID = "123e4567-e89b-12d3-a456-426614174000"
BINARY = (
    b"UNB+UNOC:3+5790000120284:14+5790000125012:14+240304:1012+1'UNH+7+MEDBIN:D:93A:UN:B0130X+BIN01'"
    b"BGM+BIN++9'RFF+OBI:"
    + UUID.encode()
    + b"'UNO+1+5000'"
    + bytes(range(1, 256)) * 20
    + b"'UNP+5000+1'UNT+5+7'UNZ+1+1'"
)


def test_a_binary_letter_is_one_finding_and_not_judged(tmp_path: Path) -> None:
    findings = validate(read(BINARY))
    assert [finding.rule for finding in findings] == ["version.binary"]
    assert verdict_of(findings) is Verdict.NOT_JUDGED
    (tmp_path / "b.edi").write_bytes(BINARY)
    assert npn("validate", tmp_path / "b.edi").returncode == 0
    namespace = b'xmlns="http://rep.oio.dk/medcom.dk/xml/schemas/2014/10/08/"'
    letter = b"<VersionCode>XB0131X</VersionCode><TypeCode>XBIN01</TypeCode>"
    envelope = write(least("XR0131K")).partition(b"<Envelope>")[2].partition(b"</Envelope>")[0]
    document = b"<Emessage " + namespace + b"><Envelope>" + envelope + b"</Envelope>"
    document += b"<BinaryLetter><Letter>" + letter + b"</Letter></BinaryLetter></Emessage>"
    assert [finding.rule for finding in validate(read(document))] == ["version.binary"]


@pytest.mark.parametrize("together", [True, False])
def test_inspect_says_whether_the_binary_that_an_answer_points_to_is_there(*, tmp_path: Path, together: bool) -> None:
    text = convert(example("XR0131K"), "edifact").data or b""
    number = next(iter(read(text).letters[0].binaries)).encode()
    path = tmp_path / "both.edi"
    path.write_bytes(text + (BINARY.replace(UUID.encode(), number) if together else BINARY))
    document = json.loads(npn("inspect", "--json", path).stdout)
    first, second = (interchange["letters"][0] for interchange in document["interchanges"])
    assert {binary["in_file"] for binary in first["binaries"] if binary["identifier"] == number.decode()} == {together}
    assert second["binary"]
    words = "in this file" if together else "NOT in this file"
    assert f"points to the binary {number.decode()}, {words}" in npn("inspect", path).stdout.decode()
