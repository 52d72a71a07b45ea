"""Every sample for both audiences in both languages: no visible mark-up, nothing empty, twice or left out unsaid."""

import html
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from tests.messages.letters import least
from tests.messages.views.test_coverage import all_fields, filled, texts

from npn.messages import Element, Interchange, Letter, Severity, read, read_all, validate, versions, view
from npn.messages.examples import example
from npn.messages.examples.samples import changed
from npn.messages.oioxml.writing import write
from npn.messages.versions.notation import ComplexType, Version
from npn.messages.views.aside import KIND_OF
from npn.messages.views.words import Words

TAGS = re.compile(r"<[^>]*>")
ESCAPED = re.compile(r"&lt;/?(?:span|br|strong|em|u|data|a|div|p)\b")
EMPTY = re.compile(r"</thead>\s*</table>|<(h\d|dd|p|li|th|section)\b[^>]*>\s*</\1>")
SECTION = re.compile(r"<section>(?:(?!<section>).)*?</section>", re.DOTALL)
RESULT = "LaboratoryResults/Result"
GENERAL = "LaboratoryResults/GeneralResultInformation"
NUMBERS = {f"{RESULT}/Value": "1.234", f"{RESULT}/ReferenceInterval/LowerLimit": "3.50", f"{RESULT}/Unit": "mmol/L"}


def visible(page: str) -> str:
    return " ".join(html.unescape(TAGS.sub(" ", page.partition("<body")[2])).split())


def pages(interchange: Interchange) -> Iterator[tuple[str, str]]:
    for audience in ("clinician", "citizen"):
        for lang in ("da", "en"):
            yield f"{audience} {lang}", view(interchange, audience, lang)  # type: ignore[arg-type]  # plain strings


def faults_of(page: str, letter: Letter | None) -> list[str]:
    """Mark-up that is seen, what is empty, and blocks that come again though the letter does not say them twice."""
    said = [element for element in letter.root.walk() if element.children] if letter else []
    again = len(said) - len({(element.name, element.text, element.children) for element in map(without_origin, said)})
    sections = [text for text in SECTION.findall(page) if len(text) > 200]
    faults = [match[0] for pattern in (ESCAPED, EMPTY) for match in pattern.finditer(page)]
    return faults + ([] if again else [text[:80] for text in set(sections) if sections.count(text) > 1])


def without_origin(element: Element) -> Element:
    return msgspec.structs.replace(element, origin=-1, children=tuple(map(without_origin, element.children)))


@pytest.mark.parametrize("name", versions.names())
def test_a_page_of_an_example_has_no_visible_markup_and_nothing_empty(name: str) -> None:
    interchange = example(name)
    assert {
        which: faults for which, page in pages(interchange) if (faults := faults_of(page, interchange.letters[0]))
    } == {}


@pytest.mark.parametrize("name", versions.names())
def test_a_page_of_a_letter_with_every_field_and_every_format_has_no_visible_markup(name: str) -> None:
    for turn in range(2):
        for which, page in pages(filled(versions.version(name), turn)):
            assert ESCAPED.findall(page) == [], which


def test_no_text_that_people_write_is_of_a_kind_that_a_citizens_page_leaves_out() -> None:
    written = {
        field.name
        for name in versions.names()
        for field in all_fields(versions.version(name).root)
        if isinstance(field.type, ComplexType) and (field.type.mixed or set(field.type.fields) == {"Paragraph"})
    }
    assert len(written) > 15
    assert written & KIND_OF.keys() == set()


def test_a_page_of_a_public_sample_has_no_visible_markup_and_nothing_empty(samples: Path) -> None:
    count = 0
    for path in sorted(samples.rglob("*.*")):
        for interchange in read_all(path.read_bytes()):
            for which, page in pages(interchange):
                count += 1
                assert faults_of(page, interchange.letters[0]) == [], (path.name, which)
    assert count >= 100


