"""An agreement's text: Markdown whose headings are numbered, and whose requirements say how they can be seen.

    # Title
    ## 4 Requirements
    ### 4.2 Six months' stock {requirement: stock days=183}
    ## A Annex
    ### A.2 Stock and reordering {explains: stock}
    ## C Text for tenders {tender}

The mark in braces is left out where the text is shown. What a requirement's name means is in `requirements.py`; a
name that is not there is a requirement the platform can't see, and somebody says how it was shown.
HTML in the text is shown as text, never obeyed.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

from npn.errors import InvalidInputError

LARGEST = 200_000

_NUMBERED = re.compile(r"((?:[0-9]{1,2}|[A-Z])(?:\.[0-9]{1,2}){0,3})\s+(.+?)\s*\Z")
_STRANGE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_MARK = re.compile(r"\s*\{(requirement|explains|tender)(?::\s*([a-z_]{1,40}))?((?:\s+[a-z_]{1,20}=[0-9]{1,6})*)\}\s*\Z")


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands under it, up to the next heading. `mark`: requirement, explains, tender, or nothing."""

    number: str
    title: str
    level: int
    mark: str
    name: str
    figures: Mapping[str, int]
    source: str
    tokens: tuple[Token, ...] = field(repr=False, compare=False)

    @property
    def anchor(self) -> str:
        """Give the section's place on a page."""
        return "s" + self.number.replace(".", "-").lower()


@dataclass(frozen=True, slots=True)
class Text:
    """A text read whole. `lead` stands between the title and the first section."""

    title: str
    lead: tuple[Token, ...] = field(repr=False, compare=False)
    sections: tuple[Section, ...] = ()

    @property
    def requirements(self) -> tuple[Section, ...]:
        """Give the sections that require something, in their order."""
        return tuple(s for s in self.sections if s.mark == "requirement")

    def section(self, number: str) -> Section | None:
        """Give the section of this number."""
        return next((s for s in self.sections if s.number == number), None)

    def explaining(self, requirement: str) -> Section | None:
        """Give the annex's section about a requirement."""
        return next((s for s in self.sections if s.mark == "explains" and s.name == requirement), None)

    @property
    def tender(self) -> Section | None:
        """Give the paragraph that is ready for tenders."""
        return next((s for s in self.sections if s.mark == "tender"), None)

    @property
    def notice_days(self) -> int:
        """Give the days that a change needs."""
        found = next((s.figures.get("days") for s in self.requirements if s.name == "notice"), None)
        return found or 0


def digest(source: str) -> str:
    """SHA-256 of a text in UTF-8, hexadecimal: what the ledger keeps of it."""
    return hashlib.sha256(source.encode("utf-8")).hexdigest()


def normalised(source: str) -> str:
    """Give the text as it is kept: line ends of one kind, one at the end."""
    return source.replace("\r\n", "\n").replace("\r", "\n").strip("\n") + "\n"


@lru_cache(maxsize=64)  # texts are few, never change, and are read again for every page
def read(source: str) -> Text:
    """Read a text. Raises InvalidInputError `agreement_text`, naming the line."""
    if len(source.encode("utf-8", "surrogatepass")) > LARGEST:
        raise _wrong(f"the text is larger than {LARGEST} bytes", 1)
    strange = _STRANGE.search(source)
    if strange is not None:
        raise _wrong("the text holds a control character", source.count("\n", 0, strange.start()) + 1)
    tokens = markdown().parse(source)
    image = next((t for t in tokens if any(child.type == "image" for child in t.children or ())), None)
    if image is not None:
        raise _wrong("an agreement has no pictures", _line(image))
    headings = [i for i, token in enumerate(tokens) if token.type == "heading_open" and token.level == 0]
    if not headings or tokens[headings[0]].tag != "h1" or headings[0] != 0:
        raise _wrong("the text begins with its title: # …", 1)
    lines = source.split("\n")
    ends = [*headings[1:], len(tokens)]
    sections = tuple(_section(tokens, lines, start, end) for start, end in zip(headings[1:], ends[1:], strict=True))
    _check(sections, [_line(tokens[i]) for i in headings[1:]])
    return Text(tokens[1].content, tuple(tokens[3 : ends[0]]), sections)


