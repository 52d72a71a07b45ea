"""From the allocator's threads to the event loop: one wake-up for all the answers of a batch.

`asyncio.wrap_future` wakes the loop once for every future. A batch resolves many at once, so here they are put in a
queue, and only the first of them wakes the loop.
"""

import asyncio
from collections import deque
from concurrent.futures import Future
from typing import Generic, TypeVar

_T = TypeVar("_T")


class Arrivals(Generic[_T]):
    """Hands the results of concurrent futures over to coroutines of one loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """`loop` is where the waiting coroutines run."""
        self._loop = loop
        self._arrived: deque[tuple[asyncio.Future[_T], Future[_T]]] = deque()
        self._woken = False

    async def wait(self, answer: Future[_T], *, seconds: float) -> _T:
        """Wait for an answer. Raises what it raises, or TimeoutError; the work behind it goes on anyway."""
        waiter: asyncio.Future[_T] = self._loop.create_future()
        deadline = self._loop.call_later(seconds, _expire, waiter)
        answer.add_done_callback(lambda done: self._arrive(waiter, done))
        try:
            return await waiter
        finally:
            deadline.cancel()

    def _arrive(self, waiter: asyncio.Future[_T], answer: Future[_T]) -> None:
        """In the thread that answers: queue it; wake the loop unless it is woken already.

        No answer is left behind: `_deliver` lowers the flag before it empties the queue, so whoever finds the flag
        raised has queued in time.
        """
        self._arrived.append((waiter, answer))
        if not self._woken:
            self._woken = True
            try:
                self._loop.call_soon_threadsafe(self._deliver)
            except RuntimeError:  # the loop is closed: nobody waits any more
                self._arrived.clear()

    def _deliver(self) -> None:
        self._woken = False
        while self._arrived:
            waiter, answer = self._arrived.popleft()
            if waiter.done():
                continue
            error = answer.exception()
            if error is None:
                waiter.set_result(answer.result())
            else:
                waiter.set_exception(error)


def _expire(waiter: "asyncio.Future[_T]") -> None:
    if not waiter.done():
        waiter.set_exception(TimeoutError())
