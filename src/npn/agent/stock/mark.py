"""The mark outside the pool file: the newest state whose numbers may have been used.

Two slots are written in turn, each with its checksum, so that a torn write leaves the other one standing.
"""

import hashlib
import os
from pathlib import Path

import msgspec

from npn.agent.errors import PoolWriteError
from npn.ownership import PRIVATE_MODE

SLOT = 512
SIZE = 2 * SLOT


class Mark(msgspec.Struct, frozen=True):
    """The pool's id and its generation: one more with every change of the pool's rows."""

    pool_id: str
    generation: int


class MarkFile:
    """Reads and advances the mark at `path`. Raises PoolWriteError where it can't be written."""

    def __init__(self, path: Path) -> None:
        """Nothing is opened yet."""
        self.path = path
        self._fd = -1
        self._slot = 0  # where the next mark is written: never over the newest

    def read(self) -> Mark | None:
        """The mark; None where there is none, or none that is sound."""
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._error(error) from error
        return max((mark for mark in _slots(content) if mark), key=lambda mark: mark.generation, default=None)

    def advance(self, mark: Mark) -> None:
        """Write it durably; it has reached the disk on return."""
        try:
            if self._fd >= 0 and not self._in_place():
                self.close()  # somebody removed or replaced the file under us: make it again
            if self._fd < 0:
                self._fd = self._create()
            os.pwrite(self._fd, _line(mark), SLOT * self._slot)
            os.fdatasync(self._fd)
            self._slot = 1 - self._slot
        except OSError as error:
            raise self._error(error) from error

    def close(self) -> None:
        """Close the file; it is opened again when needed."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _in_place(self) -> bool:
        """Whether the path still leads to the file that is open."""
        try:
            return self.path.stat().st_ino == os.fstat(self._fd).st_ino
        except FileNotFoundError:
            return False

    def _create(self) -> int:
        """Open the file; a new one gets its full size and its name made durable, so later writes need no more."""
        new = not self.path.exists()
        fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE_MODE)
        if new or os.fstat(fd).st_size < SIZE:
            os.pwrite(fd, b" " * SIZE, 0)
            os.fsync(fd)
            folder = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        first, second = (mark.generation if mark else -1 for mark in _slots(os.pread(fd, SIZE, 0)))
        self._slot = 0 if first <= second else 1
        return fd

    def _error(self, error: OSError) -> PoolWriteError:
        return PoolWriteError(
            f"can't use the mark {self.path}: {error.strerror}",
            hint="the agent's user needs to read and write it; `mark` in agent.toml says where it lies",
        )


def _line(mark: Mark) -> bytes:
    text = f"npn-mark 1 {mark.pool_id} {mark.generation}"
    digest = hashlib.sha256(text.encode()).hexdigest()
    return f"{text} {digest}\n".ljust(SLOT).encode()


def _slots(content: bytes) -> list[Mark | None]:
    return [_parse(content[start : start + SLOT]) for start in (0, SLOT)]


def _parse(slot: bytes) -> Mark | None:
    words = slot.decode("ascii", "replace").split()
    if len(words) != 5 or words[:2] != ["npn-mark", "1"] or not words[3].isdigit():
        return None
    mark = Mark(words[2], int(words[3]))
    return mark if _line(mark) == slot else None
