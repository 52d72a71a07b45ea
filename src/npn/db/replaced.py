"""Noticing that an SQLite file was put in place of the one that is open, and keeping the old one's WAL off it.

SQLite finds a file's WAL by name. Laid over another file it would make a mixture of two states, so the WAL of
a file that was replaced is renamed before the new file is opened; nothing is deleted.
"""

from pathlib import Path

from npn.errors import ConfigurationError, UnavailableError, codes

Stamp = tuple[int, int]


def _stamp(path: Path) -> Stamp | None:
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino


def refuse_linked(path: Path) -> None:
    """Raise ConfigurationError where a database file has a second name.

    Each name would have its own lock and write-ahead log: two servers on one file that know nothing of each
    other.
    """
    try:
        names = path.stat().st_nlink
    except OSError:
        return  # there is none, or it can't be looked at: opening it tells
    if names > 1:
        raise ConfigurationError(
            f"{path} has a second name (a hard link, of a backup perhaps)",
            code=codes.DATABASE_LINKED,
            hint=f"stop every server, then copy it over itself: cp {path.name} new && mv new {path.name}",
        )


class OpenFile:
    """Which file, and which WAL, this process's connections are open on."""

    def __init__(self, path: Path) -> None:
        """`path` of the database; nothing is open yet."""
        self._path = path
        self._wal = Path(f"{path}-wal")
        self._file_stamp: Stamp | None = None
        self._wal_stamp: Stamp | None = None

    def is_another(self) -> bool:
        """Return whether the file at the path is not the one that is open. Raises UnavailableError if there is none."""
        stamp = _stamp(self._path)
        if stamp is None:
            raise UnavailableError(
                f"there is no database at {self._path}",
                code=codes.DATABASE_UNAVAILABLE,
                hint="`npn admin init` makes one; `npn serve` never does",
            )
        if self._file_stamp is None:
            self._file_stamp = stamp
        if stamp != self._file_stamp:
            return True
        self._wal_stamp = _stamp(self._wal) or self._wal_stamp
        return False

    def turn_to_new(self) -> None:
        """Take the file that is there now for ours; every connection to the one before is closed.

        Raises UnavailableError `database_replaced`, so that it is told: once where the old WAL could be put
        aside, else until somebody does it.
        """
        there = _stamp(self._wal)
        if there is not None and self._wal_stamp is None:
            raise _replaced(
                f"{self._wal.name} may belong to the one before it",
                "stop every server, remove the -wal and -shm files, put the backup in place again, start",
            )
        self._file_stamp = _stamp(self._path)
        if there is None or there != self._wal_stamp:
            return
        aside = self._wal.with_name(f"{self._wal.name}.replaced-{there[1]}")
        self._wal.rename(aside)
        Path(f"{self._path}-shm").unlink(missing_ok=True)
        self._wal_stamp = None
        raise _replaced(f"the write-ahead log of the one before it was put aside as {aside.name}", "try again")


def _replaced(what: str, hint: str) -> UnavailableError:
    return UnavailableError(f"the database file was replaced: {what}", code=codes.DATABASE_REPLACED, hint=hint)
