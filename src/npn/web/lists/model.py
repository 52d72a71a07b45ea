"""What a list is: its columns, its filters, and what its address says of it. No input or output."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import Enum, auto
from typing import Generic, TypeVar
from urllib.parse import urlencode

from npn.people.model import AccountRole, Person
from npn.web.forms import Field

T = TypeVar("T")
SIZES = (25, 50, 100, 200)
SIZE = 50
LONGEST_SEARCH = 100


@dataclass(frozen=True, slots=True)
class LinkCell:
    """A text that leads somewhere."""

    text: str
    path: str


@dataclass(frozen=True, slots=True)
class TagCell:
    """A word with a colour: `good`, `warn`, `bad` or none."""

    text: str
    colour: str = ""


@dataclass(frozen=True, slots=True)
class CodeCell:
    """A text that is compared letter by letter: a number, a fingerprint."""

    text: str


@dataclass(frozen=True, slots=True)
class PressCell:
    """A button that sends a form without fields; `spoken` says what it does to which row."""

    text: str
    path: str
    spoken: str


Value = str | int | float | date | datetime | None  # a text of the program is a Msgid
Shown = Value | LinkCell | TagCell | CodeCell | PressCell
Cell = Shown | Sequence["Shown"]


class Kind(Enum):
    """What a column's values are, which says how they are written and where they stand."""

    TEXT = auto()
    NUMBER = auto()  # a whole figure
    DECIMAL = auto()  # a figure with one decimal
    DAY = auto()
    TIME = auto()


@dataclass(frozen=True)  # a generic one with slots can not be made as `Name[T](…)` by Python 3.11
class Column(Generic[T]):
    """A column: `value` is what its file has and what it is sorted by, `cell` what its page shows where that is more.

    `order`: what it is sorted by where the value is not it. `under`: the key of the column in whose cell it stands, as
    a second line. `only`: `page` or `file` where it stands in one of them alone. `roles`: who has it; empty: everybody.
    """

    key: str
    heading: str
    value: Callable[[T], Value]
    kind: Kind = Kind.TEXT
    cell: Callable[[T], Cell] | None = None
    order: Callable[[T], Value] | None = None
    under: str = ""
    only: str = ""
    roles: frozenset[AccountRole] = frozenset()
    is_sorted: bool = True

    @property
    def is_figure(self) -> bool:
        """Whether it stands to the right."""
        return self.kind in (Kind.NUMBER, Kind.DECIMAL)

    def shown(self, row: T) -> Cell:
        """Return what the page shows of a row."""
        return self.value(row) if self.cell is None else self.cell(row)


@dataclass(frozen=True)  # a generic one with slots can not be made as `Name[T](…)` by Python 3.11
class Filter(Generic[T]):
    """A field beside the search, and whether a row passes what it says. `usual`: what holds where it is left alone."""

    field: Field
    passes: Callable[[T, str], bool]
    usual: str = ""


@dataclass(frozen=True)  # a generic one with slots can not be made as `Name[T](…)` by Python 3.11
class ListDefinition(Generic[T]):
    """A list. `path` is the page's, as its route has it; the file's is the same with `.csv`.

    `order`: the key of the column that it is sorted by where nothing is said, with `-` before it for the other way.
    `also`: what is searched besides the texts of its columns. `empty`: what is said where it has no row at all,
    `none_left` where none passes the filters. Where rows are as old as the newest sort, `order` may be empty.
    """

    name: str
    path: str
    caption: str
    columns: Sequence[Column[T]]
    empty: str
    none_left: str
    order: str = ""
    filters: Sequence[Filter[T]] = ()
    also: Callable[[T], str] | None = None
    search_hint: str = ""

    def columns_of(self, person: Person | None, where: str) -> list[Column[T]]:
        """Return the columns that somebody has on the `page` or in the `file`."""
        role = None if person is None else person.role
        return [c for c in self.columns if c.only in ("", where) and (not c.roles or role in c.roles)]


@dataclass(frozen=True, slots=True)
class ListQuery:
    """What an address says of a list: what is searched for, filters, order, and which page of which size."""

    words: str = ""
    filters: Mapping[str, str] = field(default_factory=dict)
    order: str = ""
    page: int = 1
    size: int = SIZE

    @property
    def sorted_by(self) -> str:
        """Return the key of the column."""
        return self.order.removeprefix("-")

    @property
    def is_reversed(self) -> bool:
        """Whether the largest come first."""
        return self.order.startswith("-")

    def with_order(self, order: str) -> "ListQuery":
        """Return the first page in another order."""
        return replace(self, order=order, page=1)

    def with_page(self, page: int) -> "ListQuery":
        """Return another page."""
        return replace(self, page=page)

    def text(self, definition: ListDefinition[T]) -> str:
        """Write it as an address has it; what is usual is left out."""
        pairs = {"q": self.words} if self.words else {}
        usual = {item.field.name: item.usual for item in definition.filters}
        pairs |= {name: value for name, value in self.filters.items() if value != usual.get(name, "")}
        if self.order != definition.order:
            pairs["sort"] = self.order
        if self.size != SIZE:
            pairs["size"] = str(self.size)
        if self.page > 1:
            pairs["page"] = str(self.page)
        return urlencode(pairs)


def query_of(definition: ListDefinition[T], asked: Mapping[str, str]) -> ListQuery:
    """Read a list's part of an address; what is unknown there is as if it were not said."""
    keys = {column.key for column in definition.columns if column.is_sorted}
    order = asked.get("sort", "")
    filters = {item.field.name: _chosen(item, asked) for item in definition.filters}
    size = _figure(asked.get("size", ""))
    return ListQuery(
        words=asked.get("q", "").strip()[:LONGEST_SEARCH],
        filters=filters,
        order=order if order.removeprefix("-") in keys else definition.order,
        page=max(1, _figure(asked.get("page", ""))),
        size=size if size in SIZES else SIZE,
    )


def _chosen(of: Filter[T], asked: Mapping[str, str]) -> str:
    value = asked.get(of.field.name)
    if value is None:
        return of.usual
    value = value.strip()[: of.field.largest]
    choices = {choice.value for choice in of.field.choices}
    return value if not choices or value in choices or not value else of.usual


def _figure(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0
