"""Conversion: codes, losses, assumed places, and what stops it."""

import pytest
from tests.messages.letters import (
    GENERAL,
    RESULT,
    edifact,
    element,
    leaf,
    least,
    losses,
    read_back,
    segments,
    starting,
    text,
)

from npn.messages import Element, Severity, Syntax, convert, read, validate, write
from npn.messages.examples import example


def test_operator_codes_go_through_the_words() -> None:
    """Six and seven mean the reverse in biochemistry and microbiology."""
    for name, code in (("XR0131K", "7"), ("XR0130F", "7"), ("XR0231M", "6")):
        letter = least(name, {f"{RESULT}/Operator": "mindre_end"})
        assert starting(segments(letter), "RSL")[0].split("+")[2].startswith(f"x:{code}")
        assert read_back(letter).value(f"{RESULT}/Operator") == "mindre_end"


def test_what_has_no_place_is_in_the_loss_report() -> None:
    group = leaf("RequisitionGroup", ("Identifier", "i"), ("IdentifierResponsible", "r"), ("Name", "n"))
    made = convert(
        least("XR0131K", {f"{RESULT}/Analysis/RequisitionGroup": group, f"{RESULT}/Analysis/Order": "1"}),
        Syntax.EDIFACT,
    )
    assert made.data is not None
    assert {"loss.dropped RequisitionGroup", "loss.dropped Order"} <= set(losses(made))


def test_characters_outside_iso_8859_1_stop_the_conversion() -> None:
    letter = least("XR0131K", {"Patient/PersonSurnameName": "Ωmega €"})
    made = convert(letter, Syntax.EDIFACT)
    assert made.data is None
    assert {each.rule for each in made.errors} == {"edifact.not-writable"}
    forced = convert(letter, Syntax.EDIFACT, force=True).data
    assert forced is not None
    assert b"SU:??mega ??" in forced


def test_too_many_results_are_an_error_of_structure() -> None:
    one = element(least("XR0131K").letters[0].root, RESULT)
    many = least("XR0131K")
    root = many.letters[0].root
    results = leaf("LaboratoryResults", element(root, GENERAL), *[one] * 121)
    letter = least("XR0131K", {"LaboratoryResults": results})
    made = convert(letter, Syntax.EDIFACT)
    assert made.data is None
    assert [(each.rule, each.severity) for each in made.errors] == [("structure.too-many", Severity.ERROR)]


@pytest.mark.parametrize(
    ("name", "path", "value"),
    [
        ("XR0131K", "RequisitionInformation/Sample/Volume", "5"),
        ("XR0231M", f"{RESULT}/Operator", "mindre_end"),
        ("XQ0331P", "Requests/Prompt/Answer/DiagnoseCode", "DM1"),
    ],
)
def test_a_place_that_no_document_confirms_is_marked_as_assumed(name: str, path: str, value: str) -> None:
    letter = least(name, {path: value})
    assert "mapping.assumed" in {each.rule for each in convert(letter, Syntax.EDIFACT).findings}
    assert "mapping.assumed" in {each.rule for each in read(edifact(letter)).findings}


def test_a_local_kind_of_number_is_marked_as_assumed() -> None:
    letter = least("XR0131K", {"Sender/IdentifierCode": None, "Sender/IdentifierLocal": "abc"})
    assert "mapping.assumed" in {each.rule for each in convert(letter, Syntax.EDIFACT).findings}


@pytest.mark.parametrize(
    ("edit", "rule"),
    [
        (("DTM+ISR:", "DTM+ISR:x"), "mapping.date"),
        (("STS++PR", "STS++XX"), "mapping.unknown-code"),
        (("INV+MQ+x:CQU", "INV+MQ+x:ABC"), "mapping.unknown-code"),
        (("SPC+SCI+ATT'", "SPC+SCI+ATT'ABC+1'"), "mapping.unknown-segment"),
        (("S16+16'", "S16+16'"), ""),
        (("NAD+SLA+x:SKS:SST", "NAD+SLA+x:QQQ:SST"), "mapping.unknown-code"),
        (("NAD+SLA+x:SKS:SST", "NAD+SLA+x"), "mapping.party-kind"),
        (("RPT01'BGM", "RPT02'BGM"), "mapping.type"),
    ],
)
def test_what_edifact_says_wrongly_is_found(edit: tuple[str, str], rule: str) -> None:
    findings = read(edifact(least("XR0131K", {f"{RESULT}/ResultStatusCode": "svar_midlertidigt"}), edit)).findings
    assert {each.rule for each in findings} == ({rule} if rule else set())
    assert all(each.place.segment and each.place.line for each in findings)


