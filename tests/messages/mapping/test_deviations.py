"""Known deviations of MedCom's converter, P1 to P28 of the mapping: the right way, and the peer's if offered."""

import pytest
from tests.messages.letters import (
    BINARY,
    GENERAL,
    RESULT,
    TEXTS,
    edifact,
    element,
    formatted,
    leaf,
    least,
    losses,
    read_back,
    segments,
    starting,
    text,
)

from npn.messages import Element, Interchange, Syntax, convert, read
from npn.messages.mapping.losses import plain


@pytest.mark.parametrize(
    ("year", "date"), [("98", "1998"), ("00", "2000"), ("20", "2020"), ("21", "2021"), ("26", "2026")]
)
def test_p1_years_of_two_digits_are_read_as_this_century_except_the_nineties(year: str, date: str) -> None:
    data = edifact(least("XR0131K"), ("+140904:", f"+{year}0904:"))
    assert read(data).envelope.value("Sent/Date") == f"{date}-09-04"


def test_p1_the_peer_reads_years_after_2020_as_the_last_century() -> None:
    data = edifact(least("XR0131K"), ("+140904:", "+260904:"))
    assert read(data, as_peer=True).envelope.value("Sent/Date") == "1926-09-04"


def test_p2_every_letter_of_an_interchange_is_read() -> None:
    one = least("XR0131K")
    two = Interchange(Syntax.XML, one.namespace, one.envelope, one.letters * 2)
    data = convert(two, Syntax.EDIFACT).data
    assert data is not None
    again = read(data)
    assert [each.identifier for each in again.letters] == ["x", "x"]
    assert b"UNZ+2+" in data


@pytest.mark.parametrize(("value", "code"), [("1", "PO"), ("true", "PO"), ("0", "ONL"), ("false", "ONL")])
def test_p3_a_boolean_may_be_a_digit(value: str, code: str) -> None:
    assert starting(segments(least("XQ0131K", {"Sender/ReplyTo": value})), f"NAD+{code}+x")


@pytest.mark.parametrize(("given", "refused"), [("1", False), ("0", True), ("true", False), ("false", True)])
def test_p3_consent_may_be_a_digit(given: str, *, refused: bool) -> None:
    made = segments(least("XR0131K", {"Patient/Consent": leaf("Consent", ("Given", given))}))
    assert ("HAN+CDS" in made) is refused


def test_p4_text_goes_on_after_a_space() -> None:
    comments = formatted("Comments", "A", Element("Space"), "B", Element("Break"))
    letter = least("XR0131K", {"RequisitionInformation/Comments": comments})
    assert "FTX+SPC+P00++A B" in segments(letter)
    assert "FTX+SPC+P00++B" in segments(letter, as_peer=True)


def test_p5_centred_text_gets_no_extra_lines() -> None:
    shown = formatted("Text", Element("Center", "a"), Element("Right", "b"))
    letter = least("XR0432P", {f"{TEXTS}/Macroscopic": leaf("Macroscopic", ("Headline", "h"), shown)})
    assert starting(segments(letter), "FTX+MAC") == ["FTX+MAC+P0M++a", "FTX+MAC+P0H++b"]
    assert starting(segments(letter, as_peer=True), "FTX+MAC") == ["FTX+MAC+P0M++.:a:.", "FTX+MAC+P0H++b"]


def test_p6_a_run_joins_the_run_after_it_and_no_other() -> None:
    shown = formatted("Text", "a", Element("Bold", "b"), "c")
    letter = least("XR0432P", {f"{TEXTS}/Macroscopic": leaf("Macroscopic", ("Headline", "h"), shown)})
    assert starting(segments(letter), "FTX+MAC") == ["FTX+MAC+P00++a\\", "FTX+MAC+PF0++b\\", "FTX+MAC+P00++c"]
    assert starting(segments(letter, as_peer=True), "FTX+MAC")[-1] == "FTX+MAC+P00++c\\"


def test_p7_a_long_comment_is_one_element() -> None:
    comments = text("Comments", *"abcdefg")
    letter = least("XQ0131K", {"RequisitionInformation/Comments": comments})
    assert plain(element(read_back(letter), "RequisitionInformation/Comments")) == plain(comments)
    peer = read_back(letter, as_peer=True).all("RequisitionInformation/Comments")
    assert [each.text for each in peer] == ["a", "f"]


