"""What stands at the sign-in: how often one network address may try, and one thread for what is slow by design.

While an address, or what it tries, has failed too often, password and code are asked for together: ten times an hour
from one network address. Answers that let nobody in take the same time, whatever was wrong (docs/adr/0055-sign-in.md).
"""

import asyncio
import ipaddress
import math
import time
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
_WAITING_OF_KNOWN = 32  # and so many where the browser has signed in before: strangers don't fill all places
TOGETHER_AN_HOUR = 10
_BEAT_SECONDS = 0.25  # an answer that lets nobody in comes on a beat, so that its time says nothing


def _hourly() -> Buckets:
    return Buckets(capacity=TOGETHER_AN_HOUR, rate=TOGETHER_AN_HOUR / 3600)


@dataclass(slots=True)
class Doorman:
    """Of one application; used on the event loop's thread only."""

    attempts: Buckets
    together: Buckets = field(default_factory=_hourly)
    thread: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, thread_name_prefix="npn-hash"))
    waiting: int = 0

    async def slowly(self, work: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Hash in the one thread. Raises RefusedError `rate_limited` where too many wait for it."""
        return await self._in_turn(_WAITING, lambda: work(*args, **kwargs))

    async def slowly_for(self, known_device: bool, work: Callable[[], _T]) -> _T:  # noqa: FBT001  # what the attempt says
        """Hash in the one thread; somebody whose browser is known finds a place when strangers find none."""
        return await self._in_turn(_WAITING_OF_KNOWN if known_device else _WAITING, work)

    async def _in_turn(self, most: int, work: Callable[[], _T]) -> _T:
        if self.waiting >= most:
            raise RefusedError("too many sign-ins at once", code="rate_limited", retry_after=2)
        self.waiting += 1
        try:
            return await asyncio.wrap_future(self.thread.submit(work))
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


def is_limited(visit: Visit) -> bool:
    """Count an attempt from the visitor's network address; say whether there were too many."""
    return doorman(visit).attempts.take(network(visit)) > 0


def count_together(visit: Visit) -> None:
    """Count an attempt with password and code together. Raises RefusedError `rate_limited` after ten in an hour."""
    seconds = doorman(visit).together.take(network(visit))
    if seconds:
        raise RefusedError("too many attempts", code="rate_limited", retry_after=seconds)


def count_attempt(visit: Visit) -> None:
    """Count an attempt from the visitor's network address. Raises RefusedError `rate_limited`."""
    seconds = doorman(visit).attempts.take(network(visit))
    if seconds:
        raise RefusedError("too many attempts", code="rate_limited", retry_after=seconds)


def network(visit: Visit) -> str:
    """Return whose attempts are counted together: an IPv4 address, or the IPv6 network that one customer has."""
    client = visit.request.scope.get("client")
    text = str(client[0]) if client else ""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return text
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    mapped = address.ipv4_mapped
    return str(mapped) if mapped else str(ipaddress.ip_network((address, 64), strict=False))


async def evenly(since: float) -> None:
    """Wait for the next beat after `since` (of the monotonic clock)."""
    passed = time.monotonic() - since
    await asyncio.sleep(math.ceil(passed / _BEAT_SECONDS) * _BEAT_SECONDS - passed)
