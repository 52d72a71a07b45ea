"""The only composition: which parts a service is made of."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from npn.agreements.notices import AgreementNotices, Warnings
from npn.agreements.policy import AgreementPolicies
from npn.agreements.proposals.service import Proposals
from npn.agreements.service import Agreements, end_for_new_owner
from npn.agreements.status import Status
from npn.config import Settings
from npn.db import Database, roles
from npn.db.migrate import require_workable
from npn.db.standby import Standby
from npn.errors import ConfigurationError, NpnError
from npn.health.service import Health
from npn.ledger.backups import last_backup
from npn.ledger.places import require_apart
from npn.ledger.secrets import loose_files, open_key
from npn.ledger.service import Ledger, now
from npn.ledger.witness import Witness, open_witness
from npn.mail.service import Outbox
from npn.message_jobs.pool import MessageJobs
from npn.onboarding.answers import StepAnswers
from npn.onboarding.asking import RequestIntake
from npn.onboarding.evidence import StepObserver
from npn.onboarding.handover import Handovers
from npn.onboarding.links import StepLinks
from npn.onboarding.progress import Progress
from npn.onboarding.service import Onboarding
from npn.organisations.service import Organisations
from npn.people.accounts import Accounts
from npn.people.emails import Mailing
from npn.people.kept_forms import KeptForms
from npn.people.operators import Operators
from npn.people.password_resets import ForgottenPasswords
from npn.people.saved_filters import SavedFilters
from npn.people.sessions import Sessions
from npn.pools.service import Pools
from npn.reading import Follower, Reading, Readings
from npn.regions.service import Regions
from npn.registry import store as registry_store
from npn.registry.agreed import approvals_of
from npn.registry.allocator import Allocator, unobserved
from npn.registry.policy import Policies
from npn.registry.quarantine import Quarantine
from npn.registry.regrants import Regrants
from npn.registry.service import Registry
from npn.registry.space_choice import SpaceChoice
from npn.standards.products import Products
from npn.standards.service import Standards
from npn.stock.picture import Pictures
from npn.stock.service import Stock
from npn.support.contacts import Contacts
from npn.support.facts import FactFinder
from npn.support.refusals import Refusals
from npn.support.service import Cases
from npn.support.standard_answers import StandardAnswers
from npn.systems.authorities import Authorities
from npn.systems.certificates import Certificates
from npn.systems.clients import Clients
from npn.systems.notices import Speaker
from npn.systems.service import Systems
from npn.tasks.mailing import TaskMailing
from npn.tasks.service import Tasks
from npn.tasks.setup import Setup, SetupSettings
from npn.tasks.sources import TaskSources
from npn.transport.expiry import Expiries
from npn.transport.release_planning import Notices
from npn.transport.service import Transport
from npn.wiring.mail import mail_server, public_address
from npn.wiring.service import Service, notices_of


def build(
    settings: Settings,
    *,
    clock: Callable[[], datetime] = now,
    observe: Callable[[int, float], None] = unobserved,
    key_is_lost: bool = False,
) -> Service:
    """Put a service together on a database that is there and current. Raises ConfigurationError.

    `key_is_lost`: go on where the key of the secrets does not open what is kept; what needs those fails by itself.
    """
    database = Database(settings.database)
    witness = open_witness(settings.witness, database_path=database.path)
    if database.path is not None and not database.path.exists():
        raise ConfigurationError(
            f"there is no database at {database.path}", hint="`npn admin init` makes one; nothing else does"
        )
    try:
        require_workable(database)
        roles.require_grants(database)
        database.check_durability()
        require_apart(database, witness)
        open_key(settings, database, witness, check=not key_is_lost)
    except NpnError:
        database.close()
        witness.close()
        raise
    return assemble(settings, database, witness, clock=clock, observe=observe)


def _follower(settings: Settings, here: Reading, clock: Callable[[], datetime]) -> Follower | None:
    if not settings.read_database:
        return None
    standby = Standby(settings.read_database, most=settings.read_max_age_seconds)
    standby.database.share_sealer(here.database)
    standby.database.rounds = here.database.rounds
    return Follower(standby, here.at(standby.database, clock))


def assemble(  # budget: the one list of all parts grows with them
    settings: Settings,
    database: Database,
    witness: Witness,
    *,
    clock: Callable[[], datetime] = now,
    observe: Callable[[int, float], None] = unobserved,
) -> Service:
    """Put the parts together."""
    ledger = Ledger(
        database, witness, cursors=registry_store.ask_cursors, in_use=registry_store.ask_in_use, clock=clock
    )
    url = public_address(settings)
    transport, expiries = Transport(database, ledger), Expiries(database, ledger)
    registry = Registry(database, ledger, policies=Policies(sources_before=(transport, AgreementPolicies())))
    writer = ThreadPoolExecutor(1, thread_name_prefix="npn-writer")
    pictures = Pictures(database, clock)
    systems, certificates = Systems(database, ledger, end_for_new_owner), Certificates(database, ledger)
    agreements = Agreements(database, ledger)
    requirements = Status(database, ledger, pictures)
    regrants, quarantine, spaces = (
        Regrants(database, ledger),
        Quarantine(database, ledger),
        SpaceChoice(database, ledger),
    )
    speakers: tuple[Speaker, ...] = (pictures, transport, expiries, AgreementNotices(agreements), spaces)
    accounts = Accounts(database, ledger, Mailing(url, works=bool(settings.smtp_host)))
    approvals = approvals_of(accounts, systems, regrants=regrants, quarantine=quarantine, spaces=spaces)
    regions, refusals = Regions(database, ledger), Refusals(database, clock)
    authorities = Authorities(settings.client_ca, settings.client_crls)
    outbox = Outbox(database, clock, mail_server(settings), timedelta(seconds=settings.mail_retry_seconds))
    here = Reading(database, registry, systems, pictures)
    readings = Readings(here, _follower(settings, here, clock))
    cases = Cases(database, ledger, url, settings.operator_mail)
    observer, links = StepObserver(agreements, ledger.clock), StepLinks(database, url)
    progress = Progress(database, ledger, cases, observer, links=links)
    proposals = Proposals(database, ledger, requirements)
    onboarding = Onboarding(
        database=database,
        ledger=ledger,
        cases=cases,
        asking=RequestIntake(database, ledger, cases, url),
        handovers=Handovers(database, ledger, url),
        certificates=certificates,
        observer=observer,
        links=links,
        progress=progress,
        answers=StepAnswers(database, ledger, agreements, cases, links=links, progress=progress),
    )
    return Service(
        settings=settings,
        database=database,
        ledger=ledger,
        systems=systems,
        organisations=Organisations(database, ledger),
        certificates=certificates,
        accounts=accounts,
        sessions=_sessions(settings, ledger),
        saved_filters=SavedFilters(database, clock),
        approvals=approvals,
        operators=Operators(accounts, approvals),
        kept_forms=KeptForms(database, clock),
        password_resets=ForgottenPasswords(database, ledger, accounts.mailing),
        regrants=regrants,
        quarantine=quarantine,
        spaces=spaces,
        clients=Clients(database, ledger, authorities),
        registry=registry,
        stock=Stock(database, clock),
        pictures=pictures,
        pools=Pools(database, ledger, registry_store.suspect_series),
        transport=transport,
        expiries=expiries,
        release_notices=Notices(database, ledger),
        outbox=outbox,
        regions=regions,
        standards=Standards(database, ledger),
        products=Products(database, ledger),
        cases=cases,
        standard_answers=StandardAnswers(database, ledger),
        contacts=Contacts(database, ledger, url),
        refusals=refusals,
        facts=FactFinder(database, clock, regions, refusals, partial(notices_of, speakers)),
        onboarding=onboarding,
        agreements=agreements,
        requirements=requirements,
        proposals=proposals,
        tasks=Tasks(
            TaskSources(
                database=database,
                ledger=ledger,
                systems=systems,
                accounts=accounts,
                approvals=approvals,
                pictures=pictures,
                certificates=certificates,
                transport=transport,
                agreements=agreements,
                requirements=requirements,
                proposals=proposals,
                onboarding=onboarding,
                rounds=database.rounds,
                loose_files=partial(loose_files, settings, database, witness),
            )
        ),
        task_mailing=TaskMailing(database, clock, url, works=bool(settings.smtp_host)),
        message_jobs=MessageJobs(
            settings.message_workers,
            versions=Path(settings.message_versions) if settings.message_versions else None,
        ),
        setup=Setup(
            settings=SetupSettings(
                serves_tls=bool(settings.tls_cert),
                public_url=settings.public_url,
                link_base=url,
                mail_works=bool(settings.smtp_host),
                installation=settings.installation,
            ),
            database=database,
            ledger=ledger,
            accounts=accounts,
            agreements=agreements,
            transport=transport,
            regions=regions,
            last_backup=partial(last_backup, database),
        ),
        warnings=Warnings(agreements),
        health=Health(
            settings=settings,
            database=database,
            ledger=ledger,
            registry=registry,
            outbox=outbox,
            readings=readings,
            authorities=authorities,
            rounds=database.rounds,
        ),
        allocator=Allocator(registry.draw, writer, observe=observe, patience=settings.draw_deadline_seconds - 1),
        writer=writer,
        speakers=speakers,
        follower=readings.follower,
    )


def _sessions(settings: Settings, ledger: Ledger) -> Sessions:
    """Return the pages' sessions, with the limits that the settings say."""
    return Sessions(
        ledger.database,
        ledger,
        idle=timedelta(minutes=settings.session_idle_minutes),
        longest=timedelta(hours=settings.session_hours),
        second_factor=settings.second_factor,
    )
