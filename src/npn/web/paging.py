"""Lists a page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
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
    pages = max(1, -(-len(items) // size))
    page = int(wanted) if wanted.isascii() and wanted.isdecimal() and len(wanted) < 9 else 1
    page = min(max(page, 1), pages)
    return ListPage(items[(page - 1) * size : page * size], page, pages, len(items))


def older_than(wanted: str) -> int | None:
    """Read the place in the ledger that a page of what is older starts below; None for the newest."""
    sound = wanted.isascii() and wanted.isdecimal() and 0 < len(wanted) <= 18
    return int(wanted) if sound else None
