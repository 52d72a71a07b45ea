"""How long released numbers wait before two people may have them granted again: a policy, kept in the ledger.

`npn admin init` sets ten years; two people change it, to a year or more. What a release says stays as it was said. The
database itself asks for a year, whatever the policy, the program and its settings say.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from npn.db import Database
from npn.errors import ConflictError, InvalidInputError, UnavailableError, codes
from npn.ledger.canonical import Json
from npn.ledger.clock import Clocks
from npn.ledger.service import Ledger, Transaction
from npn.registry import policy_store
from npn.registry.events import FIRST_QUARANTINE_DAYS, QuarantinePolicySet, RulesAdopted

KIND = "quarantine"
SHORTEST_DAYS = 365
LONGEST_DAYS = 36_500
RULES = 2
_SHORTEST = timedelta(days=SHORTEST_DAYS)


@dataclass(frozen=True, slots=True)
class Quarantine:
    """What is done to the policy."""

    database: Database
    ledger: Ledger

    def days(self) -> int:
        """Return the days that numbers released now wait."""
        with self.database.read() as connection:
            return days_of(connection)

    def checked(self, wish: Mapping[str, Json]) -> dict[str, Json]:
        """Accept a wish {"days": N}. Raises InvalidInputError `quarantine_days`, ConflictError `policy_unchanged`."""
        days = checked_days(wish.get("days"))
        if days == self.days():
            raise ConflictError(f"the quarantine is {days} days already", code=codes.POLICY_UNCHANGED, field="days")
        return {"days": days}

    def change(self, wish: Mapping[str, Json], *, approval: str, by: str) -> int:
        """Do what two people agreed on; an approval is used once, however often it is carried out."""
        days = checked_days(wish.get("days"))
        with self.ledger.transaction() as tx:
            if not policy_store.has_quarantine_approval(tx.connection, approval):
                entry = tx.append(QuarantinePolicySet(days=days, by=by, approval=approval))
                policy_store.add_quarantine(tx.connection, seq=entry.seq, days=days, at=tx.at, approval=approval)
        return days


def adopt_rules(ledger: Ledger, *, by: str) -> bool:
    """Record that the rules of this edition hold, and the first policy with them; once. Return whether it was done."""
    with ledger.transaction() as tx:
        if policy_store.quarantine_days(tx.connection) is not None:
            return False
        tx.append(RulesAdopted(rules=RULES, by=by))
        entry = tx.append(QuarantinePolicySet(days=FIRST_QUARANTINE_DAYS, by=by))
        policy_store.add_quarantine(tx.connection, seq=entry.seq, days=FIRST_QUARANTINE_DAYS, at=tx.at, approval=None)
    return True


def checked_days(days: object) -> int:
    """Accept a number of days. Raises InvalidInputError `quarantine_days`."""
    if not isinstance(days, int) or isinstance(days, bool) or not SHORTEST_DAYS <= days <= LONGEST_DAYS:
        raise InvalidInputError(
            f"a quarantine has {SHORTEST_DAYS} to {LONGEST_DAYS} days",
            code=codes.QUARANTINE_DAYS,
            field="days",
            hint=f"the shortest that two people may agree on is {SHORTEST_DAYS} days",
        )
    return days


def days_of(connection: sa.Connection) -> int:
    """Return the policy's days; ten years where none was set yet."""
    days = policy_store.quarantine_days(connection)
    return FIRST_QUARANTINE_DAYS if days is None else days


def quarantine_until(tx: Transaction, clocks: Clocks) -> datetime:
    """Return until when numbers released now wait: whole seconds, counted from the later of the two clocks.

    Raises UnavailableError `clock_wrong`.
    """
    clocks.require_agreement()
    try:
        until = clocks.later + timedelta(days=days_of(tx.connection), microseconds=999_999)
    except OverflowError as error:
        raise UnavailableError("the clocks are at the end of all dates", code=codes.CLOCK_WRONG) from error
    return until.astimezone(UTC).replace(microsecond=0)


def over_at(until: datetime, *, released_at: datetime, drawn_at: datetime) -> datetime:
    """Return when a quarantine is over: a year at least after the release, which was not before the draw."""
    return max(until, released_at + _SHORTEST, drawn_at + _SHORTEST)