def test_p7_result_texts_are_joined_only_where_one_goes_on() -> None:
    long = text("ResultComments", "x" * 100)
    letter = least(
        "XR0131K", {f"{RESULT}/ResultComments+": long, f"{RESULT}/ResultTextValue+": text("ResultTextValue", "b")}
    )
    assert [each.name for each in element(read_back(letter), RESULT).children if each.name.startswith("ResultC")] == [
        "ResultComments"
    ]
    assert not [each for each in losses(convert(letter, Syntax.EDIFACT)) if "ResultComments" in each]


def test_p8_formatting_of_result_texts_is_kept() -> None:
    shown = formatted("ResultComments", Element("Bold", "a", (Element("Break"),)))
    letter = least("XR0131K", {f"{RESULT}/ResultComments": shown})
    assert plain(element(read_back(letter), f"{RESULT}/ResultComments")) == plain(shown)
    assert element(read_back(letter, as_peer=True), f"{RESULT}/ResultComments").text == "a"


def test_p9_a_description_is_never_cut_and_a_too_long_address_is_an_error() -> None:
    reference = leaf("Reference", ("RefDescription", "d" * 70), ("URL", "u" * 69))
    letter = least("XQ0131K", {BINARY: reference})
    assert plain(element(read_back(letter), BINARY)) == plain(reference)
    assert starting(segments(letter, as_peer=True), "FTX+URL")[0].count(":") == 2
    long = least("XQ0131K", {BINARY: leaf("Reference", ("RefDescription", "d"), ("URL", "u" * 350))})
    made = convert(long, Syntax.EDIFACT)
    assert made.data is None
    assert {each.rule for each in made.errors} == {"mapping.too-long"}


@pytest.mark.parametrize(
    ("extension", "code"), [("xls", "XLS"), ("plo", "PLO"), ("tiff", "TIF"), ("jpeg", "JPG"), ("fnx", "FNX")]
)
def test_p10_every_extension_has_its_code(extension: str, code: str) -> None:
    parts = (
        ("ObjectIdentifier", "0" * 8 + "-0000-0000-0000-" + "0" * 12),
        ("ObjectCode", "billede"),
        ("ObjectExtensionCode", extension),
        ("OriginalObjectSize", "7"),
    )
    reference = leaf("Reference", ("RefDescription", "d"), leaf("BIN", *parts))
    letter = least("XR0131K", {f"{RESULT}/Reference": reference})
    assert f"IMG:{code}:7" in starting(segments(letter), "FTX+BIN")[0]
    assert plain(element(read_back(letter), f"{RESULT}/Reference")) == plain(reference)


def test_p11_a_local_kind_of_number_is_carried() -> None:
    letter = least("XR0131K", {"Sender/IdentifierCode": None, "Sender/IdentifierLocal": "abc"})
    assert starting(segments(letter), "NAD+SLA+x:91:abc++")
    assert read_back(letter).value("Sender/IdentifierLocal") == "abc"
    assert starting(segments(letter, as_peer=True), "NAD+SLA+x++")


def test_p12_district_and_municipality_are_carried() -> None:
    letter = least(
        "XR0432P",
        {"Patient/DistrictName": "By", "Patient/MunicipalityId": "219", "Patient/MunicipalityName": "Hillerød"},
    )
    assert "ADR+:PO+US+By+++219:KOM:IM:Hillerød" in segments(letter)
    patient = element(read_back(letter), "Patient")
    assert (patient.value("DistrictName"), patient.value("MunicipalityId")) == ("By", "219")
    assert not starting(segments(letter, as_peer=True), "ADR")
    alone = read_back(least("XR0432P", {"Patient/StreetName": "Vej 1"}))
    assert alone.find("Patient/MunicipalityId") is None


COPY = {
    "CCReceiver": leaf(
        "CCReceiver",
        ("Identifier", "c"),
        ("IdentifierCode", "ydernummer"),
        ("OrganisationName", "o"),
        ("UnitName", "u"),
        leaf("Physician", ("PersonInitials", "cc")),
    )
}


