"""Usable numbers as text: the pure and the numpy path give what brute force gives; memory stays flat."""

import subprocess
import sys
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.numbers.schemes import schemes, walked, windows

from npn.errors import InvalidInputError
from npn.numbers import arrays, fastest, text
from npn.numbers.scheme import NPN10

FRAMES = st.sampled_from([(b"", b"\n"), (b'"', b'"\n'), (b"", b"\r\n"), (b"", b""), (b"NPN-", b";test\n")])
BOTH = pytest.mark.parametrize("path", [text, arrays], ids=["pure", "numpy"])


@BOTH
@given(data=st.data())
def test_the_text_is_that_of_brute_force(path: ModuleType, data: st.DataObject) -> None:
    scheme = data.draw(schemes())
    first, last = data.draw(windows(scheme))
    prefix, suffix = data.draw(FRAMES)
    size = data.draw(st.sampled_from([1, 100, 5_000, 65_536]))
    given_text = b"".join(path.blocks(scheme, first, last, prefix=prefix, suffix=suffix, block_size=size))
    numbers = (prefix + scheme.format(n).encode() + suffix for n in walked(scheme, first, last))
    assert given_text == b"".join(numbers)


@given(data=st.data())
def test_long_lists_are_the_same_with_and_without_numpy(data: st.DataObject) -> None:
    scheme = data.draw(schemes(longest=9, largest_modulus=40))
    first = data.draw(st.integers(0, 10**scheme.length - 1))
    last = min(first + 1_200_000, scheme.highest)
    pure = b"".join(text.blocks(scheme, first, last))
    assert pure == b"".join(arrays.blocks(scheme, first, last))
    assert len(pure) == scheme.count(first, last) * (scheme.length + 1)


@BOTH
def test_blocks_are_about_as_long_as_asked_for(path: ModuleType) -> None:
    for size in (20_000, 65_536, 300_000):
        lengths = [len(block) for block in path.blocks(NPN10, 10**9, 10**9 + 3 * 10**6, block_size=size)]
        assert all(size / 2 <= length <= 2.5 * size for length in lengths[:-1])


@BOTH
def test_an_empty_range_gives_no_blocks(path: ModuleType) -> None:
    assert list(path.blocks(NPN10, 2, 1)) == []
    assert list(path.blocks(NPN10, 1_000_000_008, 1_000_000_014)) == []
    assert list(path.blocks(NPN10, 10**10, 10**11)) == []


@BOTH
def test_a_frame_that_is_not_ascii_is_refused_at_once(path: ModuleType) -> None:
    for frame in ({"prefix": "æ".encode()}, {"suffix": b"\x80"}, {"block_size": 0}):
        with pytest.raises(InvalidInputError) as refused:
            path.blocks(NPN10, 0, 1, **frame)
        assert refused.value.field in frame


def test_the_fastest_path_is_numpys_where_it_is_installed() -> None:
    assert fastest.blocks is arrays.blocks


def test_without_numpy_the_fastest_path_is_the_pure_one() -> None:
    code = "import sys; sys.modules['numpy'] = None; from npn.numbers import fastest, text; "
    code += "assert fastest.blocks is text.blocks"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("path", ["text", "arrays"])
def test_memory_stays_flat_over_a_billion_numbers(path: str) -> None:
    code = f"""
import resource
from npn.numbers.{path} import blocks
from npn.numbers.scheme import NPN10
total = 0
for count, block in enumerate(blocks(NPN10, 1_000_000_000, 1_999_999_999)):
    total += len(block)
    if count == 100:
        early = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(total, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - early)
"""
    out = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    total, grown = map(int, out.split())
    assert total == 11 * NPN10.count(1_000_000_000, 1_999_999_999)
    assert grown < 4_000  # KiB
