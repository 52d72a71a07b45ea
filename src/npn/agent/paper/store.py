"""The journal's file: SQLite beside the pool, every change on the disk when it returns.

What must never happen is refused by the file itself: a number in two jobs, a number that comes back from used or
spoiled, a row that disappears, an entry that is rewritten.
"""

import contextlib
import sqlite3
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from npn.agent.errors import JournalWriteError
from npn.agent.paper.model import UNUSED, PaperJob, PaperOrder, Sheet, SheetState
from npn.errors import ConflictError, codes
from npn.ownership import create_private, tighten_all, with_sqlite_files

APPLICATION_ID = 0x4E504E4A  # "NPNJ"
FORMAT = 1
SCHEMA = """
CREATE TABLE job (
  id INTEGER PRIMARY KEY AUTOINCREMENT, design TEXT NOT NULL, dpi INTEGER NOT NULL, language TEXT NOT NULL,
  file TEXT NOT NULL, by TEXT NOT NULL, place TEXT NOT NULL, made_at TEXT NOT NULL, printed_at TEXT);
CREATE TABLE sheet (
  number TEXT PRIMARY KEY, job INTEGER NOT NULL REFERENCES job (id), position INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('reserved', 'printed', 'used', 'spoiled')),
  changed_at TEXT NOT NULL, changed_by TEXT NOT NULL, note TEXT NOT NULL DEFAULT '', UNIQUE (job, position));
CREATE TABLE entry (
  id INTEGER PRIMARY KEY AUTOINCREMENT, job INTEGER NOT NULL REFERENCES job (id), number TEXT,
  what TEXT NOT NULL CHECK (what IN ('reserved', 'printed', 'used', 'spoiled', 'copied', 'placed')),
  at TEXT NOT NULL, by TEXT NOT NULL, note TEXT NOT NULL);
CREATE INDEX entry_of_job ON entry (job, what);
CREATE TRIGGER sheet_stays BEFORE DELETE ON sheet BEGIN SELECT RAISE(ABORT, 'a number stays in the journal'); END;
CREATE TRIGGER job_stays BEFORE DELETE ON job BEGIN SELECT RAISE(ABORT, 'a job stays in the journal'); END;
CREATE TRIGGER entry_stays BEFORE DELETE ON entry BEGIN SELECT RAISE(ABORT, 'an entry stays'); END;
CREATE TRIGGER entry_is_final BEFORE UPDATE ON entry BEGIN SELECT RAISE(ABORT, 'an entry is final'); END;
CREATE TRIGGER sheet_is_of_one_job BEFORE UPDATE OF number, job, position ON sheet
BEGIN SELECT RAISE(ABORT, 'a number is in one job'); END;
CREATE TRIGGER sheet_moves_forward BEFORE UPDATE OF state ON sheet
WHEN old.state IN ('used', 'spoiled') OR new.state = 'reserved'
BEGIN SELECT RAISE(ABORT, 'a used or spoiled number stays so'); END;
"""
_AT_ONCE = 500  # parameters of one statement


