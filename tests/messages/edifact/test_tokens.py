"""The tokeniser: service characters, release, line breaks anywhere, exact places."""

import random
import time
import tracemalloc
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from npn.messages.edifact.alphabet import DEFAULT, Alphabet
from npn.messages.edifact.report import ReadLimits
from npn.messages.edifact.tokens import tokenise
from npn.messages.edifact.writer import write_segments
from npn.messages.model.finding import Finding
from npn.messages.model.segment import Segment

MUCH = 3_000_000
LATIN_1 = [chr(c) for c in (*range(0x20, 0x7F), *range(0xA0, 0x100))]
texts = st.text(st.sampled_from([*LATIN_1, *":+'?" * 12]), max_size=12)
elements = st.lists(texts, min_size=1, max_size=4).map(tuple)
tags = st.from_regex(r"[A-Z][A-Z0-9]{2}", fullmatch=True).filter(lambda tag: tag != "UNA")
segments = st.builds(Segment, tags, st.lists(elements, max_size=5).map(tuple))
files = st.lists(segments, min_size=1, max_size=12)
alphabets = st.permutations("!;*#|~^$:+.?'").map(lambda chars: Alphabet(*chars[:4], " ", chars[4]))


def read(data: bytes, limits: ReadLimits | None = None) -> tuple[list[Segment], list[Finding]]:
    findings: list[Finding] = []
    found = list(tokenise(data, findings=findings, limits=limits or ReadLimits()))
    return found, findings


def rules(findings: Sequence[Finding]) -> list[str]:
    return [finding.rule for finding in findings]


def place_of(data: bytes, at: int) -> tuple[int, int]:
    """Line and column of a byte, the slow and obvious way."""
    before = data[:at].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if data[at - 1 : at + 1] == b"\r\n":
        before = before[:-1]
    return before.count(b"\n") + 1, len(before) - (before.rfind(b"\n") + 1) + 1


@given(files, alphabets | st.just(DEFAULT))
@example([Segment("FTX", (("?", "??", "'"), ("",), ("+:",)))], DEFAULT)
def test_what_is_written_is_read_back_whatever_the_characters(written: list[Segment], alphabet: Alphabet) -> None:
    found, findings = read(write_segments(written, alphabet=alphabet))
    assert found == written
    assert rules(findings) in ([], ["edifact.una-unusual"], ["edifact.utf-8"])
    assert [s.index for s in found] == list(range(1, len(written) + 1))


@given(files, st.randoms(use_true_random=False))
def test_line_breaks_anywhere_change_nothing_and_places_stay_exact(written: list[Segment], rng: random.Random) -> None:
    broken, starts = _broken_up(write_segments(written), rng)
    found, _ = read(broken)
    assert found == written
    for segment, start in zip(found, starts, strict=True):
        assert (segment.line, segment.column) == place_of(broken, start)


def _broken_up(data: bytes, rng: random.Random) -> tuple[bytes, list[int]]:
    """Put line breaks between any two bytes; say where each segment's first byte then is."""
    out, starts, released, begins = bytearray(), [], False, False
    for number, byte in enumerate(data):
        out += rng.choice([b"", b"", b"", b"\n", b"\r\n", b"\r", b"\n\n"])
        if begins or number == 9:
            starts.append(len(out))
        begins = byte == 0x27 and not released and number >= 9
        released = byte == 0x3F and not released and number >= 9
        out.append(byte)
    return bytes(out), starts


@given(files, st.data())
def test_a_components_place_is_where_its_first_character_stands(written: list[Segment], data: st.DataObject) -> None:
    raw = write_segments(written)
    found, _ = read(raw)
    segment = data.draw(st.sampled_from([s for s in found if s.elements] or [None]))
    if segment is None:
        return
    element = data.draw(st.integers(1, len(segment.elements)))
    component = data.draw(st.integers(1, len(segment.elements[element - 1])))
    column = segment.place(element, component).column
    assert column is not None
    rest = raw[column - 1 :]
    value = segment.value(element, component)
    shown = write_segments([Segment("X", ((value,),))], una=False)[2:-1]
    assert rest.startswith(shown)
    assert raw[column - 2 : column - 1] == (b"+" if component == 1 else b":")


