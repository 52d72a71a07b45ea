"""A list on a page: its heads with the links that sort it, its cells, and the form of its filters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Generic, TypeVar

from markupsafe import Markup, escape

from npn.people.model import Person
from npn.people.saved_filters import SavedFilter
from npn.web.forms import Choice, Field, Form
from npn.web.lists.arranging import arranged, page_of
from npn.web.lists.model import (
    LONGEST_SEARCH,
    SIZES,
    Cell,
    CodeCell,
    Column,
    Kind,
    LinkCell,
    ListDefinition,
    ListQuery,
    PressCell,
    Shown,
    TagCell,
)
from npn.web.paging import ListPage
from npn.web.texts import NOTHING, Texts, _

T = TypeVar("T")
SAVED_SEARCH = (
    Field("path", "", kind="hidden", largest=400),
    Field("query", "", kind="hidden", required=False, largest=1000),
    Field("name", _("Save this search as"), largest=80),
)
_PRESS = Markup(
    '<form method="post" action="{}"><input type="hidden" name="token" value="{}">'
    '<button class="second small" aria-label="{}">{}</button></form>'
)
_COLOURS = frozenset({"good", "warn", "bad", "soft"})


@dataclass(frozen=True, slots=True)
class SortHead:
    """A column's heading, and where it leads: the list sorted by it. `state`: as `aria-sort` says it, or empty."""

    label: str
    path: str
    state: str


@dataclass(frozen=True, slots=True)
class TableHead:
    """A head of the table: the column's own heading, and those of the columns that stand in its cells."""

    heads: Sequence[SortHead]
    is_figure: bool

    @property
    def state(self) -> str:
        """Return what `aria-sort` says of it."""
        return next((head.state for head in self.heads if head.state), "")


@dataclass(frozen=True, slots=True)
class ListTable(Generic[T]):
    """What a template needs of a list. `cells`: of each row, in the order of the heads, ready to be shown."""

    definition: ListDefinition[T]
    query: ListQuery
    heads: Sequence[TableHead]
    rows: Sequence[T]
    cells: Sequence[Sequence[Markup]]
    part: ListPage[T]
    everything: int
    form: Form
    path: str
    previous: str
    next: str
    saved: Sequence[SavedFilter]

    @property
    def is_narrowed(self) -> bool:
        """Whether something is searched for, or a filter differs from what is usual."""
        usual = {item.field.name: item.usual for item in self.definition.filters}
        return bool(self.query.words) or any(value != usual[name] for name, value in self.query.filters.items())

    @property
    def file(self) -> str:
        """Return the address of the file with the same rows in the same order."""
        return _address(f"{self.path}.csv", self.query.with_page(1), self.definition)

    @property
    def as_query(self) -> str:
        """Return what the address says, without the page: what a saved search keeps."""
        return self.query.with_page(1).text(self.definition)

    @property
    def saving(self) -> Form:
        """Return the form that keeps the search under a name."""
        return Form.of(SAVED_SEARCH, {"path": self.path, "query": self.as_query})

    @property
    def hidden(self) -> Mapping[str, str]:
        """Return what the form of the filters carries along unseen."""
        return {} if self.query.order == self.definition.order else {"sort": self.query.order}


@dataclass(frozen=True, slots=True)
class ListVisitor:
    """For whom a list is written: words, who it is, the token of their forms, and at which path."""

    texts: Texts
    person: Person | None
    token: str
    path: str
    saved: Sequence[SavedFilter] = ()


@dataclass(frozen=True)  # a generic one with slots can not be made as `Name[T](…)` by Python 3.11
class FoundRows(Generic[T]):
    """The page of a list that its address asks for. `everything`: how many rows there are before any filter."""

    part: ListPage[T]
    everything: int


def table_of(
    definition: ListDefinition[T], rows: Sequence[T], *, query: ListQuery, visitor: ListVisitor
) -> ListTable[T]:
    """Arrange a list and write the page of it that the address asks for."""
    part = page_of(arranged(visitor.texts, definition, rows, query=query, person=visitor.person), query)
    return table_with(definition, FoundRows(part, len(rows)), query=query, visitor=visitor)


