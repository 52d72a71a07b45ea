"""What each page costs: the processor time of the server and the size, for every role and every address of a page."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import sqlalchemy as sa

from npn.people.model import AccountRole
from npn.web import pages
from npn.web.routes import TABLE
from web.town import Browser, Town

LIMIT_MS, LIMIT_BYTES = 100.0, 150_000
VISITORS = (None, *AccountRole)


@dataclass(frozen=True, slots=True)
class PageCost:
    """What one page cost one role: the median of several visits."""

    path: str
    role: str
    milliseconds: float
    size: int

    @property
    def is_over(self) -> bool:
        return self.milliseconds > LIMIT_MS or self.size > LIMIT_BYTES


def page_paths() -> list[str]:
    """Return the paths that answer a GET."""
    pages.load()
    return sorted(path for method, path in TABLE if method == "GET")


def pages_of(
    town: Town, roles: Sequence[AccountRole | None] = VISITORS
) -> Iterator[tuple[str, str, AccountRole | None, Browser]]:
    """Yield every page that a visitor gets, with its path, its address, the visitor's role and browser."""
    addresses = {path: town.address(path) for path in page_paths()}
    for role in roles:
        browser = town.browser(role, language="da")
        for path, address in addresses.items():
            answer = browser.get(address)
            if answer.status_code == 200 and answer.headers["content-type"].startswith("text/html"):
                yield path, address, role, browser


def costs(town: Town, spent: Callable[[], float], *, rounds: int) -> list[PageCost]:
    """Visit each page several times. `spent` says what the server has used so far, in milliseconds of a processor."""
    results = []
    for path, address, role, browser in list(pages_of(town)):  # every page was visited once: nothing is made first
        times, size = [], 0
        for _ in range(rounds):
            before = spent()
            size = len(browser.get(address).content)
            times.append(spent() - before)
        results.append(PageCost(path, role.value if role else "nobody", round(median(times), 1), size))
    return results


class Rows:
    """Counts, on every SQLite connection of this process that is made while it counts, statements and rows fetched."""

    def __init__(self) -> None:
        self.statements = self.rows = 0

    @contextmanager
    def counting(self) -> Iterator[None]:
        """Count while the block runs."""
        sa.event.listen(sa.pool.Pool, "connect", self._connected)
        sa.event.listen(sa.Engine, "before_cursor_execute", self._executed)
        try:
            yield
        finally:
            sa.event.remove(sa.pool.Pool, "connect", self._connected)
            sa.event.remove(sa.Engine, "before_cursor_execute", self._executed)

    def _connected(self, connection: sqlite3.Connection, _record: object) -> None:
        connection.row_factory = self._fetched

    def _fetched(self, _cursor: object, row: tuple[object, ...]) -> tuple[object, ...]:
        self.rows += 1
        return row

    def _executed(self, *_arguments: object) -> None:
        self.statements += 1


def processor_ms(*pids: int) -> float:
    """Return what processes have used so far, all their threads."""
    total = 0
    for pid in pids:
        for thread in Path(f"/proc/{pid}/task").glob("*/schedstat"):
            with suppress(FileNotFoundError, ProcessLookupError):  # it ended since the list was read
                total += int(thread.read_text("ascii").split()[0])
    return total / 1e6
