"""The one door through which driver errors become the platform's own."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy.exc as sa_exc

from npn.errors import UnavailableError
from npn.shortage import DESCRIPTORS, MEMORY, TIME, descriptors_are_out, short_of, shortage

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


_CAN_NOT = "the database can't be asked"


def unavailable(error: sa_exc.DBAPIError) -> UnavailableError:
    """Say in the platform's words what a driver error means; driver text may hold data and is not passed on."""
    return _shortage(error) or _by_text(error)


def _shortage(error: sa_exc.DBAPIError) -> UnavailableError | None:
    short = shortage(error, _CAN_NOT)
    if short is not None and short.code != TIME:  # a database that is slow may be failing over
        return short
    # No driver says why it could not open or connect.
    could_not = not isinstance(error, sa_exc.DataError | sa_exc.ProgrammingError)
    return short_of(DESCRIPTORS, _CAN_NOT) if could_not and descriptors_are_out() else None


def _by_text(error: sa_exc.DBAPIError) -> UnavailableError:
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
    except MemoryError as error:  # which sqlite3 raises for SQLite's own
        raise short_of(MEMORY, _CAN_NOT) from error
    except sa_exc.TimeoutError as error:
        busy = UnavailableError("the database is busy", code="database_busy", hint="try again")
        busy.nothing_done = nothing_done
        raise busy from error
