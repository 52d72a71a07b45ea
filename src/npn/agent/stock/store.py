"""The pool's file: SQLite, one connection, every change a transaction that has reached the disk when it returns.

This module and `logbook.py` hold all the agent's SQL. Series are rows, numbers never are. Every transaction
first compares the owner word, so that a pool taken over by somebody else is never written again by us.
"""

import contextlib
import functools
import hashlib
import json
import secrets
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from npn.agent.errors import PoolRefusedError, PoolWriteError, TooFewNumbersError
from npn.agent.model import GapReason, PooledSeries, PoolIdentity, SeriesState, Stretch
from npn.agent.stock.mark import MarkFile
from npn.errors import codes
from npn.numbers.scheme import NumberScheme
from npn.ownership import create_private

APPLICATION_ID = 0x4E504E41  # "NPNA"
FORMAT = 1
SHARE = 20  # of the stock, that one reservation takes at most one part
SCHEMA = """
CREATE TABLE pool (
  one INTEGER PRIMARY KEY CHECK (one = 1), pool_id TEXT NOT NULL, token TEXT NOT NULL, pending TEXT,
  generation INTEGER NOT NULL, owner TEXT NOT NULL, stopped TEXT, handed_out INTEGER NOT NULL DEFAULT 0,
  digest TEXT NOT NULL DEFAULT '');
CREATE TABLE identity (pool_id TEXT PRIMARY KEY, since TEXT NOT NULL);
CREATE TABLE series (
  position INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, request_id TEXT NOT NULL UNIQUE, space TEXT NOT NULL,
  scheme TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL CHECK (last >= first),
  next INTEGER NOT NULL CHECK (next BETWEEN first AND last + 1),
  stop INTEGER NOT NULL CHECK (stop BETWEEN first - 1 AND last),
  state TEXT NOT NULL CHECK (state IN ('arrived', 'open', 'withheld')),
  drawn_at TEXT NOT NULL, adopted_at TEXT NOT NULL, receipt TEXT);
CREATE TRIGGER series_moves_forward BEFORE UPDATE OF next, first, last ON series
WHEN new.first <> old.first OR new.last <> old.last OR new.state = 'withheld' AND new.next < old.next
BEGIN SELECT RAISE(ABORT, 'a series only moves forward'); END;
CREATE TRIGGER series_is_disjoint BEFORE INSERT ON series
WHEN EXISTS (SELECT 1 FROM series WHERE json_extract(scheme, '$.length')
  = json_extract(new.scheme, '$.length') AND first <= new.last AND last >= new.first)
BEGIN SELECT RAISE(ABORT, 'overlaps a series of this pool'); END;
CREATE TRIGGER withheld_stays BEFORE UPDATE OF state ON series
WHEN old.state = 'withheld' AND new.state <> 'withheld'
BEGIN SELECT RAISE(ABORT, 'a withheld series stays withheld'); END;
CREATE TABLE reservation (
  series TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, count INTEGER NOT NULL);
CREATE TABLE gap (
  id INTEGER PRIMARY KEY, series TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
  at_most INTEGER NOT NULL, reason TEXT NOT NULL, at TEXT NOT NULL);
CREATE TABLE returned (
  series TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, count INTEGER NOT NULL, at TEXT NOT NULL);
CREATE INDEX returned_from ON returned (series, first);
CREATE TABLE request (
  position INTEGER PRIMARY KEY, request_id TEXT NOT NULL UNIQUE, pool_id TEXT NOT NULL,
  usable INTEGER NOT NULL, space TEXT, state TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
  series TEXT, at TEXT NOT NULL);
CREATE UNIQUE INDEX one_draw_at_a_time ON request (state) WHERE state = 'pending';
CREATE TABLE release (
  series TEXT NOT NULL, origin TEXT, state TEXT NOT NULL, detail TEXT NOT NULL, at TEXT NOT NULL);
CREATE TABLE flag (kind TEXT NOT NULL, series TEXT NOT NULL, detail TEXT NOT NULL, at TEXT NOT NULL,
  PRIMARY KEY (kind, series));
CREATE TABLE consumption (day TEXT PRIMARY KEY, taken INTEGER NOT NULL);
CREATE TABLE token (
  position INTEGER PRIMARY KEY, pool_id TEXT NOT NULL, digest TEXT NOT NULL UNIQUE, token TEXT NOT NULL);
CREATE TABLE fact (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""

_SeriesRow = tuple[str, str, str, str, int, int, int, int, SeriesState, str, int]  # as the driver gives it


class Disk:
    """The file layer under the pool. Tests put one in its place that fails at a chosen step."""

    def connect(self, path: Path) -> sqlite3.Connection:
        """Open the file for one owner; statements begin and end transactions themselves."""
        if not path.exists():
            create_private(
                path
            )  # the tokens in it are nobody else's business, and SQLite gives its WAL the same rights
        elif path.stat().st_nlink > 1:
            raise linked(path)
        return sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5.0)

    def mark(self, path: Path) -> MarkFile:
        """The mark outside the file."""
        return MarkFile(path)


DISK = Disk()


def now() -> str:
    """The wall clock, for people to read; nothing is decided by it."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def new_secret() -> str:
    """A token or an id that no copy can guess."""
    return secrets.token_hex(16)


