"""Where the work is done: in this process, over the cores, or (in `cluster`) on other machines.

Every place is a `BatchPool`: it takes batches and gives futures. A pool can break, when a worker is killed or runs
out of memory; then it is replaced.
"""

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

from npn.errors import UnavailableError
from npn.messages.bulk.items import Item
from npn.messages.bulk.work import BulkLine, Task, done

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class BatchPool:
    """A way to have batches done.

    make        makes an executor; called again after one broke
    stop        lets one go; what it has not begun is not done
    workers     how many batches are done at a time
    sees_files  whether the workers can open this machine's files; if not they are sent the bytes
    """

    make: Callable[[], Executor]
    stop: Callable[[Executor], None]
    workers: int
    sees_files: bool = True


def _stop(executor: Executor) -> None:
    """End processes of this machine in order."""
    executor.shutdown(wait=True, cancel_futures=True)


def cores(jobs: int = 0) -> BatchPool:
    """Use this machine's cores; `jobs` processes, by default as many as there are cores to use."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    count = jobs or usable
    context = multiprocessing.get_context("spawn")  # a fork would copy locks that other threads hold
    return BatchPool(lambda: ProcessPoolExecutor(count, mp_context=context, initializer=_quietly), _stop, count)


def _quietly() -> None:
    """Leave Ctrl-C to the process that gathers results; it ends the workers in order."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def in_process() -> BatchPool:
    """Work in this very process: nothing to start, and nothing that survives a crash."""
    return BatchPool(_Here, _stop, 1)


class _Here(Executor):
    """Does what is submitted at once."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Do it now; what it raises is the future's."""
        future: Future[T] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - whoever asks the future gets it
            future.set_exception(error)
        return future


@contextmanager
def working(pool: BatchPool) -> Iterator["Workers"]:
    """Have an executor as long as it is needed; what is not begun then is not done."""
    workers = Workers(pool)
    try:
        yield workers
    finally:
        workers.stop()


class Workers:
    """An executor of a pool, replaced when it breaks."""

    def __init__(self, pool: BatchPool) -> None:
        self.pool = pool
        self._executor = pool.make()

    def submit(self, task: Task, items: Sequence[Item]) -> "Future[list[BulkLine]]":
        """Have a batch done. Raises BrokenExecutor when the executor is broken already."""
        batch = list(items) if self.pool.sees_files else [item.loaded() for item in items]
        return self._executor.submit(done, task, batch)

    def renew(self) -> None:
        """Put a new executor in the place of a broken one. Raises UnavailableError when none works any more."""
        self.stop()
        self._executor = self.pool.make()
        try:
            self._executor.submit(os.getpid).result()
        except Exception as error:
            raise UnavailableError(
                f"no worker can be started: {type(error).__name__}: {error}",
                hint="what is done so far is in the results; start again to go on from there",
            ) from error

    def stop(self) -> None:
        """Let the executor go."""
        self.pool.stop(self._executor)
