"""One verdict for all who ask within a second: what anybody may ask must not keep the writer busy."""

import asyncio
import time
from collections.abc import Awaitable, Callable

SECONDS = 1.0


class SharedVerdict:
    """The outcome of a check, shared; one check is in flight at a time. For one event loop."""

    def __init__(self, *, seconds: float = SECONDS, clock: Callable[[], float] = time.monotonic) -> None:
        """`seconds`: how long an outcome counts from the moment it is known."""
        self._seconds = seconds
        self._clock = clock
        self._known_at = 0.0
        self._check: asyncio.Task[Exception | None] | None = None

    async def of(self, check: Callable[[], Awaitable[object]]) -> None:
        """Wait for the outcome of the latest check, or of a new one. Raises what that raised."""
        latest = self._check
        if latest is None or (latest.done() and self._clock() - self._known_at >= self._seconds):
            latest = self._check = asyncio.create_task(self._outcome(check))
        error = await asyncio.shield(latest)  # who stops asking does not stop the check for the others
        if error is not None:
            raise error.with_traceback(None)  # raised again each time: its trace must not grow

    async def _outcome(self, check: Callable[[], Awaitable[object]]) -> Exception | None:
        try:
            await check()
        except Exception as error:  # noqa: BLE001  # kept, and raised to everybody who asks
            return error
        finally:
            self._known_at = self._clock()
        return None
