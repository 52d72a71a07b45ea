"""The ledger's SQL, all of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from npn.db.exchange import Exchange, QueryReply, Statement
from npn.db.migrate import compatibility
from npn.db.migrate import newest as program_revision
from npn.db.rows import insert_rows
from npn.instants import rfc3339
from npn.ledger.event import Event
from npn.ledger.events import ClockAccepted
from npn.ledger.model import BackupNote, Entry, Head
from npn.ledger.tables import backup_seen, database_identity, ledger, ledger_head, signing_key


def identity(connection: sa.Connection) -> str:
    """Return the database's own id, made with it and never changed."""
    return str(connection.scalar(sa.select(database_identity.c.id)))


def head(connection: sa.Connection, *, lock: bool) -> Head:
    """Return the last entry's place and hash; `lock` keeps everybody else from appending until the commit."""
    query = sa.select(ledger_head.c.length, ledger_head.c.hash)
    row = connection.execute(query.with_for_update() if lock else query).one()
    return Head(row.length, row.hash)


def confirmed(connection: sa.Connection) -> int:
    """Return the length that the database knows its witness to have confirmed."""
    return int(connection.scalar(sa.select(ledger_head.c.witnessed)) or 0)


@dataclass(frozen=True, slots=True)
class Opening:
    """What a change finds: the head, locked; the database's id; the hash at the place that was asked for.

    `newest`: the latest time of an entry (RFC 3339), of those since the clocks were accepted last.
    `witness`: the identity of the witness that counts, empty before it has one. `witnessed`: the length that it is
    known to have confirmed. `compatible_since`: the oldest revision whose programs may write this schema.
    """

    head: Head
    identity: str
    hash_at: str | None
    witness: str
    witnessed: int
    compatible_since: str
    newest: str


_opening = sa.select(
    ledger_head.c.length,
    ledger_head.c.hash,
    sa.select(database_identity.c.id).scalar_subquery().label("identity"),
    sa.select(ledger.c.hash).where(ledger.c.seq == sa.bindparam("at")).scalar_subquery().label("hash_at"),
    ledger_head.c.witness,
    ledger_head.c.witnessed,
    sa.select(compatibility.c.compatible_since).scalar_subquery().label("compatible_since"),
    ledger_head.c.newest,
)
_ask, _ask_locked = Statement(_opening), Statement(_opening.with_for_update(of=ledger_head))
_move_head = Statement(
    sa.update(ledger_head).values(
        length=sa.bindparam("length"),
        hash=sa.bindparam("hash"),
        witness=sa.bindparam("witness"),
        witnessed=sa.bindparam("witnessed"),
        writer=sa.bindparam("writer"),
        written=sa.bindparam("length"),
        newest=sa.bindparam("newest"),
    )
)
_confirm = (
    sa.update(ledger_head)
    .where(
        ledger_head.c.witness == sa.bindparam("identity"),
        ledger_head.c.witnessed < sa.bindparam("up_to"),
        ledger_head.c.length >= sa.bindparam("up_to"),
        sa.exists().where(ledger.c.seq == sa.bindparam("up_to"), ledger.c.hash == sa.bindparam("digest")),
    )
    .values(witnessed=sa.bindparam("up_to"), writer=sa.bindparam("program"))
)


def server_time(connection: sa.Connection) -> datetime:
    """Return what PostgreSQL's clock says."""
    at: datetime = connection.scalar(sa.text("SELECT clock_timestamp()"))
    return at


def wait_for_reader(connection: sa.Connection) -> None:
    """Let PostgreSQL wait for as long as whoever takes the rows of this transaction needs."""
    connection.execute(sa.text("SET LOCAL idle_in_transaction_session_timeout = 0"))


def ask_opening(exchange: Exchange, *, at: int, lock: bool) -> QueryReply:
    """Ask for what `opened` reads; `lock` as for `head`."""
    return exchange.ask(_ask_locked if lock else _ask, {"at": at})


def opened(reply: QueryReply) -> Opening:
    """Return head, identity and the hash at the place that was asked for."""
    length, digest, database, hash_at, witness, witnessed, since, newest = reply.one
    return Opening(Head(length, digest), database, hash_at, witness, witnessed, since or "", newest)


def append(exchange: Exchange, entries: Sequence[Entry], *, witness: str, witnessed: int, newest: str) -> None:
    """Add entries that follow the head one after another, and move the head; the rest as for `set_head`.

    `newest`: as the opening had it.
    """
    rows = [
        {"seq": e.seq, "at": e.at, "type": e.type, "data": e.data, "previous": e.previous, "hash": e.hash}
        for e in entries
    ]
    insert_rows(exchange, ledger, rows)
    for entry in entries:
        newest = entry.at if entry.type == ClockAccepted.tag else max(newest, entry.at)
    set_head(exchange, Head(entries[-1].seq, entries[-1].hash), witness=witness, witnessed=witnessed, newest=newest)


def set_head(exchange: Exchange, head: Head, *, witness: str, witnessed: int, newest: str) -> None:
    """Write the head as a program of this revision.

    `witness`: the one that counts; `witnessed`: the length that it had confirmed; `newest`: the latest entry's time.
    """
    values = {"length": head.length, "hash": head.hash, "witness": witness, "witnessed": witnessed, "newest": newest}
    exchange.ask(_move_head, {**values, "writer": program_revision()})


