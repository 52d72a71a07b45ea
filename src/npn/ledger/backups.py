"""Backups that were noted: the service makes none by itself, so it knows only what a nightly job tells it."""

from datetime import UTC, datetime, timedelta

from npn.db import Database
from npn.errors import InvalidInputError
from npn.instants import rfc3339
from npn.ledger import store
from npn.ledger.events import BackupSeen
from npn.ledger.model import BackupNote
from npn.ledger.service import Ledger

_LEEWAY = timedelta(minutes=1)
_FIRST_YEAR = 2000


def note_backup(ledger: Ledger, *, by: str, taken: datetime | None = None) -> BackupNote:
    """Record that a backup was taken, now or at `taken`. An older one than is known is recorded and changes no more.

    Raises InvalidInputError where `taken` lies in the future.
    """
    with ledger.transaction() as tx:
        note = BackupNote((taken or tx.at).astimezone(UTC), tx.at, by)
        if note.taken_at > tx.at + _LEEWAY or note.taken_at.year < _FIRST_YEAR:
            raise InvalidInputError(
                f"{rfc3339(note.taken_at)} is not the time of a backup that was taken already",
                field="at",
                hint="give the time with its zone, as 2026-11-30T02:00:00Z",
            )
        tx.append(BackupSeen(taken=rfc3339(note.taken_at), by=by))
        newest = store.backup(tx.connection)
        if newest is None or newest.taken_at <= note.taken_at:
            store.set_backup(tx.connection, note)
    return note


def last_backup(database: Database) -> BackupNote | None:
    """Return the newest backup that was noted; None where none ever was: nothing is known then."""
    with database.read() as connection:
        return store.backup(connection)
