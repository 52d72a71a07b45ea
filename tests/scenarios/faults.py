"""What can go wrong with a machine, done on purpose: a full disk, a file that can't be written."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def _done(*command: object) -> bool:
    return subprocess.run([str(part) for part in command], capture_output=True, check=False).returncode == 0


@contextmanager
def small_disk(where: Path, megabytes: int) -> Iterator[Path]:
    """A file system with this many megabytes; `grow` makes it larger."""
    where.mkdir()
    if not _done("mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "npn-small", where):
        pytest.skip("no small file system can be mounted here (it takes root)")
    try:
        yield where
    finally:
        _done("umount", "-l", where)


def grow(where: Path, megabytes: int) -> None:
    """Enlarge the small disk."""
    assert _done("mount", "-o", f"remount,size={megabytes}m", where)


@contextmanager
def unwritable(*paths: Path) -> Iterator[None]:
    """Files that not even root can write, open or not, until the block ends."""
    if not all(_done("chattr", "+i", path) for path in paths):
        for path in paths:
            _done("chattr", "-i", path)
        pytest.skip("files can't be made immutable here (chattr +i: it takes root and ext4 or the like)")
    try:
        yield
    finally:
        for path in paths:
            _done("chattr", "-i", path)
