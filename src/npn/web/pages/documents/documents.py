"""The documents: the index with its search, each document, and the files that they show."""

from functools import cache

from markupsafe import Markup

from npn.documents.library import DECISIONS, SiteDocument, library
from npn.documents.search import EntryKind, SearchEntry, SearchHit, entries_of, search
from npn.errors import CATALOGUE, NotFoundError
from npn.http.answers import Answer
from npn.reference.operations import OPERATIONS
from npn.web.pages.documents.shelves import SHELVES
from npn.web.routes import get
from npn.web.rules import public
from npn.web.texts import LANGUAGES
from npn.web.visit import Visit

LONGEST_QUERY = 100
_FOREVER = {"Cache-Control": "public, max-age=300"}


@get("/docs", public())
async def index(visit: Visit) -> Answer:
    """Show the shelves, or what was searched for."""
    query = visit.query.get("q", "")[:LONGEST_QUERY].strip()
    if query:
        hits = await visit.read(found, query, visit.language)
        return await visit.page("documents/found.html", query=query, hits=hits)
    named = await visit.read(library().named, visit.language)
    return await visit.page("documents/index.html", shelves=SHELVES, named=named, query="")


@get("/docs/{document}", public())
async def show_document(visit: Visit) -> Answer:
    """Show a document, in the visitor's language where there is one in it."""
    return await _shown(visit, visit.arguments["document"])


@get("/docs/adr", public())
async def show_decisions(visit: Visit) -> Answer:
    """List the decisions behind the platform."""
    return await _shown(visit, DECISIONS)


@get("/docs/adr/{decision}", public())
async def show_decision(visit: Visit) -> Answer:
    """Show why something is as it is."""
    return await _shown(visit, f"{DECISIONS}/{visit.arguments['decision']}")


@get("/docs/files/{file}", public())
async def show_file(visit: Visit) -> Answer:
    """Return a picture or a program that a document shows."""
    file = library().files.get(visit.arguments["file"])
    if file is None:
        raise NotFoundError("there is no such file")
    return Answer(file.body, 200, file.media_type, _FOREVER)


async def _shown(visit: Visit, name: str) -> Answer:
    document = library().find(name, visit.language)
    if document is None:
        raise NotFoundError("there is no such document")
    text = await visit.read(library().text, document)
    return await visit.page(
        "documents/document.html",
        document=document,
        title=text.title,
        body=Markup(text.html),  # noqa: S704  # rendered by us, with HTML off
        contents=[heading for heading in text.headings if heading.level == 2],
        languages_of=_languages_of(document),
    )


def _languages_of(document: SiteDocument) -> list[str]:
    """Return the languages that the document is written in."""
    return [language for language in LANGUAGES if (document.name, language) in library().documents]


def found(query: str, language: str) -> list[SearchHit]:
    """Return the sections, operations and error codes that have every word, guides first."""
    return search(_entries(language), query, language=language)


@cache
def _entries(language: str) -> tuple[SearchEntry, ...]:
    return (*entries_of(library(), language), *_operations(), *_codes())


def _operations() -> list[SearchEntry]:
    return [
        SearchEntry.of(
            document=f"{operation.method} {operation.path}",
            section=operation.summary,
            address=f"/docs/api#{operation.name}",
            language="en",
            text=operation.description.replace("`", ""),
            kind=EntryKind.CODE,
        )
        for operation in OPERATIONS
    ]


def _codes() -> list[SearchEntry]:
    """Return two entries for each error code: as it is explained, and as the pages say it in Danish."""
    entries = []
    for meaning in CATALOGUE.values():
        explained = f"{meaning.meaning} {meaning.way_out}"
        for language, section, text in (("en", meaning.title, explained), ("da", "", meaning.page.da)):
            plain = text.replace("`", "")
            entries.append(
                SearchEntry.of(
                    document=meaning.code,
                    section=section,
                    address=meaning.anchor,
                    language=language,
                    text=plain,
                    kind=EntryKind.CODE,
                )
            )
    return entries
