"""What the pages work with: the services that they use, and no others. A page that needs a further one adds it here."""

from dataclasses import dataclass

from npn.agreements.proposals.service import Proposals
from npn.agreements.service import Agreements
from npn.agreements.status import Status
from npn.config import Settings
from npn.db import Database
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
from npn.reading import Readings
from npn.regions.service import Regions
from npn.registry.quarantine import Quarantine
from npn.registry.regrants import Regrants
from npn.registry.service import Registry
from npn.registry.space_choice import SpaceChoice
from npn.standards.service import Standards
from npn.stock.picture import Pictures
from npn.support.contacts import Contacts
from npn.support.facts import FactFinder
from npn.support.service import Cases
from npn.support.standard_answers import StandardAnswers
from npn.systems.certificates import Certificates
from npn.systems.clients import Clients
from npn.systems.service import Systems
from npn.tasks.mailing import TaskMailing
from npn.tasks.service import Tasks
from npn.tasks.setup import Setup
from npn.transport.expiry import Expiries
from npn.transport.release_planning import Notices
from npn.transport.service import Transport


@dataclass(frozen=True, slots=True)
class WebServices:
    """The services of the pages."""

    settings: Settings
    database: Database
    ledger: Ledger
    systems: Systems
    organisations: Organisations
    certificates: Certificates
    clients: Clients
    accounts: Accounts
    sessions: Sessions
    saved_filters: SavedFilters
    approvals: Approvals
    operators: Operators
    kept_forms: KeptForms
    password_resets: ForgottenPasswords
    registry: Registry
    regrants: Regrants
    quarantine: Quarantine
    spaces: SpaceChoice
    pictures: Pictures
    transport: Transport
    expiries: Expiries
    release_notices: Notices
    outbox: Outbox
    regions: Regions
    standards: Standards
    cases: Cases
    standard_answers: StandardAnswers
    contacts: Contacts
    facts: FactFinder
    onboarding: Onboarding
    agreements: Agreements
    requirements: Status
    proposals: Proposals
    health: Health
    tasks: Tasks
    task_mailing: TaskMailing
    setup: Setup
    message_jobs: MessageJobs
    readings: Readings
