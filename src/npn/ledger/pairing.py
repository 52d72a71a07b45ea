"""How database and witness come to know each other: at `admin init`, and when the witness is moved.

Both hold the witness's identity. Each step can be the last before a crash; running the command again completes it.
"""

from dataclasses import dataclass

import msgspec

from npn.db.exchange import Exchange
from npn.errors import ConfigurationError, UnavailableError
from npn.ledger import store
from npn.ledger.model import GENESIS
from npn.ledger.service import Ledger, Repair, behind
from npn.ledger.witness import Witness, WitnessState, missing, new_identity

_TRIES = 20


def pair(ledger: Ledger) -> None:
    """Make a new database's witness, or one of an older program's its identity; nothing where they have one.

    The database is told first, so that an older program, which can't read a witness with an identity, is refused by
    one or the other. What contradicts is left for the first change to refuse.
    Raises ConfigurationError where the witness is another database's.
    """
    witness_state = ledger.witness.read() if ledger.witness.exists() else None
    opening = _opening(ledger)
    if witness_state is not None and witness_state.database != opening.identity:
        raise ConfigurationError("the witness belongs to another database", hint="name the right one with --witness")
    if witness_state is None and opening.head.length > 0:
        return  # lost: `npn recover --rebuild-witness` makes another
    if witness_state is not None and (witness_state.identity or not _may_take(ledger, witness_state)):
        return
    identity = opening.witness or _give_identity(ledger, witness_state)
    if witness_state is None:
        ledger.witness.replace(msgspec.structs.replace(ledger.state(), identity=identity))
    else:
        _complete(ledger.witness, witness_state, identity)


def _opening(ledger: Ledger, *, at: int = 0) -> store.Opening:
    with ledger.database.read() as connection:
        return store.opened(store.ask_opening(Exchange(connection), at=at, lock=False))


def _may_take(ledger: Ledger, known: WitnessState) -> bool:
    """Return whether a witness without an identity is the one to have it: it must know what the database was told."""
    opening = _opening(ledger, at=known.length)
    witness_hash = GENESIS if known.length == 0 else opening.hash_at
    return known.length >= opening.witnessed and witness_hash == known.hash


def _give_identity(ledger: Ledger, known: WitnessState | None) -> str:
    """Write a new identity into the database, unless another init was quicker; return the one that stands there."""
    with ledger.database.write() as connection:
        exchange = Exchange(connection)
        opening = store.opened(store.ask_opening(exchange, at=0, lock=True))
        if opening.witness:
            return opening.witness
        identity = new_identity()
        witnessed = max(opening.witnessed, 0 if known is None else known.length)
        store.set_head(exchange, opening.head, witness=identity, witnessed=witnessed, newest=opening.newest)
        exchange.settle()
    return identity


def _complete(witness: Witness, witnessed: WitnessState, identity: str) -> None:
    """Write the witness's identity; a server of the older program may move it for the last time meanwhile."""
    for _ in range(_TRIES):
        if witnessed.identity or witness.advance(witnessed, msgspec.structs.replace(witnessed, identity=identity)):
            return
        witnessed = witness.read()
    raise missing("somebody else goes on writing it")


@dataclass(frozen=True, slots=True)
class Move:
    """The witness as it is at its new place, and whether the one at the old place says so."""

    state: WitnessState
    old_is_marked: bool


def move(ledger: Ledger, target: Witness) -> Move:
    """Move the witness to another place, with a new identity.

    The one at the old place is marked as moved, so that nothing is ever granted or recovered by it. The order: the new
    witness, the database, the old one. Run again after a crash, it goes on from there.

    Raises ConfigurationError where something lies at the new place that this database does not hold.
    """
    there = target.read() if target.exists() else None
    opening = _opening(ledger, at=0 if there is None else there.length)
    if there is not None and there.identity == opening.witness and there.database == opening.identity:
        return Move(there, _retire(ledger.witness, there))  # it was moved before, or is where it shall be
    if there is not None:
        _require_spent(opening, there)
    ledger.settle()
    with ledger.transaction(repair=Repair.MOVE) as tx:
        tx.witness = new_identity()
        state = ledger.after(tx.exchange, tx.head, tx)
        if there is None:
            target.replace(state)
        elif not target.advance(there, state):
            raise behind("somebody else wrote the witness at the new place meanwhile")
    return Move(state, _retire(ledger.witness, state))


def _require_spent(opening: store.Opening, there: WitnessState) -> None:
    """Refuse to write over a witness that knows what this database does not: only a copy of no more use gives way."""
    if there.database != opening.identity:
        raise ConfigurationError(
            "a witness of another database lies at the new place", hint="name another place with --to"
        )
    witness_hash = GENESIS if there.length == 0 else opening.hash_at
    if witness_hash != there.hash:
        raise ConfigurationError(
            "the witness at the new place knows more than the database", hint="run `npn recover` with it first"
        )


def _retire(witness: Witness, successor: WitnessState) -> bool:
    """Mark a witness as moved, unless it is the successor itself; return whether it could be."""
    try:
        for _ in range(_TRIES):
            witness_state = witness.read()
            if witness_state.identity == successor.identity or witness_state.successor:
                return True
            if witness.advance(witness_state, msgspec.structs.replace(witness_state, successor=successor.identity)):
                return True
    except UnavailableError:
        return False
    return False
