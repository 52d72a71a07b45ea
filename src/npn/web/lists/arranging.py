"""Rows in the order that was asked for, those that pass the filters, a page at a time. Nothing here writes."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from operator import itemgetter
from typing import TypeVar

from npn.people.model import Person
from npn.web.lists.collation import DanishKey, danish
from npn.web.lists.model import Column, ListDefinition, ListQuery, Value
from npn.web.paging import ListPage, part
from npn.web.texts import Msgid, Texts
from npn.wording import has_words

T = TypeVar("T")
SortKey = tuple[int, float, DanishKey]
_NO_TEXT: DanishKey = ((), "")


def arranged(
    texts: Texts, definition: ListDefinition[T], rows: Sequence[T], *, query: ListQuery, person: Person | None
) -> list[T]:
    """Return the rows that pass what is searched for and the filters, in the order of the address."""
    passing = [row for row in rows if _passes(definition, row, query)]
    if query.words:
        passing = _with_words(texts, definition, passing, words=query.words, person=person)
    for order in dict.fromkeys((definition.order, query.order)):
        passing = _sorted(texts, definition, passing, order=order)
    return passing


def page_of(rows: Sequence[T], query: ListQuery) -> ListPage[T]:
    """Cut the page out that the address asks for."""
    return part(rows, str(query.page), size=query.size)


def _passes(definition: ListDefinition[T], row: T, query: ListQuery) -> bool:
    for item in definition.filters:
        value = query.filters.get(item.field.name, "")
        if value and not item.passes(row, value):
            return False
    return True


def _with_words(
    texts: Texts, definition: ListDefinition[T], rows: Sequence[T], *, words: str, person: Person | None
) -> list[T]:
    """Return the rows in whose texts every word stands, however it is spelt."""
    finds = word_finder(texts, definition, words=words, person=person)
    return [row for row in rows if finds(row)]


def word_finder(
    texts: Texts, definition: ListDefinition[T], *, words: str, person: Person | None
) -> Callable[[T], bool]:
    """Return what says of a row whether every word stands in its texts, however it is spelt."""
    columns = [*definition.columns_of(person, "page"), *definition.columns_of(person, "file")]
    unique = list({column.key: column for column in columns}.values())
    return lambda row: has_words(words, *_searched(texts, definition, unique, row=row))


def _searched(texts: Texts, definition: ListDefinition[T], columns: Sequence[Column[T]], *, row: T) -> list[str]:
    values = [column.value(row) for column in columns]
    values_shown = [texts.translated(value) for value in values if isinstance(value, str)]
    values_shown += [str(value) for value in values if isinstance(value, int) and not isinstance(value, bool)]
    return values_shown if definition.also is None else [*values_shown, definition.also(row)]


def _sorted(texts: Texts, definition: ListDefinition[T], rows: Sequence[T], *, order: str) -> list[T]:
    """Sort by one column, stably; rows without a value come last in both directions."""
    column = next((item for item in definition.columns if item.key == order.removeprefix("-")), None)
    if column is None:
        return list(rows)
    value = column.order or column.value
    keyed = [(_key(texts, value(row)), row) for row in rows]
    with_value = [(key, row) for key, row in keyed if key is not None]
    with_value.sort(key=itemgetter(0), reverse=order.startswith("-"))
    return [row for _, row in with_value] + [row for key, row in keyed if key is None]


def _key(texts: Texts, value: Value) -> SortKey | None:
    """Return what a value is sorted by; None for one that is unknown."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return (1, 0.0, danish(texts.gettext(value) if isinstance(value, Msgid) else value))
    return (0, _figure(value), _NO_TEXT)


def _figure(value: float | date | datetime) -> float:
    if isinstance(value, datetime):
        return value.astimezone(UTC).timestamp()
    return float(value.toordinal()) if isinstance(value, date) else float(value)
