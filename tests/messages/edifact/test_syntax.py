"""The envelopes: what is read, and which flaw gives which finding at which place."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from npn.messages.edifact.report import ReadLimits
from npn.messages.edifact.rules import SYNTAX_RULES
from npn.messages.edifact.syntax import read_interchanges
from npn.messages.edifact.writer import write_interchange
from npn.messages.model.finding import Severity
from npn.messages.model.segment import Segment

UNB = "UNB+UNOC:3+5790000120284:14+5790000125012:14+000116:1247+0042++++0'"
UNH = "UNH+7+MEDRPT:D:93A:UN:R0130K+RPT01'"
WHOLE = "UNA:+.? '" + UNB + UNH + "BGM+LRP++9+NA'UNT+3+7'UNZ+1+0042'"


def findings_of(text: str) -> dict[str, tuple[int | None, int | None, int | None, str]]:
    places = [(f.rule, f.place) for f in read_interchanges(text.encode("latin-1")).findings]
    return {rule: (place.line, place.column, place.segment, place.path) for rule, place in places}


def test_a_whole_interchange_is_read_with_its_envelope_and_without_findings() -> None:
    file = read_interchanges(WHOLE.encode())
    (interchange,) = file.interchanges
    (message,) = interchange.messages
    assert not file.findings
    assert interchange.una
    assert (interchange.sender, interchange.recipient) == ("5790000120284", "5790000125012")
    assert (interchange.prepared, interchange.reference) == (("000116", "1247"), "0042")
    assert (interchange.syntax, interchange.acknowledgement) == ("UNOC", "0")
    assert (message.type, message.association, message.subtype) == ("MEDRPT", "R0130K", "RPT01")
    assert message.reference == "7"
    assert message.segments == (Segment.of("BGM", "LRP", "", "9", "NA"),)
    assert message.trailer == Segment.of("UNT", "3", "7")


@pytest.mark.parametrize(
    ("before", "after", "rule", "where"),
    [
        ("UNT+3+7'", "UNT+4+7'", "edifact.unt-count", ("4+7'", 4, "UNT 1")),
        ("UNT+3+7'", "UNT++7'", "edifact.unt-count", ("+7'UNZ", 4, "UNT 1")),
        ("UNT+3+7'", "UNT+3+8'", "edifact.unt-reference", ("8'UNZ", 4, "UNT 2")),
        ("UNT+3+7'", "\nUNT+3+07'", "edifact.unt-reference", ("07'UNZ", 4, "UNT 2")),
        ("UNT+3+7'", "", "edifact.unt-missing", ("UNZ", 4, "UNZ")),
        ("UNZ+1+", "UNZ+\r\n2+", "edifact.unz-count", ("2+0042'", 5, "UNZ 1")),
        ("UNZ+1+0042", "UNZ+1+42", "edifact.unz-reference", ("42'", 5, "UNZ 2")),
        ("UNZ+1+0042'", "", "edifact.unz-missing", ("UNT+", 4, "UNT")),
        (UNB, "", "edifact.unb-missing", ("UNH", 1, "UNH")),
        (UNB, UNB.replace("5790000125012:14", ""), "edifact.unb-incomplete", ("+000116", 1, "UNB 3")),
        (UNB, UNB.replace("UNOC:3", "UNOC:4"), "edifact.syntax-version", ("4+5790000120284", 1, "UNB 1.2")),
        (UNB, UNB.replace("UNOC", "UNOB"), "edifact.syntax-identifier", ("UNOB", 1, "UNB 1")),
        (UNB, UNB.replace("UNOC", "UNOW"), "edifact.syntax-identifier-unknown", ("UNOW", 1, "UNB 1")),
        (UNH, "", "edifact.segment-outside", ("BGM", 2, "BGM")),
        (UNH, "", "edifact.unh-missing", ("UNT", 3, "UNT")),
        (UNH, "UNH+7+MEDRPT'", "edifact.unh-incomplete", ("'BGM", 2, "UNH 2.5")),
        (UNH, "UNG+MEDRPT'" + UNH, "edifact.groups-not-used", ("UNG", 2, "UNG")),
        ("BGM", "UNB", "edifact.unz-missing", ("UNB+LRP", 3, "UNB")),
        ("UNA:+.? '", "", "edifact.una-missing", ("UNB", 1, "UNB")),
        ("UNT+3+7'", "UNT+3+7'UNH+7'UNT+2+7'", "edifact.reference-repeated", ("7'UNT+2", 5, "UNH 1")),
        (WHOLE, UNB + "UNZ+0+0042'", "edifact.interchange-empty", ("UNZ", 2, "UNZ")),
    ],
)
def test_each_flaw_of_an_envelope_is_a_finding_at_its_exact_place(
    before: str, after: str, rule: str, where: tuple[str, int, str]
) -> None:
    at, segment, path = where
    text = WHOLE.replace(before, after)
    lines = text[: text.rindex(at)].split("\n")
    assert findings_of(text).get(rule) == (len(lines), len(lines[-1]) + 1, segment, path)


def test_leading_zeros_in_a_count_are_no_flaw() -> None:
    assert not findings_of(WHOLE.replace("UNT+3+", "UNT+000003+"))


def test_a_count_says_what_was_said_and_what_is_there_in_both_languages() -> None:
    (finding,) = read_interchanges(WHOLE.replace("UNT+3", "UNT+9").encode()).findings
    assert finding.severity is Severity.ERROR
    assert finding.en == 'UNT says "9" segments, but the message has "3" (UNH and UNT counted).'
    assert finding.da == 'UNT angiver "9" segmenter, men brevet har "3" (UNH og UNT talt med).'
    assert "0074" in finding.citation


def test_several_interchanges_and_messages_are_all_read_and_own_their_findings() -> None:
    second = WHOLE.replace("UNT+3", "UNT+5").replace("UNZ+1", UNH.replace("+7+", "+8+") + "UNT+2+8'UNZ+2")
    file = read_interchanges((WHOLE + "\r\n  " + second + WHOLE.removeprefix("UNA:+.? '")).encode())
    assert [len(i.messages) for i in file.interchanges] == [1, 2, 1]
    assert [[f.rule for f in i.findings] for i in file.interchanges] == [
        [],
        ["edifact.unt-count"],
        ["edifact.una-missing"],
    ]
    assert len(file.findings) == 2


def test_a_single_byte_character_set_is_decoded_as_named() -> None:
    text = WHOLE.replace("UNOC", "UNOD").replace("LRP", "\xb1")
    (interchange,) = read_interchanges(text.encode("latin-1")).interchanges
    assert interchange.messages[0].segments[0].value(1) == "ą"


def test_a_character_outside_unoa_is_a_finding_at_its_component() -> None:
    text = WHOLE.replace("UNOC", "UNOA").replace("LRP", "lrp")
    assert findings_of(text)["edifact.outside-repertoire"] == (1, text.index("lrp") + 1, 3, "BGM 1")


def test_a_finding_never_shows_a_whole_cpr_number() -> None:
    text = WHOLE.replace("UNT+3+7", "UNT+3+1212778221")
    (finding,) = read_interchanges(text.encode()).findings
    assert "121277-****" in finding.en
    assert "8221" not in finding.en + finding.da


def test_the_samples_are_read_without_findings_and_written_back_byte_for_byte(samples: Path) -> None:
    for path in sorted(samples.glob("edifact/*.edi")):
        data = path.read_bytes()
        file = read_interchanges(data)
        assert not file.findings, path.name
        (interchange,) = file.interchanges
        messages = [(m.header, *m.segments) for m in interchange.messages]
        assert write_interchange(interchange.header, messages) == data.translate(None, b"\r\n")


def test_every_rule_has_its_texts_in_both_languages_and_is_a_sentence() -> None:
    for rule in SYNTAX_RULES.values():
        assert rule.finds.en.endswith((".", "?"))
        assert rule.finds.da.endswith((".", "?"))
        assert rule.finds.en != rule.finds.da
        assert rule.id.startswith("edifact.")
        placeholders = {part.split("}")[0] for part in rule.finds.en.split("{")[1:]}
        assert {part.split("}")[0].replace("_da", "_en") for part in rule.finds.da.split("{")[1:]} == placeholders


body = st.lists(
    st.builds(
        Segment.of,
        st.sampled_from(["NAD", "FTX", "S01", "GIS", "DTM"]),
        st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=8),
        st.lists(st.text("a:+?' \xe6", max_size=5), min_size=1, max_size=3).map(tuple),
    ),
    max_size=8,
)


@given(st.lists(body, min_size=1, max_size=4))
def test_whatever_is_written_as_an_interchange_is_read_back_equal(bodies: list[list[Segment]]) -> None:
    header = Segment.of("UNB", ("UNOC", "3"), ("1", "14"), ("2", "14"), ("260101", "1200"), "9")
    heads = [Segment.of("UNH", str(n), ("MEDRPT", "D", "93A", "UN", "R0131K"), "RPT01") for n in range(len(bodies))]
    messages = [[head, *segments] for head, segments in zip(heads, bodies, strict=True)]
    file = read_interchanges(write_interchange(header, messages))
    assert not [f for f in file.findings if f.rule != "edifact.utf-8"]
    (interchange,) = file.interchanges
    assert interchange.header == header
    assert [[m.header, *m.segments] for m in interchange.messages] == messages


@given(st.data())
def test_damaged_bytes_never_make_it_raise_and_lost_bytes_are_always_noticed(data: st.DataObject) -> None:
    whole = WHOLE.encode()
    cut = data.draw(st.integers(0, len(whole) - 1))
    assert [f for f in read_interchanges(whole[:cut]).findings if f.severity is Severity.ERROR]
    noise = data.draw(st.binary(min_size=1, max_size=5))
    read_interchanges(whole[:cut] + noise + whole[cut + len(noise) :], limits=ReadLimits(findings=3))


@pytest.mark.parametrize("padding", ["\x1a", "\r\n\x1a", "\n\x00\x00\x00", " \x1a\x00\n"])
def test_an_end_mark_behind_the_interchange_is_skipped_and_said(padding: str) -> None:
    file = read_interchanges((WHOLE + padding).encode("latin-1"))
    assert len(file.interchanges) == 1
    assert {each.rule: (each.place.line, each.place.column) for each in file.findings} == {
        "edifact.padding": (1, len(WHOLE) + 1)
    }