@pytest.mark.parametrize("name", [name for name in versions.names() if not name.startswith("XC")])
def test_what_a_citizen_is_not_shown_is_named(name: str) -> None:
    """Each text of a letter with every field filled is on the page, or of a kind that the page says it leaves out."""
    version = versions.version(name)
    for lang in ("da", "en"):
        words = Words(lang)
        for turn in range(3):
            page = visible(view(filled(version, turn), "citizen", lang))  # type: ignore[arg-type]  # a plain string
            missing = [path for path, _, text in unshown(version, turn, page, words=words)]
            assert missing == []
            assert words.say("remainder") in page


def unshown(version: Version, turn: int, page: str, *, words: Words) -> Iterator[tuple[str, str, str]]:
    """What is neither on the page nor named there as left out."""
    for path, field, text in texts(filled(version, turn).letters[0].root):
        kinds = [KIND_OF[part] for part in path.split("/") if part in KIND_OF]
        if any(words.say(kind) in page for kind in kinds) or not text.startswith("Zq"):
            continue
        if text not in page:
            yield path, field, text


def test_a_letter_that_only_reports_samples_as_received_is_not_called_final() -> None:
    for name in ("XR0130K-2007", "XR0330P", "XR0430P", "XR0131K", "XR0432P"):
        letter = least(name)
        root = msgspec.structs.replace(letter.letters[0], root=with_status(letter.letters[0].root, "proeve_modtaget"))
        page = visible(view(msgspec.structs.replace(letter, letters=(root,)), "citizen", "da"))
        assert "Prøverne er modtaget; der er ikke svar endnu." in page, name
        assert "endelig" not in page
        assert "komplet" not in page


def with_status(element: Element, code: str) -> Element:
    """The same with every status set; a status of the whole is taken away."""
    whole = ("ReportStatusCode", "ResultStatus")
    children = tuple(with_status(child, code) for child in element.children if child.name not in whole)
    return msgspec.structs.replace(
        element, children=children, text=code if element.name == "ResultStatusCode" else element.text
    )


@pytest.mark.parametrize(
    ("statuses", "whole", "said", "unsaid"),
    [
        (("svar_endeligt", "svar_endeligt", "svar_endeligt"), None, "Svaret er endeligt.", "komplet"),
        (("svar_endeligt", "svar_midlertidigt", "svar_endeligt"), None, "midlertidigt", "endeligt."),
        (("svar_endeligt", "proeve_modtaget", "svar_endeligt"), "komplet_svar", "har ikke svar endnu", "komplet"),
        (("svar_endeligt", "svar_endeligt", "svar_endeligt"), "del_svar", "delsvar", "endeligt."),
        (("ukendt", "ukendt", "ukendt"), None, "Dine resultater", "Status på svaret"),
    ],
)
def test_a_citizen_reads_only_what_the_statuses_say(
    statuses: tuple[str, ...], whole: str | None, said: str, unsaid: str
) -> None:
    changes = {f"{RESULT}[{number}]/ResultStatusCode": status for number, status in enumerate(statuses, 1)}
    page = visible(view(changed("XR0131K", {**changes, f"{GENERAL}/ReportStatusCode": whole}), "citizen", "da"))
    assert said in page
    assert unsaid not in page.partition("Dine resultater")[0] if unsaid != "Status på svaret" else unsaid not in page


@pytest.mark.parametrize("audience", ["clinician", "citizen"])
def test_danish_pages_have_a_decimal_comma_and_keep_the_digits_as_sent(audience: str) -> None:
    danish, english = (view(changed("XR0131K", NUMBERS), audience, lang) for lang in ("da", "en"))  # type: ignore[arg-type]  # plain strings
    assert '<data value="1.234" title="Sendt som 1.234">1,234</data>' in danish
    assert "3,50" in visible(danish)
    assert "1.234" not in visible(danish)
    assert "1.234" in visible(english)
    assert "<data" not in english


def test_text_and_other_numbers_keep_their_points() -> None:
    text = {
        **NUMBERS,
        f"{RESULT}/ResultType": "alfanumerisk",
        f"{RESULT}/ReferenceInterval/IntervalText": "3.5 til 4.4",
    }
    page = visible(view(changed("XR0131K", text), "clinician", "da"))
    assert "1.234" in page
    assert "3.5 til 4.4" in page
    odd = visible(view(changed("XR0131K", {f"{RESULT}/Value": "1.2.3"}), "clinician", "da"))
    assert "1.2.3" in odd


