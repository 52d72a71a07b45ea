"""Two clocks that must agree before anything hangs on a time: this server's, and the database's.

No number depends on a clock, so draws never ask. Releases and regrants do: a quarantine is counted from the later of
the two, and neither is done while they differ by more than a minute. PostgreSQL has its own clock. SQLite has
none: there the time of the ledger's newest entry stands for it, where that is ahead of this server's clock (while
nothing is drawn, it is old). On PostgreSQL a quarantine is counted from that too where it is the latest: both clocks
may have been set back together.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from npn.db.types import rfc3339
from npn.errors import ConflictError, UnavailableError, codes
from npn.instants import utc_time
from npn.ledger import store
from npn.ledger.events import ClockAccepted
from npn.ledger.service import Ledger, Transaction

ALLOWED = timedelta(minutes=1)
_AHEAD_HINT = "check the clocks; where they are right and the ledger is ahead: npn admin clock accept --reason …"


@dataclass(frozen=True, slots=True)
class Clocks:
    """`here`: this server's clock. `database`: PostgreSQL's. `newest`: the time of the ledger's newest entry."""

    here: datetime
    database: datetime | None
    newest: datetime | None

    @property
    def other(self) -> datetime:
        """Return the clock that this server's is compared with."""
        if self.database is None:
            return max(self.here, self.newest or self.here)
        return self.database

    @property
    def difference(self) -> timedelta:
        """Return how far the other clock is ahead of this server's."""
        return self.other - self.here

    @property
    def later(self) -> datetime:
        """Return the time from which a quarantine is counted."""
        return max(self.here, self.other, self.newest or self.here)

    @property
    def earlier(self) -> datetime:
        """Return the time by which a quarantine must be over."""
        return min(self.here, self.database or self.here)

    @property
    def agree(self) -> bool:
        """Whether the clocks differ by no more than a minute."""
        return abs(self.difference) <= ALLOWED

    def require_agreement(self) -> None:
        """Raise UnavailableError `clock_wrong` unless the clocks agree."""
        if not self.agree:
            raise UnavailableError(
                f"this server's clock says {utc_time(self.here)} and the "
                f"{'ledger' if self.database is None else 'database'} {utc_time(self.other)}",
                code=codes.CLOCK_WRONG,
                hint=_AHEAD_HINT,
                retry_after=60,
            )


def clocks_of(tx: Transaction) -> Clocks:
    """Return both clocks as a change finds them."""
    return Clocks(tx.at, _database_time(tx.connection), _time(tx.newest))


def current_clocks(ledger: Ledger) -> Clocks:
    """Return both clocks now."""
    with ledger.database.read() as connection:
        newest, database = store.newest_time(connection), _database_time(connection)
        return Clocks(ledger.clock(), database, _time(newest))


def accept(ledger: Ledger, *, by: str, reason: str) -> Clocks:
    """Record that the clocks are right although the ledger holds a later time; return what they said before.

    Raises ConflictError `clock_not_ahead` where the ledger holds none.
    """
    with ledger.transaction() as tx:
        clocks = clocks_of(tx)
        if clocks.newest is None or clocks.newest <= clocks.here:
            raise ConflictError(
                "the ledger holds no time ahead of this server's clock",
                code=codes.CLOCK_NOT_AHEAD,
                hint="npn admin clock show",
            )
        tx.append(ClockAccepted(newest=rfc3339(clocks.newest), reason=reason, by=by))
    return clocks


def _database_time(connection: sa.Connection) -> datetime | None:
    if connection.dialect.name != "postgresql":
        return None
    return store.server_time(connection)


def _time(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
