"""What the service itself sees of a request: keys fetched, agreements accepted, certificates, draws and releases."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from npn.agreements import store as agreements_store
from npn.agreements.documents import in_force
from npn.agreements.model import CONNECTION
from npn.agreements.service import Agreements
from npn.onboarding import store
from npn.onboarding.model import Request, Step
from npn.onboarding.steps import AgreementState, KeyEvidence, StepEvidence, judged
from npn.registry import store as registry_store
from npn.registry import use_store
from npn.systems import store as systems_store
from npn.systems.certificates import in_validity


@dataclass(frozen=True, slots=True)
class StepObserver:
    """Looks at what is there, over the connection of whoever asks: within a transaction also at its own changes."""

    agreements: Agreements
    clock: Callable[[], datetime]

    def steps(self, connection: sa.Connection, request: Request) -> list[Step]:
        """Judge a request's steps by what there is to see now."""
        return judged(request, self.seen(connection, request))

    def seen(self, connection: sa.Connection, request: Request) -> StepEvidence:
        """Return what there is to see. Whether an agreement is in force is seen before there is any system."""
        now, agreement = self.clock(), self._agreement(connection, request)
        systems = [system_id for system_id in (request.production_system, request.test_system) if system_id is not None]
        test = request.test_system
        if test is None:
            return StepEvidence(agreement=agreement)
        certificates = [c for s in systems for c in systems_store.certificates_of(connection, s) if in_validity(c, now)]
        released = next(use_store.released_after(connection, from_seq=0, system=test), None)
        return StepEvidence(
            test_key=_key(connection, test, now),
            production_key=_key(connection, request.production_system, now),
            agreement=agreement,
            certificate=certificates[0].subject if certificates else "",
            certificate_until=certificates[0].not_after if certificates else None,
            drawn_at=_drawn_at(connection, test),
            released_at=None if released is None else released[2],
            production_drawn_at=_drawn_at(connection, request.production_system),
        )

    def _agreement(self, connection: sa.Connection, request: Request) -> AgreementState:
        """Return whether the agreement in force, or a later version, is accepted for either of the systems."""
        current = in_force(agreements_store.versions(connection, CONNECTION), self.agreements.today)
        if current is None:
            return AgreementState(None)
        systems = [system_id for system_id in (request.test_system, request.production_system) if system_id is not None]
        accepted = [
            acceptance.accepted_at
            for system_id in systems
            for acceptance in agreements_store.acceptances(connection, agreement=CONNECTION, system=system_id)
            if acceptance.number >= current.number
        ]
        return AgreementState(str(current.number), accepted=bool(accepted), at=min(accepted, default=None))


def _drawn_at(connection: sa.Connection, system: str | None) -> datetime | None:
    if system is None:
        return None
    drawn = registry_store.series_page(connection, system=system, before=None, limit=1)
    return drawn[0].drawn_at if drawn else None


def _key(connection: sa.Connection, system: str | None, now: datetime) -> KeyEvidence:
    if system is None:
        return KeyEvidence()
    rows = store.handovers_of(connection, system)
    fetched = [row.collected_at for row in rows if row.collected_at is not None]
    # A key that was made otherwise, and used, is as good as one that was fetched.
    used = [key.last_used_at for key in systems_store.keys_of(connection, system) if key.last_used_at is not None]
    still_open = any(r.collected_at is None and r.ended_at is None and r.expires_at > now for r in rows)
    return KeyEvidence(min([*fetched, *used], default=None), expired=not still_open)
