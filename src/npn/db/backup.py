"""A copy of an SQLite database while others write to it: SQLite's own online backup."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from npn.db.engine import Database, sqlite_uri
from npn.errors import ConfigurationError, UnavailableError, codes


def back_up(database: Database, target: Path) -> int:
    """Copy one consistent state into a new file, checked and synced before it has its name; give its size.

    Raises ConfigurationError for PostgreSQL (it has its own tools) and where the file is there already.
    """
    source = database.path
    if source is None:
        raise ConfigurationError(
            "a PostgreSQL database is backed up by its own tools", hint="pg_dump, or pg_basebackup with its WAL"
        )
    if not source.exists():
        raise ConfigurationError(f"there is no database at {source}", hint="name it with --database")
    if target.exists():
        raise ConfigurationError(f"{target} is there already", hint="name a new file: a backup replaces nothing")
    beside = target.with_name(f"{target.name}.part")
    try:
        _copy(source, beside)
        beside.rename(target)
        _sync(target.parent)
    except sqlite3.Error as error:
        raise UnavailableError(
            f"the backup failed: {error}", code=codes.BACKUP_FAILED, hint="check the disk"
        ) from error
    finally:
        beside.unlink(missing_ok=True)
    return target.stat().st_size


def _copy(source: Path, beside: Path) -> None:
    beside.unlink(missing_ok=True)
    os.close(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    with (
        closing(sqlite3.connect(sqlite_uri(source, "ro"), uri=True)) as reader,
        closing(sqlite3.connect(sqlite_uri(beside, "rw"), uri=True)) as writer,
    ):
        reader.backup(writer)  # in one step: it reads one snapshot, however much is written meanwhile
        verdict = writer.execute("PRAGMA quick_check").fetchone()
        if verdict != ("ok",):
            raise UnavailableError("the copy is damaged, so the database is", code=codes.DATABASE_CORRUPT)
    for leftover in ("-wal", "-shm"):
        Path(f"{beside}{leftover}").unlink(missing_ok=True)
    _sync(beside)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
