"""Asking again: doubling waits with jitter, the same in the agent's rounds and the command line's calls."""

import random
import time
from collections.abc import Callable
from typing import TypeVar

_T = TypeVar("_T")


def doubling_wait(failures: int, *, first: float, longest: float, least: float = 0.0) -> float:
    """Return the seconds to wait after that many failures in a row: doubling from `first`, up to half less by lot."""
    wait = max(least, min(first * 2.0 ** min(failures - 1, 20), longest))
    return wait * random.uniform(0.5, 1.0)  # noqa: S311  # jitter, no secret


def retry(
    work: Callable[[], _T],
    wait_after: Callable[[Exception, int], float | None],
    *,
    attempts: int,
    within: float,
) -> _T:
    """Return what work returns; raise its last error.

    `wait_after`: the seconds to wait after an error, given how many failures there were; None where asking again does
    not help. No attempt begins more than `within` seconds after the first.
    """
    began, failures = time.monotonic(), 0
    while True:
        try:
            return work()
        except Exception as error:
            failures += 1
            wait = wait_after(error, failures)
            if wait is None or failures >= attempts or time.monotonic() + wait - began > within:
                raise
        time.sleep(wait)
