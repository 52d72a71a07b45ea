"""A service put together: its parts, and where they read."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from npn.agreements.notices import Warnings
from npn.agreements.proposals.service import Proposals
from npn.agreements.service import Agreements
from npn.agreements.status import Status
from npn.chores import Chore, Rounds
from npn.config import Settings
from npn.db import Database
from npn.db.standby import Standby
from npn.errors import UnavailableError
from npn.ledger.service import Ledger
from npn.mail.service import Outbox
from npn.onboarding.service import Onboarding
from npn.people.accounts import Accounts
from npn.people.approvals import Approvals
from npn.people.operators import Operators
from npn.people.sessions import Sessions
from npn.pools.service import Pools
from npn.regions.service import Regions
from npn.registry.allocator import Allocator
from npn.registry.quarantine import Quarantine
from npn.registry.regrants import Regrants
from npn.registry.service import Registry
from npn.registry.space_choice import SpaceChoice
from npn.stock.picture import REMEMBERED, Pictures
from npn.stock.service import Stock
from npn.support.contacts import Contacts
from npn.support.facts import FactFinder
from npn.support.refusals import Refusals
from npn.support.service import Cases
from npn.systems.certificates import Certificates
from npn.systems.clients import Clients
from npn.systems.model import ConnectedSystem
from npn.systems.notices import Notice, Speaker
from npn.systems.service import Systems
from npn.transport.expiry import Expiries
from npn.transport.notice import Notices
from npn.transport.service import Transport
from npn.wiring.desk import Desk


@dataclass(frozen=True, slots=True)
class Reading:
    """Where something is read: `age` in seconds where it is a standby, None where it is the primary."""

    database: Database
    registry: Registry
    systems: Systems
    pictures: Pictures
    age: float | None = None

    def at(self, database: Database, clock: Callable[[], datetime]) -> "Reading":
        """Return the same of another database, with separate pictures."""
        return Reading(
            database,
            replace(self.registry, database=database),
            replace(self.systems, database=database),
            Pictures(database, clock),
        )


@dataclass(frozen=True, slots=True)
class Follower:
    """A standby, and what is read there."""

    standby: Standby
    reading: Reading


@dataclass(frozen=True, slots=True)
class Service:
    """The parts, put together. `writer` is the process's one writing thread."""

    settings: Settings
    database: Database
    ledger: Ledger
    systems: Systems
    certificates: Certificates
    accounts: Accounts
    sessions: Sessions
    approvals: Approvals
    operators: Operators
    regrants: Regrants
    quarantine: Quarantine
    spaces: SpaceChoice
    clients: Clients
    registry: Registry
    stock: Stock
    pictures: Pictures
    pools: Pools
    transport: Transport
    expiries: Expiries
    release_notices: Notices
    desk: Desk
    agreements: Agreements
    requirements: Status
    proposals: Proposals
    warnings: Warnings
    allocator: Allocator
    writer: ThreadPoolExecutor
    speakers: tuple[Speaker, ...] = ()
    follower: Follower | None = None

    def reading(self) -> Reading:
        """Return where to read what may be a little old: a standby where there is one that keeps up."""
        age = None if self.follower is None else self.follower.standby.age()
        if self.follower is None or age is None:
            return self.here()
        return replace(self.follower.reading, age=age)

    def here(self) -> Reading:
        """Return what reads at the primary."""
        return Reading(self.database, self.registry, self.systems, self.pictures)

    @property
    def rounds(self) -> Rounds:
        """How the background work goes."""
        return self.database.rounds

    @property
    def outbox(self) -> Outbox:
        """Letters on their way."""
        return self.desk.outbox

    @property
    def regions(self) -> Regions:
        """Regions' units, and who answers a system's users."""
        return self.desk.regions

    @property
    def cases(self) -> Cases:
        """Support cases."""
        return self.desk.cases

    @property
    def contacts(self) -> Contacts:
        """Contacts kept current."""
        return self.desk.contacts

    @property
    def refusals(self) -> Refusals:
        """What each system was refused."""
        return self.desk.refusals

    @property
    def facts(self) -> FactFinder:
        """A system's live facts."""
        return self.desk.facts

    @property
    def onboarding(self) -> Onboarding:
        """Requests to be connected."""
        return self.desk.onboarding

    def notices(self, system: ConnectedSystem) -> list[Notice]:
        """Return what every room has to say to a system."""
        return told(self.speakers, system)

    def close(self) -> None:
        """Answer what was accepted, then let go of the database."""
        self.allocator.close()
        self.writer.shutdown(wait=True)
        with suppress(UnavailableError):
            self.refusals.flush()
        self.ledger.close()
        self.database.close()
        if self.follower is not None:
            self.follower.standby.close()


def told(speakers: tuple[Speaker, ...], system: ConnectedSystem) -> list[Notice]:
    """Return what these rooms have to say to a system."""
    return [notice for speaker in speakers for notice in speaker.notices(system)]


def chores(service: Service) -> list[Chore]:
    """List what a running service does by itself."""
    return [*service.desk.chores(), Chore("look_at_stock", REMEMBERED * 3 / 4, service.pictures.renew)]
