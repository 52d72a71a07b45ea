"""Search in texts, section by section: every word must occur, in whatever case and with or without its accents."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import chain, takewhile
from typing import NamedTuple

from npn.documents.library import DECISIONS, GUIDES, Library, SiteDocument
from npn.documents.markdown import TextSection
from npn.wording import folded

MAX_WORDS = 8
EXCERPT = 220  # characters


class EntryKind(IntEnum):
    """What an entry is, in the order in which people want to read: the lower first."""

    GUIDE = 0
    REFERENCE = 1
    CODE = 2  # an operation or an error code
    DECISION = 3


class ExcerptPart(NamedTuple):
    """A piece of an excerpt; `is_match`: it is what was searched for."""

    text: str
    is_match: bool


@dataclass(frozen=True, slots=True)
class SearchEntry:
    """What can be found: a section of a document, an operation, an error code."""

    document: str
    section: str
    address: str
    language: str
    text: str = field(repr=False)
    folded_title: str = field(repr=False)
    folded_text: str = field(repr=False)
    kind: EntryKind

    @classmethod
    def of(  # budget: a row of the index: every column has its name
        cls, *, document: str, section: str, address: str, language: str, text: str, kind: EntryKind
    ) -> "SearchEntry":
        """Make one with its folded form."""
        title = folded(f"{document} {section}")
        return cls(document, section, address, language, text, title, folded(text), kind)


class SearchHit(NamedTuple):
    """An entry that was found, with the place in its text."""

    entry: SearchEntry
    excerpt: tuple[ExcerptPart, ...]


def entries_of(library: Library, language: str) -> list[SearchEntry]:
    """Return an entry for each section of each document, as a reader of this language is shown it."""
    return [
        _entry(document, section)
        for document in library.named(language).values()
        for section in library.text(document).sections
    ]


def words_of(query: str) -> tuple[str, ...]:
    """Return the words of a query as they are compared."""
    return tuple(dict.fromkeys(re.findall(r"[\w/.-]+", folded(query))))[:MAX_WORDS]


def search(entries: Iterable[SearchEntry], query: str, *, language: str, most: int = 30) -> list[SearchHit]:
    """Return the entries that have every word: what is called just so, then guides, each kind with its best first."""
    words = words_of(query)
    if not words:
        return []
    name = " ".join(folded(query).split())
    scored = [(_score(entry, words, language), entry) for entry in entries]
    best = sorted(
        (pair for pair in scored if pair[0] > 0),
        key=lambda pair: (not _is_called(pair[1], name), pair[1].kind, -pair[0]),
    )
    return [SearchHit(entry, excerpt(entry.text, words)) for _, entry in best[:most]]


def _is_called(entry: SearchEntry, name: str) -> bool:
    """Whether an operation or an error code has just this name."""
    return entry.kind is EntryKind.CODE and folded(entry.document) == name


def excerpt(text: str, words: Sequence[str]) -> tuple[ExcerptPart, ...]:
    """Cut the piece of a text around its first match, the matches marked."""
    flat = " ".join(text.split())
    spots = _spots(flat, words)
    opening = next(spots, None)
    start = max(0, opening[0] - 60) if opening else 0
    start = flat.rfind(" ", 0, start) + 1
    end = min(len(flat), start + EXCERPT)
    end = flat.rfind(" ", start, end) if end < len(flat) and " " in flat[start:end] else end
    parts = [ExcerptPart("… ", is_match=False)] if start else []
    at = start
    within = takewhile(lambda spot: spot[1] <= end, chain([opening] if opening else [], spots))
    for first, last in within:
        parts += [ExcerptPart(flat[at:first], is_match=False), ExcerptPart(flat[first:last], is_match=True)]
        at = last
    parts.append(ExcerptPart(flat[at:end] + (" …" if end < len(flat) else ""), is_match=False))
    return tuple(part for part in parts if part.text)


def _spots(flat: str, words: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield where words begin that were searched for: places in the text itself, not in its folded form."""
    for match in re.finditer(r"[\w]+(?:[/.-][\w]+)*", flat):
        plain = folded(match[0])
        if any(word in plain for word in words):
            yield match.span()


def _score(entry: SearchEntry, words: Sequence[str], language: str) -> float:
    """Return how well an entry fits: a heading counts more than a text, a whole word more than a part of one."""
    score = 0.0
    for word in words:
        in_title, in_text = entry.folded_title.count(word), entry.folded_text.count(word)
        if not in_title and not in_text:
            return 0.0
        whole = re.compile(rf"(?<!\w){re.escape(word)}(?!\w)")
        score += 10 * min(in_title, 2) + min(in_text, 5) / (1 + len(entry.folded_text) / 4000)
        score += 10 * bool(whole.search(entry.folded_title)) + bool(whole.search(entry.folded_text))
    return score * (2 if entry.language == language else 1)


def _entry(document: SiteDocument, section: TextSection) -> SearchEntry:
    """Make the entry of a section; that of the title is the document itself."""
    is_whole = section.heading.level == 1
    return SearchEntry.of(
        document=document.title,
        section="" if is_whole else section.heading.title,
        address=document.address if is_whole else f"{document.address}#{section.heading.anchor}",
        language=document.language,
        text=section.text,
        kind=_kind_of(document),
    )


def _kind_of(document: SiteDocument) -> EntryKind:
    if document.name.startswith(DECISIONS):
        return EntryKind.DECISION
    return EntryKind.GUIDE if document.path.startswith(GUIDES) else EntryKind.REFERENCE
