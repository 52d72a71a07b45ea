"""A service put together: its parts."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from npn.agreements.notices import Warnings
from npn.agreements.proposals.service import Proposals
from npn.agreements.service import Agreements
from npn.agreements.status import Status
from npn.chores import Chore, Rounds
from npn.config import Settings
from npn.db import Database
from npn.errors import UnavailableError
from npn.health.service import Health
from npn.ledger.service import Ledger
from npn.mail.service import Outbox
from npn.message_jobs.pool import MessageJobs
from npn.onboarding.service import Onboarding
from npn.organisations.service import Organisations
from npn.people.accounts import Accounts
from npn.people.approvals import Approvals
from npn.people.kept_forms import KeptForms
from npn.people.operators import Operators
from npn.people.password_resets import ForgottenPasswords
from npn.people.saved_filters import SavedFilters
from npn.people.sessions import Sessions
from npn.pools.service import Pools
from npn.reading import Follower, Readings
from npn.regions.service import Regions
from npn.registry.allocator import Allocator
from npn.registry.quarantine import Quarantine
from npn.registry.regrants import Regrants
from npn.registry.service import Registry
from npn.registry.space_choice import SpaceChoice
from npn.standards.products import Products
from npn.standards.service import Standards
from npn.stock.picture import REMEMBERED, Pictures
from npn.stock.service import Stock
from npn.support.contacts import Contacts
from npn.support.facts import FactFinder
from npn.support.refusals import Refusals
from npn.support.service import Cases
from npn.support.standard_answers import StandardAnswers
from npn.systems.certificates import Certificates
from npn.systems.clients import Clients
from npn.systems.model import ConnectedSystem
from npn.systems.notices import Notice, Speaker
from npn.systems.service import Systems
from npn.tasks.mailing import TaskMailing
from npn.tasks.service import Tasks
from npn.tasks.setup import Setup
from npn.transport.expiry import Expiries
from npn.transport.release_planning import Notices
from npn.transport.service import Transport

SEND_EVERY = 2.0  # seconds between two looks into the outbox
NOTE_TASKS_EVERY = 60.0  # seconds after which a task that is done stands in the history


@dataclass(frozen=True, slots=True)
class Service:
    """The parts, put together. `writer` is the process's one writing thread."""

    settings: Settings
    database: Database
    ledger: Ledger
    systems: Systems
    organisations: Organisations
    certificates: Certificates
    accounts: Accounts
    sessions: Sessions
    saved_filters: SavedFilters
    approvals: Approvals
    operators: Operators
    kept_forms: KeptForms
    password_resets: ForgottenPasswords
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
    outbox: Outbox
    regions: Regions
    standards: Standards
    products: Products
    cases: Cases
    standard_answers: StandardAnswers
    contacts: Contacts
    refusals: Refusals
    facts: FactFinder
    onboarding: Onboarding
    agreements: Agreements
    requirements: Status
    proposals: Proposals
    warnings: Warnings
    health: Health
    tasks: Tasks
    task_mailing: TaskMailing
    setup: Setup
    message_jobs: MessageJobs
    allocator: Allocator
    writer: ThreadPoolExecutor
    speakers: tuple[Speaker, ...] = ()
    follower: Follower | None = None

    @property
    def readings(self) -> Readings:
        """Where may be read."""
        return self.health.readings

    @property
    def rounds(self) -> Rounds:
        """How the background work goes."""
        return self.database.rounds

    def notices(self, system: ConnectedSystem) -> list[Notice]:
        """Return what every room has to say to a system."""
        return notices_of(self.speakers, system)

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


def notices_of(speakers: tuple[Speaker, ...], system: ConnectedSystem) -> list[Notice]:
    """Return what these rooms have to say to a system."""
    return [notice for speaker in speakers for notice in speaker.notices(system)]


def chores(service: Service) -> list[Chore]:
    """List what a running service does by itself."""
    work = [
        Chore("count_refusals", 30, service.refusals.flush),
        Chore("ask_contacts", 3_600, service.contacts.ask_due),
        Chore("follow_requests", 300, service.onboarding.progress.advance),
        Chore("forget_old", 3_600, partial(forget_old, service)),
        Chore("look_at_stock", REMEMBERED * 3 / 4, service.pictures.renew),
        Chore("note_tasks", NOTE_TASKS_EVERY, service.tasks.note),
    ]
    return [*work, Chore("send_mail", SEND_EVERY, service.outbox.send_due)] if service.outbox.smtp else work


def forget_old(service: Service) -> None:
    """Remove what is kept for a time only: settled mail, ended links, unconfirmed requests, old counts."""
    service.outbox.forget()
    service.cases.forget()
    service.onboarding.asking.forget()
    service.refusals.forget()
    service.tasks.forget_old()
    service.task_mailing.forget()
    service.kept_forms.forget_expired()
