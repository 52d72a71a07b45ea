"""An agreement as a PDF: tagged (PDF/UA-1), the same bytes from the same content, set by Typst from `paper.typ`.

Content goes to Typst as data, never as its language, so nothing in a text can be obeyed.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files

import typst
from markdown_it.token import Token

from npn.agreements.model import Language
from npn.agreements.text import AgreementText, Section
from npn.wording import visible

Node = dict[str, object]

_PAPER = files("npn.agreements").joinpath("paper.typ").read_bytes()


@dataclass(frozen=True, slots=True)
class FactRows:
    """Rows of a name and a value, such as who accepted what and when."""

    rows: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading that is not a section of the text; `level` from 2."""

    level: int
    title: str


@dataclass(frozen=True, slots=True)
class NewPage:
    """What follows begins on its own page."""


@dataclass(frozen=True, slots=True)
class Code:
    """Lines set as they are, such as a signature."""

    lines: str


@dataclass(frozen=True, slots=True)
class SectionText:
    """What stands under a section's heading, without the heading."""

    section: Section


Part = SectionText | AgreementText | Section | FactRows | Heading | NewPage | Code | str


@dataclass(frozen=True, slots=True)
class Paper:
    """What a PDF holds: plain strings are paragraphs; a Text is its lead and all its sections."""

    language: Language
    title: str
    footer: str
    parts: Sequence[Part]


def pdf(paper: Paper) -> bytes:
    """Set a paper."""
    blocks = [node for part in paper.parts for node in _part(part)]
    content = {
        "lang": paper.language.value,
        "title": paper.title,
        "author": "NPN",
        "footer": paper.footer,
        "blocks": blocks,
    }
    document = typst.compile(
        _PAPER,
        format="pdf",
        sys_inputs={"doc": json.dumps(_visible(content), ensure_ascii=False)},
        ignore_system_fonts=True,
        pdf_standards=["ua-1"],
    )
    if not isinstance(document, bytes):
        raise TypeError("the PDF came in pieces")
    return document


def _visible(value: object) -> object:
    """Leave out what has no glyph: a PDF that everybody can read (UA-1) may hold none of it."""
    if isinstance(value, dict):
        return {name: _visible(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_visible(item) for item in value]
    return visible(value) if isinstance(value, str) else value


def _part(part: Part) -> Iterator[Node]:
    if isinstance(part, AgreementText):
        yield from _blocks(part.lead)
        for section in part.sections:
            if section.level == 2 and section.number.isalpha():
                yield {"t": "page"}
            yield from _part(section)
    elif isinstance(part, Section):
        yield {"t": "heading", "level": part.level, "v": f"{part.number} {part.title}"}
        yield from _blocks(part.tokens)
    elif isinstance(part, FactRows):
        yield {"t": "facts", "rows": [list(row) for row in part.rows]}
    elif isinstance(part, Heading):
        yield {"t": "heading", "level": part.level, "v": part.title}
    elif isinstance(part, NewPage):
        yield {"t": "page"}
    elif isinstance(part, SectionText):
        yield from _blocks(part.section.tokens)
    elif isinstance(part, Code):
        yield {"t": "code", "v": part.lines}
    else:
        yield {"t": "p", "c": [{"t": "text", "v": part}]}


def _blocks(tokens: Sequence[Token]) -> list[Node]:
    return _nested(iter(tokens), "")


def _nested(tokens: Iterator[Token], end: str) -> list[Node]:
    """Read blocks up to the token that ends what they stand in."""
    nodes: list[Node] = []
    for token in tokens:
        kind = token.type
        if kind == end:
            break
        if kind == "inline":
            nodes.append({"t": "p", "c": _inline(iter(token.children or ()), "")})
        elif kind in ("bullet_list_open", "ordered_list_open"):
            ordered = kind.startswith("ordered")
            items = _nested(tokens, kind.replace("open", "close"))
            start = int(token.attrs.get("start", 1)) if ordered else 1
            nodes.append({"t": "ol" if ordered else "ul", "start": start, "items": [i["c"] for i in items]})
        elif kind == "list_item_open":
            nodes.append({"t": "item", "c": _nested(tokens, "list_item_close")})
        elif kind == "blockquote_open":
            nodes.append({"t": "quote", "c": _nested(tokens, "blockquote_close")})
        elif kind in ("fence", "code_block"):
            nodes.append({"t": "code", "v": token.content})
        elif kind == "hr":
            nodes.append({"t": "rule"})
        elif kind == "table_open":
            nodes.append(_table(tokens))
    return nodes


def _table(tokens: Iterator[Token]) -> Node:
    rows: list[list[list[Node]]] = []
    for token in tokens:
        if token.type == "table_close":
            break
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            rows[-1].append(_inline(iter(token.children or ()), ""))
    cells = [{"c": cell} for row in rows[1:] for cell in row]
    return {"t": "table", "head": rows[0], "rows": cells}


def _inline(tokens: Iterator[Token], end: str) -> list[Node]:
    nodes: list[Node] = []
    for token in tokens:
        kind = token.type
        if kind == end:
            break
        if kind in ("text", "softbreak"):
            nodes.append({"t": "text", "v": token.content if kind == "text" else " "})
        elif kind == "hardbreak":
            nodes.append({"t": "break"})
        elif kind == "code_inline":
            nodes.append({"t": "code", "v": token.content})
        elif kind in ("strong_open", "em_open"):
            nodes.append({"t": kind.removesuffix("_open"), "c": _inline(tokens, kind.replace("open", "close"))})
        elif kind == "link_open":
            to = str(token.attrs.get("href", ""))
            nodes.append({"t": "link", "to": to, "c": _inline(tokens, "link_close")})
    return nodes
