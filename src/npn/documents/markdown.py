"""Markdown as parts of a page: headings with anchors, tables that scroll, links as the caller resolves them.

HTML in a text is shown as text, never obeyed. A link leads to http, https, mailto or a place on the site; one that the
caller resolves to nothing is left out, and its words stay.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.token import Token

Resolve = Callable[[str], str]

_COMMENT = re.compile(r"^<!--.*?-->[ \t]*$\n?", re.MULTILINE)
FEW_COLUMNS = 4
_ROLES = {
    "table_open": "table",
    "thead_open": "rowgroup",
    "tbody_open": "rowgroup",
    "tr_open": "row",
    "th_open": "columnheader",
    "td_open": "cell",
}
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_ALLOWED = ("http:", "https:", "mailto:")


class Heading(NamedTuple):
    """One heading: its level (1 to 6), its words, and where it stands on the page."""

    level: int
    title: str
    anchor: str


class TextSection(NamedTuple):
    """A heading with the words that stand under it, up to the next one."""

    heading: Heading
    text: str


@dataclass(frozen=True, slots=True)
class RenderedText:
    """A text as HTML, without its title, which the page sets as its own; and its words, section by section."""

    title: str
    html: str
    headings: tuple[Heading, ...]
    sections: tuple[TextSection, ...]


def rendered(source: str, resolve: Resolve) -> RenderedText:
    """Render a text. `resolve` gives a link's address on the site, or nothing where it leads nowhere here."""
    tokens = _parser().parse(without_comments(source))
    headings = _anchored(tokens)
    sections = tuple(_sections(tokens, headings))
    title = ""
    if headings and headings[0].level == 1 and tokens[0].type == "heading_open":
        title, tokens, headings = headings[0].title, tokens[3:], headings[1:]
    _resolved(tokens, resolve)
    _scrolled(tokens, title)
    _stacked(tokens)
    return RenderedText(title, _html(tokens), tuple(headings), sections)


def inline(source: str) -> str:
    """Render one sentence: code, emphasis and links, no paragraph around them."""
    return str(_parser().renderInline(source))


def without_comments(source: str) -> str:
    """Return a text without the comments that programs find their place by."""
    return _COMMENT.sub("", source)


def plain(tokens: Sequence[Token]) -> str:
    """Return the words of inline tokens."""
    words = {"text", "code_inline"}
    return "".join(
        token.content if token.type in words else " " for token in tokens if token.type in {*words, "softbreak"}
    )


def anchor_of(title: str) -> str:
    """Return a heading's anchor: its words in lower case, joined by hyphens, as code hosting sites make it."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    parser.validateLink = _is_allowed  # type: ignore[method-assign, assignment]  # the library's way
    parser.add_render_rule("fence", _code)
    parser.add_render_rule("code_block", _code)
    return parser


def _code(_renderer: object, tokens: Sequence[Token], place: int, *_more: object) -> str:
    """Write a block of code, which the keyboard reaches because it may scroll."""
    return f'<pre tabindex="0"><code>{escapeHtml(tokens[place].content)}</code></pre>\n'


def _is_allowed(address: str) -> bool:
    return not _SCHEME.match(address) or address.lower().startswith(_ALLOWED)


def _html(tokens: Sequence[Token]) -> str:
    parser = _parser()
    return str(parser.renderer.render(list(tokens), parser.options, {}))


def _anchored(tokens: Sequence[Token]) -> list[Heading]:
    """Set each heading's anchor, with a number behind it where the words came before."""
    headings: list[Heading] = []
    counts: dict[str, int] = {}
    for place, token in enumerate(tokens):
        if token.type != "heading_open":
            continue
        title = plain(tokens[place + 1].children or ())
        anchor = anchor_of(title)
        counts[anchor] = counts.get(anchor, -1) + 1
        anchor = f"{anchor}-{counts[anchor]}" if counts[anchor] else anchor
        token.attrSet("id", anchor)
        headings.append(Heading(int(token.tag[1]), title, anchor))
    return headings


def _sections(tokens: Sequence[Token], headings: Sequence[Heading]) -> Iterator[TextSection]:
    """Yield the words under each heading; what stands before the first is left out."""
    coming, current, words = iter(headings), None, list[str]()
    for place, token in enumerate(tokens):
        if token.type == "heading_open":
            if current is not None:
                yield TextSection(current, " ".join(words))
            current, words = next(coming), []
        elif token.type == "inline" and tokens[place - 1].type != "heading_open":
            words.append(plain(token.children or ()))
        elif token.type in ("fence", "code_block"):
            words.append(token.content)
    if current is not None:
        yield TextSection(current, " ".join(words))


def _resolved(tokens: Sequence[Token], resolve: Resolve) -> None:
    """Lead every link and picture to its place; one without a place keeps its words alone."""
    for token in tokens:
        if token.type == "inline" and token.children:
            token.children = _led(token.children, resolve)


def _led(children: Sequence[Token], resolve: Resolve) -> list[Token]:
    led: list[Token] = []
    dropped = 0
    for child in children:
        if child.type == "link_open":
            address = resolve(str(child.attrGet("href") or ""))
            child.attrSet("href", address)
            dropped += not address
            if not address:
                continue
        elif child.type == "link_close" and dropped:
            dropped -= 1
            continue
        elif child.type == "image":
            child.attrSet("src", resolve(str(child.attrGet("src") or "")))
        led.append(child)
    return led


def _scrolled(tokens: list[Token], title: str) -> None:
    """Put each table into a region that scrolls, named by its heading."""
    name, named, place = title, 0, 0
    while place < len(tokens):
        token = tokens[place]
        if token.type == "heading_open":
            name, named = plain(tokens[place + 1].children or ()), 0
        elif token.type == "table_open":
            named += 1
            frame = Token("table_frame_open", "div", 1, block=True)
            label = name if named == 1 else f"{name} ({named})"
            frame.attrs = {"class": "table", "role": "region", "aria-label": label, "tabindex": "0"}
            tokens.insert(place, frame)
            place += 1
        elif token.type == "table_close":
            tokens.insert(place + 1, Token("table_frame_close", "div", -1, block=True))
        elif token.type in ("th_open", "th_close") and _is_empty_cell(tokens, place):
            token.tag = "td"
        place += 1


def _stacked(tokens: Sequence[Token]) -> None:
    """Have each cell of a table of few columns carry its column's heading, so that a phone shows rows as blocks."""
    start = 0
    for place, token in enumerate(tokens):
        if token.type == "table_open":
            start = place
        elif token.type == "thead_close":
            headings = [plain(t.children or ()) for t in tokens[start:place] if t.type == "inline"]
            if len(headings) <= FEW_COLUMNS:
                _label(tokens, start, headings)


def _label(tokens: Sequence[Token], start: int, headings: Sequence[str]) -> None:
    """Write headings and roles into the table that begins at `start`: as blocks its parts lose their own."""
    column = 0
    for token in tokens[start:]:
        if token.type in _ROLES:
            token.attrSet("role", _ROLES[token.type])
        if token.type == "table_open":
            token.attrSet("class", "few")
        elif token.type == "tr_open":
            column = 0
        elif token.type == "td_open":
            if headings[column]:
                token.attrSet("data-label", headings[column])
            column += 1
        elif token.type == "table_close":
            return


def _is_empty_cell(tokens: Sequence[Token], place: int) -> bool:
    content = tokens[place + 1 if tokens[place].nesting == 1 else place - 1]
    return content.type == "inline" and not content.content.strip()