def newest_time(connection: sa.Connection) -> str:
    """Return the latest time of an entry since the clocks were accepted last; empty in an empty ledger."""
    return str(connection.scalar(sa.select(ledger_head.c.newest)))


def confirm(connection: sa.Connection, head: Head, *, witness: str) -> None:
    """Note that this witness has confirmed that head; nothing where another counts by now or the head is not ours."""
    values = {"up_to": head.length, "digest": head.hash, "identity": witness, "program": program_revision()}
    connection.execute(_confirm, values)


def hash_at(connection: sa.Connection, seq: int) -> str | None:
    """Return the hash of the entry at `seq`, or None where the ledger is shorter."""
    text = connection.scalar(sa.select(ledger.c.hash).where(ledger.c.seq == seq))
    return None if text is None else str(text)


def entries(connection: sa.Connection, *, up_to: int) -> Iterator[Entry]:
    """Every entry in order, streamed."""
    query = sa.select(ledger).where(ledger.c.seq <= up_to).order_by(ledger.c.seq)
    rows = connection.execution_options(yield_per=1000).execute(query)
    for row in rows:
        yield Entry(row.seq, row.at, row.type, row.data, row.previous, row.hash)


def told(connection: sa.Connection, kinds: Sequence[str]) -> Iterator[Entry]:
    """Return every entry of these types, in order; reads the whole ledger for them."""
    query = sa.select(ledger).where(ledger.c.type.in_(kinds)).order_by(ledger.c.seq)
    for row in connection.execute(query):
        yield Entry(row.seq, row.at, row.type, row.data, row.previous, row.hash)


def page(connection: sa.Connection, *, before: int, limit: int) -> list[Entry]:
    """Return up to `limit` entries older than the one at `before`, the newest first."""
    query = sa.select(ledger).where(ledger.c.seq < before).order_by(ledger.c.seq.desc()).limit(limit)
    return [Entry(r.seq, r.at, r.type, r.data, r.previous, r.hash) for r in connection.execute(query)]


def added_after(connection: sa.Connection, seq: int, *, limit: int) -> list[Entry]:
    """Return up to `limit` entries after the one at `seq`, in order."""
    query = sa.select(ledger).where(ledger.c.seq > seq).order_by(ledger.c.seq).limit(limit)
    return [Entry(r.seq, r.at, r.type, r.data, r.previous, r.hash) for r in connection.execute(query)]


def entries_at(connection: sa.Connection, places: Sequence[int]) -> list[Entry]:
    """Return the entries at those places, the newest first."""
    query = sa.select(ledger).where(ledger.c.seq.in_(places)).order_by(ledger.c.seq.desc())
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
    """Return the place of the first entry made at `at` or later; one past the end where there is none.

    Found by halving, since entries are made in order of time; where a clock was set back it may be one nearby. The
    database halves, so that a ledger of any length takes one question.
    """
    length = head(connection, lock=False).length
    as_bytes = "BINARY" if connection.dialect.name == "sqlite" else "C"
    whole = sa.select(sa.literal(1, sa.BigInteger).label("low"), sa.literal(length + 1, sa.BigInteger).label("high"))
    halving = whole.cte("halving", recursive=True)
    middle = (halving.c.low + halving.c.high) // 2
    entry_time = sa.select(ledger.c.at).where(ledger.c.seq == middle).scalar_subquery()
    is_later = sa.collate(entry_time, as_bytes) >= rfc3339(at)
    half = sa.select(
        sa.case((is_later, halving.c.low), else_=middle + 1), sa.case((is_later, middle), else_=halving.c.high)
    ).where(halving.c.low < halving.c.high)
    halving = halving.union_all(half)
    return int(connection.scalar(sa.select(halving.c.low).where(halving.c.low == halving.c.high)) or 1)


def stands(connection: sa.Connection, seq: int, kind: type[Event], *, until: Sequence[type[Event]]) -> bool:
    """Return whether the entry at `seq` is of that kind and none of the kinds `until` came after it."""
    if connection.scalar(sa.select(ledger.c.type).where(ledger.c.seq == seq)) != kind.tag:
        return False
    later = sa.select(sa.literal(1)).where(ledger.c.seq > seq, ledger.c.type.in_([event.tag for event in until]))
    return connection.scalar(later.limit(1)) is None


def backup(connection: sa.Connection) -> BackupNote | None:
    """Return the newest backup that was noted, or None."""
    row = connection.execute(sa.select(backup_seen)).one_or_none()
    return None if row is None else BackupNote(row.taken_at, row.noted_at, row.noted_by)


def set_backup(connection: sa.Connection, note: BackupNote) -> None:
    """Keep the newest backup that was noted."""
    values = {"taken_at": note.taken_at, "noted_at": note.noted_at, "noted_by": note.noted_by}
    if connection.execute(sa.update(backup_seen).values(values)).rowcount == 0:
        connection.execute(sa.insert(backup_seen).values(one=1, **values))
