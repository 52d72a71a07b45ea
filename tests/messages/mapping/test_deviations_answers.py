"""Known deviations of MedCom's converter, P29 to P53 of the mapping: the right way, and the peer's if offered."""

import pytest
from tests.messages.letters import (
    CODED,
    GENERAL,
    RESULT,
    TEXTS,
    element,
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