def table_with(
    definition: ListDefinition[T], rows: FoundRows[T], *, query: ListQuery, visitor: ListVisitor
) -> ListTable[T]:
    """Write the page of a list that was cut where its rows are kept."""
    person, path, part = visitor.person, visitor.path, rows.part
    query = query.with_page(part.page)
    columns = definition.columns_of(person, "page")
    stacks = [[c, *(u for u in columns if u.under == c.key)] for c in columns if not c.under]
    return ListTable(
        definition=definition,
        query=query,
        heads=[_head(stack, definition, query, path=path) for stack in stacks],
        rows=part.items,
        cells=[[_stacked(visitor, stack, row) for stack in stacks] for row in part.items],
        part=part,
        everything=rows.everything,
        form=_form(definition, query),
        path=path,
        previous=_address(path, query.with_page(part.page - 1), definition) if part.page > 1 else "",
        next=_address(path, query.with_page(part.page + 1), definition) if part.page < part.pages else "",
        saved=visitor.saved,
    )


def _form(definition: ListDefinition[T], query: ListQuery) -> Form:
    search = Field("q", _("Search"), kind="search", required=False, largest=LONGEST_SEARCH, hint=definition.search_hint)
    size = Field("size", _("Rows a page"), kind="select", choices=[Choice(str(n), str(n)) for n in SIZES])
    fields = [search, *(item.field for item in definition.filters), size]
    return Form.of(fields, {"q": query.words, **query.filters, "size": query.size})


def _head(stack: Sequence[Column[T]], definition: ListDefinition[T], query: ListQuery, *, path: str) -> TableHead:
    return TableHead([_sort_head(item, definition, query, path=path) for item in stack], stack[0].is_figure)


def _sort_head(column: Column[T], definition: ListDefinition[T], query: ListQuery, *, path: str) -> SortHead:
    if not column.is_sorted:
        return SortHead(column.heading, "", "")
    is_current = query.sorted_by == column.key
    state = ("descending" if query.is_reversed else "ascending") if is_current else ""
    order = f"-{column.key}" if is_current and not query.is_reversed else column.key
    return SortHead(column.heading, _address(path, query.with_order(order), definition), state)


def _address(path: str, query: ListQuery, definition: ListDefinition[T]) -> str:
    text = query.text(definition)
    return f"{path}?{text}" if text else path


def _stacked(visitor: ListVisitor, stack: Sequence[Column[T]], row: T) -> Markup:
    first = cell_html(visitor, stack[0].shown(row), stack[0].kind)
    cells = [(item.shown(row), item.kind) for item in stack[1:]]
    below = [cell_html(visitor, cell, kind) for cell, kind in cells if cell not in (None, "")]
    return first + Markup().join(Markup('<div class="below">{}</div>').format(item) for item in below if item)


def cell_html(visitor: ListVisitor, cell: Cell, kind: Kind) -> Markup:
    """Write a cell; a row of things stands in a line."""
    if isinstance(cell, Sequence) and not isinstance(cell, str):
        return Markup(" ").join(_html(visitor, item, kind) for item in cell if item not in (None, ""))
    return _html(visitor, cell, kind)


def _html(visitor: ListVisitor, shown: Shown, kind: Kind) -> Markup:
    words = visitor.texts.translated
    if isinstance(shown, LinkCell):
        return Markup('<a href="{}">{}</a>').format(shown.path, words(shown.text))
    if isinstance(shown, TagCell):
        colour = shown.colour if shown.colour in _COLOURS else ""
        return Markup('<span class="tag {}">{}</span>').format(colour, words(shown.text))
    if isinstance(shown, CodeCell):
        return Markup('<span class="number">{}</span>').format(shown.text)
    if isinstance(shown, PressCell):
        return _PRESS.format(shown.path, visitor.token, words(shown.spoken), words(shown.text))
    if isinstance(shown, date):
        return Markup('<span class="nowrap">{}</span>').format(written(visitor.texts, shown, kind))
    return escape(written(visitor.texts, shown, kind))


def written(texts: Texts, value: str | float | date | datetime | None, kind: Kind) -> str:
    """Write a value as the page has it."""
    if value is None or value == "":
        return NOTHING
    if isinstance(value, str):
        return texts.translated(value)
    if isinstance(value, datetime):
        return texts.date(value) if kind is Kind.DAY else texts.time(value)
    if isinstance(value, date):
        return texts.day(value)
    return texts.number(value, 1 if kind is Kind.DECIMAL else 0)