def test_the_samples_come_back_byte_for_byte(samples: Path) -> None:
    for path in sorted(samples.glob("edifact/*.edi")):
        data = path.read_bytes()
        found, findings = read(data)
        assert write_segments(found) == data.translate(None, b"\r\n"), path.name
        assert not findings


def test_without_una_the_usual_characters_hold() -> None:
    found, findings = read(b"UNB+UNOC:3'FTX+a?+b'")
    assert [s.elements for s in found] == [(("UNOC", "3"),), (("a+b",),)]
    assert not findings


def test_control_characters_that_una_names_are_one_remark_and_others_are_still_errors() -> None:
    data = b"UNA\x1f\x1d.\x10 \x1cUNB\x1dUNOC\x1f3\x1cFTX\x1da\x10\x1db\x1c"
    found, findings = read(data)
    assert [s.elements for s in found] == [(("UNOC", "3"),), (("a\x1db",),)]
    assert rules(findings) == ["edifact.una-unusual"]
    assert r"\x1f\x1d." in findings[0].en
    assert findings[0].en.isprintable()
    _, findings = read(data.replace(b"b\x1c", b"b\x1e\x1c"))
    assert rules(findings) == ["edifact.una-unusual", "edifact.control-character"]


def test_a_second_una_changes_the_characters_from_there_on() -> None:
    found, findings = read(b"UNA:+.? 'UNB+A:3'UNZ+1'\r\n UNA;*.! ~UNB*A;3~FTX*x:y!~~")
    assert found[2:] == [Segment("UNB", (("A", "3"),)), Segment("FTX", (("x:y~",),))]
    assert rules(findings) == ["edifact.una-unusual"]
    assert (found[2].line, found[2].column) == (2, 11)


def test_una_after_a_released_terminator_is_data() -> None:
    found, _ = read(b"FTX+x?'UNA:+.? y'")
    assert found == [Segment("FTX", (("x'UNA",), (". y",)))] or found[0].value(1) == "x'UNA"


@pytest.mark.parametrize("una", [b"UNA++.? '", b"UNAa+.? '", b"UNA:+.?"])
def test_an_impossible_una_is_a_finding_and_the_usual_characters_hold(una: bytes) -> None:
    found, findings = read(una + b"UNB+UNOC:3'")
    assert rules(findings)[0] == "edifact.una-invalid"
    assert found[:1] == [Segment("UNB", (("UNOC", "3"),))]


def test_a_release_before_a_character_that_needs_none_is_a_finding_at_its_place() -> None:
    found, findings = read(b"UNB+A'\nFTX+12?:\n?g5'")
    assert found[1].elements == (("12:g5",),)
    (finding,) = findings
    assert (finding.rule, finding.place.line, finding.place.column) == ("edifact.release-needless", 3, 1)
    assert finding.place.segment == 2


def test_a_line_break_between_release_and_released_character_changes_nothing() -> None:
    assert read(b"FTX+a?\r\n'b'")[0] == [Segment("FTX", (("a'b",),))]


def test_without_a_release_character_a_question_mark_is_text() -> None:
    found, _ = read(b"UNA:+.  'FTX+why?+x'")
    assert found == [Segment("FTX", (("why?",), ("x",)))]


@pytest.mark.parametrize(
    ("data", "rule", "line", "column"),
    [
        (b"UNB+A'\nNAD+x", "edifact.truncated", 2, 6),
        (b"UNB+A'\nNAD+x?", "edifact.truncated", 2, 7),
        (b"UNB+A'\nNAD+x?'", "edifact.truncated", 2, 8),
        (b"UNB+A''NAD'", "edifact.segment-empty", 1, 7),
        (b"UNB+A'nad+1'", "edifact.segment-tag", 1, 7),
        (b"UNB+A'NA+1'", "edifact.segment-tag", 1, 7),
        (b"UNB+A'FTX+a\x00b'", "edifact.control-character", 1, 12),
        (b"UNB+A'FTX+a\x7fb'", "edifact.control-character", 1, 12),
        (b"UNB+A'FTX+a\tb'", "edifact.tab", 1, 12),
        (b"UNB+A'FTX+\xe6\x80'", "edifact.outside-latin-1", 1, 12),
        (b"UNB+A'FTX+\xe6\x81'", "edifact.control-character", 1, 12),
        (b"UNB+A'FTX+\xc3\xb8'", "edifact.utf-8", 1, 11),
        (b"\xef\xbb\xbfUNB+A'", "edifact.byte-order-mark", 1, 1),
        (b"MIME: 1\r\n\r\nUNB+UNOC:3'", "edifact.leading-text", 1, 1),
        (b"<Emessage/>", "edifact.not-edifact", 1, 1),
        (b"unb+unoc:3'", "edifact.not-edifact", 1, 1),
    ],
)
def test_each_flaw_is_a_finding_at_its_exact_place(data: bytes, rule: str, line: int, column: int) -> None:
    _, findings = read(data)
    places = {f.rule: (f.place.line, f.place.column) for f in findings}
    assert places.get(rule) == (line, column), findings


