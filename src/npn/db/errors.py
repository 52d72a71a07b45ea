"""The one door through which driver errors become the platform's own: judged by codes, never by the driver's words.

PostgreSQL says what it is by SQLSTATE in every language, SQLite by its (extended) result code. A connection that was
never made has neither: `npn.db.unreached` asks again and looks at what comes over the wire.
"""

import errno
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import sqlalchemy.exc as sa_exc
from sqlalchemy.exc import IntegrityError as IntegrityError  # noqa: PLC0414  # for those who know what it means

from npn.errors import Code, UnavailableError, codes
from npn.shortage import DESCRIPTORS, MEMORY, TIME, descriptors_are_out, short_of, shortage

AGAIN = "try again"
_CAN_NOT = "the database can't be asked"


@dataclass(frozen=True, slots=True)
class Cause:
    """What one kind of driver error means. `lasting`: no waiting helps; `passes`: it may be a failover."""

    code: Code
    message: str
    hint: str
    lasting: bool = False
    passes: bool = False


AWAY = Cause(codes.DATABASE_UNAVAILABLE, "the database does not answer", AGAIN, passes=True)
_FAULT = Cause(codes.DATABASE_UNAVAILABLE, "the database does not answer", AGAIN)
REFUSED = Cause(
    codes.DATABASE_REFUSED, "nothing listens at the database's address",
    "is PostgreSQL running there, is the port right?",
    passes=True,
)  # fmt: skip
HOST_UNKNOWN = Cause(
    codes.DATABASE_HOST_UNKNOWN, "the database's host has no address", "check the host's name in the database address",
    lasting=True, passes=True,
)  # fmt: skip
LOGIN_REFUSED = Cause(
    codes.DATABASE_LOGIN_REFUSED,
    "PostgreSQL refuses this login",
    "check its name, its password, and pg_hba.conf",
    lasting=True,
)
RIGHTS_MISSING = Cause(
    codes.DATABASE_RIGHTS_MISSING, "the database login lacks a right that this needs",
    "as the owner of the database or a superuser: GRANT ALL ON SCHEMA public TO the login, or name that login",
    lasting=True,
)  # fmt: skip
GRANTS_MISSING = Cause(
    codes.DATABASE_GRANTS_MISSING, "the login that the service works as may not use the service's tables",
    "run npn admin init as the tables' owner, with --service-login and this login where the service has its own",
    lasting=True,
)  # fmt: skip
_BUSY = Cause(codes.DATABASE_BUSY, "the database is busy", AGAIN, passes=True)
_FULL = Cause(codes.STORAGE_FULL, "the database's disk is full", "free space on it; nothing was changed")
_CORRUPT = Cause(codes.DATABASE_CORRUPT, "the database is damaged", "restore it, then run `npn recover`")
_STORAGE = Cause(codes.STORAGE_FAILED, "the database's disk reports an error", "check the disk")

# By SQLSTATE, whole or its class; the whole wins.
BY_SQLSTATE = {
    "08": AWAY,
    "25006": Cause(codes.DATABASE_READ_ONLY, "the database is a read-only standby", AGAIN, passes=True),
    "26000": Cause(codes.DATABASE_BUSY, "a pooler mixed up prepared statements", "restart the service", passes=True),
    "28": LOGIN_REFUSED,
    "3D": Cause(
        codes.DATABASE_UNKNOWN, "there is no such database on that server",
        "make it: CREATE DATABASE … ENCODING 'UTF8'",
        lasting=True,
    ),
    "40": _BUSY,
    "42501": RIGHTS_MISSING,
    "42P05": Cause(codes.DATABASE_BUSY, "a pooler mixed up prepared statements", "restart the service", passes=True),
    "53": Cause(codes.DATABASE_BUSY, "the database has run out of something", "look at PostgreSQL's log", passes=True),
    "53100": _FULL,
    "53300": Cause(
        codes.DATABASE_CONNECTIONS_USED_UP, "PostgreSQL takes no more connections",
        "raise max_connections, or let fewer servers run", passes=True,
    ),
    "55P03": AWAY,
    "57": AWAY,
    "58": _STORAGE,
    "XX001": _CORRUPT,
    "XX002": _CORRUPT,
}  # fmt: skip

