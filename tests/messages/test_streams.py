"""One cutter for a file, a stream and processes: what each reads is the same, wherever interchanges begin and end."""

import io
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from npn.messages import Finding, PartValidator, Severity, Syntax, read_all, read_parts, validate, write
from npn.messages.bulk.items import items_of
from npn.messages.edifact.alphabet import Alphabet
from npn.messages.edifact.syntax import read_interchanges
from npn.messages.edifact.writer import write_segments
from npn.messages.examples import example
from npn.messages.files import PieceReader
from npn.messages.streams import split

ALPHABETS = (
    Alphabet(),
    Alphabet(":", "+", ".", "?", " ", "~"),
    Alphabet(";", "*", ".", "!", " ", "'"),
    Alphabet(release=" "),
)
BETWEEN = (b"", b"\n", b"\r\n\r\n", b"  ", b"\x1a\x00\x00", b"\r\n-- \r\nSent from my gateway\r\n", b"\xef\xbb\xbf")
KEYWORDS = split.__kwdefaults__  # how the cutter reads
XML = write(example("XR0131K"), Syntax.XML)


def interchange(reference: str, alphabet: Alphabet, *, una: bool) -> bytes:
    """An answer with a control reference, written with service characters."""
    data = write(example("XR0131K"), Syntax.EDIFACT)
    (source,) = read_interchanges(data).interchanges
    (message,) = source.messages
    header = type(source.header)("UNB", (*source.header.elements[:4], (reference,), *source.header.elements[5:]))
    trailer = type(source.header)("UNZ", (("1",), (reference,)))
    segments = (header, message.header, *message.segments, message.trailer, trailer)
    clean = alphabet.release != " " or una
    return write_segments([each for each in segments if each], alphabet=alphabet, una=una or not clean)


def wrapped(data: bytes, width: int) -> bytes:
    """Break the lines of EDIFACT every so many characters, wherever that is."""
    return re.sub(rb"(?s)(.{%d})" % width, rb"\1\r\n", data) if width else data


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """Interchanges of both syntaxes, one after the other, some of them wrapped."""
    out = []
    for _ in range(draw(st.integers(1, 4))):
        if draw(st.integers(0, 4)) == 0:
            out.append(XML)
        else:
            alphabet = draw(st.sampled_from(ALPHABETS))
            reference = draw(st.sampled_from(("42", "O'K1", "a+b", "UNZ", "?'")))
            if alphabet.release == " ":
                reference = "42"
            data = interchange(reference, alphabet, una=draw(st.booleans()) or alphabet != Alphabet())
            out.append(wrapped(data, draw(st.sampled_from((0, 1, 3, 7, 80)))))
        out.append(draw(st.sampled_from(BETWEEN)))
    return b"".join(out)


def told(findings: list[Finding]) -> list[tuple[object, ...]]:
    """What findings say and where."""
    return sorted(((each.rule, each.severity, each.en, each.place) for each in findings), key=repr)


def of_file(data: bytes) -> list[list[tuple[object, ...]]]:
    return [told(validate(each)) for each in read_all(data)]


def of_stream(data: bytes) -> list[list[tuple[object, ...]]]:
    """The findings of each interchange, put together from its portions."""
    validator, out = PartValidator(), list[list[Finding]]()
    for part in read_parts(io.BytesIO(data)):
        if part.first:
            out.append([])
        out[-1] += validator.findings(part)
    return [told(findings) for findings in out]


def of_jobs(data: bytes) -> list[list[tuple[object, ...]]]:
    """The findings of the items that the bulk commands hand to processes."""
    out = []
    for item in items_of(["-"], stdin=io.BytesIO(data)):
        reader, validator, findings = PieceReader(), PartValidator(), list[Finding]()
        for piece in item.pieces():
            for part in reader.read(piece):
                findings += validator.findings(part)
        out.append(told(findings))
    return out