def test_an_unknown_version_is_named_and_its_segments_are_kept() -> None:
    data = edifact(least("XR0131K"), ("R0131K", "R0199K"))
    found = read(data)
    assert (found.letters[0].version, found.letters[0].version_code) == (None, "XR0199K")
    assert [each.text for each in found.letters[0].root.all("Segment")][:1] == ["BGM+LRP++9+NA"]
    assert [each.rule for each in validate(found)] == ["version.unknown"]
    made = convert(found, Syntax.XML)
    assert made.data is None


def test_what_the_envelope_says_besides_is_in_the_loss_report() -> None:
    data = edifact(least("XR0131K"), ("++++0'UNH", "++++0++1'UNH"))
    made = convert(read(data), Syntax.XML)
    assert made.data is not None
    assert [(each.rule, each.place.path) for each in made.losses] == [("loss.segment", "UNB")]


def test_elements_between_letters_are_in_the_loss_report() -> None:
    data = write(least("XQ0131K"), Syntax.XML).replace(b"</Emessage>", b"<Local_Elements>x</Local_Elements></Emessage>")
    made = convert(read(data), Syntax.EDIFACT)
    assert made.data is not None
    assert "loss.dropped Local_Elements" in losses(made)


@pytest.mark.parametrize(
    ("name", "kind", "code"),
    [("XQ0131K", "amt", "AMT:SFU"), ("XQ0131K", "lokationsnummer", ":9"), ("XQ0130K", "amt", "AMT:IM")],
)
def test_a_payers_number_keeps_its_kind(name: str, kind: str, code: str) -> None:
    payer = leaf(
        "Payer", ("PayersTypeCode", "anden"), ("Identifier", "060"), ("IdentifierCode", kind), ("OrganisationName", "o")
    )
    letter = least(name, {"Payer": payer})
    assert f"NAD+PAY+060:{code}++o:::::US" in segments(letter)
    assert read_back(letter).value("Payer/IdentifierCode") == kind


def test_findings_never_show_a_whole_civil_registration_number() -> None:
    letter = least("XR0131K", {"Patient/CivilRegistrationNumber": "0101701234 "})
    shown = " ".join(each.en + each.da for each in convert(letter, Syntax.EDIFACT).findings)
    assert "010170-****" in shown
    assert "0101701234" not in shown


def test_the_indentation_of_a_document_is_no_text() -> None:
    plain_text = text("Comments", "a", "b")
    indented = Element("Comments", "a", tuple(Element("Break", "", (), tail) for tail in ("b", "\n      ")))
    one = least("XR0131K", {"RequisitionInformation/Comments": plain_text})
    two = least("XR0131K", {"RequisitionInformation/Comments": indented})
    assert segments(one) == segments(two)
    assert {each.rule for each in convert(two, Syntax.EDIFACT).losses} >= {"loss.layout"}


@pytest.mark.parametrize("to", list(Syntax))
def test_each_letter_that_is_left_out_by_force_is_a_loss(to: Syntax) -> None:
    data = convert(example("XR0331P", 2), Syntax.EDIFACT, force=True).data or b""
    found = read(data.replace(b"R0331P", b"R0399P", 1))
    made = convert(found, to, force=True)
    assert [each.rule for each in made.losses].count("loss.letter") == 1
    assert not made.empty
    assert len(read(made.data or b"").letters) == 1


@pytest.mark.parametrize("zone", ["Z", "+02:00"])
def test_a_time_zone_is_left_out_of_edifact_and_reported(zone: str) -> None:
    when = leaf("SamplingDateTime", ("Date", f"2014-09-04{zone}"), ("Time", "14:38"))
    made = convert(least("XR0131K", {"RequisitionInformation/Sample/SamplingDateTime": when}), Syntax.EDIFACT)
    assert b"DTM+4:201409041438:203'" in (made.data or b"")
    assert f"Date '2014-09-04{zone}' comes out as '2014-09-04'" in [each.en for each in made.losses]
    assert convert(read(made.data or b""), Syntax.XML).errors == ()


