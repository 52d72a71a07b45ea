"""Stock reports: taken, and asked for."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from npn.db import Database
from npn.errors import InvalidInputError
from npn.stock import store
from npn.stock.model import Report
from npn.systems.permissions import Act, require_permitted

_CLOCK_SKEW = timedelta(days=1)
_LARGEST = 10**18
_LARGEST_USE = 10**15  # a day; whole numbers up to here are exact in a float


@dataclass(frozen=True, slots=True)
class Stock:
    """What the connected systems say of their stock."""

    database: Database
    clock: Callable[[], datetime]

    def report(self, *, by: str, free: int, used_per_day: float, as_of: datetime) -> Report:
        """Keep what a system says. Raises InvalidInputError naming the member, RefusedError `system_suspended`."""
        if not 0 <= free <= _LARGEST:
            raise InvalidInputError("free counts usable numbers, 0 or more", code="invalid_field", field="free")
        if not (math.isfinite(used_per_day) and 0 <= used_per_day <= _LARGEST_USE):
            raise InvalidInputError("used_per_day is a number, 0 or more", code="invalid_field", field="used_per_day")
        now = self.clock()
        if as_of > now + _CLOCK_SKEW:
            raise InvalidInputError(
                "as_of lies in the future",
                code="invalid_field",
                field="as_of",
                hint="check the system's clock",
            )
        report = Report(by, free, used_per_day, as_of, now)
        with self.database.write() as connection:
            require_permitted(connection, by, Act.REPORT)
            store.put(connection, report)
        return report

    def latest(self, system: str) -> Report | None:
        """Give a system's latest report, or None."""
        with self.database.read() as connection:
            return store.latest(connection, system)