@given(files(), st.sampled_from((1, 7, 64, 1 << 18)))
@settings(deadline=None, max_examples=15)
def test_a_file_a_stream_and_jobs_read_the_same(data: bytes, block: int) -> None:
    whole = of_file(data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(KEYWORDS, "block", block)
        assert of_stream(data) == whole
    assert of_jobs(data) == whole


@given(files())
@settings(deadline=None, max_examples=15)
def test_sound_interchanges_have_no_error_however_they_follow_each_other(data: bytes) -> None:
    if b"gateway" in data:
        return
    errors = [each for findings in of_file(data) for each in findings if each[1] is Severity.ERROR]
    assert not [each for each in errors if str(each[0]).startswith(("edifact.", "xml."))]


def many(count: int) -> bytes:
    """One interchange in EDIFACT with many letters, a line for each segment."""
    data = write(example("XR0131K"), Syntax.EDIFACT).decode("latin-1")
    head, rest = data.split("UNH+", 1)
    body, tail = rest.split("UNZ+1+", 1)
    own = body.split("+", 1)[0]
    letters = ["UNH+" + body.replace(own, f"L{number}") for number in range(count)]
    return f"{head}{''.join(letters)}UNZ+{count}+{tail}".replace("'", "'\r\n").encode("latin-1")


def many_in_xml(count: int) -> bytes:
    """The same in XML."""
    head, letter, tail = re.match(rb"(?s)(.*</Envelope>)(<LaboratoryReport>.*</LaboratoryReport>)(.*)", XML).groups()
    own = re.search(rb"<Identifier>(.*?)</Identifier>", letter)[1]
    return head + b"\n".join(letter.replace(own, b"L%d" % number, 1) for number in range(count)) + tail


@pytest.mark.parametrize("data", [many(60), many_in_xml(60)], ids=["edifact", "xml"])
def test_the_portions_of_a_long_interchange_say_what_the_whole_says(
    data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = of_file(data)
    for module in ("edifact", "oioxml"):
        monkeypatch.setattr(f"npn.messages.{module}.cuts.PORTION_BYTES", 20_000)
    monkeypatch.setitem(KEYWORDS, "block", 9_000)
    parts = list(read_parts(io.BytesIO(data)))
    assert len(parts) > 5
    assert sum(len(part.interchange.letters) for part in parts) == 60
    assert of_stream(data) == whole
    broken = data.replace(b"UNZ+60", b"UNZ+61").replace(b"L42", b"L41")
    assert of_stream(broken) == of_file(broken) != whole


def test_findings_are_counted_for_each_interchange_and_errors_give_way_to_nothing() -> None:
    sound = write(example("XR0131K"), Syntax.EDIFACT)
    noisy = sound.replace(b"FTX+", b"FTX+" + b"?a" * 3_000, 1)
    broken = re.sub(rb"UNT\+\d+", b"UNT+99", sound)
    first, second = read_all(noisy + broken)
    assert "edifact.unt-count" in {each.rule for each in second.findings}
    assert "edifact.too-many-remarks" in {each.rule for each in first.findings}
    both = re.sub(rb"UNT\+\d+", b"UNT+99", noisy)
    assert "edifact.unt-count" in {each.rule for each in read_all(both)[0].findings}


def test_the_same_interchange_again_is_named(tmp_path: Path) -> None:
    data = interchange("42", Alphabet(), una=True)
    first, second, third = read_all(data + wrapped(data, 80) + b"\n" + data)
    assert [each.rule for each in first.findings].count("file.repeated-interchange") == 0
    for later in (second, third):
        (finding,) = (each for each in later.findings if each.rule == "file.repeated-interchange")
        assert "1" in finding.en


def test_places_go_on_through_a_stream() -> None:
    data = many(2) + many(3)
    places = [each.place.line for part in read_parts(io.BytesIO(data)) for each in PartValidator().findings(part)]
    assert max(line for line in places if line) > many(2).count(b"\n")


def test_una_holds_for_its_own_interchange() -> None:
    data = interchange("1", ALPHABETS[1], una=True) + interchange("2", Alphabet(), una=False)
    assert [len(each.letters) for each in read_all(data)] == [1, 1]
    assert [piece.number for piece in split(io.BytesIO(data))] == [1, 2]
