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
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token

from npn.agreements.figures import disagreeing
from npn.agreements.model import Language
from npn.agreements.wording import PROBLEMS, sentences_in
from npn.errors import Code, InvalidInputError, codes
from npn.wording import hidden_in

LARGEST = 200_000
FIELDS = {Language.DANISH: "danish", Language.ENGLISH: "english"}

_NUMBERED = re.compile(r"((?:[0-9]{1,2}|[A-Z])(?:\.[0-9]{1,2}){0,3})\s+(.+?)\s*\Z")
_MARK = re.compile(r"\s*\{(requirement|explains|tender)(?::\s*([a-z_]{1,40}))?((?:\s+[a-z_]{1,20}=[0-9]{1,6})*)\}\s*\Z")


class TextError(InvalidInputError):
    """A text is not of the form; `field` names the language, `told` says it in the reader's."""

    code = codes.AGREEMENT_TEXT

    def __init__(
        self, problem: str, *, line: int = 0, code: Code | None = None, field: str = "", **values: object
    ) -> None:
        """`problem` is a sentence's name in `wording.py`, `line` where in the text, from 1 (0: nowhere)."""
        self.problem, self.line, self.values = problem, line, values
        hint = "docs/guide/agreements.md shows the form"
        super().__init__(self.told(Language.ENGLISH), code=code, field=field, hint=hint)

    def told(self, language: Language) -> str:
        """Return it as text."""
        values = {name: _in(value, language) for name, value in self.values.items()}
        sentence = PROBLEMS[self.problem][language].format(**values)
        return f"{PROBLEMS['line'][language].format(line=self.line)}: {sentence}" if self.line else sentence


def _in(value: object, language: Language) -> object:
    return value[language] if isinstance(value, Mapping) else value


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
        """Return the section's place on a page."""
        return "s" + self.number.replace(".", "-").lower()

    @property
    def written_mark(self) -> str:
        """Write the mark as the text has it; nothing where there is none."""
        return _mark(self.mark, self.name, self.figures.items())


@dataclass(frozen=True, slots=True)
class AgreementText:
    """A text read whole. `lead` stands between the title and the first section; `opening` is the lead as written."""

    title: str
    lead: tuple[Token, ...] = field(repr=False, compare=False)
    sections: tuple[Section, ...] = ()
    opening: str = ""

    @property
    def requirements(self) -> tuple[Section, ...]:
        """Return the sections that require something, in their order."""
        return tuple(s for s in self.sections if s.mark == "requirement")

    def section(self, number: str) -> Section | None:
        """Return the section of this number."""
        return next((s for s in self.sections if s.number == number), None)

    def explaining(self, requirement: str) -> Section | None:
        """Return the annex's section about a requirement."""
        return next((s for s in self.sections if s.mark == "explains" and s.name == requirement), None)

    @property
    def tender(self) -> Section | None:
        """Return the paragraph that is ready for tenders."""
        return next((s for s in self.sections if s.mark == "tender"), None)

    @property
    def notice_days(self) -> int:
        """Return the days that a change needs."""
        days = next((s.figures.get("days") for s in self.requirements if s.name == "notice"), None)
        return days or 0


def digest(source: str) -> str:
    """SHA-256 of a text in UTF-8, hexadecimal: what the ledger keeps of it."""
    return hashlib.sha256(source.encode("utf-8")).hexdigest()


def normalised(source: str) -> str:
    """Return the text as it is kept: line ends of one kind, one at the end."""
    return source.replace("\r\n", "\n").replace("\r", "\n").strip("\n") + "\n"


@lru_cache(maxsize=64)  # texts are few, never change, and are read again for every page
def read(source: str) -> AgreementText:
    """Read a text. Raises InvalidInputError `agreement_text`, naming the line."""
    tokens = _tokens(source)
    headings = [i for i, token in enumerate(tokens) if token.type == "heading_open" and token.level == 0]
    if not headings or tokens[headings[0]].tag != "h1" or headings[0] != 0:
        raise TextError("no_title", line=1)
    lines = source.split("\n")
    ends = [*headings[1:], len(tokens)]
    sections = tuple(_section(tokens, lines, start, end=end) for start, end in zip(headings[1:], ends[1:], strict=True))
    _check(sections, [_line(tokens[i]) for i in headings[1:]])
    first, body = _line(tokens[ends[0]]) - 1 if ends[0] < len(tokens) else len(lines), _ended(tokens[0])
    opening = "\n".join(lines[body:first]).strip("\n")
    return AgreementText(tokens[1].content, tuple(tokens[3 : ends[0]]), sections, opening)


def _tokens(source: str) -> list[Token]:
    """Return the tokens of a text that is not too large and has nothing hidden and no picture."""
    if len(source.encode("utf-8", "surrogatepass")) > LARGEST:
        raise TextError("too_large", line=1, largest=LARGEST)
    strange = hidden_in(source, lines=True)
    if strange is not None:
        raise TextError("control", line=source.count("\n", 0, source.index(strange)) + 1)
    tokens = markdown().parse(source)
    image = next((t for t in tokens if any(child.type == "image" for child in t.children or ())), None)
    if image is not None:
        raise TextError("picture", line=_line(image))
    return tokens


