"""The combining allocator: draws that wait are folded into one transaction, so throughput grows with load.

One transaction at a time per process; several processes are safe because the locks and the constraints are in
the database.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future

from npn.errors import NpnError, UnavailableError, codes
from npn.registry.draws import Answer, GrantedSeries
from npn.registry.model import Draw, checked_draw

LARGEST_BATCH = 256
PATIENCE = 14.0  # seconds that a draw is tried for; a second less than callers wait by default
_PAUSE = 0.1
_LINGER = 0.15  # of the last batch's time: the longest the next one waits for those who were answered just now

Waiting = tuple[Draw, Future[GrantedSeries], float]


def unobserved(_size: int, _seconds: float) -> None:
    """For those who count nothing."""


class Allocator:
    """Takes draws from any thread and answers each with its own series."""

    def __init__(
        self,
        run: Callable[[Sequence[Draw]], list[Answer]],
        writer: Executor,
        *,
        observe: Callable[[int, float], None] = unobserved,
        patience: float = PATIENCE,
    ) -> None:
        """`run` is one transaction over many draws; `writer` the process's one writing thread.

        `observe` is told each batch's size and seconds. `patience`: the seconds for which a draw is tried again
        while the database is away, as long as it is certain that nothing was changed.
        """
        self._run = run
        self._writer = writer
        self._observe = observe
        self._patience = patience
        self._closing = threading.Event()
        self._waiting: deque[Waiting] = deque()
        self._scheduled = False
        self._state = threading.Lock()
        self._company = 1  # how many the last batch answered, and in how many seconds
        self._took = 0.0
        self._gathered = threading.Event()

    def draw(self, draw: Draw) -> Future[GrantedSeries]:
        """Queue a draw; the future gives the series, or raises the NpnError that refused it.

        Raises UnavailableError `stopping` once the writer takes no more work.
        """
        answer: Future[GrantedSeries] = Future()
        waiting = (checked_draw(draw), answer, time.monotonic() + self._patience)
        with self._state:
            if not self._scheduled:
                try:
                    self._writer.submit(self._drain)
                except RuntimeError as error:
                    raise UnavailableError("the service is stopping", code=codes.STOPPING, hint="try again") from error
                self._scheduled = True
            self._waiting.append(waiting)
            if len(self._waiting) >= self._company:
                self._gathered.set()
        return answer

    def _drain(self) -> None:
        """Answer one batch and let other writes have their turn; once the writer is closing, answer the rest."""
        while True:
            self._gather()
            with self._state:
                batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), LARGEST_BATCH))]
            try:
                self._answer([w for w in batch if w[1].running() or w[1].set_running_or_notify_cancel()])
            finally:
                is_idle = self._handed_on()
            if is_idle:
                return

    def _gather(self) -> None:
        """Let those who were answered together ask together again.

        Callers under load come back as soon as they have their answer. A batch begun with the first of them would
        cost as much as one with all. Who draws alone never waits.
        """
        self._gathered.clear()
        if len(self._waiting) < self._company:
            self._gathered.wait(self._took * _LINGER)

    def _handed_on(self) -> bool:
        """Queue the next batch behind other writes; False where the writer takes no more and we must go on."""
        with self._state:
            self._scheduled = bool(self._waiting)
            if self._scheduled:
                try:
                    self._writer.submit(self._drain)
                except RuntimeError:
                    return False
            return True

    def _answer(self, batch: list[Waiting]) -> None:
        if not batch:
            return
        started = time.perf_counter()
        try:
            answers = self._run([draw for draw, _, _ in batch])
        except UnavailableError as error:
            # The database or the witness is away, or the outcome is unknown: one by one would fare no better.
            # Where it is not certain that nothing was done, the repeated request id finds the truth.
            self._wait_or_fail(batch, error)
        except Exception as error:  # noqa: BLE001  # one bad draw, whatever is wrong with it, harms no other
            if len(batch) == 1:
                _fail(batch, error)
            else:
                for waiting in batch:
                    self._answer([waiting])
        else:
            self._company, self._took = len(batch), time.perf_counter() - started
            self._observe(len(batch), self._took)
            for (_, future, _), answer in zip(batch, answers, strict=True):
                if isinstance(answer, NpnError):
                    future.set_exception(answer)
                else:
                    future.set_result(answer)

    def _wait_or_fail(self, batch: list[Waiting], error: UnavailableError) -> None:
        """Put back what may be tried again in a moment, in front of what came later; tell the others."""
        hopeful = error.nothing_done and error.passes and not self._closing.is_set()
        now = time.monotonic()
        again = [waiting for waiting in batch if hopeful and now < waiting[2]]
        _fail([waiting for waiting in batch if not (hopeful and now < waiting[2])], error)
        if again:
            self._closing.wait(_PAUSE)
            with self._state:
                self._waiting.extendleft(reversed(again))

    def close(self) -> None:
        """Wait for a failover no longer: whoever still waits for one is told."""
        self._closing.set()


def _fail(batch: list[Waiting], error: Exception) -> None:
    for _, future, _ in batch:
        future.set_exception(error)
