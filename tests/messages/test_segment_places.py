"""Findings on EDIFACT: group, segment, element and component, in line and column, in both languages."""

from random import Random

import pytest
from tests.messages.generator import PLAIN, Generator
from tests.messages.letters import edifact, least

from npn.messages import Finding, Severity, Syntax, convert, read, read_all, validate, versions, write
from npn.messages.examples import example
from npn.messages.findings.places import Places

BOTH_SYNTAXES = [name for name in versions.names() if "edifact" in versions.headings()[name]]


def errors(data: bytes) -> list[Finding]:
    """The errors of every interchange in a file."""
    found = [finding for each in read_all(data) for finding in validate(each, rules=())]
    return [each for each in found if each.severity is Severity.ERROR and each.rule != "nothing-checked"]


def one(data: bytes) -> Finding:
    """The only error there is."""
    found = errors(data)
    assert len(found) == 1, [each.en for each in found]
    return found[0]


def standing_at(data: bytes, finding: Finding) -> str:
    """What stands at the place of a finding."""
    assert finding.place.line == 1
    assert finding.place.column
    return data.decode("latin-1")[finding.place.column - 1 :]


def test_a_missing_segment_is_one_finding_that_names_it_and_where_it_belongs() -> None:
    data = edifact(least("XR0131K"))
    sampled = data[data.index(b"DTM+4:") :].partition(b"'")[0] + b"'"
    found = one(edifact(least("XR0131K"), (sampled.decode("latin-1"), "")))
    assert (found.en, found.da) == (
        "S04/DTM+4 1.2 (SamplingDateTime) is missing",
        "Prøve taget (SamplingDateTime) i S04/DTM+4 1.2 mangler",
    )
    assert found.place.path == "S04"
    assert found.place.element == "/Emessage/LaboratoryReport/RequisitionInformation/Sample/SamplingDateTime"


def test_an_empty_component_is_named_in_the_segment_that_is_there() -> None:
    data = edifact(least("XR0131K"), ("NAD+SLA+x:SKS:SST++x", "NAD+SLA+x:SKS:SST++"))
    found = one(data)
    assert found.en == "S01/NAD+SLA 4.1 (OrganisationName) is missing"
    assert found.place.path == "S01/NAD+SLA 4.1"
    assert standing_at(data, found).startswith(":::::US'")


def test_a_value_that_is_too_long_is_found_at_its_component() -> None:
    data = edifact(least("XR0131K"), ("NAD+SLA+x:SKS:SST++x", f"NAD+SLA+x:SKS:SST++{'y' * 36}"))
    found = one(data)
    assert found.en.startswith("S01/NAD+SLA 4.1 (OrganisationName) is 'yyy")
    assert found.da.startswith("feltet Organisation (OrganisationName) i S01/NAD+SLA 4.1 er 'yyy")
    assert standing_at(data, found).startswith("yyy")


def test_the_second_group_of_a_name_has_its_number() -> None:
    data = edifact(least("XR0131K"), ("NAD+PO+x:SKS:SST", f"NAD+PO+{'9' * 18}:SKS:SST"))
    assert one(data).place.path == "S01[2]/NAD+PO 2.1"


def test_what_one_result_lacks_is_placed_at_it_and_told_once_although_another_has_it() -> None:
    data = write(example("XR0131K"), Syntax.EDIFACT)
    without = data.replace(b"RSL+NV+129:7++:::mmol/L+LO'", b"").replace(b"UNT+137", b"UNT+136")
    assert len(without) < len(data)
    (interchange,) = read_all(without)
    findings = [each for each in validate(interchange, rules=()) if "RSL" in each.en]
    assert [(each.rule, each.place.path) for each in findings] == [("structure.missing", "S18[2]/GIS")]


def test_a_missing_group_is_placed_at_the_letter_and_told_once() -> None:
    body = edifact(least("XR0131K")).decode("latin-1")
    patient = body[body.index("S07+07'") : body.index("S16+16'")]
    found = one(edifact(least("XR0131K"), (patient, "")))
    assert found.en == "S07/PNA+PAT (Patient) is missing"
    assert found.place.path == "UNH"


def test_an_unknown_code_is_one_finding_at_its_component_and_names_the_codes() -> None:
    data = edifact(least("XR0131K"), ("RSL+NV", "RSL+XX"))
    found = one(data)
    assert found.rule == "mapping.unknown-code"
    assert "known: NV, AV" in found.en
    assert "kendte: NV, AV" in found.da
    assert found.place.path == "S18/RSL 1"
    assert standing_at(data, found).startswith("XX")


def test_a_date_that_is_none_is_one_finding() -> None:
    body = edifact(least("XR0131K")).decode("latin-1")
    sampled = body[body.index("DTM+4:") :].partition("'")[0]
    found = one(edifact(least("XR0131K"), (sampled, "DTM+4:20140904:102")))
    assert (found.rule, found.place.path) == ("mapping.date", "S04/DTM+4 1.2")


def test_a_missing_unb_is_not_told_again_for_all_that_it_holds() -> None:
    body = edifact(least("XR0131K"))
    without = body[:9] + body[body.index(b"UNH") :]
    assert {each.rule for each in errors(without)} == {"edifact.unb-missing"}


