"""What a page does with a list: it shows it, and it gives it as a file at the same address with `.csv`."""

import re
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from npn.errors import NotFoundError
from npn.http.answers import Reply, Stream
from npn.web.lists.arranging import arranged
from npn.web.lists.file import MEDIA_TYPE, blocks, file_of
from npn.web.lists.html import FoundRows, ListTable, ListVisitor, table_of, table_with
from npn.web.lists.model import ListDefinition, query_of
from npn.web.routes import Handler, get
from npn.web.rules import AccessRule
from npn.web.visit import Visit

T = TypeVar("T")
Rows = Callable[[Visit], Awaitable[Sequence[T]]]
Definition = Callable[[Visit], ListDefinition[T]]
_LISTS: list[tuple[re.Pattern[str], str]] = []  # of every list: what its paths look like, and its route's


async def listed(visit: Visit, definition: ListDefinition[T], rows: Sequence[T]) -> ListTable[T]:
    """Return what the template shows of a list, as the address asks for it."""
    visitor = await _visitor(visit, definition.path)
    return await visit.read(table_of, definition, rows, query=query_of(definition, visit.query), visitor=visitor)


async def listed_part(visit: Visit, definition: ListDefinition[T], rows: FoundRows[T]) -> ListTable[T]:
    """Return what the template shows of a list whose page was cut where its rows are kept."""
    visitor = await _visitor(visit, definition.path)
    return await visit.read(table_with, definition, rows, query=query_of(definition, visit.query), visitor=visitor)


async def _visitor(visit: Visit, path: str) -> ListVisitor:
    person, saved = visit.person_or_none, []
    if person is not None:
        saved = await visit.read(visit.services.saved_filters.of, person.id, list_at(path))
    return ListVisitor(visit.texts, person, visit.cookies.token(visit.session_digest), visit.path, saved)


def offer_file(path: str, rule: AccessRule, *, rows: Rows[T], definition: Definition[T]) -> Handler:
    """Make the file of the list at `path`: every row that passes the address's filters, under the page's rule."""

    async def file(visit: Visit) -> Reply:
        """Return the list as a file."""
        return await _file(visit, definition(visit), await rows(visit))

    return _offer(path, rule, file)


def offer_stream(
    path: str, rule: AccessRule, *, batches: Callable[[Visit], Iterable[Sequence[T]]], definition: Definition[T]
) -> Handler:
    """Make the file of the list at `path` as `offer_file` does, of rows that are read while they are sent."""

    async def file(visit: Visit) -> Reply:
        """Return the list as a file."""
        columns = definition(visit).columns_of(visit.person_or_none, "file")
        return _stream(visit, definition(visit), file_of(visit.texts, columns, batches(visit)))

    return _offer(path, rule, file)


def _offer(path: str, rule: AccessRule, file: Handler) -> Handler:
    _LISTS.append((re.compile(re.sub(r"\{[a-z_]+\}", "[^/]+", path)), path))
    return get(f"{path}.csv", rule)(file)


def list_at(path: str) -> str:
    """Return the list that a page's path shows, as its route has it: `/systems/{system}/series`, whatever the system.

    Raises NotFoundError where there is none.
    """
    route = next((route for pattern, route in _LISTS if pattern.fullmatch(path)), None)
    if route is None:
        raise NotFoundError("there is no such list", field="path")
    return route


async def _file(visit: Visit, definition: ListDefinition[T], rows: Sequence[T]) -> Reply:
    texts, person, query = visit.texts, visit.person_or_none, query_of(definition, visit.query)
    passing = await visit.read(arranged, texts, definition, rows, query=query, person=person)
    return _stream(visit, definition, blocks(texts, definition.columns_of(person, "file"), passing))


def _stream(visit: Visit, definition: ListDefinition[T], content: Iterator[bytes]) -> Stream:
    saved_as = {"Content-Disposition": f'attachment; filename="npn-{definition.name}.csv"'}
    return Stream(content, visit.context.threads.streams, MEDIA_TYPE, saved_as)
