"""Fuzzing of the EDIFACT reader: damaged samples and noise, seconds here, an hour in the slow suite.

NPN_FUZZ_SECONDS sets another time for either; NPN_FUZZ_SEED repeats a run.
"""

import os
import random
import time
from collections.abc import Callable

import pytest

from npn.messages.edifact.groups import nest
from npn.messages.edifact.report import LIMITS
from npn.messages.edifact.syntax import read_interchanges
from npn.messages.edifact.writer import write_interchange, write_segments
from npn.messages.model.finding import Finding, Severity
from npn.messages.model.segment import Segment

SLOWEST_READ = 5.0  # seconds of processor time for one damaged message: far above any, far below a hang
BITS = (
    b"'",
    b"+",
    b":",
    b"?",
    b"??",
    b"\r\n",
    b"\x00",
    b"UNA:+.? '",
    b"UNB+",
    b"UNZ+1+",
    b"UNH+",
    b"UNT+",
    b"\xff",
)


def a_file() -> bytes:
    """Make a message with some of everything, as a seed to be damaged."""
    unb = Segment.of("UNB", ("UNOC", "3"), ("1", "14"), ("2", "14"), ("260101", "1200"), "42")
    unh = Segment.of("UNH", "1", ("MEDRPT", "D", "93A", "UN", "R0131K"), "RPT01")
    body = [
        *(Segment.of("S01", "01"), Segment.of("NAD", "SLA", ("1", "SKS", "SST"), "", ("Afd. ø",))),
        *(Segment.of("S16", "16"), Segment.of("SPC", "SCI", "ATT"), Segment.of("GIS", "N")),
        *(Segment.of("FTX", "SPC", "P00", "", ("what's +1?", "a:b")), Segment.of("S20", "20")),
    ]
    return write_interchange(unb, [[unh, *body], [unh, *body]])


def damaged(data: bytes, rng: random.Random) -> bytes:
    """Cut, repeat, swap, overwrite or insert at a few places."""
    out = bytearray(data)
    for _ in range(rng.randint(1, 6)):
        begin = rng.randrange(len(out) + 1)
        end = min(len(out), begin + rng.choice([0, 1, 1, 2, 9, 80]))
        noise = rng.choice([rng.randbytes(rng.randint(0, 4)), rng.choice(BITS), bytes(out[begin:end]) * 2])
        out[begin:end] = noise
    return bytes(out)


def holds(data: bytes) -> None:
    """What must be true of whatever bytes."""
    started = time.process_time()
    file = read_interchanges(data)
    assert file.interchanges or file.findings
    assert len(file.findings) <= LIMITS.findings + 1
    assert all(f.en and f.da and f.rule for f in file.findings)
    lines = data.count(b"\n") + data.count(b"\r") + 1
    for finding in file.findings:
        assert finding.place.line is None or 1 <= finding.place.line <= lines
        assert finding.place.column is None or 1 <= finding.place.column <= len(data) + 1
    for interchange in file.interchanges:
        for message in interchange.messages:
            more: list[Finding] = []
            list(nest(message, more).walk())
            written = write_segments(message.segments, alphabet=interchange.alphabet, replacement="x")
            assert written
    if not any(f.severity is Severity.ERROR for f in file.findings):
        assert all(i.header.tag == "UNB" and i.trailer is not None for i in file.interchanges)
    assert time.process_time() - started < SLOWEST_READ


def fuzz(seconds: float, make: Callable[[random.Random], bytes]) -> int:
    """Try for that long; a failure names the seed and the bytes."""
    seconds = float(os.environ.get("NPN_FUZZ_SECONDS", seconds))
    seed = int(os.environ.get("NPN_FUZZ_SEED", time.time_ns()))
    rng, tried, until = random.Random(seed), 0, time.monotonic() + seconds
    while time.monotonic() < until:
        data = make(rng)
        try:
            holds(data)
        except Exception as error:
            error.add_note(f"seed {seed}, file {tried}: {data!r}")
            raise
        tried += 1
    return tried


def some_damage(rng: random.Random) -> bytes:
    return damaged(a_file() * rng.choice([1, 1, 2]), rng)


def noise(rng: random.Random) -> bytes:
    return b"".join(rng.choice(BITS) if rng.random() < 0.7 else rng.randbytes(1) for _ in range(rng.randint(0, 60)))


def test_damaged_messages_always_end_in_findings_never_in_a_crash() -> None:
    assert fuzz(10, some_damage) > 100


def test_noise_made_of_service_characters_ends_the_same_way() -> None:
    assert fuzz(8, noise) > 100


@pytest.mark.slow
@pytest.mark.timeout(0)
@pytest.mark.parametrize("make", [some_damage, noise])
def test_an_hour_of_damage(make: Callable[[random.Random], bytes]) -> None:
    assert fuzz(1800, make) > 100
