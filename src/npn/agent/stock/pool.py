"""The pool at the laboratory: hands out each number at most once, whatever is killed whenever.

The steps of every change, in order, and what a crash after each one leaves: docs/agent-pool.md.

    with Pool.open("agent.db") as pool:
        number = pool.take()
"""

import contextlib
import os
import sqlite3
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Self

from npn.agent.errors import PoolRefusedError, PoolWriteError
from npn.agent.model import ON_CLONE, OnClone, PooledSeries, PoolIdentity, PoolStatus, Stretch
from npn.agent.stock.inspection import doubt, mark_of, status_of
from npn.agent.stock.lock import Ownership
from npn.agent.stock.logbook import Logbook
from npn.agent.stock.mark import Mark, MarkFile
from npn.agent.stock.store import DISK, Disk, PoolStore
from npn.errors import InvalidInputError, NpnError, codes
from npn.numbers.digits import is_digits
from npn.ownership import LooseFile, tighten_all, with_sqlite_files

DEFAULT_CHUNK = 1000
LARGEST_TAKE = 100_000
RESTORED_HINT = (
    "put the newest file back, or run `npn agent reset`: it withholds what this file holds and draws new stock"
)


class Pool:
    """One owner's open pool; may be shared between threads. Texts of digits go out, integers stay inside."""

    def __init__(
        self,
        *,
        path: Path,
        ownership: Ownership,
        store: PoolStore,
        mark: MarkFile,
        chunk: int,
        on_clone: OnClone,
    ) -> None:
        """Use `Pool.open`."""
        self.path = path
        self.on_clone: OnClone = on_clone
        self.chunk = chunk
        self.store = store
        self.logbook = Logbook(store)
        self._ownership = ownership
        self._mark = mark
        self._lock = threading.RLock()  # the file, and all but the popping of numbers
        self._gate = threading.Lock()  # the numbers in memory; taken inside _lock, never the other way round
        self._half = 0  # when so few are in memory, the next ones are reserved ahead
        self._running_low = threading.Event()
        self._arrival = threading.Condition(self._lock)
        self._ready: deque[str] = deque()
        self._stretches: list[Stretch] = []
        self._limbo: list[Stretch] = []  # reserved in the file, never in memory, and not given back yet
        self._reserved = 0  # usable numbers put into memory since opening, less those given back
        self._noted = 0  # of those that left memory, how many are in the consumption table
        self.trouble = ""  # why the latest change could not be written; empty as soon as one could
        self.loose: list[LooseFile] = []  # which of the pool's files others could read when it was opened
        self._unusable = ""  # why nothing can be done with this object any more
        self._closed = False
        self._pid = os.getpid()

    @classmethod
    def open(
        cls,
        path: str | Path,
        *,
        mark: str | Path | None = None,
        chunk: int = DEFAULT_CHUNK,
        on_clone: OnClone = "new_pool",
        disk: Disk = DISK,
    ) -> Self:
        """Open the pool file, made if absent, as its one owner.

        mark   the mark outside the file; beside it (`agent.db.mark`) by default
        chunk  usable numbers reserved at a time, and the most that a crash loses
        Raises PoolInUseError (owned already), PoolRefusedError (restored, copied, damaged), PoolWriteError.
        """
        if chunk < 1:
            raise InvalidInputError(f"chunk is {chunk}; it must be at least 1", field="chunk")
        if on_clone not in ON_CLONE:
            raise InvalidInputError(f"on_clone is {on_clone!r}; new_pool or stop", field="on_clone")
        real = Path(os.path.realpath(path))
        mark_file = mark_of(real, Path(mark) if mark else None, disk.mark)
        loose = tighten_all([*with_sqlite_files(real), mark_file.path])
        ownership = Ownership.acquire(real)
        try:
            store = PoolStore.open(real, disk)
            pool = cls(path=real, ownership=ownership, store=store, mark=mark_file, chunk=chunk, on_clone=on_clone)
            pool.loose = loose
            try:
                pool._begin()
            except BaseException:
                store.close()
                raise
        except BaseException:
            ownership.release()
            raise
        ownership.guard(pool)
        return pool

    def _begin(self) -> None:
        """Compare with the mark; become the owner; book what the last owner left."""
        copied = self._compare(self._mark.read())
        self.store.take_ownership()
        if copied:
            alarm = f"{self.path} came without its mark {self._mark.path}: copied, or the mark was lost"
            with self.store.transaction() as change:
                self.store.withhold_all(change, "cloned")
                self.logbook.abandon_all(change)
                self.store.new_identity(change)
                self.logbook.remember(change, "alarm", alarm)
        self._advance_mark()

    def _compare(self, mark: Mark | None) -> bool:
        """True where the pool must be taken for a copy; raises where it is older than its mark."""
        doubted = doubt(self.store, mark)
        if doubted == "mark_missing" and self.on_clone == "stop":
            raise PoolRefusedError(
                f"{self.path} was in use, but its mark {self._mark.path} is missing: copied, or the mark was lost",
                code=codes.MARK_MISSING,
                hint="put the mark back, or run `npn agent reset`: it withholds what this file holds",
            )
        if doubted == "pool_restored":
            raise PoolRefusedError(
                f"{self.path} is older than what has been used (it stands at change {self.store.identity().generation},"
                f" its mark {self._mark.path} at {mark.generation if mark else 0}): it was restored or replaced",
                code=codes.POOL_RESTORED,
                hint=RESTORED_HINT,
            )
        return doubted is not None

    # hand-out -------------------------------------------------------------------------------------------
    def take(self) -> str:
        """Hand out one number. Raises TooFewNumbersError when the pool is empty."""
        with self._gate:
            if self._ready:
                if len(self._ready) == self._half:
                    self._running_low.set()
                return self._ready.popleft()
        return self.take_many(1)[0]

    def take_many(self, count: int, *, wait: float = 0.0) -> list[str]:
        """Hand out `count` numbers, all or none; wait at most `wait` seconds for stock to arrive."""
        if not 1 <= count <= LARGEST_TAKE:
            raise InvalidInputError(
                f"count is {count}; it must be from 1 to {LARGEST_TAKE}",
                field="count",
                hint="take several times, or draw a separate series for a batch",
            )
        with self._lock:
            if wait > 0 and self.free() < count:
                self._arrival.wait_for(lambda: bool(self._unusable) or self.free() >= count, wait)
            while True:
                with self._gate:
                    missing = count - len(self._ready)
                    if missing <= 0:
                        return [self._ready.popleft() for _ in range(count)]
                self._reserve(missing)  # others may take meanwhile, without this lock: look again

    def reserve_ahead(self, *, wait: float) -> None:
        """Wait until half of what is in memory has been taken, then reserve more, while takers take the rest.

        For its own thread: the disk is then never waited for by those who take at an even pace.
        """
        if self._running_low.wait(wait):
            self._running_low.clear()
            with self._lock:
                if not self._unusable and len(self._ready) < self.chunk:
                    self._reserve(0)

    def free(self) -> int:
        """Usable numbers that can be handed out now."""
        with self._lock:
            self._check()
            return self._held() + sum(s.free for s in self.store.series() if s.state == "open")

    def _held(self) -> int:
        """Usable numbers that are reserved in the file and can still be handed out."""
        return len(self._ready) + sum(stretch.count for stretch in self._limbo)

    def give_back(self, numbers: Sequence[str]) -> int:
        """Record numbers as certainly unused; they are never handed out again. All or none.

        Returns how many were new. Raises InvalidInputError for a number that did not come from this pool.
        """
        with self.change() as change:
            fresh = self._handed_out(numbers)
            for series, first, last, count in _runs(fresh):
                self.logbook.log_return(change, series=series.id, first=first, last=last, count=count)
        return len(fresh)

    def _handed_out(self, numbers: Sequence[str]) -> list[tuple[PooledSeries, int]]:
        """Each number with its series, in order, once; without those that were given back before."""
        pooled = self.store.series()
        owners: dict[int, PooledSeries] = {}
        with self._gate:
            waiting = set(self._ready)
        for text in numbers:
            series = next((s for s in pooled if _is_from(s, text)), None)
            if series is None or text in waiting:
                raise InvalidInputError(
                    f"{text[:40]!r} was not handed out by this pool",
                    code=codes.NOT_FROM_THIS_POOL,
                    field="numbers",
                    hint="nothing was recorded; give back only numbers that this agent handed out",
                )
            number = int(text)
            if not self.logbook.was_returned(series.id, number):
                owners[number] = series
        return [(owners[number], number) for number in sorted(owners)]

    # changes --------------------------------------------------------------------------------------------
    @contextlib.contextmanager
    def change(self) -> Iterator[sqlite3.Connection]:
        """Open one durable change of the pool, and move the mark after it."""
        with self._lock, self._writing():
            self._check()
            count = self._reserved - len(self._ready)
            with self.store.transaction() as change:
                if count > self._noted:
                    self.logbook.note_use(change, date.today(), count - self._noted)  # noqa: DTZ011  # the laboratory's own day
                # What was handed out since the last reservation is no crash's loss any more. Takers may take meanwhile:
                # then a few more are noted than are left.
                self.store.note_reservations(change, [*self._outstanding(), *self._limbo])
                yield change
            self._noted = max(count, self._noted)
            self._advance_mark()

    @contextlib.contextmanager
    def change_emptied(self) -> Iterator[sqlite3.Connection]:
        """The same, after what is in memory has been given back: nothing is between the file and the takers.

        Where the commit's own outcome is in doubt the object becomes unusable: what was in memory might be in
        the file again. The next opening reads the file and knows.
        """
        with self._lock:
            self._check()
            committing = False
            with self._gate:
                unused, rest = self._outstanding(), len(self._ready)
                try:
                    with self.change() as change:
                        self.store.give_back(change, [*unused, *self._limbo])
                        yield change
                        committing = True
                        self._ready.clear()
                        self._limbo = []
                except BaseException:
                    if committing:
                        self._unusable = f"{self.path}: a change may or may not have reached the disk"
                    raise
                self._stretches = []
                self._reserved -= rest

    def note_use(self) -> None:
        """Write down how many numbers were used today, if any since the last time."""
        with self._lock:
            if self.unnoted():
                with self.change():
                    pass

    def unnoted(self) -> int:
        """Numbers that left memory and are not in the day's count of use yet."""
        return max(0, self._reserved - len(self._ready) - self._noted)

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except PoolWriteError as error:
            self.trouble = error.message
            raise
        self.trouble = ""

    def announce(self) -> None:
        """Wake those who wait for numbers."""
        with self._lock:
            self._arrival.notify_all()

    def _reserve(self, need: int) -> None:
        """Put at least `need` more usable numbers into memory, durably reserved before."""
        self._check()
        with self._writing():
            self._reserve_durably(need)

    def _reserve_durably(self, need: int) -> None:
        with self._gate:
            outstanding, waiting = self._outstanding(), len(self._ready)
        self._settle(outstanding)
        want = max(need, self.chunk - waiting)
        count = self._reserved - waiting
        today = date.today()  # noqa: DTZ011  # the laboratory's own day
        reserved = self.store.reserve(
            need=need,
            want=want,
            outstanding=outstanding,
            note=lambda change: self.logbook.note_use(change, today, count - self._noted),
        )
        self._noted = count
        self._limbo = reserved
        try:
            self._advance_mark()
        except NpnError:
            with contextlib.suppress(NpnError):  # then at the next reservation, or it becomes a gap
                self._settle(outstanding)
            raise
        self._limbo = []
        texts = [text for stretch in reserved for text in stretch.texts()]
        with self._gate:
            self._ready.extend(texts)
            self._stretches = [*outstanding, *reserved]
            self._reserved += len(texts)
            self._half = len(self._ready) // 2

    def _settle(self, outstanding: list[Stretch]) -> None:
        """Return to the stock what was reserved but can't be handed out, since its mark could not be written."""
        if self._limbo:
            with self.store.transaction() as change:
                self.store.give_back(change, self._limbo)
                self.store.note_reservations(change, outstanding)
            self._limbo = []

    def _outstanding(self) -> list[Stretch]:
        """The parts of the reserved stretches that are still in memory: the last numbers of them."""
        left, rest = len(self._ready), []
        for stretch in reversed(self._stretches):
            if left <= 0:
                break
            rest.append(stretch.tail(left))
            left -= stretch.count
        return rest[::-1]

    def _advance_mark(self) -> None:
        identity = self.store.identity()
        self._mark.advance(Mark(identity.pool_id, identity.generation))

    def _check(self) -> None:
        if self._unusable:
            raise PoolRefusedError(self._unusable, code=codes.POOL_CLOSED, hint="open the pool where it is used")

    # reading ------------------------------------------------------------------------------------------
    @contextlib.contextmanager
    def reading(self) -> Iterator[Logbook]:
        """Read the log while nobody changes it."""
        with self._lock:
            self._check()
            yield self.logbook

    def series(self) -> list[PooledSeries]:
        """All series this pool ever had, oldest first."""
        with self._lock:
            self._check()
            return self.store.series()

    def identity(self) -> PoolIdentity:
        """Who the pool is towards the service."""
        with self._lock:
            self._check()
            return self.store.identity()

    # state and end --------------------------------------------------------------------------------------
    def status(self) -> PoolStatus:
        """What is in the pool."""
        with self._lock:
            self._check()
            return status_of(self.store, self.logbook, ready=self._held(), unnoted=self.unnoted())

    def close(self) -> None:
        """Return the rest of the chunk to the stock and let go of the file. Called again it does nothing."""
        with self._lock:
            if self._closed or os.getpid() != self._pid:
                return
            try:
                if not self._unusable:
                    with self.change_emptied():
                        pass
            finally:
                self._closed = True
                self._unusable = f"{self.path} has been closed"
                with self._gate:
                    self._ready.clear()
                self._running_low.set()
                self._arrival.notify_all()
                self.store.close()
                self._mark.close()
                self._ownership.release()

    def forget_after_fork(self) -> None:
        """In a forked child: nothing may be handed out here, or both would hand out the same."""
        self._lock, self._gate = threading.RLock(), threading.Lock()
        self._ready = deque()
        self._unusable = f"{self.path} belongs to the parent process; a forked child must not use it"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _is_from(series: PooledSeries, text: str) -> bool:
    """Whether the text is a usable number below the series' mark, so that it may have been handed out."""
    scheme = series.scheme
    if not is_digits(text, scheme.length):
        return False
    number = int(text)
    return series.first <= number < series.next and number <= series.stop and scheme.is_usable(number)


def _runs(numbers: list[tuple[PooledSeries, int]]) -> Iterator[tuple[PooledSeries, int, int, int]]:
    """Fold neighbouring usable numbers of one series into (series, first, last, count)."""
    run: tuple[PooledSeries, int, int, int] | None = None
    for series, number in numbers:
        if run and run[0].id == series.id and series.scheme.next(run[2] + 1) == number:
            run = (series, run[1], number, run[3] + 1)
            continue
        if run:
            yield run
        run = (series, number, number, 1)
    if run:
        yield run