@pytest.mark.parametrize("data", [b"", b"\r\n\n", b"   ", b"UNA:+.? '\n"])
def test_an_empty_file_is_said_to_be_empty(data: bytes) -> None:
    found, findings = read(data)
    assert not found
    assert rules(findings) == ["edifact.empty-file"]


def test_a_segment_out_of_bounds_is_named_and_the_next_ones_are_read() -> None:
    long = b"FTX+" + b"x" * 200_000 + b"'"
    wide = b"FTX" + b"+" * 50_000 + b"'"
    found, findings = read(b"UNB+A'" + long + wide + b"DTM+4'")
    assert [s.tag for s in found] == ["UNB", "FTX", "FTX", "DTM"]
    assert found[3] == Segment("DTM", (("4",),))
    assert rules(findings) == ["edifact.segment-too-long", "edifact.segment-too-wide"]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("no terminator", b"UNB+" + b"x" * MUCH),
        ("only terminators", b"UNB+A'" + b"'" * MUCH),
        ("only elements", b"UNB" + b"+" * MUCH),
        ("only releases", b"UNB+A'FTX+" + b"?" * (MUCH + 1)),
        ("needless releases", b"UNB+A'FTX+" + b"?a" * (MUCH // 2)),
        ("needed releases", b"UNB+A'FTX+" + b"?'" * (MUCH // 2)),
        ("only line breaks", b"UNB+A'" + b"\r\n" * (MUCH // 2) + b"FTX+?a'"),
        ("control characters", b"UNB+A'" + b"\x00" * MUCH),
        ("tiny segments", b"UNB+A'" + b"A01'" * (MUCH // 4)),
        ("many service strings", b"UNA:+.? '" * (MUCH // 9)),
        ("words like UNA", b"UNB+" + b"UNA " * (MUCH // 4)),
        ("released UNA", b"UNB+" + b"?'UNA" * (MUCH // 5)),
    ],
)
def test_hostile_input_ends_soon_with_findings_and_little_memory(name: str, data: bytes) -> None:
    started = time.process_time()
    assert 1 <= len(_findings_of(data)) <= 1_001, name
    assert time.process_time() - started < 5
    tracemalloc.start()
    _findings_of(data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 * len(data) + 2_000_000


def _findings_of(data: bytes) -> list[Finding]:
    findings: list[Finding] = []
    for _ in tokenise(data, findings=findings, limits=ReadLimits(segments=20_000)):
        pass
    return findings


def test_a_file_over_the_limit_is_refused_unread() -> None:
    found, findings = read(b"UNB+A'" * 100, ReadLimits(size=100))
    assert not found
    assert rules(findings) == ["edifact.file-too-large"]


def test_too_many_segments_and_findings_end_in_one_finding_each() -> None:
    found, findings = read(b"UNB+A'" * 100, ReadLimits(segments=10))
    assert len(found) <= 11
    assert rules(findings) == ["edifact.too-many-segments"]
    _, findings = read(b"UNB+A'" + b"x+'" * 100, ReadLimits(findings=5))
    assert rules(findings) == ["edifact.segment-tag"] * 5 + ["edifact.too-many-findings"]


@given(st.binary(max_size=300) | st.text("UNABHZT+:?'\r\n 01\xe6", max_size=200).map(lambda t: t.encode("latin-1")))
def test_no_bytes_at_all_make_it_raise(data: bytes) -> None:
    found, findings = read(data)
    assert found or findings
    for segment in found:
        assert segment.line is not None
        assert segment.column is not None
