"""Every known deviation of MedCom's converter, P1 to P53 of the mapping: the right way, and the peer's if offered."""

import pytest
from tests.messages.letters import edifact, leaf, least, losses, read_back, segments, text

from npn.messages import Element, Interchange, Severity, Syntax, convert, read, validate
from npn.messages.mapping.losses import plain

RESULT = "LaboratoryResults/Result"
GENERAL = "LaboratoryResults/GeneralResultInformation"
TEXTS = "LaboratoryResults/TextualFormat"
CODED = "LaboratoryResults/CodedFormat"
BINARY = "RequisitionInformation/Sample/Reference"


def element(root: Element, path: str) -> Element:
    """The first element at a path, which must be there."""
    found = root.find(path)
    assert found is not None, path
    return found


def starting(made: list[str], *beginnings: str) -> list[str]:
    """The segments that begin so."""
    return [each for each in made if each.startswith(beginnings)]


def formatted(name: str, *parts: Element | str) -> Element:
    """Mixed content of texts and elements."""
    first, children = "", list[Element]()
    for part in parts:
        if isinstance(part, Element):
            children.append(part)
        elif children:
            last = children[-1]
            children[-1] = Element(last.name, last.text, last.children, last.tail + part)
        else:
            first += part
    return Element(name, first, tuple(children))


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
    assert [(each.rule, each.place.path.rpartition("/")[2]) for each in made.errors] == [
        ("structure.missing", "Analysis")
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


@pytest.mark.parametrize("name", ["XR0130K-2007", "XR0131K"])
def test_p29_the_volume_is_carried(name: str) -> None:
    letter = least(
        name, {"RequisitionInformation/Sample/Volume": "5", "RequisitionInformation/Sample/UnitOfVolume": "ml"}
    )
    assert "QTY+SVO:5+ml" in segments(letter)
    assert read_back(letter).value("RequisitionInformation/Sample/UnitOfVolume") == "ml"
    assert not starting(segments(letter, as_peer=True), "QTY")


def test_p30_result_texts_of_2005_have_no_stray_quotation_mark() -> None:
    letter = least("XR0130K-2005", {f"{RESULT}/ResultComments": text("ResultComments", "a")})
    assert "FTX+SPC+P00++a" in segments(letter)
    assert 'FTX+SPC"+P00++a' in segments(letter, as_peer=True)


def test_p31_a_producer_of_2005_does_not_hide_what_follows() -> None:
    interval = leaf("ReferenceInterval", ("TypeOfInterval", "terapeutisk"), ("UpperLimit", "2"))
    one = least("XR0130K-2005", {f"{RESULT}/ProducerOfLabResult": "OUH", f"{RESULT}/ReferenceInterval": interval})
    root = one.letters[0].root
    letter = least("XR0130K-2005", {f"{RESULT}": element(root, RESULT), f"{RESULT}+": element(root, RESULT)})
    again = read_back(letter)
    assert again.all(f"{RESULT}/ProducerOfLabResult/Identifier")[0].text == "OUH"
    assert len(again.all(f"{RESULT}/ReferenceInterval/UpperLimit")) == len(again.all(RESULT)) == 2


def test_p32_both_kinds_of_code_are_read_in_a_foot_status() -> None:
    for kind in ("iupac", "lokal"):
        letter = least("XR0130F", {f"{RESULT}/Analysis/AnalysisCodeType": kind})
        assert read_back(letter).value(f"{RESULT}/Analysis/AnalysisCodeType") == kind


def two_results(name: str, **parts: tuple[Element, Element]) -> Interchange:
    """An answer with two results that differ."""
    root = least(name).letters[0].root
    results = []
    for number in (0, 1):
        base = element(root, RESULT)
        changes = {f"{RESULT}/{key}": pair[number] for key, pair in parts.items()}
        results.append(element(least(name, dict(changes)).letters[0].root, RESULT) if changes else base)
    return least(name, {RESULT: results[0], f"{RESULT}+": results[1]})


def test_p33_every_result_has_its_own_producer() -> None:
    producers = tuple(leaf("ProducerOfLabResult", ("Identifier", n), ("IdentifierCode", "c")) for n in ("p1", "p2"))
    letter = two_results("XR0231M", ProducerOfLabResult=(producers[0], producers[1]))
    assert [each.text for each in read_back(letter).all(f"{RESULT}/ProducerOfLabResult/Identifier")] == ["p1", "p2"]
    assert len(starting(segments(letter, as_peer=True), "REL+PRF+POR:91:c:p1")) == 2


@pytest.mark.parametrize(("kind", "code"), [("fysiologisk", "F"), ("terapeutisk", "T"), ("uspecificeret", "U")])
def test_p34_the_interval_keeps_its_type(kind: str, code: str) -> None:
    letter = least(
        "XR0231M",
        {f"{RESULT}/ReferenceInterval": leaf("ReferenceInterval", ("TypeOfInterval", kind), ("UpperLimit", "2"))},
    )
    assert f"RND+{code}++2" in segments(letter)
    assert "RND+U++2" in segments(letter, as_peer=True)


def culture(entries: list[tuple[int, int]], antibiotics: int = 3) -> Element:
    """A culture with two organisms and a table with these entries (organism, antibiotic)."""
    organisms = [leaf("Microorganism", ("Name", f"o{n}"), ("GrowthValue", "+")) for n in (1, 2)]
    drugs = [leaf("Antibiotic", ("Name", f"a{n}")) for n in range(1, antibiotics + 1)]
    cells = [
        leaf("PatternEntry", ("RefMicroorganism", str(o)), ("RefAntibiotic", str(a)), ("Sensitivity", "S"))
        for o, a in entries
    ]
    pattern = leaf("Pattern", ("Headline", "Resistens"), *drugs, *cells, text("SensitivityInterpretation", "R"))
    return leaf("CultureWithFindings", ("Headline", "Dyrkning"), *organisms, pattern)


def test_p35_antibiotics_of_every_column_are_kept() -> None:
    letter = least("XR0231M", {"LaboratoryResults/CultureWithFindings": culture([(1, 1), (1, 3), (2, 2), (2, 3)])})
    again = element(read_back(letter), "LaboratoryResults/CultureWithFindings")
    assert plain(again) == plain(element(letter.letters[0].root, "LaboratoryResults/CultureWithFindings"))
    peer = read_back(letter, as_peer=True)
    assert len(peer.all("LaboratoryResults/CultureWithFindings/Pattern/Antibiotic")) == 2


def test_the_numbers_of_the_resistance_table_follow_the_documents() -> None:
    made = segments(least("XR0231M", {"LaboratoryResults/CultureWithFindings": culture([(1, 1), (2, 2)], 2)}))
    assert starting(made, "SEQ")[2:] == [f"SEQ++{n}" for n in range(1, 12)]
    assert starting(made, "RFF+ARL") == ["RFF+ARL:5", "RFF+ARL:6", "RFF+ARL:5", "RFF+ARL:8", "RFF+ARL:5"]


def test_p36_a_culture_without_findings_is_told_from_microscopy() -> None:
    found = leaf("CultureWithoutFindings", ("Headline", "h"), text("Comments", "ingen vækst"))
    letter = least(
        "XR0231M",
        {"LaboratoryResults/CultureWithoutFindings": found, "LaboratoryResults/CultureWithFindings": culture([(1, 1)])},
    )
    assert read_back(letter).find("LaboratoryResults/CultureWithoutFindings") is not None
    assert read_back(letter, as_peer=True).find("LaboratoryResults/MicroscopicFindings") is not None


def test_p37_a_conclusion_is_told_by_its_headline() -> None:
    letter = least("XR0231M", {f"{GENERAL}/Headline": "Kommentar", f"{GENERAL}/Comment": text("Comment", "ok")})
    again = read_back(letter)
    assert plain(element(again, f"{GENERAL}/Comment")) == plain(text("Comment", "ok"))
    assert again.find("LaboratoryResults/MicroscopicFindings") is None
    assert read_back(letter, as_peer=True).find("LaboratoryResults/MicroscopicFindings") is not None


def test_p38_references_of_microbiology_are_carried_and_stay_out_of_the_text() -> None:
    reference = leaf("Reference", ("RefDescription", "d"), ("SUP", "true"))
    letter = least(
        "XR0231M", {f"{RESULT}/ResultComments": text("ResultComments", "a"), f"{RESULT}/Reference": reference}
    )
    again = element(read_back(letter), RESULT)
    assert plain(element(again, "Reference")) == plain(reference)
    assert plain(element(again, "ResultComments")) == plain(text("ResultComments", "a"))


@pytest.mark.parametrize(
    ("name", "path"), [("XR0231M", RESULT), ("XR0331P", GENERAL), ("XR0432P", GENERAL), ("XR0730G", GENERAL)]
)
def test_p39_p43_the_receiving_laboratory_is_carried(name: str, path: str) -> None:
    letter = least(name, {f"{path}/ToLabIdentifier": "abc"})
    assert "RFF+AHI:abc" in segments(letter)
    assert read_back(letter).value(f"{path}/ToLabIdentifier") == "abc"
    assert read_back(letter, as_peer=True).value(f"{path}/ToLabIdentifier") is None
    assert ("RFF+AHI:abc" in segments(letter, as_peer=True)) is (name in ("XR0231M", "XR0730G"))


def test_p40_letters_of_one_interchange_keep_their_own_data() -> None:
    one = least("XR0231M", {f"{RESULT}/Value": "1"})
    two = least("XR0231M", {f"{RESULT}/Value": "2"})
    both = Interchange(Syntax.XML, one.namespace, one.envelope, (*one.letters, *two.letters))
    data = convert(both, Syntax.EDIFACT).data or b""
    assert [each.root.value(f"{RESULT}/Value") for each in read(data).letters] == ["1", "2"]


def test_p41_unit_and_comments_of_2005_are_carried() -> None:
    found = culture([(1, 1)])
    organism = leaf("Microorganism", ("Name", "o"), ("GrowthValue", "+"), ("SpeciesComment", "s"))
    with_comment = leaf(
        "CultureWithFindings", ("Headline", "h"), organism, text("Comments", "a", "b"), found.children[-1]
    )
    letter = least("XR0230M-2005", {f"{RESULT}/Unit": "ml", "LaboratoryResults/CultureWithFindings": with_comment})
    made = segments(letter)
    assert starting(made, "RSL+AV+x++:::ml")
    assert "FTX+SPC+F00++s" in made
    assert "FTX+SPC+P00++a:b" in made


@pytest.mark.parametrize("name", ["XR0331P", "XR0432P", "XR0730G"])
def test_p42_the_time_of_the_results_is_their_own(name: str) -> None:
    when = leaf("ResultsDateTime", ("Date", "2001-02-03"), ("Time", "04:05"))
    letter = least(name, {f"{GENERAL}/ResultsDateTime": when})
    assert "DTM+ISR:200102030405:203" in segments(letter)
    assert "DTM+ISR:200102030405:203" not in segments(letter, as_peer=True)


def coded(headline: str | None, comment: str | None = None) -> Element:
    """The codes of a sample."""
    topography = leaf("Topography", ("Code", "T1"), ("Text", "t"), *([("Comment", comment)] if comment else []))
    return leaf(
        "CodedResults",
        *([("Headline", headline)] if headline else []),
        topography,
        leaf("Result", ("Code", "M1"), ("Text", "m")),
    )


@pytest.mark.parametrize(("name", "headline"), [("XR0331P", None), ("XR0432P", "h")])
def test_p44_the_topography_keeps_its_comment(name: str, headline: str | None) -> None:
    letter = least(name, {f"{CODED}/Sample/CodedResults": coded(headline, "c")})
    assert plain(element(read_back(letter), f"{CODED}/Sample/CodedResults")) == plain(coded(headline, "c"))
    assert read_back(letter, as_peer=True).find(f"{CODED}/Sample/CodedResults/Topography/Comment") is None


@pytest.mark.parametrize(("name", "part"), [("XR0331P", "Microscopic"), ("XR0432P", "Macroscopic")])
def test_p45_another_texts_headline_is_not_the_diagnosis(name: str, part: str) -> None:
    letter = least(name, {f"{TEXTS}/{part}": leaf(part, ("Headline", "h"), text("Text", "a"))})
    assert read_back(letter).find(f"{CODED}/DiagnosisHeadline") is None
    told = least(
        name, {f"{CODED}/DiagnosisHeadline": "d", f"{TEXTS}/{part}": leaf(part, ("Headline", "h"), text("Text", "a"))}
    )
    assert read_back(told).value(f"{CODED}/DiagnosisHeadline") == "d"


def test_p46_a_headline_without_text_is_reported_as_lost() -> None:
    made = convert(least("XR0432P", {f"{TEXTS}/Conclusion": leaf("Conclusion", ("Headline", "h"))}), Syntax.EDIFACT)
    assert made.data is not None
    assert "loss.dropped Conclusion" in losses(made)


def test_p47_codes_keep_their_headline_without_a_diagnosis() -> None:
    letter = least("XR0432P", {f"{CODED}/Sample/CodedResults": coded("h")})
    again = read_back(letter)
    assert again.value(f"{CODED}/Sample/CodedResults/Headline") == "h"
    assert again.find(f"{CODED}/DiagnosisHeadline") is None
    assert "INV+OE+:::h" not in segments(letter, as_peer=True)


def test_p48_a_sample_without_codes_gets_no_empty_groups_and_empty_ones_are_read() -> None:
    root = least("XR0432P", {f"{CODED}/Sample/CodedResults": coded("h")}).letters[0].root
    bare = element(least("XR0432P").letters[0].root, f"{CODED}/Sample")
    for first, second in ((bare, element(root, f"{CODED}/Sample")), (element(root, f"{CODED}/Sample"), bare)):
        letter = least(
            "XR0432P", {f"{CODED}/DiagnosisHeadline": "d", f"{CODED}/Sample": first, f"{CODED}/Sample+": second}
        )
        assert len(starting(segments(letter), "RFF+ASL")) == 1
        assert len(starting(segments(letter, as_peer=True), "RFF+ASL")) == 2
        wanted = [plain(each) for each in letter.letters[0].root.all(f"{CODED}/Sample")]
        assert [plain(each) for each in read_back(letter).all(f"{CODED}/Sample")] == wanted
        peer = ("'".join(segments(letter, as_peer=True)) + "'").encode("latin-1")
        assert [plain(each) for each in read(peer).letters[0].root.all(f"{CODED}/Sample")] == wanted


def test_p49_references_alone_make_no_clinical_information() -> None:
    reference = leaf("Reference", ("RefDescription", "d"), ("SUP", "true"))
    again = read_back(least("XR0432P", {"RequisitionInformation/Reference": reference}))
    assert again.find("RequisitionInformation/ClinicalInformation") is None
    assert again.find("RequisitionInformation/Reference") is not None


def test_p50_a_refusal_without_code_is_not_specified() -> None:
    for name in ("XC0130Q", "XC0230Q"):
        letter = least(
            name, {"OriginalEmessage/RefuseCode": None, "OriginalEmessage/RefuseText": text("RefuseText", "nej")}
        )
        assert "FTX+NC+P00++nej" in segments(letter)


@pytest.mark.parametrize(
    ("version", "kind"),
    [("R0131K", "MEDRPT"), ("XQ0131K", "XMEDREQ"), ("H0130R", "MEDREF"), ("D0133L", "MEDDIS"), ("A0140Z", "PRODAT")],
)
def test_p51_the_message_of_an_original_letter_follows_from_its_version(version: str, kind: str) -> None:
    original = leaf("OriginalLetter", ("OriginalLetterIdentifier", "b"), ("OriginalVersionCode", version))
    letter = least("XC0230Q", {"OriginalEmessage/OriginalLetter": original})
    assert f"UCM+b+{kind}:D:93A:UN:{version}+4" in segments(letter)
    assert plain(element(read_back(letter), "OriginalEmessage/OriginalLetter")) == plain(original)


def test_p52_a_long_refusal_is_read_whole() -> None:
    refusal = text("RefuseText", *"abcdefg")
    letter = least("XC0230Q", {"OriginalEmessage/RefuseCode": "syntaksfejl", "OriginalEmessage/RefuseText": refusal})
    assert plain(element(read_back(letter), "OriginalEmessage/RefuseText")) == plain(refusal)
    assert len(element(read_back(letter, as_peer=True), "OriginalEmessage/RefuseText").children) == 5


def test_p53_references_of_cytology_are_carried_and_stay_out_of_the_text() -> None:
    reference = leaf("Reference", ("RefDescription", "d"), ("SUP", "true"))
    letter = least(
        "XR0331P",
        {
            "RequisitionInformation/ClinicalInformation": text("ClinicalInformation", "a"),
            "RequisitionInformation/Reference": reference,
            f"{TEXTS}/Microscopic": leaf("Microscopic", ("Headline", "h"), text("Text", "a"), reference),
        },
    )
    again = read_back(letter)
    assert plain(element(again, "RequisitionInformation")) == plain(
        element(letter.letters[0].root, "RequisitionInformation")
    )
    assert plain(element(again, TEXTS)) == plain(element(letter.letters[0].root, TEXTS))
    assert not starting(segments(letter, as_peer=True), "FTX+SUP")


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
