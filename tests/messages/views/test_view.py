"""What stands on the pages, and what must not."""

import html
import re
from itertools import pairwise

import pytest
from tests.messages.letters import least

from npn.messages import read, versions, view
from npn.messages.examples import example
from npn.messages.examples.samples import changed
from npn.messages.oioxml.writing import write

TAGS = re.compile(r"<[^>]*>")
CPR = "2512484916"
HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(1)>&amp;'
ALL = [
    (name, audience, lang)
    for name in versions.names()
    for audience in ("clinician", "citizen")
    for lang in ("da", "en")
]


def visible(page: str) -> str:
    return " ".join(html.unescape(TAGS.sub(" ", page.partition("<body")[2])).split())


@pytest.mark.parametrize(("name", "audience", "lang"), ALL)
def test_headings_step_down_one_at_a_time(name: str, audience: str, lang: str) -> None:
    page = view(example(name), audience, lang)  # type: ignore[arg-type]  # pytest gives plain strings
    levels = [int(level) for level in re.findall(r"<h(\d)>", page)]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert f'<html lang="{lang}">' in page


@pytest.mark.parametrize("audience", ["clinician", "citizen"])
def test_every_value_is_escaped(audience: str) -> None:
    changes = {
        "Patient/PersonSurnameName": HOSTILE,
        "LaboratoryResults/Result/Unit": HOSTILE,
        "LaboratoryResults/Result/ResultTextValue": HOSTILE,
        "LaboratoryResults/Result/Analysis/AnalysisCompleteName": HOSTILE,
        "LaboratoryResults/Result/ResultStatusCode": HOSTILE,
        "RequisitionInformation/Sample/SamplingDateTime/Date": HOSTILE,
    }
    page = view(changed("XR0131K", changes), audience)  # type: ignore[arg-type]  # pytest gives plain strings
    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_a_link_leads_to_the_web_only() -> None:
    url = "LaboratoryResults/Result/Reference/URL"
    assert 'href="https://' in view(example("XR0131K"))
    page = view(changed("XR0131K", {f"{url}": "javascript:alert(1)"}))
    assert 'href="javascript' not in page
    assert "javascript:alert(1)" in visible(page)


def test_the_cpr_number_stands_in_the_clinicians_patient_header_only() -> None:
    clinician = visible(view(example("XR0131K"), "clinician"))
    assert clinician.count("251248-4916") == 1
    assert CPR not in clinician
    for name in versions.names():
        citizen = visible(view(example(name), "citizen"))
        assert "251248" not in citizen
        assert "0107701234" not in citizen


def test_the_citizen_sees_no_internal_codes() -> None:
    codes_of = {
        "XR0131K": ("NPU03230", "SST", "svar_"),
        "XR0432P": ("T02630", "M87200"),
        "XR0231M": ("E10001", "J01CA01"),
    }
    for name, codes in codes_of.items():
        citizen, clinician = (visible(view(example(name), each)) for each in ("citizen", "clinician"))
        assert not [code for code in codes if code in citizen]
        assert codes[0] in clinician


def test_abnormal_values_are_marked_by_a_sign_and_words() -> None:
    page = view(example("XR0131K"), "clinician", "en")
    assert "▲" in page
    assert "▼" in page
    assert "Too high" in visible(page)
    assert "3 of 3 results are marked as abnormal." in visible(page)


def test_a_corrected_result_is_shown_as_such() -> None:
    page = visible(view(example("XR0131K"), "clinician", "da"))
    assert "✎ Rettet svar" in page
    assert "1 resultat er rettet." in page
    assert "erstatter det, der er meddelt før" in visible(view(example("XR0131K"), "citizen", "da"))


def test_a_corrected_whole_answer_says_so_at_the_top() -> None:
    made = changed("XR0432P", {"LaboratoryResults/GeneralResultInformation/ResultStatusCode": "svar_rettet"})
    assert "replaces an earlier one" in visible(view(made, "clinician", "en"))


def test_digits_stay_as_they_were_written() -> None:
    page = visible(view(changed("XR0131K", {"LaboratoryResults/Result/Value": "3.10"})))
    assert "> 3,10 " in page


def test_the_resistance_pattern_is_one_table() -> None:
    page = view(example("XR0231M"), "clinician", "da")
    table = page[page.index("Følsomhed for antibiotika</caption>") :]
    table = visible("<body" + table[: table.index("</table>")])
    assert "1. Escherichia coli 2. Enterococcus faecalis" in table
    for row in ("Ampicillin J01CA01 (WHO) R S", "Trimethoprim J01EA01 (WHO) S S", "Ciprofloxacin J01MA02 (WHO) I R"):
        assert row in table


def test_an_entry_that_refers_to_nothing_is_not_lost() -> None:
    made = changed("XR0231M", {"LaboratoryResults/CultureWithFindings/Pattern/PatternEntry/RefAntibiotic": "77"})
    page = visible(view(made, "clinician", "en"))
    assert "Reference to antibiotic 77" in page
    assert "not tested" in page


