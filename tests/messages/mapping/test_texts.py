"""The text engine: lines, cuts, runs of formatted text, and back."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.messages.generator import PLAIN, Generator
from tests.messages.letters import text

from npn.messages import Element, versions
from npn.messages.mapping.lines import components, content, cut, lines_of, text_element
from npn.messages.mapping.losses import plain, words
from npn.messages.mapping.runs import formatted_element, segments
from npn.messages.oioxml.reading import read


def formatted(inside: str) -> Element:
    """A formatted text written as XML."""
    found = read(f"<Emessage><Text>{inside}</Text></Emessage>".encode()).root
    assert found is not None
    return found.children[0]


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ("x" * 69, ["x" * 69]),
        ("x" * 70, ["x" * 69 + "\\", "x"]),
        ("x" * 60 + " " + "y" * 20, ["x" * 60 + " \\", "y" * 20]),
        ("ab " + "y" * 70, ["ab " + "y" * 66 + "\\", "y" * 4]),
        ("abc " + "y" * 70, ["abc \\", "y" * 69 + "\\", "y"]),
        ("", ["."]),
    ],
)
def test_long_lines_are_cut_after_the_last_blank_that_is_not_among_the_first_three(line: str, parts: list[str]) -> None:
    assert components([line]) == parts


@given(st.text(alphabet=PLAIN, max_size=400).filter(lambda each: each != "."))
def test_a_line_comes_back(line: str) -> None:
    pieces = cut(line) if line else ["."]
    assert all(len(each) <= 70 for each in pieces)
    first, breaks = content(pieces, 0)
    assert (first, [each.tail for each in breaks]) == (line, [""])


@given(st.lists(st.text(alphabet=PLAIN, max_size=150).filter(lambda each: each != "."), min_size=1, max_size=12))
def test_a_text_of_lines_comes_back(lines: list[str]) -> None:
    made = text("Comments", *lines)
    assert lines_of(made) == lines
    assert plain(text_element("Comments", components(lines), origin=-1)) == plain(made)


@pytest.mark.parametrize(
    ("inside", "right", "peer"),
    [
        (
            "a<Bold>b</Bold>c",
            [("P00", "a\\"), ("PF0", "b\\"), ("P00", "c")],
            [("P00", "a\\"), ("PF0", "b\\"), ("P00", "c\\")],
        ),
        ("<Bold>b</Bold><Break/>", [("PF0", "b")], [("PF0", "b")]),
        ("<Center>a</Center><Right>b</Right>", [("P0M", "a"), ("P0H", "b")], [("P0M", ".:a:."), ("P0H", "b")]),
        (
            "a<Bold>b</Bold><Italic>i</Italic><Break/>",
            [("P00", "a\\"), ("PF0", "b\\"), ("PK0", "i")],
            [("P00", "a\\"), ("PF0", "b\\"), ("PK0", "i\\"), ("P00", ".")],
        ),
        (
            "<Bold>b<Break/></Bold><Break/><Break/>c<Break/>",
            [("PF0", "b:.:."), ("P00", "c")],
            [("PF0", "b:.:."), ("P00", "c")],
        ),
        (
            "<FixedFont>a<Break/><Underline>u<Break/></Underline></FixedFont>",
            [("F00", "a"), ("FU0", "u")],
            [("F00", "a"), ("FU0", "u")],
        ),
        ("<FixedFont/>", [], []),
    ],
)
def test_runs_become_segments(inside: str, right: list[tuple[str, str]], peer: list[tuple[str, str]]) -> None:
    shown = formatted(inside)
    assert [(form, ":".join(parts)) for form, parts in segments(shown)] == right
    assert [(form, ":".join(parts)) for form, parts in segments(shown, as_peer=True)] == peer


@pytest.mark.parametrize("seed", range(200))
def test_formatted_texts_keep_their_words(seed: int) -> None:
    kind = versions.version("XR0432P").root.fields["LaboratoryResults"].type
    for name in ("TextualFormat", "Macroscopic", "Text"):
        kind = kind.fields[name].type  # type: ignore[union-attr]  # all have fields
    made = Generator(versions.version("XR0432P"), Random(seed), alphabet=PLAIN).formatted("Text", kind)  # type: ignore[arg-type]  # it is complex
    again = formatted_element("Text", segments(made), origin=-1)
    assert words(again) == words(made)
    assert plain(formatted_element("Text", segments(again), origin=-1)) == plain(again)
