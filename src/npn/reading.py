"""Where something is read: at the primary, or at a standby that keeps up."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from npn.db import Database
from npn.db.standby import Standby
from npn.registry.service import Registry
from npn.stock.picture import Pictures
from npn.systems.service import Systems


@dataclass(frozen=True, slots=True)
class Reading:
    """What reads at one place: `age` in seconds where it is a standby, None where it is the primary."""

    database: Database
    registry: Registry
    systems: Systems
    pictures: Pictures
    age: float | None = None

    def at(self, database: Database, clock: Callable[[], datetime]) -> "Reading":
        """Return the same of another database, with separate pictures."""
        return Reading(
            database,
            replace(self.registry, database=database),
            replace(self.systems, database=database),
            Pictures(database, clock),
        )


@dataclass(frozen=True, slots=True)
class Follower:
    """A standby, and what is read there."""

    standby: Standby
    reading: Reading


@dataclass(frozen=True, slots=True)
class Readings:
    """The places where may be read: the primary, and a standby where there is one."""

    primary: Reading
    follower: Follower | None = None

    def choose(self) -> Reading:
        """Return where to read what may be a little old: a standby where there is one that keeps up."""
        age = None if self.follower is None else self.follower.standby.age()
        if self.follower is None or age is None:
            return self.primary
        return replace(self.follower.reading, age=age)
