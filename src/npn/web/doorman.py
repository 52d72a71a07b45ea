"""What stands at the sign-in: so many attempts from one address, and one thread for what is slow by design."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import ParamSpec, TypeVar

from npn.errors import RefusedError
from npn.limits import Buckets
from npn.web.visit import Visit

_P = ParamSpec("_P")
_T = TypeVar("_T")
_MINUTES = 12  # until all attempts of an address are there again
_WAITING = 16  # sign-ins that may wait for the one thread, some fifty milliseconds each


@dataclass(slots=True)
class Doorman:
    """Of one application; used on the event loop's thread only."""

    attempts: Buckets
    thread: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, thread_name_prefix="npn-hash"))
    waiting: int = 0

    async def slowly(self, work: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Hash in the one thread. Raises RefusedError `rate_limited` where too many wait for it."""
        if self.waiting >= _WAITING:
            raise RefusedError("too many sign-ins at once", code="rate_limited", retry_after=2)
        self.waiting += 1
        try:
            return await asyncio.wrap_future(self.thread.submit(work, *args, **kwargs))
        finally:
            self.waiting -= 1


def doorman(visit: Visit) -> Doorman:
    """Give the application's one."""
    state = visit.request.app.state
    found = state.get("doorman")
    if not isinstance(found, Doorman):
        most = max(1, visit.service.settings.sign_in_attempts)
        found = state.doorman = Doorman(Buckets(capacity=most, rate=most / (60 * _MINUTES)))
    return found


def count_attempt(visit: Visit) -> None:
    """Count an attempt from the visitor's address. Raises RefusedError `rate_limited`."""
    client = visit.request.scope.get("client")
    seconds = doorman(visit).attempts.take(client[0] if client else "")
    if seconds:
        raise RefusedError("too many attempts", code="rate_limited", retry_after=seconds)
