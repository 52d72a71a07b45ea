"""What a running service does by itself, now and then: one thread, one chore after the other.

Several servers over one database each have a thread: a chore must stand being done by two of them at once.
"""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import structlog

from npn.errors import NpnError

_log = structlog.get_logger("npn.chores")


@dataclass(frozen=True, slots=True)
class Chore:
    """Something to do at an interval in seconds, the first time that long after the start or at once."""

    name: str
    every: float
    do: Callable[[], object]


@dataclass(frozen=True, slots=True)
class Round:
    """How one piece of background work goes; `error` is empty where it went well last. Times: seconds since 1970."""

    name: str
    failures: int = 0
    succeeded_at: float | None = None
    failing_since: float | None = None
    error: str = ""


class Rounds:
    """How all background work of a process goes: for its figures, and for the operator's overview."""

    def __init__(self, *, clock: Callable[[], float] = time.time) -> None:
        """Nothing was attempted yet."""
        self._clock = clock
        self._lock = threading.Lock()
        self._rounds: dict[str, Round] = {}

    def attempt(self, name: str, work: Callable[[], object]) -> bool:
        """Do work that must not end its loop, whatever it raises; return whether it went well."""
        try:
            work()
        except Exception as error:  # noqa: BLE001  # the loop must outlive whatever its work does
            self.failed(name, error)
            return False
        self.succeeded(name)
        return True

    def succeeded(self, name: str) -> None:
        """Note that work went well."""
        with self._lock:
            before = self._rounds.get(name, Round(name))
            self._rounds[name] = Round(name, before.failures, self._clock())

    def failed(self, name: str, error: Exception, *, logged: bool = False) -> None:
        """Note and log that work failed; `logged`: the log has it already.

        The operator sees our own words, or the kind of error alone: its text may hold data.
        """
        ours = error if isinstance(error, NpnError) else None
        text = type(error).__name__ if ours is None else f"{ours.message} [{ours.code}]"
        with self._lock:
            before = self._rounds.get(name, Round(name))
            since = self._clock() if before.failing_since is None else before.failing_since
            self._rounds[name] = replace(before, failures=before.failures + 1, failing_since=since, error=text)
        if not logged:
            _log.warning("chore_failed", chore=name, error=text, exc_info=error if ours is None else None)

    def all(self) -> list[Round]:
        """Return every piece of work that was attempted, by name."""
        with self._lock:
            return [self._rounds[name] for name in sorted(self._rounds)]


class Chores:
    """The thread. `stop` lets the chore under way finish."""

    def __init__(self, chores: Sequence[Chore], rounds: Rounds, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Nothing runs yet; every chore is due at the start. `rounds`: where it is noted how each went."""
        self._chores = chores
        self._rounds = rounds
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
                    self._rounds.attempt(chore.name, chore.do)
                    self._due[chore.name] = self._clock() + chore.every
            self._stop.wait(max(0.05, min(self._due.values()) - self._clock()))
