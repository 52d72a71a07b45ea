"""A lock between processes: an advisory lock on a file, freed by the kernel whatever happens to its holder."""

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class FileLock:
    """Exclusive among processes (flock) and among this process's threads."""

    def __init__(self, path: Path) -> None:
        """`path` is made if absent and never removed: removing a lock file is how two come to hold it."""
        self._path = path
        self._threads = threading.Lock()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Wait for the lock and keep it for the block."""
        with self._threads:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX)
                yield
            finally:
                os.close(descriptor)
