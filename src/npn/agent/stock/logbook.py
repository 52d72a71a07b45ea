"""What the pool writes down beside its stock: request ids, releases, returns, flags, use a day, facts.

The other half of the agent's SQL; see `store.py`. Functions that change something take the open transaction.
"""

import sqlite3
from datetime import date, datetime

from npn.agent.model import DayUse, DrawIntent, Flag, ReleaseIntent, ReleaseState, RequestState, UnusedGap
from npn.agent.stock.store import PoolStore, now, scheme_of

_INTENT = "SELECT request_id, pool_id, usable, space, state, attempts, series FROM request"
_KEPT_GAPS = 50  # the newest, as shown in the status; the file keeps all

_IntentRow = tuple[str, str, int, str | None, RequestState, int, str | None]  # a row as the driver gives it


class Logbook:
    """Reads and writes the pool's log over an open store."""

    def __init__(self, store: PoolStore) -> None:
        """Share the store's connection and its transactions."""
        self._store = store
        self._connection = store.connection

    # requests -------------------------------------------------------------------------------------------
    def log_request(self, change: sqlite3.Connection, intent: DrawIntent) -> None:
        """Write a request id down before it is sent. The file refuses a second pending one."""
        change.execute(
            "INSERT INTO request (request_id, pool_id, usable, space, state, at) VALUES (?, ?, ?, ?, 'pending', ?)",
            (intent.request_id, intent.pool_id, intent.usable, intent.space, now()),
        )

    def count_attempt(self, change: sqlite3.Connection, request_id: str) -> None:
        """One more sending of it."""
        change.execute("UPDATE request SET attempts = attempts + 1 WHERE request_id = ?", (request_id,))

    def settle_request(
        self, change: sqlite3.Connection, request_id: str, state: RequestState, *, series: str | None = None
    ) -> None:
        """Record what became of it."""
        change.execute(
            "UPDATE request SET state = ?, series = coalesce(?, series) WHERE request_id = ?",
            (state, series, request_id),
        )

    def abandon_all(self, change: sqlite3.Connection) -> None:
        """Abandon what is under way: a copy may repeat it and be given the same."""
        change.execute("UPDATE request SET state = 'abandoned' WHERE state IN ('pending', 'refused')")
        change.execute(
            "UPDATE release SET state = 'abandoned', detail = 'the pool got a new identity' WHERE state = 'pending'"
        )

    def pending_request(self) -> DrawIntent | None:
        """The draw under way, if any."""
        row = self._connection.execute(f"{_INTENT} WHERE state = 'pending'").fetchone()
        return _intent(row) if row else None

    def request(self, request_id: str) -> DrawIntent | None:
        """A request of this pool by its id."""
        row = self._connection.execute(f"{_INTENT} WHERE request_id = ?", (request_id,)).fetchone()
        return _intent(row) if row else None

    # releases and returns -------------------------------------------------------------------------------
    def log_release(self, change: sqlite3.Connection, series: str, from_: str | None) -> None:
        """A tail that has left the pool and must be given back to the service."""
        change.execute("INSERT INTO release VALUES (?, ?, 'pending', '', ?)", (series, from_, now()))

    def widen_release(self, change: sqlite3.Connection, series: str, from_: str | None) -> None:
        """Let a release under way begin at an earlier number, whether or not the service has it already."""
        change.execute("UPDATE release SET origin = ? WHERE series = ? AND state = 'pending'", (from_, series))

    def settle_release(self, change: sqlite3.Connection, series: str, state: ReleaseState, *, detail: str = "") -> None:
        """Record what the service answered."""
        change.execute(
            "UPDATE release SET state = ?, detail = ? WHERE series = ? AND state = 'pending'",
            (state, detail, series),
        )

    def releases(self, *, pending: bool = False) -> list[ReleaseIntent]:
        """Releases of this pool, oldest first."""
        where = "WHERE state = 'pending'" if pending else ""
        rows = self._connection.execute(f"SELECT series, origin, state, detail FROM release {where} ORDER BY rowid")
        return [ReleaseIntent(series=r[0], from_=r[1], state=r[2], detail=r[3]) for r in rows]

    def log_return(self, change: sqlite3.Connection, *, series: str, first: int, last: int, count: int) -> None:
        """Usable numbers `first` to `last`, without a break, that are certainly unused."""
        change.execute("INSERT INTO returned VALUES (?, ?, ?, ?, ?)", (series, first, last, count, now()))

    def was_returned(self, series: str, number: int) -> bool:
        """Whether a number was given back before: what is recorded never overlaps."""
        query = "SELECT last FROM returned WHERE series = ? AND first <= ? ORDER BY first DESC LIMIT 1"
        row = self._connection.execute(query, (series, number)).fetchone()
        return row is not None and row[0] >= number

    # what is shown --------------------------------------------------------------------------------------
    def totals(self) -> tuple[int, int, int]:
        """Handed out, returned, lost (at most) since the pool was made, in usable numbers."""
        query = (
            "SELECT (SELECT handed_out FROM pool), (SELECT coalesce(sum(count), 0) FROM returned),"
            " (SELECT coalesce(sum(at_most), 0) FROM gap)"
        )
        handed_out, returned, lost = self._connection.execute(query).fetchone()
        return handed_out, returned, lost

    def gaps(self) -> list[UnusedGap]:
        """The newest gaps, newest first."""
        rows = self._connection.execute(
            "SELECT g.series, g.first, g.last, g.at_most, g.reason, g.at, s.scheme FROM gap g"
            " JOIN series s ON s.id = g.series ORDER BY g.id DESC LIMIT ?",
            (_KEPT_GAPS,),
        )
        return [
            UnusedGap(
                series=r[0],
                first=scheme_of(r[6]).format(r[1]),
                last=scheme_of(r[6]).format(r[2]),
                at_most=r[3],
                reason=r[4],
                at=datetime.fromisoformat(r[5]),
            )
            for r in rows
        ]

    def set_flags(self, change: sqlite3.Connection, flags: list[Flag]) -> None:
        """What reconciliation found this time, in place of what it found before."""
        change.execute("DELETE FROM flag WHERE kind <> 'bad_series'")
        for flag in flags:
            self.add_flag(change, flag)

    def add_flag(self, change: sqlite3.Connection, flag: Flag) -> None:
        """One difference; the same again replaces it."""
        change.execute("INSERT OR REPLACE INTO flag VALUES (?, ?, ?, ?)", (flag.kind, flag.series, flag.detail, now()))

    def flags(self) -> list[Flag]:
        """Differences that stand."""
        rows = self._connection.execute("SELECT kind, series, detail, at FROM flag ORDER BY kind, series")
        return [Flag(kind=r[0], series=r[1], detail=r[2], at=datetime.fromisoformat(r[3])) for r in rows]

    # receipts -------------------------------------------------------------------------------------------
    def receipt(self, series: str) -> str | None:
        """The signed receipt of a series."""
        row = self._connection.execute("SELECT receipt FROM series WHERE id = ?", (series,)).fetchone()
        return row[0] if row else None

    def keep_receipt(self, change: sqlite3.Connection, series: str, receipt: str) -> None:
        """Keep it."""
        change.execute("UPDATE series SET receipt = ? WHERE id = ?", (receipt, series))

    def verified(self) -> frozenset[str]:
        """The series whose receipt's signature was verified."""
        rows = self._connection.execute("SELECT name FROM fact WHERE name LIKE 'receipt %' AND value = 'verified'")
        return frozenset(row[0].removeprefix("receipt ") for row in rows)

    # use ------------------------------------------------------------------------------------------------
    def note_use(self, change: sqlite3.Connection, day: date, taken: int) -> None:
        """Add hand-outs to a local day."""
        change.execute(
            "INSERT INTO consumption VALUES (?, ?) ON CONFLICT (day) DO UPDATE SET taken = taken + excluded.taken",
            (day.isoformat(), taken),
        )
        change.execute("UPDATE pool SET handed_out = handed_out + ?", (taken,))

    def use(self) -> list[DayUse]:
        """Use a day, oldest first; days without a row were without use."""
        rows = self._connection.execute("SELECT day, taken FROM consumption ORDER BY day")
        return [DayUse(date.fromisoformat(r[0]), r[1]) for r in rows]

    # facts ----------------------------------------------------------------------------------------------
    def fact(self, name: str) -> str | None:
        """A remembered text."""
        row = self._connection.execute("SELECT value FROM fact WHERE name = ?", (name,)).fetchone()
        return row[0] if row else None

    def remember(self, change: sqlite3.Connection, name: str, value: str | None) -> None:
        """Remember a text, or forget it."""
        change.execute("DELETE FROM fact WHERE name = ?", (name,))
        if value is not None:
            change.execute("INSERT INTO fact VALUES (?, ?)", (name, value))


def _intent(row: _IntentRow) -> DrawIntent:
    return DrawIntent(
        request_id=row[0],
        pool_id=row[1],
        usable=row[2],
        space=row[3],
        state=row[4],
        attempts=row[5],
        series=row[6],
    )