def test_p13_the_physician_of_the_copy_receiver_is_number_three() -> None:
    letter = least("XR0432P", {**COPY, "Receiver/Physician": leaf("Physician", ("PersonInitials", "r"))})
    assert starting(segments(letter), "RFF+AHL") == ["RFF+AHL:2", "RFF+AHL:3"]
    assert starting(segments(letter, as_peer=True), "RFF+AHL") == ["RFF+AHL:2", "RFF+AHL:2"]
    assert read_back(letter).value("CCReceiver/Physician/PersonInitials") == "cc"


@pytest.mark.parametrize("name", ["XR0131K", "XR0331P", "XR0432P", "XR0730G"])
def test_p14_the_unit_of_the_copy_receiver_is_read(name: str) -> None:
    copy = {
        f"CCReceiver/{key}": value
        for key, value in (("Identifier", "c"), ("IdentifierCode", "ydernummer"), ("UnitName", "u"))
    }
    letter = least(name, dict(copy))
    assert read_back(letter).value("CCReceiver/UnitName") == "u"
    assert read_back(letter, as_peer=True).value("CCReceiver/UnitName") is None


def test_p15_dermatology_in_practice_has_its_own_code() -> None:
    letter = least("XR0131K", {"Sender/MedicalSpecialityCode": "dermato_venerologi_praksis"})
    assert starting(segments(letter), "SPR+ORG+2504:")
    assert starting(segments(letter, as_peer=True), "SPR+ORG+2511:")
    assert read_back(letter).value("Sender/MedicalSpecialityCode") == "dermato_venerologi_praksis"


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("XQ0131K", "Requests/RequestedAnalysis/Analysis/AnalysisCodeType"),
        ("XR0131K", f"{RESULT}/Analysis/AnalysisCodeType"),
        ("XR0231M", f"{RESULT}/Analysis/AnalysisCodeType"),
    ],
)
def test_p16_a_code_type_without_a_code_stops_the_conversion(name: str, path: str) -> None:
    made = convert(least(name, {path: "mds"}), Syntax.EDIFACT)
    assert made.data is None
    assert [each.rule for each in made.errors] == ["mapping.no-code"]
    assert made.errors[0].place.path.endswith("AnalysisCodeType")


@pytest.mark.parametrize("name", ["XR0331P", "XR0432P", "XR0730G"])
def test_p17_p18_received_and_preliminary_are_coded(name: str) -> None:
    for status in ("proeve_modtaget", "svar_midlertidigt"):
        letter = least(name, {f"{GENERAL}/ResultStatusCode": status})
        assert "STS++PR" in segments(letter)
        assert read_back(letter).value(f"{GENERAL}/ResultStatusCode") == "svar_midlertidigt"


def test_a_received_sample_is_told_by_stars() -> None:
    for name, path in (("XR0131K", f"{RESULT}/Value"), ("XR0231M", f"{RESULT}/Analysis/MICAnalysisCode")):
        letter = least(name, {f"{RESULT}/ResultStatusCode": "proeve_modtaget", path: "*****"})
        assert read_back(letter).value(f"{RESULT}/ResultStatusCode") == "proeve_modtaget"


FLAG = "nationaltproevenummer"


def flagged(*, first: bool, second: bool) -> Interchange:
    """A requisition with two numbers, each with or without the flag."""
    parts = [("RequesterSampleIdentifier", "1"), *([("SampleIdentifierType", FLAG)] if first else [])]
    parts += [("OriginalRequesterSampleIdentifier", "2"), *([("SampleIdentifierType", FLAG)] if second else [])]
    return least("XQ0131K", {"RequisitionInformation/Sample": leaf("Sample", *parts)})


@pytest.mark.parametrize(("first", "second"), [(True, False), (False, True), (True, True), (False, False)])
def test_p19_each_number_has_its_own_flag(*, first: bool, second: bool) -> None:
    letter = flagged(first=first, second=second)
    made = segments(letter)
    assert ("RFF+ROI:1::NPN" in made, "RFF+OOI:2::NPN" in made, "RFF+RTI:1::NPN" in made) == (first, second, first)
    assert plain(element(read_back(letter), "RequisitionInformation/Sample")) == plain(
        element(letter.letters[0].root, "RequisitionInformation/Sample")
    )
    peer = segments(letter, as_peer=True)
    assert ("RFF+ROI:1::NPN" in peer, "RFF+OOI:2::NPN" in peer) == (first or second, first or second)


