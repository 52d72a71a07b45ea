"""The stock that a system reports."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Report:
    """`free` usable numbers, `used_per_day` usable numbers a day, true at `as_of`."""

    system: str
    free: int
    used_per_day: float
    as_of: datetime
    received_at: datetime

    @property
    def cover_days(self) -> float | None:
        """How many days the free numbers last; None where none are used."""
        return self.free / self.used_per_day if self.used_per_day > 0 else None
