"""What there is to do: directories and streams."""

import io
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from npn.errors import ConfigurationError
from npn.messages.bulk import items
from npn.messages.bulk.items import Item, items_of, split
from npn.messages.edifact.syntax import read_interchanges
from npn.messages.edifact.writer import write_interchange
from npn.messages.model.segment import Segment

Make = Callable[[int], bytes]


def given_items(*arguments: str, stdin: bytes = b"") -> list[Item]:
    return list(items_of(arguments, stdin=io.BytesIO(stdin)))


def test_a_directory_gives_its_messages_in_order_and_nothing_else(folder: Path) -> None:
    found = given_items(str(folder))
    assert len(found) == 200
    assert [i.name for i in found] == sorted(i.name for i in found)
    assert all(i.name.endswith(".edi") for i in found)


def test_a_named_file_is_given_whatever_its_name(folder: Path) -> None:
    (found,) = given_items(str(folder / "readme.md"))
    assert [piece.data for piece in found.pieces()] == [b"not a message"]


def test_a_name_that_does_not_exist_is_a_mistake_in_the_call_and_nothing_is_begun(folder: Path) -> None:
    with pytest.raises(ConfigurationError, match="does not exist"):
        next(items_of([str(folder), str(folder / "missing")], stdin=io.BytesIO()))


def test_a_stream_is_cut_into_its_interchanges(interchange: Make) -> None:
    data = b"".join(interchange(n) for n in range(3))
    found = given_items("-", stdin=data)
    assert [i.name for i in found] == ["-#1", "-#2", "-#3"]
    assert [data[i.offset : i.offset + len(i.data)] for i in found] == [i.data for i in found]
    assert [len(read_interchanges(i.data).findings) for i in found] == [0, 0, 0]


def test_what_is_no_edifact_stays_in_one_piece() -> None:
    assert [i.data for i in given_items("-", stdin=b"<Emessage>'UNZ+1'</Emessage>")] == [
        b"<Emessage>'UNZ+1'</Emessage>"
    ]
    assert not given_items("-", stdin=b" \r\n ")


texts = st.text(st.sampled_from("abUNZ+:'? æ1"), max_size=20)


@given(st.lists(st.lists(texts, max_size=4), min_size=1, max_size=5), st.sampled_from(["", "\n", "\r\n", " "]))
def test_cutting_loses_and_adds_nothing_whatever_the_data(interchanges: list[list[str]], between: str) -> None:
    unb = Segment.of("UNB", ("UNOC", "3"), "1", "2", ("260101", "1200"), "9")
    unh = Segment.of("UNH", "1", ("MEDRPT", "D", "93A", "UN", "R0131K"), "RPT01")
    written = [write_interchange(unb, [[unh, *(Segment.of("FTX", text) for text in each)]]) for each in interchanges]
    data = between.encode().join(written)
    assert [i.data for i in split(io.BytesIO(data), "x")] == written


def test_cuts_fall_the_same_wherever_the_blocks_end(interchange: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    data = b"".join(interchange(n) for n in range(5))
    whole = [(i.data, i.offset) for i in split(io.BytesIO(data), "x")]
    for block in (1, 7, 64, 131):
        monkeypatch.setattr(items, "BLOCK", block)
        assert [(i.data, i.offset) for i in split(io.BytesIO(data), "x")] == whole


def test_unz_is_found_with_line_breaks_in_it_and_with_other_service_characters() -> None:
    wrapped = b"UNB+UNOC:3+1+2'U\r\nN\nZ+1+\r\n4\n'\nUNB+UNOC:3'UNZ+0'"
    assert [i.data for i in split(io.BytesIO(wrapped), "x")] == [
        b"UNB+UNOC:3+1+2'U\r\nN\nZ+1+\r\n4\n'",
        b"UNB+UNOC:3'UNZ+0'",
    ]
    other = b"UNA;*.! ~UNB*UNOC;3*'UNZ+'~UNZ*1*4~UNA:+.? 'UNB+A'UNZ+1'"
    assert [i.offset for i in split(io.BytesIO(other), "x")] == [0, other.index(b"UNA:")]


def test_a_piece_without_end_is_given_up_to_the_limit_and_the_next_one_is_found(interchange: Make) -> None:
    data = b"UNB+UNOC:3+" + b"x" * 5_000_000 + interchange(1)
    broken, good = split(io.BytesIO(data), "x", largest=1 << 20)
    assert (1 << 20) < len(broken.data) < (3 << 20)
    assert data[good.offset :].rstrip() == good.data
    assert not read_interchanges(good.data).findings


def test_a_long_stream_is_cut_with_little_memory(interchange: Make) -> None:
    data = b"".join(interchange(n) for n in range(20_000))
    tracemalloc.start()
    count = sum(1 for _ in split(io.BytesIO(data), "x"))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 20_000
    assert peak < 4 * items.BLOCK


def test_a_large_file_is_cut_like_a_stream(tmp_path: Path, interchange: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(items, "LARGE", 100)
    path = tmp_path / "large.edi"
    path.write_bytes(interchange(1) + interchange(2))
    assert [i.name for i in given_items(str(path))] == [f"{path}#1", f"{path}#2"]
