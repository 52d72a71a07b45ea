"""Certificates that are about to expire: told 90, 30 and 7 days ahead, once each, however many servers there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from npn.db import Database
from npn.instants import danish_day
from npn.ledger.service import Ledger
from npn.systems import store as systems
from npn.systems.model import ConnectedSystem
from npn.systems.notices import Notice, declare_notice
from npn.transport import emails, store
from npn.transport.events import CertificateExpiring, WarningDays

_EXPIRES = declare_notice(
    "certificate_expires",
    program="the certificate {fingerprint}… ({subject}) expires on {ends}: renew it",
    en="the certificate {subject} ({fingerprint}…) expires on {ends} and has no successor: renew it",
    da="certifikatet {subject} ({fingerprint}…) udløber {ends} og har ingen afløser: forny det",
)
_EXPIRED = declare_notice(
    "certificate_expired",
    program="the certificate {fingerprint}… ({subject}) expired on {ends}",
    en="the certificate {subject} ({fingerprint}…) expired on {ends}",
    da="certifikatet {subject} ({fingerprint}…) udløb {ends}",
)
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
            expiries = [
                Expiry(s.system, s.shown_fingerprint, s.subject, s.shown_not_after, renewed=False, by_subject=True)
                for s in systems.subjects_of(connection, system)
                if s.shown_fingerprint is not None and s.shown_not_after is not None
            ]
        return _marked(sorted([*itself, *expiries], key=lambda each: (each.not_after, each.fingerprint)))

    def notices(self, system: ConnectedSystem) -> list[Notice]:
        """Return notices of a system's certificates that expire within ninety days and have no successor."""
        now = self.ledger.clock()
        notices = []
        for expiry in self.all(system.id):
            if expiry.renewed:
                continue
            day, fingerprint = danish_day(expiry.not_after), expiry.fingerprint[:12]
            if expiry.step(now) is not None:
                notices.append(_EXPIRES.of(by=day, fingerprint=fingerprint, subject=expiry.subject, ends=day))
            elif expiry.not_after <= now:
                notices.append(_EXPIRED.of(fingerprint=fingerprint, subject=expiry.subject, ends=day))
        return notices

    def warn(self) -> int:
        """Warn of what is due and was not warned of: ledger and e-mails; give how many.

        Looked at without a lock first, so that most days change nothing.
        """
        if not self._due(self.all()):
            return 0
        with self.ledger.transaction() as tx:
            warned = store.warnings_given(tx.connection)  # another server may have been quicker
            due = [(expiry, days) for expiry, days in self._due(self.all()) if (expiry.fingerprint, days) not in warned]
            for expiry, days in due:
                store.add_warning(
                    tx.connection, fingerprint=expiry.fingerprint, days=days, system=expiry.system, at=tx.at
                )
                tx.append(CertificateExpiring(system=expiry.system, certificate=expiry.fingerprint, days=days))
                email = emails.expiring(expiry.system, expiry.subject, expiry.fingerprint, not_after=expiry.not_after)
                emails.to(tx, email, [expiry.system])
        return len(due)

    def _due(self, found: Sequence[Expiry]) -> list[tuple[Expiry, WarningDays]]:
        now = self.ledger.clock()
        with self.database.read() as connection:
            warned = store.warnings_given(connection)
        steps = [(expiry, expiry.step(now)) for expiry in found if not expiry.renewed]
        return [
            (expiry, days) for expiry, days in steps if days is not None and (expiry.fingerprint, days) not in warned
        ]


def _marked(found: Sequence[Expiry]) -> list[Expiry]:
    """Mark those that have a successor; `found` is ordered by expiry."""
    last = {expiry.system: expiry.not_after for expiry in found}
    return [
        Expiry(e.system, e.fingerprint, e.subject, e.not_after, e.not_after < last[e.system], e.by_subject)
        for e in found
    ]