def read_pair(texts: Mapping[Language, str]) -> dict[Language, str]:
    """Return both texts as they are kept, once they are read and fit each other. Raises TextError with the language."""
    normalised_texts = {language: normalised(texts[language]) for language in Language}
    parsed: dict[Language, AgreementText] = {}
    for language, source in normalised_texts.items():
        try:
            parsed[language] = read(source)
        except TextError as error:
            error.field = FIELDS[language]
            raise
    check_pair(parsed[Language.DANISH], parsed[Language.ENGLISH])
    return normalised_texts


def check_pair(danish: AgreementText, english: AgreementText) -> None:
    """Hold both languages to the same sections with the same marks. Raises InvalidInputError `texts_differ`."""
    for one, other in zip(_skeleton(danish), _skeleton(english), strict=False):
        if one != other:
            danish_has, english_has = str(one), str(other)
            raise TextError("differ", code=codes.TEXTS_DIFFER, field="english", danish=danish_has, english=english_has)
    if len(danish.sections) != len(english.sections):
        raise TextError("more", code=codes.TEXTS_DIFFER, field="english")
    if not danish.notice_days:
        raise TextError("no_notice", field="danish")
    for section in danish.requirements:
        _check_figures(section, {Language.DANISH: section.source, Language.ENGLISH: _source(english, section.number)})


def _source(text: AgreementText, number: str) -> str:
    section = text.section(number)
    return "" if section is None else section.source


def _check_figures(section: Section, sources: Mapping[Language, str]) -> None:
    """Hold a requirement's sentences, in both languages, to its mark's figures. Raises TextError `mark_differs`."""
    sentences = {
        language: words
        for language, source in sources.items()
        if (words := disagreeing(section.name, source, language, figures=section.figures))
    }
    if sentences:
        raise TextError(
            "mark_differs",
            code=codes.MARK_DIFFERS,
            field=FIELDS[next(iter(sentences))],
            number=section.number,
            mark=", ".join(f"{key}={value}" for key, value in section.figures.items()),
            sentences={language: sentences_in(sentences, language) for language in Language},
        )


class _Heading(NamedTuple):
    """A section without its words: what two languages of one text have in common."""

    number: str
    level: int
    mark: str
    name: str
    figures: tuple[tuple[str, int], ...]

    def __str__(self) -> str:
        sentence = _mark(self.mark, self.name, self.figures)
        return f"{'#' * self.level} {self.number}" + (f" {sentence}" if sentence else "")


def _skeleton(text: AgreementText) -> Iterator[_Heading]:
    for s in text.sections:
        yield _Heading(s.number, s.level, s.mark, s.name, tuple(sorted(s.figures.items())))


def _mark(mark: str, name: str, figures: Iterable[tuple[str, int]]) -> str:
    if not mark:
        return ""
    inside = " ".join([f"{mark}: {name}" if name else mark, *(f"{key}={value}" for key, value in figures)])
    return f"{{{inside}}}"


@lru_cache(maxsize=1)
def markdown() -> MarkdownIt:
    """Return the one reader and writer of Markdown: no HTML, no pictures, tables."""
    return MarkdownIt("commonmark", {"html": False}).enable("table")


def _section(tokens: list[Token], lines: list[str], start: int, *, end: int) -> Section:
    heading, line = tokens[start + 1].content, _line(tokens[start])
    level = int(tokens[start].tag[1])
    marked = _MARK.search(heading)
    plain = heading[: marked.start()] if marked else heading
    numbered = _NUMBERED.match(plain)
    if numbered is None or "{" in plain:
        raise TextError("heading", line=line, heading=repr(heading))
    mark, name = (marked[1], marked[2] or "") if marked else ("", "")
    if (mark in ("requirement", "explains")) != bool(name):
        raise TextError("mark_name", line=line, heading=repr(heading))
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
    names: set[str] = set()
    named: set[tuple[str, str]] = set()
    for section, line in zip(sections, lines, strict=True):
        parent = section.number.rpartition(".")[0]
        if section.number in names:
            raise TextError("twice", line=line, number=section.number)
        if section.level != 2 + section.number.count(".") or (parent and parent not in names):
            raise TextError("astray", line=line, number=section.number)
        if section.mark and (section.mark, section.name) in named:
            raise TextError("mark_twice", line=line, mark=f"{section.mark} {section.name}".strip())
        names.add(section.number)
        named.add((section.mark, section.name))
    if not names:
        raise TextError("no_section", line=1)


def _line(token: Token) -> int:
    return (token.map or [0, 0])[0] + 1


def _ended(token: Token) -> int:
    return (token.map or [0, 0])[1]
