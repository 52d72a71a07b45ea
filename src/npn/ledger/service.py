"""The one door for every change: a transaction that appends to the ledger and is witnessed before it is answered.

The order is written down in docs/issuance.md: lock, check against the witness, change, commit, advance the
witness, answer.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum, auto

import msgspec
import sqlalchemy as sa
from msgspec import structs

from npn.db import Database
from npn.db.exchange import Exchange, QueryReply
from npn.db.migrate import newest, schema_outdated
from npn.errors import UnavailableError, codes
from npn.ledger import store
from npn.ledger.attribution import ADMIN, claimed
from npn.ledger.confirming import Confirmer
from npn.ledger.event import Event, encode
from npn.ledger.model import GENESIS, Entry, Head, chained
from npn.ledger.witness import MISSING, Fork, Witness, WitnessState, bounds, new_identity, told, wrong

Cursors = Callable[[Exchange], QueryReply]
InUse = Callable[[Exchange], QueryReply]
_FAILOVER = 10.0  # seconds that a database may be away between a commit and its witnessing
_PAUSE = 0.1
_AWAY = 2.0  # seconds that readers don't ask a witness that did not answer


def now() -> datetime:
    """Return the time; no number ever depends on it."""
    return datetime.now(UTC)


class Repair(Enum):
    """How a transaction on a database that its witness may contradict leaves the witness."""

    NONE = auto()  # no repair: the database must hold what the witness knows
    PREPARE = auto()  # the witness stays as it is: what a recovery needs (a space) is put back first
    RECOVER = auto()  # the witness is set by compare-and-set from what the recovery read of it, with a new identity
    REBUILD = auto()  # the witness is set whatever was there, with a new identity
    MOVE = auto()  # no repair: the block has made another witness, and this one gives way to it


@dataclass(slots=True)
class Transaction:
    """A change under way: what its connection is asked, its instant, and the entries it will append.

    `witnessed` is what the witness said when the change began; None where it is being rebuilt. `witness` is the
    identity of the witness that counts once this is committed; `confirmed` the length that the database knows as
    witnessed, and `database` its id.
    `newest` is the latest time in the ledger (RFC 3339; `npn.ledger.clock`). `leaves_ahead`: so do all its events.
    `forks`: the recoveries that the witness shall know of.
    """

    exchange: Exchange
    at: datetime
    head: Head
    witnessed: WitnessState | None
    database: str
    witness: str
    confirmed: int
    newest: str = ""
    leaves_ahead: bool = True
    forks: Sequence[Fork] = ()
    entries: list[Entry] = field(default_factory=list)

    @property
    def connection(self) -> sa.Connection:
        """Return the connection itself; what waits in the exchange is sent first."""
        self.exchange.settle()
        return self.exchange.connection

    def append(self, event: Event) -> Entry:
        """Add an event; it is written when the block ends, in the same transaction.

        What the shell did carries the name that its environment claims, where it differs from the system's user.
        Raises EventFormError where a member is not of its type.
        """
        if getattr(event, "by", "").startswith(ADMIN) and (name := claimed()):
            event = structs.replace(event, claimed=name)  # every event that has `by` has it
        entry = chained(self.head, self.at, event.tag, data=encode(event))
        self.entries.append(entry)
        self.leaves_ahead = self.leaves_ahead and event.leaves_ahead
        self.head = Head(entry.seq, entry.hash)
        return entry


def nothing(_exchange: Exchange) -> None:
    """For changes that touch no number space, or have nothing to ask beforehand."""


class Ledger:
    """The append-only record of one database, and the witness outside it."""

    def __init__(
        self,
        database: Database,
        witness: Witness,
        *,
        cursors: Cursors,
        in_use: InUse,
        clock: Callable[[], datetime] = now,
    ) -> None:
        """What the registry, which lies above this room, asks of its spaces.

        `cursors`: every space's name and cursor. `in_use`: name, first and last of every range that is live at or
        ahead of its space's cursor, in order.
        """
        self.database = database
        self.witness = witness
        self.clock = clock
        self._cursors = cursors
        self._in_use = in_use
        self._one_at_a_time = threading.Lock()
        self._witnessed = 0
        self._unsettled = False
        self._away_until = 0.0
        self._reached: dict[str, int] = {}
        self._confirmer = Confirmer(database, self._one_at_a_time)

    def close(self) -> None:
        """Note in the database what its witness has confirmed, and let go of the witness."""
        self._confirmer.close()
        self.witness.close()

    @contextmanager
    def transaction(
        self,
        *,
        lock: Callable[[Exchange], object] = nothing,
        ask: Callable[[Exchange], object] = nothing,
        repair: Repair = Repair.NONE,
    ) -> Iterator[Transaction]:
        """Run a change: committed and witnessed when the block ends.

        `lock` takes the space rows, always before the ledger's head; `ask` asks, once both are held, what the change
        wants to know, on the same way. `repair` is for recovery alone.
        Raises UnavailableError `witness_behind`, `witness_wrong`, `witness_missing`, `schema_outdated` or
        `outcome_unknown`.
        """
        with self._one_at_a_time:
            with _before_any_change():
                if self._unsettled:
                    self._catch_up()
                witnessed = None if repair is Repair.REBUILD else self._read_witness()
            with self.database.write() as connection:
                exchange = Exchange(connection)
                lock(exchange)
                opening = store.ask_opening(exchange, at=0 if witnessed is None else witnessed.length, lock=True)
                cursors = self._cursors(exchange)
                ask(exchange)
                start = store.opened(opening)
                _require_current(start)
                if witnessed is not None and repair in (Repair.NONE, Repair.MOVE):
                    start, witnessed = self._settled(exchange, start, witnessed)
                    self._check(start, witnessed, dict(cursors.rows))
                    self._witnessed = max(self._witnessed, witnessed.length)
                fresh = repair in (Repair.RECOVER, Repair.REBUILD)
                transaction = Transaction(
                    exchange=exchange,
                    at=self.clock(),
                    head=start.head,
                    witnessed=witnessed,
                    database=start.identity,
                    witness=new_identity() if fresh else start.witness,
                    confirmed=start.witnessed,
                    newest=start.newest,
                    forks=() if witnessed is None else witnessed.forks,
                )
                yield transaction
                confirmed = _write_head(exchange, start, transaction, repair=repair)
                state = self.after(exchange, start.head, transaction)
            self._publish(witnessed, state, repair, confirmed=confirmed)

    def _settled(
        self, exchange: Exchange, opening: store.Opening, witnessed: WitnessState
    ) -> tuple[store.Opening, WitnessState]:
        """Return both where they belong together; read again once, for another server may just have moved them.

        The database is locked by now, so what is read again can't lag behind it.
        """
        if estranged(opening, witnessed):
            witnessed = self._read_witness()
            opening = store.opened(store.ask_opening(exchange, at=witnessed.length, lock=True))
            reason = estranged(opening, witnessed)
            if reason:
                raise wrong(reason)
        return opening, witnessed

    def _publish(self, known: WitnessState | None, state: WitnessState, repair: Repair, *, confirmed: int) -> None:
        """Make the witness know what was committed; only then is anybody answered.

        `confirmed`: the length that the database knows as witnessed; ours is written to it once draws pause.
        """
        self._unsettled = True
        if known is None:
            self._rebuild(state)
        elif repair is Repair.RECOVER and not self.witness.advance(known, state):
            # Another process moved the witness while we recovered: what it knows now is lost, or it is of our line.
            raise behind("another server moved it during the recovery: recover again")
        elif repair is Repair.NONE:
            self._advance(known, state)
        self._unsettled = False
        if repair in (Repair.PREPARE, Repair.MOVE):
            return
        self._witnessed = state.length
        for space, cursor in state.cursors.items():
            self._reached[space] = max(int(cursor), self._reached.get(space, 0))
        if state.length > confirmed:
            self._confirmer.expect(state)

    def _rebuild(self, state: WitnessState) -> None:
        """Set the witness again; one that can be read after all loses nothing that the database does not hold."""
        try:
            witnessed = self._read_witness()
        except UnavailableError as error:
            if error.code != MISSING:
                raise
            self.witness.replace(state)
            return
        self.require_held(witnessed)
        if not self.witness.advance(witnessed, state):
            raise behind("another server moved it while it was rebuilt: recover")

    def require_held(self, known: WitnessState) -> None:
        """Raise UnavailableError `witness_behind` unless the database holds everything that a witness knows."""
        with self.database.read() as connection:
            opening, cursors = self._found(connection, at=known.length)
            if known.database != opening.identity:
                raise wrong("it was made for another database")
            self._check(opening, known, dict(cursors.rows))

    def _catch_up(self) -> None:
        """Bring the witness up before anything else is granted.

        While the witness can't be written, every batch would be committed and answered to nobody: numbers
        lost for nothing. So what was left unwitnessed by this process is witnessed first, or nothing is done.
        """
        states: list[WitnessState] = []
        witnessed = self._sound_witness(then=lambda *there: states.append(self._as_it_is(*there)))
        state = msgspec.structs.replace(states[0], forks=witnessed.forks)
        self._advance(witnessed, state)
        self._unsettled = False

    def _sound_witness(
        self,
        *,
        committed: WitnessState | None = None,
        then: Callable[[sa.Connection, store.Opening], None] | None = None,
    ) -> WitnessState:
        """Read the witness and check it; `committed` is what the database must still hold besides.

        The witness is read before the database, so it may seem to know less than it did when the database was told;
        it is read once more then, and measured by what the database knew before. `then` looks at the same state.
        """
        confirmed: int | None = None
        while True:
            witnessed = self._read_witness()
            with self.database.read() as connection:
                opening, cursors = self._found(connection, at=witnessed.length)
                reason = estranged(opening, witnessed, confirmed=confirmed)
                if not reason:
                    self._check(opening, witnessed, dict(cursors.rows))
                    if committed is not None and store.hash_at(connection, committed.length) != committed.hash:
                        raise behind(f"entry {committed.length}, which this server committed, is not in it any more")
                    if then is not None:
                        then(connection, opening)
                    return witnessed
            if confirmed is not None:
                raise wrong(reason)
            confirmed = opening.witnessed

    def _read_witness(self) -> WitnessState:
        """Ask the witness; where a recovery elsewhere set it back, what it knew before is shown no longer."""
        witnessed = self.witness.read()
        self._witnessed = min(self._witnessed, witnessed.length)
        return witnessed

    def settle(self) -> None:
        """Bring the witness up to a database that is ahead of it, as after a crash between commit and witness."""
        with self.transaction():
            pass

    def check(self) -> None:
        """Raise UnavailableError unless the witness is there and the database is not behind it."""
        witnessed = self._sound_witness()
        self._witnessed = max(self._witnessed, witnessed.length)

    def is_witnessed(self, seq: int, *, held_by: Database | None = None) -> bool:
        """Return whether the entry at `seq` may be shown: what the witness does not know yet may still be lost.

        `held_by`: the standby in which it was found.
        """
        if seq <= self._witnessed:
            return True
        witnessed = self._asked()
        if witnessed is None:
            return False  # the witness is away: what this process has not seen witnessed waits, all else is read
        with (held_by or self.database).read() as connection:
            opening, cursors = self._found(connection, at=witnessed.length)
            if seq <= opening.witnessed:
                return True  # the database was told so
            if opening.identity == witnessed.database and opening.head.length < witnessed.length:
                return True  # set back to a backup: draws stop, but what it still holds was witnessed, and reads go on
            if held_by is None and estranged(opening, witnessed, confirmed=0):
                return False  # another's, or one that was moved: nobody knows, and reads go on
            self._check(opening, witnessed, dict(cursors.rows))
        self._witnessed = max(self._witnessed, witnessed.length)
        return seq <= witnessed.length

    def _asked(self) -> WitnessState | None:
        """Ask the witness for a reader, who must not wait again and again while it is away."""
        if time.monotonic() < self._away_until:
            return None
        try:
            return self._read_witness()
        except UnavailableError:
            self._away_until = time.monotonic() + _AWAY
            return None

    def page(self, *, before: int | None, limit: int, held_by: Database | None = None) -> list[Entry]:
        """Return up to `limit` entries, the newest first; those older than the one at `before`.

        `held_by`: the standby to read them from.
        """
        with (held_by or self.database).read() as connection:
            return store.page(connection, before=2**62 if before is None else before, limit=limit)

    def state(self) -> WitnessState:
        """Return what a witness of this database would hold now."""
        with self.database.read() as connection:
            opening, _ = self._found(connection, at=0)
            return self._as_it_is(connection, opening)

    def _as_it_is(self, connection: sa.Connection, found: store.Opening) -> WitnessState:
        exchange = Exchange(connection)
        cursors, in_use = self._cursors(exchange), self._in_use(exchange)
        return _state(dict(cursors.rows), in_use, head=found.head, database=found.identity, witness=found.witness)

    def after(self, exchange: Exchange, before: Head, done: Transaction) -> WitnessState:
        """Return what the witness shall know once this is committed.

        What is in use ahead of the cursors changes with imports and recoveries, never with draws: for a batch of
        them the witness's own word is carried on, if it spoke of this very head.
        """
        witnessed, cursors = done.witnessed, self._cursors(exchange)
        carried = witnessed is not None and witnessed.ahead is not None and witnessed.length == before.length
        carried = carried and done.leaves_ahead
        in_use = witnessed if carried else self._in_use(exchange)
        state = _state(dict(cursors.rows), in_use, head=done.head, database=done.database, witness=done.witness)
        return structs.replace(state, forks=list(done.forks))

    def _found(self, connection: sa.Connection, *, at: int) -> tuple[store.Opening, QueryReply]:
        exchange = Exchange(connection)
        opening, cursors = store.ask_opening(exchange, at=at, lock=False), self._cursors(exchange)
        return store.opened(opening), cursors

    def _check(self, found: store.Opening, known: WitnessState, cursors: Mapping[str, int]) -> None:
        witness_hash = GENESIS if known.length == 0 else found.hash_at
        if witness_hash is None:
            raise behind(f"the database's ledger is shorter than the {known.length} entries already witnessed")
        if witness_hash != known.hash:
            raise behind(f"the database's ledger differs from what was witnessed at entry {known.length}")
        for space, cursor in known.cursors.items():
            if cursors.get(space, -1) < int(cursor):
                raise behind(f"space {space} would grant numbers again that the witness knows as granted")
        for space, reached in self._reached.items():
            if cursors.get(space, -1) < reached:
                # Both were set back together, a snapshot of the whole disk perhaps: this process remembers.
                raise behind(f"this server granted numbers of space {space} that database and witness have forgotten")

    def _advance(self, witnessed: WitnessState, state: WitnessState) -> None:
        """Compare and set; where another process was quicker, its word is checked against the database too.

        So is our own: after a failover the other may have worked on a database that lost what we committed. Then
        its numbers are ours, and we must neither answer nor make the witness say that ours is the one that holds.
        """
        while state.length > witnessed.length or state.cursors != witnessed.cursors:
            if self.witness.advance(witnessed, state):
                return
            witnessed = self._sound_after_failover(state)
            if witnessed.length >= state.length:
                return

    def _sound_after_failover(self, committed: WitnessState) -> WitnessState:
        """As `_sound_witness`; where the database fails over just now, wait: what it then holds decides."""
        until = time.monotonic() + _FAILOVER
        while True:
            try:
                return self._sound_witness(committed=committed)
            except UnavailableError as error:
                if not error.passes or time.monotonic() >= until:
                    raise
            time.sleep(_PAUSE)


@contextmanager
def _before_any_change() -> Iterator[None]:
    """What fails here fails before anything was changed, so that it may be repeated."""
    try:
        yield
    except UnavailableError as error:
        error.nothing_done = True
        raise


def estranged(found: store.Opening, known: WitnessState, *, confirmed: int | None = None) -> str:
    """Return why database and witness don't belong together; empty where they do.

    `confirmed`: the length that the witness must know, where it is not the one that stands in the database now.
    """
    if known.database != found.identity:
        return "it was made for another database"
    if known.successor:
        return "it was moved, and another has taken its place"
    if known.identity != found.witness:
        return f"the database knows {_named(found.witness)}, and this is {_named(known.identity)}"
    least = found.witnessed if confirmed is None else confirmed
    if known.length < least:
        return f"it knows {known.length} entries, and the database knows that it had confirmed {least}"
    return ""


def _write_head(exchange: Exchange, found: store.Opening, done: Transaction, *, repair: Repair) -> int:
    """Append the entries and move the head; return the length that the database knows as witnessed."""
    witnessed = found.witnessed
    if done.witnessed is not None and repair in (Repair.NONE, Repair.MOVE):
        witnessed = max(witnessed, done.witnessed.length)
    if done.entries:
        store.append(exchange, done.entries, witness=done.witness, witnessed=witnessed, newest=found.newest)
    elif done.witness != found.witness:
        store.set_head(exchange, done.head, witness=done.witness, witnessed=witnessed, newest=found.newest)
    else:
        return found.witnessed
    return witnessed


def _named(identity: str) -> str:
    return f"the witness {identity[:8]}" if identity else "one without an identity"


def _require_current(found: store.Opening) -> None:
    """Refuse a change by a program that may not write this schema, within the change's own transaction."""
    if found.compatible_since > newest():
        raise schema_outdated()


