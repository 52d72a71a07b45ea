"""How often each system was refused, by day and code: counted in memory as it happens, written down now and then.

A draw never waits for this. What a killed server had counted since the last writing is lost: these are figures for
support, not the ledger.
"""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

from npn.db import Database
from npn.instants import iso_day
from npn.support import store
from npn.systems import store as systems_store
from npn.systems.model import CallerName

KEPT = timedelta(days=90)
_MOST = 10_000  # different ones between two writings


class Refusals:
    """The counts of one server, and where all of them are kept."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        """Start with none."""
        self._database = database
        self._clock = clock
        self._lock = threading.Lock()
        self._counted: Counter[tuple[str, str, str]] = Counter()

    def note(self, caller: CallerName, code: str) -> None:
        """Count one; only a connected system's are written down."""
        system = caller.system
        if system is None or not code:
            return
        key = (system, iso_day(self._clock()), code)
        with self._lock:
            if key in self._counted or len(self._counted) < _MOST:
                self._counted[key] += 1

    def flush(self) -> None:
        """Write down what was counted since the last time."""
        with self._lock:
            counted, self._counted = self._counted, Counter()
        if not counted:
            return
        now = self._clock()
        with self._database.write() as connection:
            ids = {system.id for system in systems_store.systems(connection)}
            for (system, day, code), count in sorted(counted.items()):
                if system in ids:
                    values = {"system_id": system, "day": day, "code": code, "count": count, "last_at": now}
                    store.count_refusals(connection, values)

    def of(self, system: str, *, days: int = 14) -> list[tuple[str, int, datetime]]:
        """Return a system's refusals of the last days: code, how many, when the last was written down."""
        since = iso_day(self._clock() - timedelta(days=days))
        with self._database.read() as connection:
            return store.refusals(connection, system, since_day=since)

    def forget(self) -> int:
        """Remove counts of days long gone."""
        with self._database.write() as connection:
            return store.forget_refusals(connection, before_day=iso_day(self._clock() - KEPT))
