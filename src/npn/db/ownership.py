"""Files that their owner alone may read: made so whatever the umask says, and tightened where they are looser."""

import os
import stat
from dataclasses import dataclass
from pathlib import Path

PRIVATE_MODE = 0o600
_GROUP_AND_OTHERS = 0o077


@dataclass(frozen=True, slots=True)
class Loose:
    """A file that others may read. `tightened`: not any more."""

    path: Path
    mode: int
    tightened: bool


def create_private(path: Path) -> bool:
    """Make an empty file that its owner alone may read; False where it is there already."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE_MODE)
    except FileExistsError:
        return False
    os.close(descriptor)
    return True


def write_private(path: Path, content: bytes) -> None:
    """Write a new file that its owner alone may read, durably. Raises FileExistsError, OSError."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, PRIVATE_MODE)
    try:
        os.fchmod(descriptor, PRIVATE_MODE)  # a umask of 0777 would leave nothing
        os.write(descriptor, content)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    folder = os.open(path.parent, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def tighten(path: Path, *, group_may_read: bool = False) -> Loose | None:
    """Take a file from whom it is not for; return what it was where it was looser.

    `group_may_read`: a file that somebody else made for a group of ours, such as root's for the service.
    """
    try:
        found = path.stat()
    except OSError:
        return None
    mode = stat.S_IMODE(found.st_mode)
    mine = found.st_uid == os.geteuid()
    allowed = 0o040 if group_may_read and not mine else 0
    if not stat.S_ISREG(found.st_mode) or not mode & _GROUP_AND_OTHERS & ~allowed:
        return None
    try:
        path.chmod(mode & ~_GROUP_AND_OTHERS | allowed & mode)
    except OSError:
        return Loose(path, mode, tightened=False)
    return Loose(path, mode, tightened=True)