_CANT_OPEN = Cause(
    codes.DATABASE_UNAVAILABLE, "the database can't be opened", "check its path and permissions", lasting=True
)
_READ_ONLY = Cause(codes.DATABASE_READ_ONLY, "the database can't be written", "check its permissions and mount")
# By SQLite's result code, extended or primary (its lowest byte); the extended wins.
BY_SQLITE = {
    3: _CANT_OPEN,  # PERM
    5: Cause(codes.DATABASE_BUSY, "the database is busy", AGAIN),  # BUSY
    6: Cause(codes.DATABASE_BUSY, "the database is busy", AGAIN),  # LOCKED
    8: _READ_ONLY,  # READONLY
    10: _STORAGE,  # IOERR
    11: _CORRUPT,  # CORRUPT
    13: _FULL,  # FULL
    14: _CANT_OPEN,  # CANTOPEN
    23: _CANT_OPEN,  # AUTH
    26: Cause(codes.DATABASE_CORRUPT, "the file is not a database", "restore it, then run `npn recover`"),  # NOTADB
}
_BY_ERRNO = {errno.ENOSPC: _FULL, errno.EDQUOT: _FULL, errno.EROFS: _READ_ONLY, errno.EIO: _STORAGE}


def unavailable(error: sa_exc.DBAPIError) -> UnavailableError:
    """Return what a driver error means in the platform's words; the driver's may hold data and are not passed on."""
    short = _shortage(error)
    if short is not None:
        return short
    kind = kind_of(error)
    if kind is None:
        kind = AWAY if isinstance(error, sa_exc.OperationalError | sa_exc.InterfaceError) else _FAULT
    return made(kind)


def kind_of(error: sa_exc.DBAPIError) -> Cause | None:
    """Return the kind of a driver error, None where its code says nothing."""
    state = getattr(error.orig, "sqlstate", None)
    if state is not None:
        return by_sqlstate(str(state))
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None:
        return BY_SQLITE.get(code) or BY_SQLITE.get(code & 0xFF)
    return None


def by_sqlstate(state: str) -> Cause | None:
    """Return the kind of an SQLSTATE, or None."""
    return BY_SQLSTATE.get(state) or BY_SQLSTATE.get(state[:2])


def made(kind: Cause) -> UnavailableError:
    """Return the error of a kind."""
    error = UnavailableError(kind.message, code=kind.code, hint=kind.hint)
    error.passes, error.lasting = kind.passes, kind.lasting
    return error


def _shortage(error: sa_exc.DBAPIError) -> UnavailableError | None:
    short = shortage(error, _CAN_NOT)
    if short is not None and short.code != TIME:  # a database that is slow may be failing over
        return short
    # No driver says why it could not open or connect.
    could_not = not isinstance(error, sa_exc.DataError | sa_exc.ProgrammingError)
    return short_of(DESCRIPTORS, _CAN_NOT) if could_not and descriptors_are_out() else None


@contextmanager
def translated(
    *, nothing_done: bool = False, tell: Callable[[sa_exc.DBAPIError], UnavailableError] = unavailable
) -> Iterator[None]:
    """Turn what a driver raises into UnavailableError; integrity errors pass, their callers know what they mean.

    `nothing_done`: what fails here has changed nothing, so that it may be repeated. `tell`: says what it means, for
    whoever knows more of the database than its driver does.
    """
    try:
        yield
    except sa_exc.IntegrityError:
        raise
    except sa_exc.DBAPIError as error:
        refusal = tell(error)
        refusal.nothing_done = nothing_done
        raise refusal from error
    except MemoryError as error:  # which sqlite3 raises for SQLite's own
        raise short_of(MEMORY, _CAN_NOT) from error
    except sa_exc.TimeoutError as error:
        busy = UnavailableError("the database is busy", code=codes.DATABASE_BUSY, hint=AGAIN)
        busy.nothing_done = nothing_done
        raise busy from error
