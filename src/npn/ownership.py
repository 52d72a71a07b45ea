"""Files that their owner alone may read: made so whatever the umask says, and tightened where they are looser."""

import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path

PRIVATE_MODE = 0o600
_GROUP_AND_OTHERS = 0o077
_GROUP_MAY_READ = 0o040


@dataclass(frozen=True, slots=True)
class LooseFile:
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


class Readers(Enum):
    """Who may read a file besides its owner: nobody, our group where another user made it for us, or any group."""

    NOBODY = "nobody"
    OUR_GROUP = "our group"
    ANY_GROUP = "any group"


def looseness(path: Path, readers: Readers = Readers.NOBODY) -> LooseFile | None:
    """Return what a file's mode is where others may read it; None where they may not, or there is no such file."""
    try:
        status = path.stat()
    except OSError:
        return None
    mode, not_for = stat.S_IMODE(status.st_mode), _not_for(status, readers)
    return LooseFile(path, mode, tightened=False) if stat.S_ISREG(status.st_mode) and mode & not_for else None


def tighten(path: Path, readers: Readers = Readers.NOBODY) -> LooseFile | None:
    """Take a file from whom it is not for, where it is ours; return what it was where it was looser."""
    loose = looseness(path, readers)
    if loose is None:
        return None
    try:
        path.chmod(loose.mode & ~_not_for(path.stat(), readers))
    except OSError:
        return loose
    return replace(loose, tightened=True)


def _not_for(status: os.stat_result, readers: Readers) -> int:
    is_ours = status.st_uid == os.geteuid()
    for_group = readers is Readers.ANY_GROUP or (readers is Readers.OUR_GROUP and not is_ours)
    return _GROUP_AND_OTHERS & ~_GROUP_MAY_READ if for_group else _GROUP_AND_OTHERS


def tighten_all(paths: Iterable[Path], readers: Readers = Readers.NOBODY) -> list[LooseFile]:
    """Tighten several files; return what was looser."""
    looked_at = (tighten(path, readers) for path in paths)
    return [loose for loose in looked_at if loose is not None]


def with_sqlite_files(path: Path) -> list[Path]:
    """Return an SQLite database's file, what SQLite keeps beside it, and the lock file."""
    return [Path(f"{path}{suffix}") for suffix in ("", "-wal", "-shm", "-journal", ".lock")]