def test_comments_and_requested_tests_are_on_the_citizens_page() -> None:
    ordered = visible(
        view(least("XQ0131K", {"Requests/RequestedAnalysis/Analysis/AnalysisCode": "NPU03946"}), "citizen", "da")
    )
    assert "1 undersøgelse er bestilt." in ordered
    assert "Analyse med koden NPU03946" in ordered
    unsuitable = changed(
        "XR0231M", {"LaboratoryResults/CultureWithFindings/Microorganism/SpeciesComment": "Materiale uegnet"}
    )
    assert "Materiale uegnet" in visible(view(unsuitable, "citizen", "da"))
    assert "Celletype" in visible(view(example("XR0432P"), "citizen", "da"))


def test_the_letters_of_a_resistance_pattern_mean_what_the_message_says() -> None:
    legend = "S = Sensibel; I = Intermediær; R = Resistent"
    key = "LaboratoryResults/CultureWithFindings/Pattern/SensitivityInterpretation"
    with_legend = visible(view(changed("XR0231M", {key: legend}), "citizen", "da"))
    assert "I: Intermediær" in with_legend
    assert legend in with_legend
    without = visible(view(changed("XR0231M", {key: None}), "citizen", "da"))
    assert "Brevet forklarer ikke, hvad bogstaverne betyder." in without
    for page in (with_legend, without):
        assert "dosis" not in page


@pytest.mark.parametrize("audience", ["clinician", "citizen"])
def test_refused_consent_and_urgency_stand_out(audience: str) -> None:
    changes = {"Patient/Consent/Given": "false", "Requests/RequestedAnalysis/ResultPriority": "straks"}
    page = view(changed("XQ0131K", dict(changes)), audience, "da")  # type: ignore[arg-type]  # a plain string
    assert '<p class="notice abnormal"><span aria-hidden="true">◆</span> Samtykke er ikke givet.' in page
    assert "Prioritet: straks (1 af " in visible(page)
    assert '<span class="badge high">' in page
    calm = view(changed("XQ0131K", {"Requests/RequestedAnalysis/ResultPriority": "rutine"}), audience, "da")  # type: ignore[arg-type]  # a plain string
    assert "Samtykke er ikke givet" not in calm
    assert "Prioritet: straks" not in calm


def test_a_letter_that_is_not_valid_has_a_banner(samples: Path) -> None:
    for path in sorted(samples.rglob("*.*")):
        for interchange in read_all(path.read_bytes()):
            wrong = any(finding.severity is Severity.ERROR for finding in validate(interchange))
            for which, page in pages(interchange):
                shown = visible(page)
                stands = any(
                    words in shown
                    for words in ("er ikke gyldigt", "is not valid", "Der er fejl i denne", "There are errors in this")
                )
                assert stands is wrong, (path.name, which)


def test_the_banner_stands_on_the_letter_that_is_wrong() -> None:
    good = example("XR0331P", 2)
    data = write(good)
    at = data.rindex(b"<Sender>")
    page = view(
        read(data[:at] + re.sub(rb"<OrganisationName>.*?</OrganisationName>", b"", data[at:], count=1)),
        "clinician",
        "da",
    )
    first, second = page.split("<article>")[1:]
    assert "er ikke gyldigt" not in first
    assert "er ikke gyldigt" in second
    assert "Organisation (OrganisationName)" in second


def test_what_is_the_same_for_all_results_stands_once() -> None:
    page = visible(view(example("XR0131K"), "clinician", "da"))
    assert page.count("Fælles for alle resultater") == 1
    unjudged = {f"{RESULT}[{n}]/{f}": None for n in (1, 2, 3) for f in ("ResultValidation", "ReferenceInterval")}
    plain = visible(view(changed("XR0131K", unjudged), "citizen", "da"))
    assert plain.count("Laboratoriet har ikke skrevet en vurdering") == 1
