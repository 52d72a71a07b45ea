"""The one door for every change: a transaction that appends to the ledger and is witnessed before it is answered.

The order is written down in docs/issuance.md: lock, check against the witness, change, commit, advance the
witness, answer.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import sqlalchemy as sa

from npn.db import Database
from npn.errors import UnavailableError
from npn.ledger import store
from npn.ledger.canonical import Json
from npn.ledger.model import GENESIS, Entry, Head, chained
from npn.ledger.witness import Witness, WitnessState

Cursors = Callable[[sa.Connection], Mapping[str, int]]


def now() -> datetime:
    """Tell the time; no number ever depends on it."""
    return datetime.now(UTC)


@dataclass(slots=True)
class Transaction:
    """A change under way: its connection, its instant, and the entries it will append."""

    connection: sa.Connection
    at: datetime
    head: Head
    entries: list[Entry] = field(default_factory=list)

    def append(self, kind: str, data: Mapping[str, Json]) -> Entry:
        """Add an event; it is written when the block ends, in the same transaction."""
        entry = chained(self.head, self.at, kind, data)
        self.entries.append(entry)
        self.head = Head(entry.seq, entry.hash)
        return entry


def nothing_to_lock(_connection: sa.Connection) -> None:
    """For changes that touch no number space."""


class Ledger:
    """The append-only record of one database, and the witness outside it."""

    def __init__(
        self, database: Database, witness: Witness, *, cursors: Cursors, clock: Callable[[], datetime] = now
    ) -> None:
        """`cursors` reads every space's cursor inside a transaction (the registry's; it lies above this room)."""
        self.database = database
        self.witness = witness
        self.clock = clock
        self._cursors = cursors
        self._one_at_a_time = threading.Lock()
        self._witnessed = 0

    @contextmanager
    def transaction(
        self, *, lock: Callable[[sa.Connection], object] = nothing_to_lock, sound: bool = True
    ) -> Iterator[Transaction]:
        """Run a change: committed and witnessed when the block ends.

        `lock` takes the space rows, always before the ledger's head. `sound=False` is for recovery alone.
        Raises UnavailableError `witness_behind`, `witness_missing` or `outcome_unknown`.
        """
        with self._one_at_a_time:
            known = self.witness.read() if sound else None
            with self.database.write() as connection:
                lock(connection)
                transaction = Transaction(connection, self.clock(), store.head(connection, lock=True))
                if known is not None:
                    self._check(connection, known, self._cursors(connection))
                yield transaction
                if transaction.entries:
                    store.append(connection, transaction.entries)
                state = self._state(connection, transaction.head)
            if known is None:
                self.witness.replace(state)
            else:
                self._advance(known, state)
            self._witnessed = state.length

    def settle(self) -> None:
        """Bring the witness up to a database that is ahead of it, as after a crash between commit and witness."""
        with self.transaction():
            pass

    def check(self) -> None:
        """Raise UnavailableError unless the witness is there and the database is not behind it."""
        known = self.witness.read()
        with self.database.read() as connection:
            self._check(connection, known, self._cursors(connection))

    def is_witnessed(self, seq: int) -> bool:
        """Say whether the entry at `seq` may be shown: what the witness does not know yet may still be lost."""
        if seq <= self._witnessed:
            return True
        known = self.witness.read()
        with self.database.read() as connection:
            self._check(connection, known, self._cursors(connection))
        self._witnessed = max(self._witnessed, known.length)
        return seq <= known.length

    def state(self) -> WitnessState:
        """Give what a witness of this database would hold now."""
        with self.database.read() as connection:
            return self._state(connection, store.head(connection, lock=False))

    def _state(self, connection: sa.Connection, head: Head) -> WitnessState:
        cursors = {space: str(cursor) for space, cursor in self._cursors(connection).items()}
        return WitnessState(database=store.identity(connection), length=head.length, hash=head.hash, cursors=cursors)

    def _check(self, connection: sa.Connection, known: WitnessState, cursors: Mapping[str, int]) -> None:
        if known.database != store.identity(connection):
            raise behind("it was made for another database")
        held = GENESIS if known.length == 0 else store.hash_at(connection, known.length)
        if held is None:
            raise behind(f"the database's ledger is shorter than the {known.length} entries already witnessed")
        if held != known.hash:
            raise behind(f"the database's ledger differs from what was witnessed at entry {known.length}")
        for space, cursor in known.cursors.items():
            if cursors.get(space, -1) < int(cursor):
                raise behind(f"space {space} would grant numbers again that the witness knows as granted")

    def _advance(self, known: WitnessState, state: WitnessState) -> None:
        """Compare and set; where another process was quicker, its word is checked against the database too."""
        while state.length > known.length or state.cursors != known.cursors:
            if self.witness.advance(known, state):
                return
            known = self.witness.read()
            with self.database.read() as connection:
                self._check(connection, known, self._cursors(connection))
            if known.length >= state.length:
                return


def behind(reason: str) -> UnavailableError:
    """Make the error that stops draws on a database older than its witness."""
    return UnavailableError(
        f"the witness knows more than the database: {reason}",
        code="witness_behind",
        hint="the database was rolled back or replaced: stop the service and run `npn recover`",
        retry_after=300,
    )