class PoolStore:
    """One open pool file. Not thread-safe: the pool's lock is held by the caller."""

    def __init__(self, connection: sqlite3.Connection, *, created: bool) -> None:
        """Use `open`."""
        self.connection = connection
        self.created = created
        self.owner = ""

    @classmethod
    def open(cls, path: Path, disk: Disk = DISK) -> Self:
        """Open or create the file and check it. Raises PoolRefusedError where it is damaged or foreign."""
        with translated(path):
            connection = disk.connect(path)
            try:
                created = _prepare(connection, path)
            except BaseException:
                connection.close()
                raise
            return cls(connection, created=created)

    def close(self) -> None:
        """Close the file; what was committed stays."""
        self.connection.close()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """A change: durable on leaving, undone on an error. Raises where another owner has taken the pool."""
        connection = self.connection
        with translated():
            connection.execute("BEGIN IMMEDIATE")
            try:
                self._check_owner()
                yield connection
                connection.execute("UPDATE pool SET generation = generation + 1")
                connection.execute("UPDATE pool SET digest = ?", (_digest(connection),))
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def _check_owner(self) -> None:
        (owner,) = self.connection.execute("SELECT owner FROM pool").fetchone()
        if owner != self.owner:
            raise PoolRefusedError(
                "this pool was opened by another owner in the meantime; nothing more is handed out here",
                code=codes.POOL_TAKEN_OVER,
                hint="never delete the lock file; use the other owner, or restart this one",
            )

    def take_ownership(self) -> None:
        """Write a fresh owner word, and turn what the last owner left reserved into gaps: one transaction."""
        (self.owner,) = self.connection.execute("SELECT owner FROM pool").fetchone()
        fresh = new_secret()
        with self.transaction() as change:
            change.execute("UPDATE pool SET owner = ?", (fresh,))
            change.execute(
                "INSERT INTO gap (series, first, last, at_most, reason, at)"
                " SELECT series, first, last, count, 'crash', ? FROM reservation",
                (now(),),
            )
            change.execute("DELETE FROM reservation")
        self.owner = fresh

    def identity(self) -> PoolIdentity:
        """Who the pool is."""
        row = self.connection.execute("SELECT pool_id, token, pending, generation, stopped FROM pool").fetchone()
        pool_id, token, pending, generation, stopped = row
        return PoolIdentity(pool_id=pool_id, token=token, pending=pending, generation=generation, stopped=stopped)

    def known_ids(self) -> set[str]:
        """Every pool id this file has had."""
        return {row[0] for row in self.connection.execute("SELECT pool_id FROM identity")}

    def in_use(self) -> bool:
        """Whether the pool ever asked for a series or held one: from then on it has a mark."""
        query = "SELECT EXISTS (SELECT 1 FROM series) OR EXISTS (SELECT 1 FROM request)"
        return bool(self.connection.execute(query).fetchone()[0])

    def series(self) -> list[PooledSeries]:
        """All series of this pool, oldest first."""
        rows = self.connection.execute(
            "SELECT id, request_id, space, scheme, first, last, next, stop, state, drawn_at,"
            " receipt IS NOT NULL FROM series ORDER BY position"
        )
        return [_series(row) for row in rows]

    def add_series(self, change: sqlite3.Connection, series: PooledSeries) -> None:
        """Adopt a series, in the state it carries. The file itself refuses an overlap."""
        change.execute(
            "INSERT INTO series (id, request_id, space, scheme, first, last, next, stop, state, drawn_at,"
            " adopted_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                series.id,
                series.request_id,
                series.space,
                scheme_text(series.scheme),
                series.first,
                series.last,
                series.next,
                series.stop,
                series.state,
                series.drawn_at.isoformat(),
                now(),
            ),
        )

    def reserve(
        self,
        *,
        need: int,
        want: int,
        outstanding: Sequence[Stretch],
        note: Callable[[sqlite3.Connection], None],
    ) -> list[Stretch]:
        """Move the durable marks past `want` usable numbers, `need` at least, or raise TooFewNumbersError.

        Less than `want` is taken where it would be more than a twentieth of the stock: a crash shall not cost
        a small laboratory much of what it has.
        `outstanding`: what is still in the owner's memory; with the new stretches it is what a crash loses.
        `note`: what else is to be written in the same transaction.
        """
        with self.transaction() as change:
            note(change)
            available = [s for s in self.series() if s.state == "open" and s.next <= s.stop]
            want = max(need, min(want, sum(s.free for s in available) // SHARE))
            reserved, missing = [], want
            for series in available:
                stretch = _cut(series, missing)
                if stretch:  # where only unusable numbers are left `next` stays, to be moved back over its stretches
                    change.execute("UPDATE series SET next = ? WHERE id = ?", (stretch.last + 1, series.id))
                    reserved.append(stretch)
                    missing -= stretch.count
            if want - missing < need:
                raise TooFewNumbersError(
                    f"the pool has {want - missing + sum(s.count for s in outstanding)} usable numbers left",
                    hint="the agent draws new ones; `npn agent status` says how that goes",
                    retry_after=30,
                )
            self.note_reservations(change, [*outstanding, *reserved])
        return reserved

    def note_reservations(self, change: sqlite3.Connection, stretches: Sequence[Stretch]) -> None:
        """What a crash from now on would lose."""
        change.execute("DELETE FROM reservation")
        change.executemany(
            "INSERT INTO reservation VALUES (?, ?, ?, ?)",
            [(s.series, s.first, s.last, s.count) for s in stretches],
        )

    def give_back(self, change: sqlite3.Connection, unused: Sequence[Stretch]) -> None:
        """Move the marks back over stretches of which no number left memory; newest first, each adjoining."""
        for stretch in reversed(unused):
            query = "SELECT next FROM series WHERE id = ?"
            (mark,) = change.execute(query, (stretch.series,)).fetchone()
            if mark == stretch.last + 1:
                change.execute("UPDATE series SET next = ? WHERE id = ?", (stretch.first, stretch.series))
            elif mark > stretch.first:  # can't be; should it be, what is lost is at least counted
                change.execute(
                    "INSERT INTO gap (series, first, last, at_most, reason, at) VALUES (?, ?, ?, ?, 'crash', ?)",
                    (stretch.series, stretch.first, stretch.last, stretch.count, now()),
                )
        change.execute("DELETE FROM reservation")

    def set_state(self, change: sqlite3.Connection, *, before: SeriesState, after: SeriesState) -> None:
        """Move every series in one state to another."""
        change.execute("UPDATE series SET state = ? WHERE state = ?", (after, before))

    def withhold_all(self, change: sqlite3.Connection, reason: GapReason) -> None:
        """Whatever has not been handed out is never handed out: gaps, and the series' state."""
        for series in self.series():
            if series.state == "withheld":
                continue
            if series.free:
                change.execute(
                    "INSERT INTO gap (series, first, last, at_most, reason, at) VALUES (?, ?, ?, ?, ?, ?)",
                    (series.id, series.next, series.stop, series.free, reason, now()),
                )
            change.execute("UPDATE series SET state = 'withheld', next = stop + 1 WHERE id = ?", (series.id,))

    def cut_tail(self, change: sqlite3.Connection, series: PooledSeries, stop: int) -> None:
        """Take the numbers after `stop` out of the pool."""
        change.execute("UPDATE series SET stop = ? WHERE id = ?", (stop, series.id))

    def new_identity(self, change: sqlite3.Connection) -> None:
        """A new pool id with a new chain of tokens; the old id stays known, for the mark."""
        pool_id = new_secret()
        change.execute(
            "UPDATE pool SET pool_id = ?, token = ?, pending = NULL, stopped = NULL", (pool_id, new_secret())
        )
        change.execute("INSERT INTO identity VALUES (?, ?)", (pool_id, now()))


@contextlib.contextmanager
def translated(path: Path | None = None) -> Iterator[None]:
    """The one door for SQLite's errors: each becomes one of the agent's, with the way out."""
    where = str(path) if path else "the pool file"
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            raise damaged(where, str(error)) from error
        hints = {
            sqlite3.SQLITE_FULL: "the disk is full: make room; nothing was handed out",
            sqlite3.SQLITE_READONLY: "the agent's user may not write the file or its folder",
            sqlite3.SQLITE_CANTOPEN: "does the folder exist, and may the agent's user write there?",
            sqlite3.SQLITE_BUSY: "another program has the file open: stop it",
        }
        hint = hints.get(code, "look at the disk; nothing was handed out")
        raise PoolWriteError(f"can't write {where}: {error}", hint=hint) from error


def linked(path: Path) -> PoolRefusedError:
    """Each name would have its own lock and write-ahead log, so two owners could hand out the same."""
    return PoolRefusedError(
        f"{path} has a second name (a hard link, of a backup perhaps)",
        code=codes.POOL_LINKED,
        hint="copy it over itself while no agent runs: cp agent.db new && mv new agent.db",
    )


def damaged(where: str, detail: str) -> PoolRefusedError:
    """The file can't be trusted."""
    return PoolRefusedError(
        f"{where} is damaged: {detail}",
        code=codes.POOL_DAMAGED,
        hint="nothing is handed out from it; move it and its mark aside: a new pool draws new stock",
    )


def _prepare(connection: sqlite3.Connection, path: Path) -> bool:
    """Settings, integrity, schema. True when the file was made just now."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if tables and application != APPLICATION_ID:
        raise PoolRefusedError(f"{path} is a database, but not an agent's pool", code=codes.POOL_DAMAGED)
    if version > FORMAT:
        raise PoolRefusedError(
            f"{path} was written by a newer agent (format {version}, this one knows {FORMAT})",
            code=codes.POOL_TOO_NEW,
            hint="install the newer agent again",
        )
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    if tables:
        (verdict,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
        if verdict != "ok":
            raise damaged(str(path), verdict)
        if connection.execute("SELECT digest FROM pool").fetchone() != (_digest(connection),):
            raise damaged(str(path), "its rows don't agree with their checksum")
        connection.execute("CREATE INDEX IF NOT EXISTS returned_from ON returned (series, first)")
        return False
    connection.executescript(
        f"BEGIN IMMEDIATE; {SCHEMA} PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {FORMAT};"
        "INSERT INTO pool (one, pool_id, token, generation, owner)"
        f" VALUES (1, '{new_secret()}', '{new_secret()}', 0, '');"
        f"INSERT INTO identity SELECT pool_id, '{now()}' FROM pool;"
    )
    connection.execute("UPDATE pool SET digest = ?", (_digest(connection),))
    connection.execute("COMMIT")
    return True


def _digest(connection: sqlite3.Connection) -> str:
    """A checksum of what must never be wrong; a flipped bit in it passes SQLite's own integrity check."""
    rows = connection.execute(
        "SELECT id, scheme, first, last, next, stop, state FROM series ORDER BY position"
    ).fetchall()
    rows += connection.execute("SELECT pool_id, generation, stopped FROM pool").fetchall()
    rows += connection.execute("SELECT series, first, last, count FROM reservation").fetchall()
    return hashlib.sha256(repr(rows).encode()).hexdigest()


def _cut(series: PooledSeries, count: int) -> Stretch | None:
    """Its next `count` usable numbers, or what there is; None where there is none, or none is wanted."""
    size = min(series.free, count)
    if not size:
        return None
    last = series.scheme.nth(series.next, size)
    if last is None:  # can't be: that many numbers lie between next and stop
        return None
    return Stretch(series=series.id, scheme=series.scheme, first=series.next, last=last, count=size)


def scheme_text(scheme: NumberScheme) -> str:
    """A scheme as it is stored."""
    return json.dumps(
        {
            "name": scheme.name,
            "length": scheme.length,
            "weights": list(scheme.weights),
            "modulus": scheme.modulus,
            "remainder": scheme.remainder,
        }
    )


@functools.cache
def scheme_of(text: str) -> NumberScheme:
    """A scheme read back; kept, since its tables are made once for each scheme."""
    fields = json.loads(text)
    return NumberScheme(
        name=fields["name"],
        length=fields["length"],
        weights=tuple(fields["weights"]),
        modulus=fields["modulus"],
        remainder=fields["remainder"],
    )


def _series(row: _SeriesRow) -> PooledSeries:
    return PooledSeries(
        id=row[0],
        request_id=row[1],
        space=row[2],
        scheme=scheme_of(row[3]),
        first=row[4],
        last=row[5],
        next=row[6],
        stop=row[7],
        state=row[8],
        drawn_at=datetime.fromisoformat(row[9]),
        has_receipt=bool(row[10]),
    )
