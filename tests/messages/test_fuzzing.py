"""Both readers against broken bytes: no exception, no hang, always an answer."""

import time
from random import Random

import pytest
from tests.messages.generator import ALL_VERSIONS, HARD, Generator

from npn.messages import Interchange, Severity, Syntax, convert, read_all, validate, versions

SPECIAL = [
    b"'",
    b"+",
    b":",
    b"?",
    b"<",
    b">",
    b"&",
    b"\x00",
    b"\xff",
    b"\r\n",
    b"UNH",
    b"S18+18'",
    b"GIS+N'",
    b"]]>",
    b"&x;",
]
SLOWEST = 5.0  # seconds for one document of some ten kilobytes on a busy machine


def originals(lots: Random) -> bytes:
    """A sound document of any version, in either syntax."""
    made = Generator(versions.version(lots.choice(ALL_VERSIONS)), lots, alphabet=HARD).document()
    to = lots.choice((Syntax.XML, Syntax.EDIFACT))
    return convert(made, to, force=True).data or b""


def broken(data: bytes, lots: Random) -> bytes:
    """A few random changes: bytes replaced, left out, doubled, moved, or the end cut off."""
    made = bytearray(data)
    for _ in range(lots.choice((1, 1, 2, 5, 20))):
        at = lots.randrange(len(made) + 1)
        end = min(len(made), at + lots.choice((1, 1, 3, 40)))
        change = lots.randrange(6)
        if change == 0:
            made[at:end] = lots.choice(SPECIAL)
        elif change == 1:
            del made[at:end]
        elif change == 2:
            made[at:at] = made[at:end] * lots.choice((1, 2, 50))
        elif change == 3:
            made[at:at] = lots.choice(SPECIAL)
        elif change == 4:
            made[at:end] = bytes(lots.randrange(256) for _ in range(end - at))
        else:
            piece = made[at:end]
            del made[at:end]
            there = lots.randrange(len(made) + 1)
            made[there:there] = piece
    return bytes(made[: lots.randrange(len(made))] if made and lots.random() < 0.1 else made)


def survives(data: bytes) -> list[Interchange]:
    """Read, check, and convert both ways, in spite of everything."""
    found = list(read_all(data))
    assert found
    for each in found:
        findings = validate(each)
        assert each.letters or any(finding.severity is Severity.ERROR for finding in findings)
        for to in Syntax:
            made = convert(each, to, force=True)
            assert made.data is not None or "mapping.no-letter" in [finding.rule for finding in made.errors]
            convert(each, to, as_peer=True)
    return found


def fuzz(seeds: range) -> None:
    """Break documents until the seeds are used up."""
    for seed in seeds:
        lots = Random(seed)
        data = broken(originals(lots), lots)
        began = time.process_time()
        survives(data)
        assert time.process_time() - began < SLOWEST, seed


@pytest.mark.parametrize("part", range(4))
def test_broken_documents_give_findings_and_never_an_exception(part: int) -> None:
    fuzz(range(part * 60, part * 60 + 60))


@pytest.mark.slow
@pytest.mark.parametrize("part", range(20))
def test_broken_documents_by_the_ten_thousands(part: int) -> None:
    fuzz(range(100_000 + part * 2_000, 102_000 + part * 2_000))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b" ",
        b"<",
        b"UNA",
        b"UNB",
        b"UNA:+.? 'UNZ'",
        b"\xef\xbb\xbf<Emessage/>",
        b"\xff\xfe<\x00",
        b"<Emessage xmlns='http://rep.oio.dk/medcom.dk/xml/schemas/2014/10/08/'/>",
        b"<Emessage xmlns='http://rep.oio.dk/medcom.dk/xml/schemas/2014/10/08/'><LaboratoryReport/></Emessage>",
        b"UNB+UNOC:3+a:14+b:14+140904:1733+x++++0'UNH+x+MEDRPT:D:93A:UN:R0131K+RPT01'UNT+2+x'UNZ+1+x'",
        b"UNB+UNOC:3+a:14+b:14+140904:1733+x'UNH+x+CONTRL:D:93A:ZZ:C0130Q+CTL01'FTX+NC'UNT+3+x'UNZ+1+x'",
        b"UNB+UNOC:3+a:14+b:14+140904:1733+x++++0'UNH+x+MEDRPT:D:93A:UN:R9999K+RPT01'BGM'UNT+3+x'UNZ+1+x'",
    ],
)
def test_fragments_give_findings(data: bytes) -> None:
    survives(data)


def test_entities_and_outside_files_are_refused() -> None:
    bomb = b"<!DOCTYPE a [<!ENTITY b 'x'><!ENTITY c '&b;&b;&b;'>]><Emessage>&c;</Emessage>"
    (found,) = read_all(bomb)
    assert [each.rule for each in found.findings] == ["xml.dtd"]
    outside = b"<?xml version='1.0'?><!DOCTYPE a SYSTEM 'file:///etc/passwd'><Emessage/>"
    (found,) = read_all(outside)
    assert [each.rule for each in found.findings] == ["xml.dtd"]


def test_depth_and_encoding_are_bounded() -> None:
    deep = b"<Emessage>" + b"<a>" * 200 + b"</a>" * 200 + b"</Emessage>"
    (found,) = read_all(deep)
    assert [each.rule for each in found.findings] == ["xml.depth"]
    (found,) = read_all(b"<?xml version='1.0' encoding='UTF-16'?><Emessage/>")
    assert [each.rule for each in found.findings] == ["xml.encoding"]
