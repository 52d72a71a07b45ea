"""How often somebody may ask: buckets that fill at a steady rate, one for each caller."""

import math
import time
from collections.abc import Callable

_MOST_BUCKETS = 20_000


class Buckets:
    """`capacity` at once, `rate` a second afterwards. Of one thread, the event loop's."""

    def __init__(self, *, capacity: float, rate: float, clock: Callable[[], float] = time.monotonic) -> None:
        """Start with every bucket full."""
        self._capacity = capacity
        self._rate = rate
        self._clock = clock
        self._buckets: dict[str, tuple[float, float]] = {}

    def wait(self, name: str) -> int:
        """Return the whole seconds until the bucket holds one, 0 where it does; nothing is taken."""
        left = self._left(name)
        return 0 if left >= 1 else max(1, math.ceil((1 - left) / self._rate))

    def take(self, name: str) -> int:
        """Take one where there is one and give 0; else give the seconds to wait."""
        seconds = self.wait(name)
        if seconds == 0:
            self._keep(name, self._left(name) - 1)
        return seconds

    def _left(self, name: str) -> float:
        bucket = self._buckets.get(name)
        if bucket is None:
            return self._capacity
        left, at = bucket
        return min(self._capacity, left + (self._clock() - at) * self._rate)

    def _keep(self, name: str, left: float) -> None:
        if len(self._buckets) >= _MOST_BUCKETS and name not in self._buckets:
            full = [full_name for full_name in self._buckets if self._left(full_name) >= self._capacity]
            for full_name in full or [next(iter(self._buckets))]:
                del self._buckets[full_name]
        self._buckets[name] = (left, self._clock())
