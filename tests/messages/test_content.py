"""What alters a text or a number is an error, in either syntax, and always in the loss report."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from npn.cli import cli
from npn.messages import Interchange, Severity, Syntax, convert, read, read_all, validate, write
from npn.messages.examples import example
from npn.messages.model.utf8 import utf8_in

DANISH = "Blåbær Øster Ærøskøbing µmol/l"


def edifact(change: tuple[str, str] = ("", "")) -> bytes:
    """An answer in EDIFACT with Danish letters, and something in it changed."""
    data = write(example("XR0131K"), Syntax.EDIFACT).decode("latin-1")
    assert not data.isascii()
    return data.replace(*change, 1).encode("latin-1")


def oioxml() -> bytes:
    return write(example("XR0131K"), Syntax.XML)


def rules(data: bytes) -> dict[str, Severity]:
    (interchange,) = read_all(data)
    return {finding.rule: finding.severity for finding in validate(interchange)}


def in_utf8(data: bytes) -> bytes:
    """The same characters in UTF-8, with what the document says of itself left as it is."""
    return data.decode("latin-1").encode("utf-8")


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "with a byte order mark"])
def test_edifact_in_utf8_is_an_error_that_shows_a_letter_and_is_a_loss(mark: bytes) -> None:
    data = mark + in_utf8(edifact())
    (interchange,) = read_all(data)
    (finding,) = (each for each in interchange.findings if each.rule == "edifact.utf-8")
    assert finding.severity is Severity.ERROR
    letter = utf8_in(data.removeprefix(mark))
    assert letter is not None
    assert letter.meant.isalpha()
    assert f'"{letter.meant}"' in finding.en
    assert f'"{letter.meant}"' in finding.da
    assert "edifact.utf-8" not in rules(edifact())
    assert_stops(interchange, "edifact.utf-8")


@pytest.mark.parametrize("encoding", ["ISO-8859-1", "iso8859-1", "windows-1252", "latin1"])
def test_xml_in_utf8_that_says_otherwise_is_an_error_and_a_loss(encoding: str) -> None:
    data = in_utf8(oioxml()).replace(b"ISO-8859-1", encoding.encode(), 1)
    (interchange,) = read_all(data)
    (finding,) = interchange.findings
    assert (finding.rule, finding.severity) == ("xml.utf-8", Severity.ERROR)
    assert finding.place.line
    assert_stops(interchange, "xml.utf-8")


def assert_stops(interchange: Interchange, rule: str) -> None:
    """Nothing is written without force; with it the report names the rule among the losses."""
    for to in Syntax:
        conversion = convert(interchange, to)
        assert conversion.data is None
        assert rule in {loss.rule for loss in conversion.losses}
        forced = convert(interchange, to, force=True)
        assert forced.data
        assert rule in {loss.rule for loss in forced.losses}


def test_one_field_that_was_cut_in_a_letter_hides_nothing() -> None:
    data = in_utf8(edifact())
    assert utf8_in(data + b"\xc3")
    assert utf8_in(data.replace(b"\xc3\xb8", b"\xf8", 1))


@pytest.mark.parametrize("text", ["»SKÅ«", "Ærø", "10 µmol", "CAFÉ « »", "Ã", "Å² m", "é"])
def test_latin_1_is_not_taken_for_utf8(text: str) -> None:
    assert utf8_in(f"Æble {text} og øl".encode("latin-1")) is None


def test_xml_that_is_latin_1_and_says_nothing_is_told_how_to_say_it() -> None:
    data = oioxml().replace(b' encoding="ISO-8859-1"', b"", 1)
    (interchange,) = read_all(data)
    (finding,) = interchange.findings
    assert finding.rule == "xml.not-utf-8"
    assert 'encoding="ISO-8859-1"' in finding.da
    assert finding.place.line == 2


def test_bytes_that_a_character_set_does_not_define_are_an_error() -> None:
    data = edifact(("UNOC", "UNOJ")).replace(b"UNT+", b"FTX+AAA+++\xbf'UNT+", 1)
    assert rules(data)["edifact.undefined-character"] is Severity.ERROR


@pytest.mark.parametrize("value", ["5,4", "60,5", "-0,25"])
def test_the_decimal_mark_that_una_names_is_followed(value: str) -> None:
    data = edifact(("UNA:+.? ", "UNA:+,? ")).decode("latin-1")
    start = data.index("RSL+NV+") + len("RSL+NV+")
    end = min(data.index(mark, start) for mark in "+:'")
    (interchange,) = read_all((data[:start] + value + data[end:]).encode("latin-1"))
    assert "result.comma" not in {finding.rule for finding in validate(interchange)}
    wanted = value.replace(",", ".")
    assert any(element.text == wanted for element in interchange.letters[0].root.walk())
    xml = convert(interchange, Syntax.XML, force=True)
    assert f">{wanted}<".encode() in (xml.data or b"")
    assert f">{value}<".encode() not in (xml.data or b"")
    assert wanted.encode() in write(interchange, Syntax.EDIFACT)


def test_a_point_where_una_names_the_comma_is_an_error_and_a_loss() -> None:
    data = edifact(("UNA:+.? ", "UNA:+,? ")).decode("latin-1")
    start = data.index("RSL+NV+") + len("RSL+NV+")
    end = min(data.index(mark, start) for mark in "+:'")
    (interchange,) = read_all((data[:start] + "5.4" + data[end:]).encode("latin-1"))
    assert_stops(interchange, "edifact.decimal-mark")


def test_control_characters_are_found_in_formatted_texts_and_not_written_without_force() -> None:
    data = oioxml().replace(b"<Break/>", b"\x96<Break/>", 1)
    (interchange,) = read_all(data)
    assert "chars.control" in {finding.rule for finding in validate(interchange)}
    conversion = convert(interchange, Syntax.EDIFACT)
    assert conversion.data is None
    assert "edifact.outside-latin-1" in {loss.rule for loss in conversion.losses}


def test_instructions_in_xml_are_named_where_they_are_lost() -> None:
    data = oioxml().replace(b"<Emessage", b"<?xml-stylesheet href='a.xsl'?><Emessage", 1)
    losses = convert(read(data), Syntax.EDIFACT).losses
    assert any("<? ?>" in loss.en for loss in losses)
    assert not any("<? ?>" in loss.en for loss in convert(read(oioxml()), Syntax.EDIFACT).losses)


@pytest.mark.parametrize(
    "command", [["inspect"], ["validate"], ["convert", "--to", "xml"], ["view", "--for", "clinician"]]
)
def test_every_command_says_that_a_message_is_a_test(command: list[str], tmp_path: Path) -> None:
    path = tmp_path / "test.edi"
    path.write_bytes(re.sub(rb"(UNB[^']*)'", rb"\1++1'", edifact(), count=1))
    name, *options = command
    result = CliRunner().invoke(cli, ["message", name, str(path), *options])
    assert "envelope.test" in result.output
    path.write_bytes(edifact())
    assert "envelope.test" not in CliRunner().invoke(cli, ["message", name, str(path), *options]).output


def test_a_qualifier_other_than_14_in_the_envelope_is_named() -> None:
    assert "envelope.qualifier" not in rules(edifact())
    for change in (("5790009999010:14", "5790009999010:1"), ("5790009999010:14", "5790009999010")):
        assert rules(edifact(change))["envelope.qualifier"] is Severity.WARNING


def test_a_date_of_eight_digits_in_the_envelope_is_wrong_and_not_missing() -> None:
    (interchange,) = read_all(edifact(("+240304:1520", "+20240304:1520")))
    faults = [each for each in validate(interchange) if each.severity is Severity.ERROR]
    assert [(each.rule, each.place.path) for each in faults] == [("mapping.date", "UNB 4.1")]
    assert "'20240304'" in faults[0].en
    assert "six digits" in faults[0].en


@pytest.mark.parametrize(
    ("before", "behind", "rule"),
    [
        (b"", b"\0\0\0", "xml.padding"),
        (b"", b"\r\n\x1a", "xml.padding"),
        (b"\r\n  ", b"", "xml.leading-space"),
        (b"\t", b"", "xml.leading-space"),
    ],
)
def test_padding_around_an_xml_document_is_a_warning_and_changes_nothing(
    before: bytes, behind: bytes, rule: str
) -> None:
    (interchange,) = read_all(before + oioxml() + behind)
    (finding,) = interchange.findings
    assert (finding.rule, finding.severity) == (rule, Severity.WARNING)
    assert convert(interchange, Syntax.EDIFACT).data == convert(read(oioxml()), Syntax.EDIFACT).data


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_xml_in_utf_16_is_named_as_such_and_not_taken_for_edifact(encoding: str) -> None:
    text = oioxml().decode("latin-1").replace("ISO-8859-1", "UTF-16", 1)
    mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(encoding, b"")
    (interchange,) = read_all(mark + text.encode(encoding))
    assert [finding.rule for finding in interchange.findings] == ["xml.encoding"]
    assert "UTF-16" in interchange.findings[0].en
