"""How the state is found: every part is asked by itself, and one that fails is shown as unknown, not left out."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from npn import __version__
from npn.chores import Rounds
from npn.config import Settings
from npn.db import Database
from npn.db.migrate import current, is_workable, newest, schema_outdated
from npn.db.standby import standbys
from npn.errors import NpnError
from npn.health.model import HealthPart, HealthSubject, Level, ServiceState
from npn.ledger.backups import last_backup
from npn.ledger.clock import current_clocks
from npn.ledger.places import WitnessPlace, place_of
from npn.ledger.secrets import loose_files
from npn.ledger.service import Ledger
from npn.mail.service import Outbox
from npn.reading import Readings
from npn.registry.service import Registry
from npn.systems.authorities import Authorities, good_until

NOT_ASKED = "not_asked"
REMEMBERED = 5.0  # seconds: a page costs nothing but the first in so long
BACKUP_HOLDS = timedelta(hours=36)  # a nightly job that ran late is no fault
MAIL_WAITS = timedelta(minutes=30)
CERTIFICATE_WARNS = timedelta(days=30)
_FAILED_WITHIN = timedelta(days=7)
_log = structlog.get_logger("npn.health")


def require_sound(database: Database, ledger: Ledger) -> None:
    """Raise UnavailableError unless the schema is ours and the witness agrees with the database."""
    if not is_workable(database):
        raise schema_outdated()
    ledger.check()


def require_draws(database: Database, registry: Registry) -> None:
    """Raise what a draw would meet now: it is made whole, and undone."""
    database.check_writable()
    registry.check_draws()


@dataclass(slots=True)
class Health:
    """Finds the state, and remembers it for some seconds."""

    settings: Settings
    database: Database
    ledger: Ledger
    registry: Registry
    outbox: Outbox
    readings: Readings
    authorities: Authorities
    rounds: Rounds
    ticks: Callable[[], float] = time.monotonic
    _state: ServiceState | None = None
    _found_at: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def remembered(self) -> ServiceState | None:
        """Return what was found in the last seconds; None where it is to be found again, in a thread."""
        fresh = self.ticks() - self._found_at < REMEMBERED
        return self._state if fresh or self._lock.locked() else None

    def state(self) -> ServiceState:
        """Return the state, found now unless it was just found; never raises. One thread at a time looks."""
        with self._lock:
            state = self._state
            if state is None or self.ticks() - self._found_at >= REMEMBERED:
                state = self._state = self.look()
                self._found_at = self.ticks()
        return state

    def look(self) -> ServiceState:
        """Find the state now."""
        at = self.ledger.clock()
        ways: Mapping[HealthSubject, Callable[[HealthSubject, datetime], HealthPart]] = {
            HealthSubject.DRAWS: self._draws,
            HealthSubject.WITNESS: self._witness,
            HealthSubject.WITNESS_PLACE: self._witness_place,
            HealthSubject.STANDBY: self._standby,
            HealthSubject.BACKUP: self._backup,
            HealthSubject.MAIL: self._mail,
            HealthSubject.CERTIFICATE: self._certificate,
            HealthSubject.REVOCATION: self._revocation,
            HealthSubject.CLOCK: self._clock,
            HealthSubject.BACKGROUND: self._background,
            HealthSubject.FILES: self._files,
            HealthSubject.VERSION: self._version,
        }
        return ServiceState(at, tuple(_part(subject, ways[subject], at) for subject in HealthSubject))

    def _draws(self, subject: HealthSubject, _at: datetime) -> HealthPart:
        try:
            require_sound(self.database, self.ledger)
            require_draws(self.database, self.registry)
        except NpnError as error:
            return HealthPart(subject, Level.BAD, error.code)
        return HealthPart(subject, Level.GOOD, "possible")

    def _witness(self, subject: HealthSubject, _at: datetime) -> HealthPart:
        try:
            self.ledger.check()
        except NpnError as error:
            return HealthPart(subject, Level.BAD, error.code)
        return HealthPart(subject, Level.GOOD, "agrees", {"length": self.ledger.state().length})

    def _witness_place(self, subject: HealthSubject, _at: datetime) -> HealthPart:
        place = place_of(self.database, self.ledger.witness)
        level = {
            WitnessPlace.APART: Level.GOOD,
            WitnessPlace.SAME_DISK: Level.WARNING,
            WitnessPlace.UNKNOWN: Level.UNKNOWN,
        }[place]
        return HealthPart(subject, level, place.value)

    def _standby(self, subject: HealthSubject, _at: datetime) -> HealthPart:
        count = sum(standbys(self.database).values())
        follower = self.readings.follower
        if follower is not None:
            age = follower.standby.age()
            if age is None:
                return HealthPart(subject, Level.WARNING, "reads_behind", {"streaming": count})
            return HealthPart(subject, Level.GOOD, "reads", {"seconds": age, "streaming": count})
        if count:
            return HealthPart(subject, Level.GOOD, "streams", {"streaming": count})
        if self.database.dialect == "postgresql":
            return HealthPart(subject, Level.WARNING, "none_streams")
        return HealthPart(subject, Level.ABSENT, "one_file")

    def _backup(self, subject: HealthSubject, at: datetime) -> HealthPart:
        note = last_backup(self.database)
        if note is None:
            return HealthPart(subject, Level.UNKNOWN, "never_noted")
        old = at - note.taken_at > BACKUP_HOLDS
        values = {"taken_at": note.taken_at, "noted_by": note.noted_by}
        return HealthPart(subject, Level.WARNING if old else Level.GOOD, "old" if old else "noted", values)

    def _mail(self, subject: HealthSubject, at: datetime) -> HealthPart:
        queue = self.outbox.queue(failed_since=at - _FAILED_WITHIN)
        values = {"waiting": queue.waiting, "failed": queue.failed, "oldest": queue.oldest}
        if self.outbox.smtp is None:
            return HealthPart(subject, Level.ABSENT, "no_server", values)
        if queue.oldest is not None and at - queue.oldest > MAIL_WAITS:
            return HealthPart(subject, Level.WARNING, "held_up", values)
        if queue.failed:
            return HealthPart(subject, Level.WARNING, "some_failed", values)
        return HealthPart(subject, Level.GOOD, "flows", values)

    def _certificate(self, subject: HealthSubject, at: datetime) -> HealthPart:
        if not self.settings.tls_cert:
            return HealthPart(subject, Level.UNKNOWN, "elsewhere")
        try:
            until = good_until(Path(self.settings.tls_cert))
        except (OSError, ValueError):
            return HealthPart(subject, Level.UNKNOWN, "unreadable")
        if until <= at:
            return HealthPart(subject, Level.BAD, "expired", {"until": until})
        soon = until - at < CERTIFICATE_WARNS
        return HealthPart(subject, Level.WARNING if soon else Level.GOOD, "until", {"until": until})

    def _revocation(self, subject: HealthSubject, at: datetime) -> HealthPart:
        lists = self.authorities.lists
        if not lists:
            return HealthPart(subject, Level.ABSENT, "no_lists")
        overdue = [revocations.path for revocations in lists if revocations.is_overdue(at)]
        if overdue:
            return HealthPart(subject, Level.WARNING, "overdue", {"files": tuple(str(path) for path in overdue)})
        return HealthPart(subject, Level.GOOD, "current", {"lists": len(lists)})

    def _clock(self, subject: HealthSubject, _at: datetime) -> HealthPart:
        clocks = current_clocks(self.ledger)
        seconds = abs(clocks.difference.total_seconds())
        if clocks.agree:
            return HealthPart(subject, Level.GOOD, "agree", {"seconds": seconds})
        return HealthPart(subject, Level.WARNING, "differ", {"seconds": seconds})

    def _background(self, subject: HealthSubject, _at: datetime) -> HealthPart:
        failing = [work for work in self.rounds.all() if work.failing_since is not None]
        if failing:
            return HealthPart(subject, Level.WARNING, "failing", {"names": tuple(work.name for work in failing)})
        return HealthPart(subject, Level.GOOD, "runs")

    def _files(self, subject: HealthSubject, _at: datetime) -> HealthPart:
        loose = loose_files(self.settings, self.database, self.ledger.witness)
        if loose:
            return HealthPart(subject, Level.WARNING, "readable", {"files": tuple(str(file.path) for file in loose)})
        return HealthPart(subject, Level.GOOD, "private")

    def _version(self, subject: HealthSubject, _at: datetime) -> HealthPart:
        schema, ours = current(self.database), newest()
        values = {"program": __version__, "schema": schema or "", "newest": ours}
        if schema == ours:
            return HealthPart(subject, Level.GOOD, "current", values)
        return HealthPart(subject, Level.WARNING, "other_schema", values)


def _part(subject: HealthSubject, look: Callable[[HealthSubject, datetime], HealthPart], at: datetime) -> HealthPart:
    """Ask after one part; what can't be asked is unknown."""
    try:
        return look(subject, at)
    except NpnError as error:
        return HealthPart(subject, Level.UNKNOWN, error.code)
    except Exception:  # noqa: BLE001  # one part that fails must not take every page down
        _log.exception("part_not_asked", part=subject.value)
        return HealthPart(subject, Level.UNKNOWN, NOT_ASKED)
