"""Stock reports: taken, and asked for."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from npn.db import Database
from npn.stock import store
from npn.stock.model import Report
from npn.systems.permissions import Act, require_permitted
from npn.wire.requests import check_stock_figures


@dataclass(frozen=True, slots=True)
class Stock:
    """What the connected systems say of their stock."""

    database: Database
    clock: Callable[[], datetime]

    def report(self, *, by: str, free: int, used_per_day: float, as_of: datetime) -> Report:
        """Keep what a system says. Raises InvalidInputError naming the member, RefusedError `system_suspended`."""
        now = self.clock()
        check_stock_figures(free=free, used_per_day=used_per_day, as_of=as_of, now=now)
        report = Report(by, free, used_per_day, as_of, now)
        with self.database.write() as connection:
            require_permitted(connection, by, Act.REPORT)
            store.put(connection, report)
        return report

    def latest(self, system: str) -> Report | None:
        """Return a system's latest report, or None."""
        with self.database.read() as connection:
            return store.latest(connection, system)
