"""How often somebody may have messages done, and how many at once."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from npn.errors import RefusedError, codes
from npn.limits import Buckets
from npn.message_jobs.model import KNOWN_A_MINUTE, PUBLIC_A_MINUTE, PUBLIC_AT_ONCE, JobRequester


class JobAdmission:
    """Counts who asks. Of one thread, the event loop's."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Nobody has asked yet."""
        self._public = Buckets(capacity=PUBLIC_A_MINUTE, rate=PUBLIC_A_MINUTE / 60, clock=clock)
        self._known = Buckets(capacity=KNOWN_A_MINUTE, rate=KNOWN_A_MINUTE / 60, clock=clock)
        self._at_once: Counter[str] = Counter()

    @contextmanager
    def admitted(self, requester: JobRequester) -> Iterator[None]:
        """Let somebody in for one job. Raises RefusedError `rate_limited`."""
        if requester.known:
            _refuse_unless(self._known.take(requester.name))
            yield
            return
        if self._at_once[requester.name] >= PUBLIC_AT_ONCE:
            _refuse_unless(1)
        _refuse_unless(self._public.take(requester.name))
        self._at_once[requester.name] += 1
        try:
            yield
        finally:
            self._at_once[requester.name] -= 1
            if not self._at_once[requester.name]:
                del self._at_once[requester.name]


def _refuse_unless(seconds: int) -> None:
    if seconds:
        raise RefusedError("too many messages from here", code=codes.RATE_LIMITED, retry_after=seconds)
