"""What the process takes from itself before it reads anything: priority, memory, files, time."""

import ctypes
import gc
import os
import resource
import signal
from dataclasses import dataclass
from pathlib import Path

LOWEST_PRIORITY = 19
OPEN_FILES = 64
GRACE_SECONDS = 2.0  # beyond what the server waits: only where no server is left to end it
_PAGE = resource.getpagesize()


@dataclass(frozen=True, slots=True)
class ProcessLimits:
    """The limits, as `npn.message_jobs.model.JobLimits` explains them."""

    seconds: float
    bytes: int
    jobs: int
    growth: int

    def take_on(self) -> None:
        """Renounce what reading messages never needs: priority, files to write, dumps of memory, more memory."""
        os.setpriority(os.PRIO_PROCESS, 0, LOWEST_PRIORITY)
        resource.setrlimit(resource.RLIMIT_AS, (self.bytes, self.bytes))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))

    def begin(self) -> None:
        """Have the kernel end the process where a job goes on though nobody waits for it any more."""
        signal.setitimer(signal.ITIMER_REAL, self.seconds + GRACE_SECONDS)

    def end(self) -> None:
        """The job is done in time."""
        signal.setitimer(signal.ITIMER_REAL, 0)


def resident() -> int:
    """Return how many bytes of memory the process has, after what it does not need was given back."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * _PAGE if _HAS_STATM else 0


_HAS_STATM = Path("/proc/self/statm").exists()
