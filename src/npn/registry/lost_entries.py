"""Which entries of the ledger a restore had forgotten, as far as witness and database can know.

Recoveries may follow one another on ledgers that part: a backup is put in place twice, or the first database comes back
after a copy of it was recovered. The witness has followed all of them and knows each recovery that set it back. What
that says of a loss is written down with its recovery, and the proof judges receipts by it; so does this module, before
a series is taken back.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

import msgspec
import sqlalchemy as sa

from npn.errors import ConflictError, codes
from npn.ledger import store as ledger_store
from npn.ledger.model import Entry
from npn.ledger.service import Transaction
from npn.ledger.witness import Fork, WitnessState
from npn.registry.events import Recovered, SeriesReRegistered
from npn.registry.lost_time import LostTime, NotLostError, lost_time


@dataclass(frozen=True, slots=True)
class ForkHistory:
    """The ledgers that a witness followed: how long all of them are the same, and how long the longest was.

    `longest` is 0 where it followed one only, as far as the database knows.
    """

    shared: int
    longest: int

    def shared_below(self, length: int) -> int | None:
        """Return `shared` of a recovery's event; None where the whole database, `length` entries, is shared."""
        return self.shared if self.shared < length else None

    @property
    def longest_beyond(self) -> int | None:
        """Return `longest` of a recovery's event; None where no ledger went on beyond what is shared."""
        return self.longest if self.longest > self.shared else None

    def fork(self, entry: Entry, known: WitnessState) -> Fork:
        """Return what the witness shall know of the recovery that this entry tells of."""
        longest = max(known.length, self.longest)
        return Fork(length=entry.seq, hash=entry.hash, shared=self.shared, longest=longest)


def followed(tx: Transaction, known: WitnessState, *, held: bool) -> ForkHistory:
    """Return what the witness followed that this database lacks. `held`: it holds the witness's last entry."""
    length = tx.head.length
    forgotten = [fork for fork in known.forks if ledger_store.hash_at(tx.connection, fork.length) != fork.hash]
    shared = min([length, tx.confirmed, *(fork.shared for fork in forgotten)])
    if not held and known.length <= length:
        shared = min(shared, max(0, known.length - 1))
    return ForkHistory(shared, max((fork.longest for fork in forgotten), default=0))


def forks_of(tx: Transaction) -> list[Fork]:
    """Return the recoveries that a new witness shall know of: those that this database knows of, and itself."""
    forks = []
    for entry in ledger_store.told(tx.connection, [Recovered.tag]):
        lost = lost_time(msgspec.json.decode(entry.data, type=Recovered))
        forks.append(Fork(length=entry.seq, hash=entry.hash, shared=lost.after, longest=lost.to))
    own = tx.entries[-1]
    return [*forks, Fork(length=own.seq, hash=own.hash, shared=tx.confirmed, longest=own.seq - 1)]


def require_lost(connection: sa.Connection, range_id: str, *, seq: int, digest: str) -> None:
    """Raise ConflictError unless the receipt is of an entry that was lost when this range was withheld.

    The proof asks the same; a series is taken back only where it will be believed.
    """
    try:
        _lost(connection)[range_id].receipt(seq, digest)
    except NotLostError as error:
        raise ConflictError(
            str(error), code=codes.NOT_WITHHELD, hint="its numbers stay withheld; nobody is given them"
        ) from error


def _lost(connection: sa.Connection) -> dict[str, LostTime]:
    """Return what was lost of each withheld range."""
    lost: dict[str, LostTime] = {}
    for event in _told(connection):
        if isinstance(event, Recovered):
            lost |= dict.fromkeys((part.range for part in event.withheld), lost_time(event))
            continue
        part = lost[event.withheld]
        with suppress(NotLostError):  # an older program took it back anyway
            part.receipt(event.receipt_seq, event.receipt_hash)
        lost |= dict.fromkeys((left.range for left in event.left), part)
    return lost


def _told(connection: sa.Connection) -> Iterator[Recovered | SeriesReRegistered]:
    shapes: dict[str, type[Recovered | SeriesReRegistered]] = {
        shape.tag: shape for shape in (Recovered, SeriesReRegistered)
    }
    for entry in ledger_store.told(connection, list(shapes)):
        yield msgspec.json.decode(entry.data, type=shapes[entry.type])
