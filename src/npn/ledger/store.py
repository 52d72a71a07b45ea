"""The ledger's SQL, all of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from npn.db.exchange import Exchange, Reply, Statement
from npn.db.rows import insert_rows
from npn.instants import rfc3339
from npn.ledger.model import Entry, Head
from npn.ledger.tables import database_identity, ledger, ledger_head, signing_key


def identity(connection: sa.Connection) -> str:
    """Give the database's own id, made with it and never changed."""
    return str(connection.scalar(sa.select(database_identity.c.id)))


def head(connection: sa.Connection, *, lock: bool) -> Head:
    """Give the last entry's place and hash; `lock` keeps everybody else from appending until the commit."""
    query = sa.select(ledger_head.c.length, ledger_head.c.hash)
    row = connection.execute(query.with_for_update() if lock else query).one()
    return Head(row.length, row.hash)


@dataclass(frozen=True, slots=True)
class Opening:
    """What a change finds: the head, locked; the database's id; the hash at the place that was asked for.

    `newest`: the latest time of an entry (RFC 3339), of those since the clocks were accepted last.
    """

    head: Head
    identity: str
    hash_at: str | None
    newest: str = ""


_opening = sa.select(
    ledger_head.c.length,
    ledger_head.c.hash,
    sa.select(database_identity.c.id).scalar_subquery().label("identity"),
    sa.select(ledger.c.hash).where(ledger.c.seq == sa.bindparam("at")).scalar_subquery().label("hash_at"),
    ledger_head.c.newest,
)
_ask, _ask_locked = Statement(_opening), Statement(_opening.with_for_update(of=ledger_head))
_move_head = Statement(
    sa.update(ledger_head).values(
        length=sa.bindparam("length"), hash=sa.bindparam("hash"), newest=sa.bindparam("newest")
    )
)
_RESETS = "clock_accepted"


def ask_opening(exchange: Exchange, *, at: int, lock: bool) -> Reply:
    """Ask for what `opened` reads; `lock` as for `head`."""
    return exchange.ask(_ask_locked if lock else _ask, {"at": at})


def opened(reply: Reply) -> Opening:
    """Give head, identity and the hash at the place that was asked for."""
    length, digest, database, hash_at, newest = reply.one
    return Opening(Head(length, digest), database, hash_at, newest)


def append(exchange: Exchange, entries: Sequence[Entry], *, newest: str) -> None:
    """Add entries that follow the head one after another, and move the head; `newest` as the opening had it."""
    rows = [
        {"seq": e.seq, "at": e.at, "type": e.type, "data": e.data, "previous": e.previous, "hash": e.hash}
        for e in entries
    ]
    insert_rows(exchange, ledger, rows)
    for entry in entries:
        newest = entry.at if entry.type == _RESETS else max(newest, entry.at)
    exchange.ask(_move_head, {"length": entries[-1].seq, "hash": entries[-1].hash, "newest": newest})


def newest(connection: sa.Connection) -> str:
    """Return the latest time of an entry since the clocks were accepted last; empty in an empty ledger."""
    return str(connection.scalar(sa.select(ledger_head.c.newest)))


def hash_at(connection: sa.Connection, seq: int) -> str | None:
    """Give the hash of the entry at `seq`, or None where the ledger is shorter."""
    found = connection.scalar(sa.select(ledger.c.hash).where(ledger.c.seq == seq))
    return None if found is None else str(found)


def entries(connection: sa.Connection, *, up_to: int) -> Iterator[Entry]:
    """Every entry in order, streamed."""
    query = sa.select(ledger).where(ledger.c.seq <= up_to).order_by(ledger.c.seq)
    rows = connection.execution_options(yield_per=1000).execute(query)
    for row in rows:
        yield Entry(row.seq, row.at, row.type, row.data, row.previous, row.hash)


def page(connection: sa.Connection, *, before: int, limit: int) -> list[Entry]:
    """Give up to `limit` entries older than the one at `before`, the newest first."""
    query = sa.select(ledger).where(ledger.c.seq < before).order_by(ledger.c.seq.desc()).limit(limit)
    return [Entry(r.seq, r.at, r.type, r.data, r.previous, r.hash) for r in connection.execute(query)]


def signing_keys(connection: sa.Connection) -> list[dict[str, object]]:
    """Every key, the current one first."""
    query = sa.select(signing_key).order_by(signing_key.c.retired_at.is_not(None), signing_key.c.created_at.desc())
    return [dict(row) for row in connection.execute(query).mappings()]


def add_signing_key(connection: sa.Connection, *, kid: str, public_jwk: str, private_jwk: str, at: datetime) -> None:
    """Keep a new key and retire the ones before it; a retired key's private half is forgotten."""
    connection.execute(
        sa.update(signing_key).where(signing_key.c.retired_at.is_(None)).values(retired_at=at, private_jwk=None)
    )
    connection.execute(
        sa.insert(signing_key).values(kid=kid, public_jwk=public_jwk, private_jwk=private_jwk, created_at=at)
    )


def seq_at(connection: sa.Connection, at: datetime) -> int:
    """Give the place of the first entry made at `at` or later; one past the end where there is none.

    Found by halving, since entries are made in order of time; where a clock was set back it may be one nearby.
    """
    wanted = rfc3339(at)
    low, high = 1, head(connection, lock=False).length + 1
    while low < high:
        middle = (low + high) // 2
        made = connection.scalar(sa.select(ledger.c.at).where(ledger.c.seq == middle))
        low, high = (low, middle) if made is None or made >= wanted else (middle + 1, high)
    return low


def since_recovery(connection: sa.Connection, seq: int, *, kind: str) -> bool:
    """Say whether the entry at `seq` is of that kind and no recovery came after it; reads all that did."""
    if connection.scalar(sa.select(ledger.c.type).where(ledger.c.seq == seq)) != kind:
        return False
    later = sa.select(sa.literal(1)).where(ledger.c.seq > seq, ledger.c.type == "recovered")
    return connection.scalar(later.limit(1)) is None
