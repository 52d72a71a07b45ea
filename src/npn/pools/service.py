"""The use cases of pools: a contact is judged and the chain moved on, or the pool is contested for good.

A contact fits when we hold the token it had, or already the one it takes (a repeat). Anything else is a fork: some
other copy spoke in between. Then the pool is contested, so that the other copy is told at its own next contact.

A service that was set back to a backup holds a token out of the pool's own past. It can't know that, but the pool
can: told what we hold, it finds the token in its own history, and repeats the contact with that token as the
previous one and the same new one. Only the pool that was refused knows its own new token, so no other copy can
withdraw the contest. Where a second one has been refused meanwhile there are two for certain, and nobody can.

A system that names another system's pool is refused and changes nothing: it could stop that pool by its id alone.
"""

from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa

from npn.db import Database
from npn.errors import UnauthenticatedError
from npn.ledger.service import Ledger, Transaction
from npn.pools import store
from npn.pools.events import PoolContested, PoolRejoined
from npn.pools.model import ClonedError, Pool, PoolContact, PoolState, Suspect
from npn.systems import store as systems

# Series are kept by the registry, which lies above this room: the series of these ids, in order of number.
SeriesSource = Callable[[sa.Connection, store.SeriesIds], list[Suspect]]


def judged(tx: Transaction, contact: PoolContact, *, system: str, series: SeriesSource) -> ClonedError | None:
    """Judge a contact inside the transaction it belongs to: move the chain on, or contest the pool."""
    pool = store.find(tx.connection, contact.pool, lock=True)
    if pool is None:
        store.add(tx.connection, contact, system=system, at=tx.at)
        return None
    if pool.system != system:
        return ClonedError()
    if _fits(pool, contact):
        if pool.state is PoolState.CONTESTED:
            tx.append(PoolRejoined(pool=pool.id, system=pool.system))
        store.move(tx.connection, contact, at=tx.at)
        return None
    if pool.state is PoolState.ACTIVE:
        _contest(tx, pool, contact, series=series)
    elif pool.contested_by not in (None, contact.new):
        store.contest_for_good(tx.connection, contact)
    return ClonedError(pool.held)


def _fits(found: Pool, contact: PoolContact) -> bool:
    if found.state is PoolState.CONTESTED:
        return found.held == contact.previous and found.contested_by == contact.new
    return found.held in (contact.previous, contact.new)


def _contest(tx: Transaction, pool: Pool, contact: PoolContact, *, series: SeriesSource) -> None:
    store.contest(tx.connection, contact, at=tx.at)
    suspects = series(tx.connection, store.ids_drawn_by(pool.id))
    tx.append(PoolContested(pool=pool.id, system=pool.system, series=[suspect.series for suspect in suspects]))


@dataclass(frozen=True, slots=True)
class ContestedPool:
    """A pool as the operator sees it, with the series that are suspect where it is contested."""

    pool: Pool
    suspects: list[Suspect]


@dataclass(frozen=True, slots=True)
class Pools:
    """What is done with pools outside draws."""

    database: Database
    ledger: Ledger
    series: SeriesSource

    def contact(self, contact: PoolContact, *, by: str, key: str) -> None:
        """Judge a contact that reports, reconciles or releases, by a system whose `key` is still in force.

        Raises ClonedError, UnauthenticatedError, or `witness_behind`.

        The judgement is committed and witnessed before it is told.
        """
        with self.ledger.transaction() as tx:
            if not systems.in_force(systems.ask_keys(tx.exchange, {key})):
                raise UnauthenticatedError("the key is no longer in force", hint="ask the operator for a new one")
            refused = judged(tx, contact, system=by, series=self.series)
        if refused is not None:
            raise refused

    def list(self, *, system: str | None = None, contested: bool = False) -> list[ContestedPool]:
        """Return one system's pools, or everybody's, newest contact first."""
        with self.database.read() as connection:
            pools = store.pools(connection, system=system, contested=contested)
            return [ContestedPool(pool, _suspects(connection, pool, self.series)) for pool in pools]


def _suspects(connection: sa.Connection, pool: Pool, series: SeriesSource) -> list[Suspect]:
    return series(connection, store.ids_drawn_by(pool.id)) if pool.state is PoolState.CONTESTED else []
