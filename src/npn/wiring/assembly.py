"""The only composition: which parts a service is made of."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from npn.agreements.calling import Counted
from npn.agreements.documents import in_force
from npn.agreements.notices import AgreementNotices, Warnings
from npn.agreements.policy import AgreementPolicies
from npn.agreements.proposals.service import Proposals
from npn.agreements.service import Agreements
from npn.agreements.status import Status
from npn.config import Settings
from npn.db import Database, roles
from npn.db.migrate import require_workable
from npn.db.standby import Standby
from npn.errors import ConfigurationError, InvalidInputError, NpnError
from npn.ledger.places import require_apart
from npn.ledger.secrets import open_key
from npn.ledger.service import Ledger, now
from npn.ledger.witness import Witness, open_witness
from npn.mail.model import Letter
from npn.mail.service import put
from npn.onboarding.steps import Standing
from npn.people.accounts import Accounts
from npn.people.letters import Mailing
from npn.people.operators import Operators
from npn.people.sessions import Sessions
from npn.pools.service import Pools
from npn.registry import store as registry_store
from npn.registry.agreed import approvals_of
from npn.registry.allocator import Allocator, unobserved
from npn.registry.policy import Policies
from npn.registry.quarantine import Quarantine
from npn.registry.regrants import Regrants
from npn.registry.service import Registry
from npn.registry.space_choice import SpaceChoice
from npn.stock.picture import Pictures
from npn.stock.service import Stock
from npn.systems.authorities import Authorities
from npn.systems.certificates import Certificates
from npn.systems.clients import Clients
from npn.systems.model import ConnectedSystem
from npn.systems.notices import Speaker
from npn.systems.service import Systems
from npn.transport.expiry import Expiries
from npn.transport.letters import Letter as Notification
from npn.transport.notice import Notices
from npn.transport.service import Transport
from npn.wiring.desk import Ground, open_desk, public_address
from npn.wiring.service import Follower, Reading, Service, told


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
    transport = Transport(database, ledger, _post)
    policies = Policies(sources_before=(transport, AgreementPolicies()))
    registry = Registry(database, ledger, policies=policies)
    writer = ThreadPoolExecutor(1, thread_name_prefix="npn-writer")
    pictures = Pictures(database, clock)
    systems, certificates = Systems(database, ledger), Certificates(database, ledger)
    expiries = Expiries(database, ledger, _post)
    agreements = Agreements(database, ledger)
    requirements = Status(database, ledger, pictures, Counted())
    spaces = SpaceChoice(database, ledger)
    speakers: tuple[Speaker, ...] = (pictures, transport, expiries, AgreementNotices(agreements), spaces)
    accounts = Accounts(database, ledger, Mailing(public_address(settings), works=bool(settings.smtp_host)))
    approvals = approvals_of(accounts, systems)
    return Service(
        settings=settings,
        database=database,
        ledger=ledger,
        systems=systems,
        certificates=certificates,
        accounts=accounts,
        sessions=_sessions(settings, ledger),
        approvals=approvals,
        operators=Operators(accounts, approvals),
        regrants=Regrants(database, ledger),
        quarantine=Quarantine(database, ledger),
        spaces=spaces,
        clients=Clients(database, ledger, Authorities(settings.client_ca, settings.client_crls)),
        registry=registry,
        stock=Stock(database, clock),
        pictures=pictures,
        pools=Pools(database, ledger, registry_store.suspect_series),
        transport=transport,
        expiries=expiries,
        release_notices=Notices(database, ledger),
        desk=open_desk(
            Ground(settings, database, ledger, clock),
            certificates=certificates,
            agreements=_Asked(agreements),
            notices=lambda system: told(speakers, system),
        ),
        agreements=agreements,
        requirements=requirements,
        proposals=Proposals(database, ledger, requirements),
        warnings=Warnings(agreements),
        allocator=Allocator(registry.draw, writer, observe=observe, patience=settings.draw_deadline_seconds - 1),
        writer=writer,
        speakers=speakers,
        follower=_follower(settings, Reading(database, registry, systems, pictures), clock),
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    """What onboarding asks of agreements."""

    agreements: Agreements

    def standing(self, system: ConnectedSystem) -> Standing:
        """Return whether the agreement in force, or a later version, is accepted for a system."""
        asked = in_force(self.agreements.versions(), self.agreements.today)
        if asked is None:
            return Standing(None)
        given = [each for each in self.agreements.acceptances(system.id) if each.number >= asked.number]
        return Standing(str(asked.number), accepted=bool(given), at=given[-1].accepted_at if given else None)


def _post(connection: sa.Connection, to: str, letter: Notification, at: datetime) -> None:
    """Put a letter of transport's into the outbox; contacts without a valid address are skipped."""
    with suppress(InvalidInputError):
        put(connection, Letter(to, letter.subject, letter.text), at=at)


def _sessions(settings: Settings, ledger: Ledger) -> Sessions:
    """Return the pages' sessions, with the limits that the settings say."""
    return Sessions(
        ledger.database,
        ledger,
        idle=timedelta(minutes=settings.session_idle_minutes),
        longest=timedelta(hours=settings.session_hours),
        second_factor=settings.second_factor,
    )