class JournalStore:
    """One open journal. Closed by `close`, or at the end of a `with`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Use `JournalStore.open`."""
        self._connection = connection

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open the journal, made if absent, readable for its owner alone. Raises JournalWriteError."""
        with _translated(path):
            create_private(path)
            tighten_all(with_sqlite_files(path))
            connection = sqlite3.connect(path, isolation_level=None, timeout=10.0)
            try:
                connection.execute("PRAGMA synchronous = FULL")
                connection.execute("PRAGMA foreign_keys = ON")
                _prepare(connection)
            except BaseException:
                connection.close()
                raise
        return cls(connection)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # writing --------------------------------------------------------------------------------------------
    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Make one durable change. Raises JournalWriteError."""
        with _translated():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def add_job(self, order: PaperOrder, numbers: Sequence[str]) -> int:
        """Reserve numbers for a new job. Raises ConflictError `number_on_paper` where one is in a job already."""
        at = _now()
        values = (order.design, order.dpi, order.language, order.file, order.by, order.place, at)
        statement = "INSERT INTO job (design, dpi, language, file, by, place, made_at) VALUES (?, ?, ?, ?, ?, ?, ?)"
        job = int(self._connection.execute(statement, values).lastrowid or 0)
        try:
            self._connection.executemany(
                "INSERT INTO sheet (number, job, position, state, changed_at, changed_by) VALUES (?, ?, ?, ?, ?, ?)",
                [(number, job, place, "reserved", at, order.by) for place, number in enumerate(numbers)],
            )
        except sqlite3.IntegrityError as error:
            raise ConflictError(
                "a number of this job is on paper already: nothing was printed",
                code=codes.NUMBER_ON_PAPER,
                field="number",
                hint="was the pool or the journal restored? `npn agent print list` shows the jobs",
            ) from error
        self.add_entry(job, "reserved", order.by)
        return job

    def finish_job(self, job: int, by: str) -> None:
        """Record that the job's file is complete."""
        at = _now()
        self._connection.execute("UPDATE job SET printed_at = ? WHERE id = ?", (at, job))
        statement = "UPDATE sheet SET state = 'printed', changed_at = ? WHERE job = ? AND state = 'reserved'"
        self._connection.execute(statement, (at, job))
        self.add_entry(job, "printed", by)

    def move(self, sheet: Sheet, state: SheetState, *, by: str, note: str) -> None:
        """Record what became of a number."""
        statement = "UPDATE sheet SET state = ?, changed_at = ?, changed_by = ?, note = ? WHERE number = ?"
        self._connection.execute(statement, (state, _now(), by, note, sheet.number))
        self.add_entry(sheet.job, state, by, number=sheet.number, note=note)

    def place(self, job: int, place: str, by: str) -> None:
        """Record where a job's paper lies."""
        self._connection.execute("UPDATE job SET place = ? WHERE id = ?", (place, job))
        self.add_entry(job, "placed", by, note=place)

    def add_entry(self, job: int, what: str, by: str, *, number: str | None = None, note: str = "") -> None:
        """Add a line to the history."""
        statement = "INSERT INTO entry (job, number, what, at, by, note) VALUES (?, ?, ?, ?, ?, ?)"
        self._connection.execute(statement, (job, number, what, _now(), by, note))

    # reading --------------------------------------------------------------------------------------------
    def jobs(self) -> list[PaperJob]:
        """Return the jobs, the newest first."""
        counts: dict[int, dict[SheetState, int]] = {}
        ends: dict[int, tuple[str, str]] = {}
        grouped = "SELECT job, state, count(*), min(number), max(number) FROM sheet GROUP BY job, state"
        for job, state, count, first, last in self._connection.execute(grouped):
            counts.setdefault(job, {})[state] = count
            before = ends.get(job, (first, last))
            ends[job] = (min(before[0], first), max(before[1], last))
        copied = "SELECT job, count(*) FROM entry WHERE what = 'copied' GROUP BY job"
        copies: dict[int, int] = dict(self._connection.execute(copied))
        rows = self._connection.execute(
            "SELECT id, design, dpi, language, file, by, place, made_at, printed_at FROM job ORDER BY id DESC"
        )
        return [
            PaperJob(
                id=id_,
                order=PaperOrder(design=design, dpi=dpi, language=language, file=file, by=by, place=place),
                made_at=datetime.fromisoformat(made_at),
                printed_at=None if printed_at is None else datetime.fromisoformat(printed_at),
                first=ends[id_][0],
                last=ends[id_][1],
                counts=counts[id_],
                copies=copies.get(id_, 0),
            )
            for id_, design, dpi, language, file, by, place, made_at, printed_at in rows
        ]

    def sheets(self, job: int) -> list[Sheet]:
        """Return a job's numbers, in the order of its pages."""
        return self._sheets("sheet.job = ? ORDER BY position", [job])

    def find(self, numbers: Sequence[str]) -> dict[str, Sheet]:
        """Return the numbers that are in the journal."""
        sheets: dict[str, Sheet] = {}
        for start in range(0, len(numbers), _AT_ONCE):
            part = numbers[start : start + _AT_ONCE]
            condition = f"number IN ({', '.join('?' * len(part))})"
            sheets |= {sheet.number: sheet for sheet in self._sheets(condition, part)}
        return sheets

    def unused(self) -> int:
        """Return how many numbers are on paper, or may be, and were neither used nor spoiled."""
        statement = f"SELECT count(*) FROM sheet WHERE state IN ({', '.join('?' * len(UNUSED))})"
        return int(self._connection.execute(statement, UNUSED).fetchone()[0])

    def _sheets(self, condition: str, values: Sequence[object]) -> list[Sheet]:
        rows = self._connection.execute(
            "SELECT number, job, state, place, changed_at, changed_by, note FROM sheet JOIN job ON job.id = sheet.job "
            f"WHERE {condition}",
            tuple(values),
        )
        return [
            Sheet(
                number=number,
                job=job,
                state=state,
                place=place,
                changed_at=datetime.fromisoformat(changed_at),
                changed_by=changed_by,
                note=note,
            )
            for number, job, state, place, changed_at, changed_by, note in rows
        ]


def unused_on_paper(path: Path) -> int | None:
    """Return how many unused numbers a journal has; 0 where there is none, None where it can't be read."""
    if not path.exists():
        return 0
    try:
        with contextlib.closing(
            sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=1.0)
        ) as connection:
            return JournalStore(connection).unused()
    except sqlite3.Error:
        return None


def _prepare(connection: sqlite3.Connection) -> None:
    """Make the tables of a new file, in one transaction; refuse a file that is something else."""
    connection.execute("BEGIN IMMEDIATE")
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if application == 0 and version == 0:
        for statement in _statements(SCHEMA):
            connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {FORMAT}")
    elif (application, version) != (APPLICATION_ID, FORMAT):
        raise sqlite3.DatabaseError("it is no printing journal of this version")
    connection.execute("COMMIT")


def _statements(script: str) -> Iterator[str]:
    """Yield the statements of a script one by one: run as a whole it would commit after each."""
    statement = ""
    for line in script.splitlines():
        statement += f"{line}\n"
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


@contextlib.contextmanager
def _translated(path: Path | None = None) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        where = f" {path}" if path else ""
        raise JournalWriteError(f"the printing journal{where} can't be written: {error}") from error


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