def test_formatting_and_fixed_width_are_kept() -> None:
    page = view(example("XR0432P"))
    assert "<strong>Vigtigt:</strong>" in page
    assert "Celletype      Marv  Blod<br>Blaster         2.0   0.0" in page


def test_an_unknown_version_is_named_and_shown_whole() -> None:
    data = write(example("XR0131K")).replace(b"<VersionCode>XR0131K", b"<VersionCode>XR0199K")
    page = visible(view(read(data), "clinician", "en"))
    assert "Version XR0199K is not known" in page
    assert "Berggren" in page
    assert "version that is not known" in visible(view(read(data), "citizen", "en"))


def test_a_file_that_is_no_message_gives_a_page_that_says_so() -> None:
    page = visible(view(read(b"<nothing"), "clinician", "da"))
    assert "Der er intet brev" in page
    assert "fejl" in page


def test_several_letters_are_told_apart() -> None:
    page = visible(view(example("XR0331P", 2), "clinician", "en"))
    assert "Letter 1 of 2" in page
    assert "Letter 2 of 2" in page


def test_what_the_laboratory_did_not_judge_is_not_called_usual() -> None:
    result = "LaboratoryResults/Result"
    final = {f"{result}/ResultStatusCode": "svar_endeligt", f"{result}/Value": "3.1"}
    bare = least("XR0131K", {**final})
    citizen = visible(view(bare, "citizen", "en"))
    assert "The laboratory gave no assessment" in citizen
    assert "Not marked as unusual" not in citizen
    assert "Laboratoriet har ikke skrevet en vurdering" in visible(view(bare, "citizen", "da"))
    clinician = visible(view(bare, "clinician", "en"))
    assert "No result is marked as abnormal" not in clinician
    assert "The laboratory gave no assessment of the results." in clinician
    judged = least("XR0131K", {**final, f"{result}/ReferenceInterval/LowerLimit": "2"})
    assert "Not marked as unusual" in visible(view(judged, "citizen", "en"))
    assert "No result is marked as abnormal" in visible(view(judged, "clinician", "en"))


@pytest.mark.parametrize("name", [name for name in versions.names() if name.startswith(("XR02", "XR05", "XR06"))])
def test_microbiology_is_never_called_unmarked(name: str) -> None:
    assert "No result is marked as abnormal" not in visible(view(example(name), "clinician", "en"))


@pytest.mark.parametrize("audience", ["clinician", "citizen"])
def test_a_time_that_nobody_wrote_is_not_shown(audience: str) -> None:
    path = "RequisitionInformation/Sample/SamplingDateTime"
    page = {
        time: visible(view(changed("XR0131K", {f"{path}/Date": "2024-03-04", f"{path}/Time": time}), audience, "en"))  # type: ignore[arg-type]  # pytest gives plain strings
        for time in ("00:00", "00:01")
    }
    assert "04.03.2024 00:01" in page["00:01"]
    assert "04.03.2024" in page["00:00"]
    assert "00:00" not in page["00:00"]
    assert ("is midnight: nobody wrote the time" in page["00:00"]) == (audience == "clinician")


@pytest.mark.parametrize(
    ("value", "operator", "said"),
    [
        ("9.9", None, "Above the interval, not marked by the laboratory"),
        ("0.1", None, "Below the interval, not marked by the laboratory"),
        ("9.9", "stoerre_end", "Above the interval, not marked by the laboratory"),
        ("9.9", "mindre_end", None),
        ("4.0", None, None),
        ("9,9", None, None),
    ],
)
def test_a_value_outside_its_interval_is_never_called_unremarkable(
    value: str, operator: str | None, said: str | None
) -> None:
    """What the laboratory did not flag is not normal for that."""
    one = "LaboratoryResults/Result"
    letter = changed("XR0131K", {f"{one}/Value": value, f"{one}/Operator": operator, f"{one}/ResultValidation": None})
    page, plain = view(letter, "clinician", "en"), view(letter, "citizen", "en")
    for text in ("Above the interval, not", "Below the interval, not"):
        assert (text in page) is (said is not None and said.startswith(text))
    assert ("lies outside its reference interval, but is not marked" in page) is (said is not None)
    assert ("The laboratory did not mark it; ask your doctor." in plain) is (said is not None)


@pytest.mark.parametrize(
    ("number", "born"),
    [
        ("2512484916", "25.12.1948"),
        ("2512484917", "25.12.48 (the number fails modulus 11"),
        ("6101901234", "01.01.1990"),
    ],
)
def test_a_century_is_only_said_where_the_number_is_sound(number: str, born: str) -> None:
    page = view(changed("XR0131K", {"Patient/CivilRegistrationNumber": number}), "clinician", "en")
    assert born in page