def test_p19_only_npn_is_the_flag() -> None:
    letter, edit = flagged(first=True, second=False), ("RFF+ROI:1::NPN", "RFF+ROI:1::ABC")
    sample = "RequisitionInformation/Sample/SampleIdentifierType"
    assert read_back(letter, edit).find(sample) is None
    assert read_back(letter, edit, as_peer=True).value(sample) == FLAG


def test_p20_an_analysis_without_line_comment_is_read_so_and_is_an_error() -> None:
    data = edifact(least("XQ0131K"), ("FTX+ACM+P00++x'", ""))
    made = convert(read(data), Syntax.XML)
    assert made.data is None
    assert [(each.rule, each.en, each.place.path) for each in made.errors] == [
        ("structure.missing", "S17/FTX+ACM (LineComment) is missing", "S17/GIS")
    ]
    forced = convert(read(data), Syntax.XML, force=True).data
    assert forced is not None
    assert b"LineComment" not in forced


@pytest.mark.parametrize("name", ["XQ0130K", "XQ0230M", "XQ0330P"])
def test_p21_the_second_insurance_group_has_a_code(name: str) -> None:
    payer = leaf("Payer", ("PayersTypeCode", "sygesikring_gruppe_2"), ("OrganisationName", "o"))
    letter = least(name, {"Payer": payer})
    assert "FCA+PPO" in segments(letter)
    assert read_back(letter).value("Payer/PayersTypeCode") == "sygesikring_gruppe_2"


@pytest.mark.parametrize("name", ["XQ0230M", "XQ0330P", "XQ0331P"])
def test_p22_a_requisition_time_of_its_own_is_reported_as_lost(name: str) -> None:
    when = leaf("RequisitionDateTime", ("Date", "2001-01-01"), ("Time", "01:01"))
    made = convert(least(name, {"RequisitionInformation/RequisitionDateTime": when}), Syntax.EDIFACT)
    assert made.data is not None
    assert "loss.changed Date" in losses(made)


def test_p23_the_responsible_of_a_code_is_written_as_given() -> None:
    letter = least("XQ0230M", {"Requests/RequestedAnalysis/Analysis/AnalysisCodeResponsible": "ABC"})
    assert "INV+MQ+x:CQU:ABC" in segments(letter)
    assert "INV+MQ+x:CQU:CQU" in segments(letter, as_peer=True)


def test_p24_a_sample_without_number_has_no_number_segment() -> None:
    letter = least("XQ0331P", {"RequisitionInformation/Sample/RequesterSampleIdentifier": None})
    assert not starting(segments(letter), "RFF+RTI")
    assert "RFF+RTI" in segments(letter, as_peer=True)


RELATIVE = {
    "Relative": leaf(
        "Relative", ("RelationCode", "vaerge"), ("PersonIdentifier", "0101010101"), ("PersonSurnameName", "n")
    )
}


def test_p25_p26_the_relative_has_a_number_and_relation_of_its_own() -> None:
    letter = least("XQ0331P", dict(RELATIVE))
    assert "PNA+PER+0101010101:::CPR:IM+++SU:n" in segments(letter)
    relative = element(read_back(letter), "Relative")
    assert (relative.value("PersonIdentifier"), relative.value("RelationCode")) == ("0101010101", "vaerge")
    assert "0101010101" not in " ".join(segments(letter, as_peer=True))


def test_p27_a_long_material_is_put_together_again() -> None:
    material = "ord " * 52
    letter = least("XQ0331P", {"RequisitionInformation/Sample/MaterialDescription": material})
    assert read_back(letter).value("RequisitionInformation/Sample/MaterialDescription") == material
    assert "\\" in (read_back(letter, as_peer=True).value("RequisitionInformation/Sample/MaterialDescription") or "")


@pytest.mark.parametrize(
    ("answer", "value"),
    [("DiagnoseCode", "DM123"), ("Logical", "true"), ("Logical", "false"), ("Text", "t"), ("Numerical", "3.10")],
)
def test_p28_every_kind_of_answer_comes_back(answer: str, value: str) -> None:
    question = leaf("Question", ("Code", "c"), ("CodeType", "lokal"), ("CodeResponsible", "r"), ("CodeText", "t"))
    letter = least("XQ0331P", {"Requests/Prompt": leaf("Prompt", question, leaf("Answer", (answer, value)))})
    assert plain(element(read_back(letter), "Requests/Prompt")) == plain(
        element(letter.letters[0].root, "Requests/Prompt")
    )