@pytest.mark.parametrize("name", ["XQ0130K", "XQ0230M", "XQ0330P"])
def test_a_payers_number_of_2005_has_its_one_kind_even_where_the_xml_leaves_it_out(name: str) -> None:
    payer = leaf("Payer", ("PayersTypeCode", "anden"), ("Identifier", "84"), ("OrganisationName", "o"))
    made = convert(least(name, {"Payer": payer}), Syntax.EDIFACT)
    assert b"NAD+PAY+84:AMT:IM++o:::::US'" in (made.data or b"")
    assert read(made.data or b"").letters[0].root.value("Payer/IdentifierCode") == "amt"


def warned(data: bytes) -> list[tuple[str, str]]:
    """What reading says of segments and groups: rule, and the place in the interchange."""
    rules = ("mapping.missing-segment", "mapping.missing-group", "mapping.surplus", "mapping.unknown-group")
    return [(each.rule, each.en) for each in read(data).findings if each.rule in rules]


@pytest.mark.parametrize(
    ("name", "segment", "rule", "says"),
    [
        ("XR0131K", "BGM+LRP++9+NA'", "mapping.missing-segment", "the segment BGM+LRP is missing here"),
        ("XR0131K", "SEQ++1'", "mapping.missing-segment", "the segment SEQ is missing here"),
        ("XR0131K", "RFF+SRI:x'", "mapping.missing-segment", "the segment RFF+SRI is missing here"),
        ("XQ0131K", "S09+09'", "mapping.missing-group", "the group S09 is missing here"),
    ],
)
def test_a_segment_that_is_always_written_is_missed(name: str, segment: str, rule: str, says: str) -> None:
    assert warned(edifact(least(name))) == []
    assert (rule, says) in warned(edifact(least(name), (segment, "")))


def test_a_party_without_its_segment_is_named() -> None:
    found = warned(edifact(least("XQ0131K"), ("NAD+SLA+x", "NAD+XXX+x")))
    assert ("mapping.missing-group", "the group S01 (NAD+SLA) is missing here") in found
    assert any(rule == "mapping.unknown-group" and "(NAD+SLA)" in text for rule, text in found)


def test_a_value_without_a_place_in_its_segment_is_reported() -> None:
    assert warned(edifact(least("XQ0131K"), ("PAC+1'", "PAC+1:7+8'"))) == [
        ("mapping.surplus", "PAC has no place for '7' in element 1; it is not read"),
        ("mapping.surplus", "PAC has no place for '8' in element 2; it is not read"),
    ]


def test_what_a_letter_lacks_as_a_whole_is_placed_at_its_header() -> None:
    data = edifact(least("XQ0131K"), ("PNA+PAT", "PNA+XXX"))
    lacking = [each for each in validate(read(data), rules=()) if each.rule == "structure.missing"]
    assert lacking
    assert all(each.place.line and each.place.segment for each in lacking)


def test_a_line_break_in_a_value_is_a_blank_and_a_reported_change() -> None:
    letter = least("XR0131K", {"Patient/PersonSurnameName": "Berg\nGren", "Sender/OrganisationName": "a \n b"})
    made = convert(letter, Syntax.EDIFACT)
    assert made.data is not None
    assert b"SU:Berg Gren'" in made.data
    assert {"loss.changed PersonSurnameName", "loss.changed OrganisationName"} <= set(losses(made))
    peer = convert(letter, Syntax.EDIFACT, as_peer=True)
    assert peer.data is not None
    assert b"SU:BergGren'" in peer.data.replace(b"\n", b"")
    assert "loss.changed PersonSurnameName" in losses(peer)


def test_a_character_that_edifact_lacks_is_found_where_it_stands_in_the_xml() -> None:
    data = write(least("XR0131K", {"Patient/PersonSurnameName": "Łukasz"}), Syntax.XML)
    found = next(each for each in convert(read(data), Syntax.EDIFACT).errors if each.rule == "edifact.not-writable")
    assert found.place.path == "/Emessage/LaboratoryReport/Patient/PersonSurnameName"
    assert found.place.line
    assert "Ł" in found.da


def test_comments_that_are_left_out_are_told_of() -> None:
    data = write(least("XR0131K"), Syntax.XML).replace(b"</Patient>", b"<!-- ring til os --></Patient>")
    made = convert(read(data), Syntax.EDIFACT)
    assert made.data is not None
    assert [(each.en, each.severity) for each in made.losses if each.rule == "loss.dropped"] == [
        ("comments in the XML (<!-- -->) are left out", Severity.INFO)
    ]
