"""Canonical JSON: the RFC's bytes, and a refusal of everything that has none."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from npn.ledger.canonical import canonical, read
from npn.proof.kinds import KINDS
from npn.proof.verify import verify

SOURCES = Path(__file__).parent.parent.parent / "src" / "npn"

names = st.text(st.characters(max_codepoint=127), max_size=12)
scalars = (
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(st.characters(exclude_categories=["Cs"]))
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4), max_leaves=20
)


@given(st.dictionaries(names, values, max_size=6))
def test_it_is_what_an_independent_implementation_writes(value: dict[str, Any]) -> None:
    written = canonical(value)

    assert written == rfc8785.dumps(value)
    assert read(written) == value
    assert read(written.decode()) == value


@pytest.mark.parametrize(
    "text",
    [
        "1",
        "[]",
        "null",
        '{"a":1.0}',
        '{"a":1e3}',
        '{"a":-0}',
        '{"a":NaN}',
        '{"a":Infinity}',
        '{"a":9007199254740992}',
        '{"a":1,"a":2}',
        '{"b":{"a":1,"a":1}}',
        '{"é":1}',
        '{"a":1} x',
        '{"a":01}',
        "{'a':1}",
        "",
    ],
)
def test_what_has_no_canonical_form_here_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        read(text)


def test_the_format_page_shows_every_event() -> None:
    page = (SOURCES.parent.parent / "docs" / "ledger.md").read_text("utf-8")
    for kind, shape in KINDS.items():
        assert f"`{kind}`" in page
        for name in shape.__struct_fields__:
            assert f"`{name}`" in page, (kind, name)


def test_the_export_on_the_format_page_verifies() -> None:
    page = (SOURCES.parent.parent / "docs" / "ledger.md").read_text("utf-8")
    lines = re.findall(r"^\{\"(?:seq|checkpoint)\".*\}$", page, re.MULTILINE)

    assert verify(f"{line}\n".encode() for line in lines).totals.granted == 11


def test_the_hash_on_the_format_page_is_the_hash() -> None:
    page = (SOURCES.parent.parent / "docs" / "ledger.md").read_text("utf-8")
    made: dict[str, Any] = {}
    exec(re.findall(r"```python\n(.*?)```", page, re.DOTALL)[0], made)  # noqa: S102  # the page's own example
    for line in re.findall(r"^\{\"seq\".*\}$", page, re.MULTILINE):
        entry = json.loads(line)
        assert made["hash_of"](entry) == entry["hash"]
