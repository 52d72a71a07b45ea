"""Texts of agreements: what is read, what is refused, and what becomes of it on pages and on paper."""

import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreements_texts import TEXTS
from npn.agreements.html import body, lead
from npn.agreements.model import Language
from npn.agreements.pdf import FactRows, Heading, NewPage, Paper, pdf
from npn.agreements.requirements import SEEN
from npn.agreements.text import check_pair, normalised, read
from npn.agreements.wording import SENTENCES
from npn.errors import InvalidInputError

NOTICE = "## 0 Notice {requirement: notice days=30}\n"


def test_the_shipped_texts_say_the_same_in_both_languages() -> None:
    danish, english = (read(TEXTS[language]) for language in Language)
    check_pair(danish, english)
    assert danish.notice_days == 183
    assert {s.name for s in danish.requirements} >= set(SEEN)
    for section in danish.requirements:
        assert danish.explaining(section.name), section.name
    assert danish.tender
    assert "NPN" in danish.tender.source


def test_marks_are_taken_out_of_what_is_shown() -> None:
    text = read("# T\n\n## 1 Stock {requirement: stock days=90}\n\nLast **long**.\n")
    section = text.sections[0]
    assert (section.number, section.title, section.name, section.figures) == ("1", "Stock", "stock", {"days": 90})
    assert body(section) == "<p>Last <strong>long</strong>.</p>\n"


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("", "begins with its title"),
        ("text first\n\n# T\n", "begins with its title"),
        ("# T\n", "no numbered section"),
        ("# T\n\n## Parties\n", "line 3: a heading is numbered"),
        ("# T\n\n## 1 A {requirement}\n", "names its requirement"),
        ("# T\n\n## 1 A {tender: stock}\n", "names its requirement"),
        ("# T\n\n## 1 A {demand: stock}\n", "its mark is one of ours"),
        ("# T\n\n## 1 A\n\n## 1 B\n", "line 5: there are two sections 1"),
        ("# T\n\n### 1.1 A\n", "does not stand under its own heading"),
        ("# T\n\n### 1 A\n", "does not stand under its own heading"),
        ("# T\n\n## 1 A {requirement: a}\n\n## 2 B {requirement: a}\n", "stands twice"),
        ("# T\n\n## 1 A\n\n![x](https://elsewhere.dk/x.png)\n", "no pictures"),
        ("# T\n\n## 1 A\n\na\x00b\n", "line 5: the text holds a control character"),
        ("# T\n\n## 1 A\n" + "x" * 200_001, "larger than"),
    ],
)
def test_a_text_of_another_form_is_refused_and_the_line_named(source: str, says: str) -> None:
    with pytest.raises(InvalidInputError, match=says) as refused:
        read(source)
    assert refused.value.code == "agreement_text"


@pytest.mark.parametrize(
    ("danish", "english", "says"),
    [
        ("## 1 A", "## 1 A\n\n## 3 B", "sections more"),
        ("## 1 A {requirement: stock days=1}", "## 1 A {requirement: stock days=2}", r"days=1\} where .* days=2"),
        ("## 1 A", "## 1 A {tender}", "where the English one has ## 1 {tender}"),
    ],
)
def test_languages_that_differ_are_refused(danish: str, english: str, says: str) -> None:
    with pytest.raises(InvalidInputError, match=says) as refused:
        check_pair(read(f"# T\n\n{NOTICE}\n{danish}\n"), read(f"# T\n\n{NOTICE}\n{english}\n"))
    assert refused.value.code == "texts_differ"


def test_a_text_without_a_notice_period_is_refused() -> None:
    text = read("# T\n\n## 1 A\n")
    with pytest.raises(InvalidInputError, match="no notice period"):
        check_pair(text, text)


HOSTILE = "<script>alert(1)</script> [x](javascript:alert(1)) <b onclick=x> #let x = 1 $x$ `c`"


def test_what_looks_like_code_is_shown_and_never_obeyed() -> None:
    text = read(f"# T {HOSTILE}\n\n{HOSTILE}\n\n## 1 A\n\n{HOSTILE}\n")
    for made in (lead(text), body(text.sections[0])):
        assert "<script" not in made
        assert "<b " not in made
        assert 'href="javascript' not in made
    assert pdf(Paper(Language.DANISH, text.title, HOSTILE, [text, HOSTILE])).startswith(b"%PDF-")


@given(st.text(max_size=300))
def test_any_text_is_either_refused_or_becomes_a_page(source: str) -> None:
    try:
        text = read(normalised(f"# T\n\n## 1 A\n\n{source}\n"))
    except InvalidInputError:
        return
    assert "<script" not in "".join(body(section) for section in text.sections)


ODD = """# T

1. one
2. two
   - inner

   a paragraph

| a | b |
|---|---|
| *1* | [l](https://x.dk) |

```
code
```

---

> quoted
> twice

## 1 A

line\\
broken
"""


def test_the_paper_is_tagged_and_holds_the_whole_text(tmp_path: Path) -> None:
    file = tmp_path / "a.pdf"
    danish = read(TEXTS[Language.DANISH])
    parts = [FactRows([("Version", "1.0")]), danish, NewPage(), Heading(2, "Odd"), read(ODD)]
    made = pdf(Paper(Language.DANISH, danish.title, "NPN 1.0", parts))
    file.write_bytes(made)

    assert made == pdf(Paper(Language.DANISH, danish.title, "NPN 1.0", parts))
    assert b"/StructTreeRoot" in made
    try:
        told = subprocess.run(["pdftotext", str(file), "-"], capture_output=True, text=True, check=True).stdout
    except FileNotFoundError:
        pytest.skip("pdftotext is not installed (Debian: apt-get install poppler-utils)")
    told = " ".join(told.split())
    for word in (
        "Tilslutningsaftale",
        "4.2 Beholdning til seks måneder",
        "C Bilag C: Tekst til udbud",
        "inner",
        "broken",
    ):
        assert word in told
    assert "{requirement" not in told


def test_every_sentence_is_there_in_both_languages_with_the_same_values() -> None:
    for name, told in SENTENCES.items():
        fields = {language: set(re.findall(r"{(\w+)}", told[language])) for language in Language}
        assert fields[Language.DANISH] == fields[Language.ENGLISH], name
