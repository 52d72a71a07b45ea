"""The one owner of a pool file: against a second process, a second opening in this one, and a forked child."""

import contextlib
import fcntl
import os
import threading
import weakref
from pathlib import Path
from typing import Protocol, Self

from npn.agent.errors import PoolInUseError, PoolWriteError
from npn.ownership import PRIVATE_MODE

_guard = threading.Lock()
_open: dict[str, "Ownership"] = {}


class Owner(Protocol):
    """What is told, in a forked child, that it owns nothing."""

    def forget_after_fork(self) -> None:
        """Hand out nothing any more."""


class Ownership:
    """Held while a pool is open; `release()` ends it. The lock file stays, it only carries the lock."""

    def __init__(self, path: Path, fd: int) -> None:
        """Use `acquire`."""
        self.path = path
        self._fd = fd
        self._owner: weakref.ref[Owner] | None = None

    @classmethod
    def acquire(cls, pool: Path) -> Self:
        """Own the pool at this real path, or raise PoolInUseError with the owner's process id."""
        path = pool.with_name(pool.name + ".lock")
        with _guard:
            if str(path) in _open:
                raise PoolInUseError(
                    f"{pool} is already open in this process (process id {os.getpid()})",
                    pid=os.getpid(),
                    hint="use the pool that is open; it may be shared between threads",
                )
            try:
                fd = _locked(pool, path)
            except OSError as error:
                raise PoolWriteError(
                    f"can't write {path}: {error.strerror}",
                    hint="the agent's user needs to write in the pool's folder",
                ) from error
            ownership = cls(path, fd)
            _open[str(path)] = ownership
            return ownership

    def guard(self, owner: Owner) -> None:
        """Call `owner` in a child after a fork."""
        self._owner = weakref.ref(owner)

    def release(self) -> None:
        """Let go. Called again it does nothing."""
        with _guard:
            if _open.pop(str(self.path), None) is self and self._fd >= 0:
                os.close(self._fd)
                self._fd = -1

    def forget_after_fork(self) -> None:
        """In a forked child: close our copy of the lock (the parent's stays) and tell the owner."""
        with contextlib.suppress(OSError):
            os.close(self._fd)
        self._fd = -1
        owner = self._owner() if self._owner else None
        if owner is not None:
            owner.forget_after_fork()


def _locked(pool: Path, path: Path) -> int:
    """Open and lock the lock file; make sure that the name still leads to the file that was locked."""
    while True:
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE_MODE)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            text = os.pread(fd, 32, 0).decode("ascii", "replace").strip()
            os.close(fd)
            pid = int(text) if text.isdigit() else 0
            raise PoolInUseError(
                f"{pool} is in use by process {text or 'unknown'}",
                pid=pid,
                hint="one owner at a time: go through the running agent, or stop it first",
            ) from error
        except OSError:
            os.close(fd)
            raise
        with contextlib.suppress(FileNotFoundError):
            if os.stat(path).st_ino == os.fstat(fd).st_ino:  # noqa: PTH116  # compared with a descriptor's
                break
        os.close(fd)
    os.ftruncate(fd, 0)
    os.pwrite(fd, f"{os.getpid()}\n".encode(), 0)
    return fd


def _after_fork() -> None:
    """In every forked child: nothing is owned here."""
    global _guard  # noqa: PLW0603  # another thread may have held it at the fork; the child needs a free one
    _guard = threading.Lock()
    for ownership in _open.values():
        ownership.forget_after_fork()
    _open.clear()


os.register_at_fork(after_in_child=_after_fork)
