"""A system's live facts on one page: what most support cases are answered with."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from npn.db import Database
from npn.regions.model import Care
from npn.regions.service import Regions
from npn.registry import store as registry_store
from npn.registry.model import Series
from npn.stock.cover import Cover
from npn.stock.picture import cover_of
from npn.support.contacts import Contact, contacts_of
from npn.support.refusals import Refusals
from npn.systems import store as systems_store
from npn.systems.model import Certificate, ConnectedSystem
from npn.systems.notices import Notice

REFUSAL_DAYS = 14


@dataclass(frozen=True, slots=True)
class SystemFacts:
    """What is so just now. `last_called_at`: when one of its keys was last used, to the minute.

    `notices` are what every room has to say to the system: agreement, transport, certificates, stock.
    """

    system: ConnectedSystem
    last_draw: Series | None
    cover: Cover
    last_called_at: datetime | None
    keys: int
    certificates: tuple[Certificate, ...]
    refusals: tuple[tuple[str, int, datetime], ...]
    notices: tuple[Notice, ...]
    care: Care | None
    contacts: tuple[Contact, ...]


@dataclass(frozen=True, slots=True)
class FactFinder:
    """Gathers them from the rooms that know. `notices`: the wiring's, which asks them all."""

    database: Database
    clock: Callable[[], datetime]
    regions: Regions
    refusals: Refusals
    notices: Callable[[ConnectedSystem], list[Notice]]

    def of(self, system_id: str) -> SystemFacts | None:
        """Return one system's facts, None where there is no such system."""
        with self.database.read() as connection:
            system = systems_store.system(connection, system_id)
            if system is None:
                return None
            drawn = registry_store.series_page(connection, system=system_id, before=None, limit=1)
            keys = systems_store.keys_of(connection, system_id)
            certificates = systems_store.certificates_of(connection, system_id)
            contacts = contacts_of(connection, system_id)
        used = [key.last_used_at for key in keys if key.last_used_at is not None]
        return SystemFacts(
            system=system,
            last_draw=drawn[0] if drawn else None,
            cover=cover_of(self.database, system_id, now=self.clock()),
            last_called_at=max(used, default=None),
            keys=len(keys),
            certificates=tuple(certificates),
            refusals=tuple(self.refusals.of(system_id, days=REFUSAL_DAYS)),
            notices=tuple(self.notices(system)),
            care=self.regions.care(system_id),
            contacts=contacts,
        )