def _state(
    cursors: Mapping[str, int], in_use: QueryReply | WitnessState | None, *, head: Head, database: str, witness: str
) -> WitnessState:
    """Return what the witness is to know; `database` and `witness`: the identities of both."""
    ahead: dict[str, list[tuple[int, int]]] = {}
    if isinstance(in_use, QueryReply):
        for space, first, last in in_use.rows:
            ahead.setdefault(space, []).append((max(first, cursors[space]), last))
    elif in_use is not None:
        ahead = {space: [bounds(text) for text in texts] for space, texts in (in_use.ahead or {}).items()}
    left = {space: [r for r in ranges if r[1] >= cursors.get(space, 0)] for space, ranges in ahead.items()}
    return WitnessState(
        database=database,
        identity=witness,
        length=head.length,
        hash=head.hash,
        cursors={space: str(cursor) for space, cursor in cursors.items()},
        ahead={space: told(ranges) for space, ranges in left.items() if ranges},
    )


def behind(reason: str) -> UnavailableError:
    """Make the error that stops draws on a database older than its witness."""
    return UnavailableError(
        f"the witness knows more than the database: {reason}",
        code=codes.WITNESS_BEHIND,
        hint="the database was rolled back or replaced: run `npn recover`; servers may go on running",
        retry_after=300,
    )