def check_pair(danish: Text, english: Text) -> None:
    """Hold both languages to the same sections with the same marks. Raises InvalidInputError `texts_differ`."""
    for one, other in zip(_skeleton(danish), _skeleton(english), strict=False):
        if one != other:
            raise InvalidInputError(
                f"the Danish text has {_told(one)} where the English one has {_told(other)}",
                code="texts_differ",
                field="english",
            )
    if len(danish.sections) != len(english.sections):
        raise InvalidInputError("one text has sections more than the other", code="texts_differ", field="english")
    if not danish.notice_days:
        raise InvalidInputError(
            "the text says no notice period",
            code="agreement_text",
            field="danish",
            hint="mark the section about notice with {requirement: notice days=183}",
        )


def _skeleton(text: Text) -> Iterator[tuple[str, int, str, str, tuple[tuple[str, int], ...]]]:
    for s in text.sections:
        yield s.number, s.level, s.mark, s.name, tuple(sorted(s.figures.items()))


def _told(skeleton: tuple[str, int, str, str, tuple[tuple[str, int], ...]]) -> str:
    number, level, mark, name, figures = skeleton
    inside = " ".join([f"{mark}: {name}" if name else mark, *(f"{key}={value}" for key, value in figures)])
    return f"{'#' * level} {number}" + (f" {{{inside}}}" if mark else "")


@lru_cache(maxsize=1)
def markdown() -> MarkdownIt:
    """Give the one reader and writer of Markdown: no HTML, no pictures, tables."""
    return MarkdownIt("commonmark", {"html": False}).enable("table")


def _section(tokens: list[Token], lines: list[str], start: int, end: int) -> Section:
    heading, line = tokens[start + 1].content, _line(tokens[start])
    level = int(tokens[start].tag[1])
    marked = _MARK.search(heading)
    plain = heading[: marked.start()] if marked else heading
    numbered = _NUMBERED.match(plain)
    if numbered is None or "{" in plain:
        raise _wrong(f"a heading is numbered, and its mark is one of ours: {heading!r}", line)
    mark, name = (marked[1], marked[2] or "") if marked else ("", "")
    if (mark in ("requirement", "explains")) != bool(name):
        raise _wrong(f"a mark names its requirement, {{tender}} names none: {heading!r}", line)
    pairs = (pair.partition("=") for pair in (marked[3] if marked else "").split())
    body_from = (tokens[start].map or [0, 0])[1]
    body_to = (tokens[end].map or [0, 0])[0] if end < len(tokens) else len(lines)
    return Section(
        number=numbered[1],
        title=numbered[2],
        level=level,
        mark=mark,
        name=name,
        figures={key: int(value) for key, _, value in pairs},
        source="\n".join(lines[body_from:body_to]).strip("\n"),
        tokens=tuple(tokens[start + 3 : end]),
    )


def _check(sections: tuple[Section, ...], lines: list[int]) -> None:
    seen: set[str] = set()
    named: set[tuple[str, str]] = set()
    for section, line in zip(sections, lines, strict=True):
        parent = section.number.rpartition(".")[0]
        if section.number in seen:
            raise _wrong(f"there are two sections {section.number}", line)
        if section.level != 2 + section.number.count(".") or (parent and parent not in seen):
            raise _wrong(f"section {section.number} does not stand under its own heading", line)
        if section.mark and (section.mark, section.name) in named:
            raise _wrong(f"the mark {section.mark} {section.name} stands twice", line)
        seen.add(section.number)
        named.add((section.mark, section.name))
    if not seen:
        raise _wrong("the text has no numbered section", 1)


def _line(token: Token) -> int:
    return (token.map or [0, 0])[0] + 1


def _wrong(what: str, line: int) -> InvalidInputError:
    hint = "docs/guide/agreements.md shows the form"
    return InvalidInputError(f"line {line}: {what}", code="agreement_text", hint=hint)
