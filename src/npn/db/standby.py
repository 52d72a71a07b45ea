"""Standbys: how old what one shows is, and how many of them the primary has."""

import threading
import time
from collections import Counter

import sqlalchemy as sa

from npn.db.engine import Database
from npn.errors import UnavailableError

_ASKED_EVERY = 1.0  # seconds that an age is taken to hold
# What was replayed is at least as new as the last commit in it; and as the primary's last word, where all of that is
# replayed (which only a member of pg_monitor is told).
_AGE = sa.text("""
    SELECT CASE WHEN NOT pg_is_in_recovery() THEN 0.0 ELSE
      least(
        extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()),
        (SELECT extract(epoch FROM clock_timestamp() - last_msg_receipt_time) FROM pg_stat_wal_receiver
          WHERE status = 'streaming' AND pg_last_wal_replay_lsn() >= flushed_lsn)
      ) END
""")
_STANDBYS = sa.text("SELECT coalesce(sync_state, 'unknown') FROM pg_stat_replication")


class Standby:
    """A database that is read only, and a little behind; used only as long as that is little."""

    def __init__(self, url: str, *, most: float) -> None:
        """`url`: one host or several, of which a standby is preferred; `most`: seconds it may be behind."""
        self.database = Database(url, standby=True)
        self._most = most
        self._age: float | None = None
        self._asked_at = -_ASKED_EVERY
        self._asking = threading.Lock()

    def age(self) -> float | None:
        """Return how many seconds old what it shows may be; None where it should not be asked: too old, or away."""
        with self._asking:
            if time.monotonic() - self._asked_at >= _ASKED_EVERY:
                self._age = self._ask()
                self._asked_at = time.monotonic()
            return self._age

    def _ask(self) -> float | None:
        try:
            with self.database.read() as connection:
                seconds = connection.scalar(_AGE)
        except UnavailableError:
            return None
        except Exception as error:  # noqa: BLE001  # the primary answers instead, whatever is wrong with the standby
            self.database.rounds.failed("ask_standby", error)
            return None
        self.database.rounds.succeeded("ask_standby")
        age = None if seconds is None else max(0.0, float(seconds))
        return None if age is None or age > self._most else age

    def close(self) -> None:
        """Close every connection."""
        self.database.close()


def standbys(database: Database) -> dict[str, int]:
    """Count the standbys that stream from a PostgreSQL primary, by PostgreSQL's word for how they confirm."""
    if database.dialect != "postgresql":
        return {}
    with database.read() as connection:
        return dict(Counter(connection.scalars(_STANDBYS)))
