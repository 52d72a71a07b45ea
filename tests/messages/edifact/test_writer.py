"""The writer: exact bytes, trimmed ends, and characters that can't be written."""

import pytest

from npn.errors import InvalidInputError
from npn.messages.edifact.writer import unwritable, write_interchange, write_segments
from npn.messages.model.segment import Segment

UNB = Segment.of("UNB", ("UNOC", "3"), "1", "2", ("260101", "1200"), "9")
UNH = Segment.of("UNH", "5", ("MEDREQ", "D", "93A", "UN", "Q0131K"), "REQ01")


def test_trailers_are_counted_and_referenced_by_the_writer() -> None:
    data = write_interchange(UNB, [[UNH, Segment.of("HAN", "CDS")], [UNH]])
    assert data == (
        b"UNA:+.? 'UNB+UNOC:3+1+2+260101:1200+9'"
        b"UNH+5+MEDREQ:D:93A:UN:Q0131K+REQ01'HAN+CDS'UNT+3+5'"
        b"UNH+5+MEDREQ:D:93A:UN:Q0131K+REQ01'UNT+2+5'UNZ+2+9'"
    )


def test_an_interchange_without_messages_counts_none() -> None:
    assert write_interchange(UNB, []).endswith(b"UNZ+0+9'")


def test_empty_ends_are_cut_when_a_segment_is_made_and_kept_when_it_is_written() -> None:
    made = Segment.of("RSL", "NV", ("3.10", ""), "", ("", "", ""), ("", ""))
    assert write_segments([made], una=False) == b"RSL+NV+3.10'"
    assert write_segments([Segment.of("STS", "", "")], una=False) == b"STS'"
    assert write_segments([Segment("A01", (("", ""), ("",)))], una=False) == b"A01+:+'"


def test_the_four_service_characters_are_released_and_a_backslash_is_not() -> None:
    assert write_segments([Segment.of("FTX", "?:+'\\.")], una=False) == b"FTX+???:?+?'\\.'"


def test_a_character_outside_latin_1_is_refused_with_its_segment_named() -> None:
    segments = [UNH, Segment.of("FTX", "SPC", ("x", "5 €"))]
    with pytest.raises(InvalidInputError, match=r'segment 2 \(FTX\) holds "€" \(U\+20AC\)') as caught:
        write_segments(segments)
    assert caught.value.field == "FTX"
    assert caught.value.hint


def test_a_replacement_is_written_and_released_where_needed() -> None:
    assert write_segments([Segment.of("FTX", "€")], una=False, replacement="?") == b"FTX+??'"


def test_every_unwritable_character_is_a_finding_at_its_component() -> None:
    found = list(unwritable([UNH, Segment.of("FTX", "SPC", ("x", "€ og ‰"))]))
    assert [f.place.path for f in found] == ["FTX 2.2", "FTX 2.2"]
    assert "U+20AC" in found[0].en
