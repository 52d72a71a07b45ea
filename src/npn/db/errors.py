"""The one door through which driver errors become the platform's own."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy.exc as sa_exc

from npn.errors import UnavailableError

_SQLITE = (
    ("disk is full", "storage_full", "the database's disk is full", "free space on it; nothing was changed"),
    ("readonly", "database_read_only", "the database can't be written", "check its permissions and mount"),
    ("malformed", "database_corrupt", "the database file is damaged", "restore it, then run `npn recover`"),
    (
        "not a database",
        "database_corrupt",
        "the file is not a database",
        "restore it, then run `npn recover`",
    ),
    ("disk i/o error", "storage_failed", "the database's disk reports an error", "check the disk"),
    (
        "unable to open",
        "database_unavailable",
        "the database can't be opened",
        "check its path and permissions",
    ),
    ("locked", "database_busy", "the database is busy", "try again"),
)


def unavailable(error: sa_exc.DBAPIError) -> UnavailableError:
    """Say in the platform's words what a driver error means; driver text may hold data and is not passed on."""
    text = str(error.orig).lower()
    for mark, code, message, hint in _SQLITE:
        if mark in text:
            return UnavailableError(message, code=code, hint=hint)
    if "no space left" in text:
        return UnavailableError("the database's disk is full", code="storage_full", hint="free space on it")
    if "read-only transaction" in text:
        return _passing("the database is a read-only standby", "database_read_only")
    made = _passing("the database does not answer", "database_unavailable")
    made.passes = isinstance(error, sa_exc.OperationalError | sa_exc.InterfaceError)  # the others are faults of ours
    return made


def _passing(message: str, code: str) -> UnavailableError:
    made = UnavailableError(message, code=code, hint="try again")
    made.passes = True
    return made


@contextmanager
def translated(*, nothing_done: bool = False) -> Iterator[None]:
    """Turn what a driver raises into UnavailableError; integrity errors pass, their callers know what they mean.

    `nothing_done`: what fails here has changed nothing, so that it may be done anew.
    """
    try:
        yield
    except sa_exc.IntegrityError:
        raise
    except sa_exc.DBAPIError as error:
        known = unavailable(error)
        known.nothing_done = nothing_done
        raise known from error
    except sa_exc.TimeoutError as error:
        busy = UnavailableError("the database is busy", code="database_busy", hint="try again")
        busy.nothing_done = nothing_done
        raise busy from error
