"""Lists a page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class ListPage(Generic[_T]):
    """One page of a list that is in memory: `page` from 1 of `pages`."""

    items: Sequence[_T]
    page: int
    pages: int
    total: int


def part(items: Sequence[_T], wanted: str, *, size: int = 50) -> ListPage[_T]:
    """Cut a list; an invalid page is the first."""
    page = int(wanted) if wanted.isascii() and wanted.isdecimal() and len(wanted) < 9 else 1
    cut: ListPage[_T] = page_at(len(items), page, size=size)
    return replace(cut, items=items[(cut.page - 1) * size : cut.page * size])


def page_at(total: int, wanted: int, *, size: int) -> ListPage[_T]:
    """Return a page of a list without its items; one past the end is the last."""
    pages = max(1, -(-total // size))
    return ListPage((), min(max(wanted, 1), pages), pages, total)


def older_than(wanted: str) -> int | None:
    """Read the place in the ledger that a page of what is older starts below; None for the newest."""
    sound = wanted.isascii() and wanted.isdecimal() and 0 < len(wanted) <= 18
    return int(wanted) if sound else None
