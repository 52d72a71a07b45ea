"""Danish findings name fields by their Danish labels, in sentences that a Dane would write."""

import doctest
import re
from pathlib import Path

import pytest
from lxml import etree
from tests.messages.letters import edifact, least

from npn.messages import Finding, convert, read, validate, versions
from npn.messages.examples import example
from npn.messages.examples.samples import changed
from npn.messages.model import labels, masking
from npn.messages.oioxml.reasons import REASONS
from npn.messages.oioxml.writing import write

ROOM = Path(__file__).resolve().parents[2] / "src" / "npn" / "messages"
ANSWER = write(example("XR0131K"))
FIELD = "LaboratoryResults/Result"


def danish(data: bytes, rule: str) -> str:
    return next(finding.da for finding in validate(read(data)) if finding.rule == rule)


def without(name: str) -> bytes:
    return re.sub(rf"<{name}>.*?</{name}>".encode(), b"", ANSWER, count=1, flags=re.DOTALL)


@pytest.mark.parametrize(
    ("data", "rule", "said"),
    [
        (
            without("OrganisationName"),
            "structure.missing",
            "Organisation (OrganisationName) mangler; skal stå før ",
        ),
        (
            ANSWER.replace(b"<Sender>", b"<Sender><Date>2024-01-01</Date>"),
            "structure.unexpected",
            "feltet Dato (Date) hører ikke hjemme her i Afsender (Sender); her kan stå Lokationsnummer (EANIdentifier)",
        ),
        (
            re.sub(rb"<OrganisationName>.*?<", b"<OrganisationName><", ANSWER, count=1),
            "structure.length",
            "feltet Organisation (OrganisationName) er tomt; der skal stå 1-35 tegn",
        ),
        (
            re.sub(rb"<SUP>true", b"<SUP>no", ANSWER, count=1),
            "structure.pattern",
            "skal have værdien true",
        ),
        (
            write(changed("XR0131K", {f"{FIELD}/ResultStatusCode": "proeve_modtaget"})),
            "status.complete-but-preliminary",
            "svaret er meldt komplet, men mindst én prøve er kun meldt modtaget",
        ),
        (ANSWER + b"<more/>", "xml.syntax", "filen er ikke gyldig XML: der står mere efter slutningen af beskeden"),
    ],
    ids=["missing", "unexpected", "empty", "pattern", "status", "xml"],
)
def test_a_finding_is_a_danish_sentence(data: bytes, rule: str, said: str) -> None:
    assert said in danish(data, rule)


def test_a_field_that_edifact_lacks_is_named_in_danish_with_its_segment() -> None:
    data = edifact(least("XR0131K"), ("NAD+SLA+x:SKS:SST++x", "NAD+SLA+x:SKS:SST"))
    assert danish(data, "structure.missing") == "Organisation (OrganisationName) i S01/NAD+SLA 4.1 mangler"


def everything_said() -> list[Finding]:
    """What is said of letters with a field too few, an empty field, and of what converting them loses."""
    findings: list[Finding] = []
    for name in versions.names():
        letter = example(name)
        data = write(letter)
        for field in sorted({element.name for element in letter.letters[0].root.walk()}):
            whole = re.compile(rf"<{field}>.*?</{field}>".encode(), re.DOTALL)
            for instead in (b"", f"<{field}></{field}>".encode()):
                broken = whole.sub(instead, data, count=1)
                findings += [f for f in validate(read(broken)) if f.rule.startswith("structure.")]
        if letter.letters[0].version and letter.letters[0].version.edifact:
            findings += [f for f in convert(letter, "edifact").findings if f.rule.startswith(("loss.", "mapping."))]
    return findings


def test_no_field_is_named_in_english_alone() -> None:
    named = {name: label.da for name, label in labels.labels().items() if "/" not in name}
    pattern = re.compile(r"(?<![\w(/+])(" + "|".join(sorted(named, key=len, reverse=True)) + r")(?![\w)])")
    findings = everything_said()
    assert len(findings) > 1500
    bare = {
        (match[1], finding.da)
        for finding in findings
        for match in pattern.finditer(re.sub(r"'[^']*'", "", finding.da))
        if named[match[1]] != match[1] and f"({match[1]})" not in finding.da and match[1] not in named.values()
    }
    assert bare == set()


def test_no_danish_text_translates_word_by_word() -> None:
    sources = "".join(path.read_text("utf-8") for path in ROOM.rglob("*.py"))
    calques = ("ikke med tvang", "på den anden side og", "kommer til, når", "smider", "ens art", "velformet")
    assert [phrase for phrase in calques if phrase in sources] == []


def test_every_reason_is_one_of_the_parsers() -> None:
    assert [name for name in REASONS if not hasattr(etree.ErrorTypes, name)] == []


def test_the_documented_examples_hold() -> None:
    for module in (labels, masking):
        assert doctest.testmod(module).failed == 0


def test_a_cpr_number_is_masked_in_one_way() -> None:
    finding = danish(ANSWER.replace(b"2512484916", b"2512484917"), "cpr.modulus")
    assert "251248-****" in finding
    assert masking.masked("251248-4917") == masking.masked("2512484917") == masking.mask("251248 4917") == "251248-****"
    assert "xxxx" not in "".join(path.read_text("utf-8") for path in ROOM.rglob("*.py"))
