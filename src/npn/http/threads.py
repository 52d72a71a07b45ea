"""Where work goes that would hold up the event loop: reads to a few threads, every write to the one writer."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import ParamSpec, TypeVar

import structlog

from npn.errors import UnavailableError, codes

_P = ParamSpec("_P")
_T = TypeVar("_T")
_PAUSE = 0.2
_LAST_TRY = 4.0  # seconds before the caller's time is up after which nothing is tried again
_log = structlog.get_logger("npn.http")


class Threads:
    """The threads of one process; made on its event loop's thread."""

    def __init__(self, writer: Executor, *, seconds: float) -> None:
        """`writer` is the process's one writing thread; `seconds` how long anybody waits."""
        self._writer = writer
        self._readers = ThreadPoolExecutor(4, thread_name_prefix="npn-reader")
        self.streams = ThreadPoolExecutor(2, thread_name_prefix="npn-stream")
        self._seconds = seconds

    async def read(self, work: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Read in a thread, again while a failover lasts. Raises what `work` raises, or `database_busy` after a while.

        Reading changes nothing, so it may be done again; the caller's time is the bound.
        """
        until = time.monotonic() + self._seconds - _LAST_TRY
        while True:
            try:
                return await self.read_now(work, *args, **kwargs)
            except UnavailableError as error:
                if not error.passes or time.monotonic() >= until:
                    raise
            await asyncio.sleep(_PAUSE)

    async def read_now(self, work: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Read in a thread, once. Raises what `work` raises, or UnavailableError `database_busy` after a while."""
        future = asyncio.wrap_future(self._readers.submit(work, *args, **kwargs))
        try:
            return await asyncio.wait_for(future, self._seconds)
        except TimeoutError as error:
            raise UnavailableError("the database did not answer in time", code=codes.DATABASE_BUSY) from error

    async def write(self, work: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Change something, again while a failover lasts and it is certain that nothing was changed.

        Raises what `work` raises, or UnavailableError `outcome_unknown` after a while.
        """
        until = time.monotonic() + self._seconds - _LAST_TRY
        while True:
            try:
                return await self.write_now(work, *args, **kwargs)
            except UnavailableError as error:
                again = error.nothing_done and error.passes
                if not again or time.monotonic() >= until:
                    raise
            await asyncio.sleep(_PAUSE)

    async def write_now(self, work: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Change something, once. Raises what `work` raises, or UnavailableError `outcome_unknown` after a while."""
        future = asyncio.wrap_future(self._writer.submit(work, *args, **kwargs))
        try:
            return await asyncio.wait_for(asyncio.shield(future), self._seconds)
        except TimeoutError as error:
            future.add_done_callback(_forget)
            raise UnavailableError(
                "the change was not made in time; it may still be", code=codes.OUTCOME_UNKNOWN
            ) from error

    def later(self, work: Callable[_P, object], *args: _P.args, **kwargs: _P.kwargs) -> None:
        """Have something written that nobody waits for; that it failed is logged."""
        self._writer.submit(work, *args, **kwargs).add_done_callback(log_failure)

    def close(self) -> None:
        """Let the readers end; the writer is its owner's to close."""
        self._readers.shutdown(wait=False)
        self.streams.shutdown(wait=False)


def _forget(answer: "asyncio.Future[_T]") -> None:
    """Take the outcome that nobody waits for, so that it is not reported as lost."""
    if not answer.cancelled():
        answer.exception()


def log_failure(done: Future[_T]) -> None:
    """Log what became of work that nobody waits for, where it failed."""
    error = None if done.cancelled() else done.exception()
    if error is not None:
        _log.warning("not_written", error=repr(error))
