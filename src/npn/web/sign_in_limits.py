"""What stands at the sign-in: how often one network address may try, and one thread for what is slow by design.

While an address, or what it tries, has failed too often, password and code are asked for together: ten times an hour
from one network address. Both are counted in the database, for all servers. Answers that let nobody in take the same
time, whatever was wrong (docs/adr/0055-sign-in.md).
"""

import asyncio
import ipaddress
import math
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from typing import ParamSpec, TypeVar

from npn.errors import RefusedError, codes
from npn.limits import Buckets
from npn.people.attempts import AttemptAllowance, SignInAttempt
from npn.web.visit import Visit

_P = ParamSpec("_P")
_T = TypeVar("_T")
_WITHIN = timedelta(minutes=12)  # until all attempts of an address are there again
_WAITING = 16  # sign-ins that may wait for the one thread, some fifty milliseconds each
_WAITING_OF_KNOWN = 32  # and this many where the browser has signed in before: strangers don't fill all places
_TOGETHER = AttemptAllowance(10, timedelta(hours=1))
_FORGOTTEN = AttemptAllowance(3, timedelta(hours=1))  # links to one address
_FORGOTTEN_FROM = AttemptAllowance(20, timedelta(hours=1))  # links asked for from one network address
_BEAT_SECONDS = 0.25  # an answer that lets nobody in comes on a beat, so that its time says nothing


@dataclass(slots=True)
class SignInQueue:
    """Of one application; used on the event loop's thread only. `departures`: to a provider of identities."""

    departures: Buckets
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
            raise RefusedError("too many sign-ins at once", code=codes.RATE_LIMITED, retry_after=2)
        self.waiting += 1
        try:
            return await asyncio.wrap_future(self.thread.submit(work))
        finally:
            self.waiting -= 1


def sign_in_queue(visit: Visit) -> SignInQueue:
    """Return the application's one."""
    state = visit.request.app.state
    queue = state.get("sign_in_queue")
    if not isinstance(queue, SignInQueue):
        allowed = _allowed(visit)
        departures = Buckets(capacity=allowed.attempts, rate=1 / allowed.each.total_seconds())
        queue = state.sign_in_queue = SignInQueue(departures)
    return queue


async def is_limited(visit: Visit) -> bool:
    """Count an attempt from the visitor's network address; say whether there were too many."""
    return await _taken(visit, SignInAttempt.network(network(visit)), _allowed(visit)) > 0


async def count_together(visit: Visit) -> None:
    """Count an attempt with password and code together. Raises RefusedError `rate_limited` after ten in an hour."""
    _refuse(await _taken(visit, SignInAttempt.together(network(visit)), _TOGETHER))


async def count_forgotten(visit: Visit, email: str) -> None:
    """Count that a link was asked for, to whatever address. Raises RefusedError `rate_limited`."""
    _refuse(await _taken(visit, SignInAttempt.forgotten_from(network(visit)), _FORGOTTEN_FROM))
    _refuse(await _taken(visit, SignInAttempt.forgotten(email), _FORGOTTEN))


def count_departure(visit: Visit) -> None:
    """Count a departure to the provider from the visitor's network address. Raises RefusedError `rate_limited`."""
    _refuse(sign_in_queue(visit).departures.take(network(visit)))


def _allowed(visit: Visit) -> AttemptAllowance:
    return AttemptAllowance(max(1, visit.services.settings.sign_in_attempts), _WITHIN)


async def _taken(visit: Visit, tried: SignInAttempt, allowance: AttemptAllowance) -> int:
    """Use an attempt; where there is none the writer is not asked, so a flood of attempts does not keep it busy."""
    sessions = visit.services.sessions
    return await visit.read(sessions.wait_in, tried, allowance) or await visit.write(sessions.take, tried, allowance)


def _refuse(seconds: int) -> None:
    if seconds:
        raise RefusedError("too many attempts", code=codes.RATE_LIMITED, retry_after=seconds)


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
