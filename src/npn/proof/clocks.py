"""The times of entries: not in order, but none later than the export, unless somebody said that they knew."""

from datetime import datetime, timedelta

from npn.instants import instant_or_none
from npn.ledger.event import Event
from npn.ledger.events import ClockAccepted
from npn.proof.edition import Edition
from npn.proof.wrong import WrongError
from npn.registry.events import RegrantApproved

_LEEWAY = timedelta(minutes=1)


class ClockProof:
    """The latest time of all entries, and of regrants, which no word can excuse."""

    def __init__(self, edition: Edition) -> None:
        """`edition` knows whether clocks may be accepted."""
        self._edition = edition
        self._latest: tuple[datetime, int] | None = None  # since clocks were accepted
        self._latest_regrant: tuple[datetime, int] | None = None

    def entry(self, event: Event, seq: int, at: datetime) -> None:
        """Note an entry's time."""
        if isinstance(event, ClockAccepted):
            return
        if self._latest is None or at > self._latest[0]:
            self._latest = (at, seq)
        if isinstance(event, RegrantApproved) and (self._latest_regrant is None or at > self._latest_regrant[0]):
            self._latest_regrant = (at, seq)

    def accepted(self, event: ClockAccepted, *, seq: int, at: datetime) -> None:
        """Accept the times of the entries before it, of which it names the latest."""
        self._edition.needs_rules(event)
        if self._latest is None or instant_or_none(event.newest) != self._latest[0]:
            raise WrongError(f"{event.newest} is not the latest time of the entries that were accepted")
        self._latest = (at, seq)

    def close(self, at: datetime) -> None:
        """Check that nothing is later than the checkpoint by more than a minute."""
        for latest in (self._latest, self._latest_regrant):
            if latest is not None and latest[0] > at + _LEEWAY:
                raise WrongError(f"entry {latest[1]} is later than the checkpoint by more than a minute")
