"""Certificates that are about to expire: told 90, 30 and 7 days ahead, once each, however many servers there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from npn.db import Database
from npn.ledger.service import Ledger
from npn.systems import store as systems
from npn.systems.model import ConnectedSystem
from npn.systems.notices import Notice
from npn.transport import letters, store
from npn.transport.events import CertificateExpiring, WarningDays

AHEAD: tuple[WarningDays, ...] = (7, 30, 90)


@dataclass(frozen=True, slots=True)
class Expiry:
    """A certificate in use and when it expires. `renewed`: another of the system's is good for longer."""

    system: str
    fingerprint: str
    subject: str
    not_after: datetime
    renewed: bool
    by_subject: bool

    def days(self, at: datetime) -> int:
        """Return the whole days left; negative once it has expired."""
        return (self.not_after - at).days

    def step(self, at: datetime) -> WarningDays | None:
        """Return the warning that is due: 7, 30 or 90 days, the closest; None where it is far off or expired."""
        left = self.not_after - at
        if left.total_seconds() < 0:
            return None
        return next((days for days in AHEAD if left.days < days), None)


@dataclass(frozen=True, slots=True)
class Expiries:
    """What is known of certificates in use."""

    database: Database
    ledger: Ledger

    def all(self, system: str | None = None) -> list[Expiry]:
        """Return every certificate in force, the first to expire first; of one system or of all."""
        with self.database.read() as connection:
            itself = [
                Expiry(c.system, c.fingerprint, c.subject, c.not_after, renewed=False, by_subject=False)
                for c in systems.certificates_in_force(connection)
                if system in (None, c.system)
            ]
            shown = [
                Expiry(s.system, s.shown_fingerprint, s.subject, s.shown_not_after, renewed=False, by_subject=True)
                for s in systems.subjects_of(connection, system)
                if s.shown_fingerprint is not None and s.shown_not_after is not None
            ]
        return _marked(sorted([*itself, *shown], key=lambda each: (each.not_after, each.fingerprint)))

    def notices(self, system: ConnectedSystem) -> list[Notice]:
        """Return notices of a system's certificates that expire within ninety days and have no successor."""
        now = self.ledger.clock()
        found = []
        for each in self.all(system.id):
            day = each.not_after.date()
            if each.renewed:
                continue
            if each.step(now) is not None:
                text = f"the certificate {each.fingerprint[:12]}… ({each.subject}) expires on {day}: renew it"
                found.append(Notice("certificate_expires", text, day))
            elif each.not_after <= now:
                text = f"the certificate {each.fingerprint[:12]}… ({each.subject}) expired on {day}"
                found.append(Notice("certificate_expired", text))
        return found

    def warn(self) -> int:
        """Warn of what is due and was not warned of: ledger and letters; give how many.

        Looked at without a lock first, so that most days change nothing.
        """
        if not self._due(self.all()):
            return 0
        with self.ledger.transaction() as tx:
            given = store.warnings_given(tx.connection)  # another server may have been quicker
            due = [(each, days) for each, days in self._due(self.all()) if (each.fingerprint, days) not in given]
            for each, days in due:
                store.add_warning(tx.connection, fingerprint=each.fingerprint, days=days, system=each.system, at=tx.at)
                tx.append(CertificateExpiring(system=each.system, certificate=each.fingerprint, days=days))
                letter = letters.expiring(each.system, each.subject, each.fingerprint, each.not_after)
                letters.to(tx, letter, [each.system])
        return len(due)

    def _due(self, found: Sequence[Expiry]) -> list[tuple[Expiry, WarningDays]]:
        now = self.ledger.clock()
        with self.database.read() as connection:
            given = store.warnings_given(connection)
        steps = [(each, each.step(now)) for each in found if not each.renewed]
        return [(each, days) for each, days in steps if days is not None and (each.fingerprint, days) not in given]


def _marked(found: Sequence[Expiry]) -> list[Expiry]:
    """Mark those that have a successor; `found` is ordered by expiry."""
    last = {each.system: each.not_after for each in found}
    return [
        Expiry(e.system, e.fingerprint, e.subject, e.not_after, e.not_after < last[e.system], e.by_subject)
        for e in found
    ]