def test_an_unknown_version_is_named_with_those_that_are_known() -> None:
    found = one(edifact(least("XR0131K"), ("R0131K", "R0139K")))
    assert found.rule == "version.unknown"
    assert "R0139K of MEDRPT" in found.en
    assert "R0131K" in found.en
    assert found.place.path == "UNH 2.5"
    swapped = one(edifact(least("XR0131K"), ("MEDRPT", "MEDREQ")))
    assert swapped.en.endswith("R0131K is a version of MEDRPT")
    assert swapped.da.endswith("R0131K er en version af MEDRPT")


def test_an_apostrophe_or_plus_that_is_not_released_is_explained() -> None:
    cut = errors(edifact(least("XR0131K"), ("SU:x", "SU:O'Brien")))
    assert "' is written ?' in a text" in next(each for each in cut if each.rule == "edifact.segment-tag").en
    assert "mapping.unknown-segment" not in {each.rule for each in cut}
    split = validate(read(edifact(least("XR0131K"), ("SLA+x:SKS:SST++x", "SLA+x:SKS:SST++x + y"))), rules=())
    assert "written ?+" in next(each for each in split if each.rule == "mapping.surplus").en


def test_one_letter_twice_is_one_finding() -> None:
    body = edifact(least("XR0131K")).decode("latin-1")
    letter = body[body.index("UNH+") : body.index("UNZ+")]
    twice = body.replace(letter, letter * 2).replace("UNZ+1", "UNZ+2")
    assert [each.rule for each in errors(twice.encode("latin-1"))] == ["edifact.reference-repeated"]


@pytest.mark.parametrize(
    "stray",
    [
        "\nhello from the gateway\n",
        "\r\n-- \r\nSendt fra en 'mail' + gateway?:",
        "FTX+SPC+P00++x'",
        "\n<html>502 Bad gateway</html>",
    ],
)
def test_text_behind_the_interchange_is_one_finding(stray: str) -> None:
    data = edifact(least("XR0131K"))
    found = one(data + stray.encode("latin-1"))
    assert found.rule == "edifact.stray-text"
    assert len(read_all(data + stray.encode("latin-1"))) == 1
    between = data + stray.encode("latin-1") + b"\n" + data
    assert [each.rule for each in errors(between)] == ["edifact.stray-text"]
    assert len(read_all(between)) == 2


def test_a_message_without_its_envelope_is_no_stray_text() -> None:
    data = edifact(least("XR0131K"))
    letter = data[data.index(b"UNH+") : data.index(b"UNZ+")]
    assert len(read_all(data + letter)) == 2
    assert "edifact.stray-text" not in {each.rule for each in errors(data + letter)}


def test_a_unz_in_a_text_ends_nothing() -> None:
    data = edifact(least("XR0131K"), ("SU:x", "SU:x?'UNZ?+1?+x?' y"))
    assert {each.rule for each in errors(data)} <= {"edifact.unt-count"}  # the helper counts apostrophes
    read_as = read(data).letters[0].root
    assert read_as.value("Patient/PersonSurnameName") == "x'UNZ+1+x' y"


@pytest.mark.parametrize("name", BOTH_SYNTAXES)
def test_every_field_is_found_where_it_stands_in_edifact(name: str) -> None:
    """A field that is copied as it is: what stands at its place begins with its value."""
    checked = 0
    for seed in range(3):
        made = Generator(versions.version(name), Random(seed), alphabet=PLAIN).document()
        data = convert(made, Syntax.EDIFACT, force=True).data
        assert data is not None
        again = read(data)
        places = Places(again)
        for element in again.letters[0].root.walk():
            if element.children or not element.text or element.origin < 1:
                continue
            place = places.of(element)
            assert place.element.startswith("/Emessage/"), place
            assert place.line
            assert place.column
            assert place.segment
            value = data.decode("latin-1")[place.column - 1 :]
            checked += value.startswith(element.text)
    assert checked > 8


def test_the_places_of_an_answer_are_exact() -> None:
    data = convert(example("XR0131K"), Syntax.EDIFACT, force=True).data
    assert data is not None
    again = read(data)
    places = Places(again)
    found = {places.of(each).element.rpartition("/")[2]: places.of(each) for each in again.letters[0].root.walk()}
    assert found["CivilRegistrationNumber"].path == "S07/PNA+PAT 2.1"
    assert found["LaboratoryInternalSampleIdentifier"].path == "S04/RFF+SOI 1.2"
    assert found["FromLabIdentifier"].path == "S01/RFF+AHI 1.2"
    assert found["LaboratoryInternalProductionIdentifier"].path == "S02/RFF+SRI 1.2"
    assert found["EANIdentifier"].path in ("UNB 2.1", "UNB 3.1")


@pytest.mark.parametrize("data", [b"", b"hello", b"UNA:+.? '", b"UNZ+0+x'"])
def test_a_file_without_a_letter_has_findings_and_no_crash(data: bytes) -> None:
    made = convert(read(data), Syntax.XML, force=True)
    assert made.data is None
    assert made.errors
