"""What a running service does by itself, now and then: one thread, one chore after the other.

Several servers over one database each have a thread: a chore must stand being done by two of them at once.
"""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

from npn.errors import NpnError

_log = structlog.get_logger("npn.chores")


@dataclass(frozen=True, slots=True)
class Chore:
    """Something to do at an interval in seconds, the first time that long after the start or at once."""

    name: str
    every: float
    do: Callable[[], object]


class Chores:
    """The thread. `stop` lets the chore under way finish."""

    def __init__(self, chores: Sequence[Chore], *, clock: Callable[[], float] = time.monotonic) -> None:
        """Nothing runs yet; every chore is due at the start."""
        self._chores = chores
        self._clock = clock
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="npn-chores", daemon=True)
        self._due = {chore.name: clock() for chore in chores}

    def start(self) -> None:
        """Begin, where there is anything to do."""
        if self._chores:
            self._thread.start()

    def stop(self) -> None:
        """End after the chore under way."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=60)

    def _run(self) -> None:
        while not self._stop.is_set():
            for chore in self._chores:
                if self._due[chore.name] <= self._clock() and not self._stop.is_set():
                    do(chore)
                    self._due[chore.name] = self._clock() + chore.every
            self._stop.wait(max(0.05, min(self._due.values()) - self._clock()))


def do(chore: Chore) -> None:
    """Do it once; what goes wrong is logged, and the chore comes up again in its time."""
    try:
        chore.do()
    except NpnError as error:
        _log.warning("chore_failed", chore=chore.name, code=error.code, error=error.message)
    except Exception:  # noqa: BLE001  # the thread must outlive whatever a chore does
        _log.exception("chore_failed", chore=chore.name)
