"""The only composition: which parts a service is made of, and how a new one is set up."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa
import sqlalchemy.exc as sa_exc

from npn.agreements.calling import Counted
from npn.agreements.documents import in_force
from npn.agreements.notices import AgreementNotices, Warnings
from npn.agreements.policy import AgreementPolicies
from npn.agreements.proposals.service import Proposals
from npn.agreements.service import Agreements
from npn.agreements.status import Status
from npn.chores import Chore
from npn.config import Settings
from npn.db import Database, roles
from npn.db.migrate import current, ends_older_programs, newest, require_known, require_workable, upgrade
from npn.db.others import refuse_others
from npn.db.standby import Standby
from npn.desk import Desk, Ground, open_desk, public_address
from npn.errors import ConfigurationError, InvalidInputError, NpnError, UnavailableError
from npn.ledger.keys import make_key
from npn.ledger.pairing import pair
from npn.ledger.places import require_apart
from npn.ledger.secrets import open_key, provide_key, seal_clear
from npn.ledger.service import Ledger, now
from npn.ledger.witness import Witness, open_witness
from npn.mail.model import Letter
from npn.mail.service import Outbox, put
from npn.onboarding.service import Onboarding
from npn.onboarding.steps import Standing
from npn.people.accounts import Accounts
from npn.people.approvals import Approvals
from npn.people.letters import Mailing
from npn.people.operators import Operators
from npn.people.sessions import Sessions
from npn.pools.service import Pools
from npn.regions.service import Regions
from npn.registry import store as registry_store
from npn.registry.agreed import approvals_of
from npn.registry.allocator import Allocator, unobserved
from npn.registry.first_spaces import Wish, require_same
from npn.registry.model import Space
from npn.registry.policy import Policies
from npn.registry.quarantine import Quarantine, adopt_rules
from npn.registry.regrants import Regrants
from npn.registry.service import Registry
from npn.registry.space_choice import SpaceChoice
from npn.stock.picture import REMEMBERED, Pictures
from npn.stock.service import Stock
from npn.support.contacts import Contacts
from npn.support.facts import FactFinder
from npn.support.refusals import Refusals
from npn.support.service import Cases
from npn.systems import store as systems_store
from npn.systems.authorities import Authorities
from npn.systems.certificates import Certificates
from npn.systems.clients import Clients
from npn.systems.model import OPERATOR, ApiKey, Caller, ConnectedSystem, Role
from npn.systems.notices import Notice, Speaker
from npn.systems.service import Systems, add_key
from npn.transport.expiry import Expiries
from npn.transport.letters import Letter as Notification
from npn.transport.notice import Notices
from npn.transport.service import Transport

USUAL = Wish()  # the first two spaces where nobody says otherwise


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
        pools=Pools(database, ledger),
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


@dataclass(frozen=True, slots=True)
class SetUp:
    """What `admin init` did: `operator_key` only where the first operator was made."""

    created: bool
    migrated_from: str | None
    operator_key: ApiKey | None
    warnings: list[str]
    notes: list[str]
    spaces: list[Space]


def initialise(  # what an operator says of a new database
    settings: Settings,
    *,
    servers_are_stopped: bool = False,
    service_logins: Sequence[str] = (),
    first: Wish = USUAL,
) -> SetUp:
    """Create or migrate the schema, its grants, the two spaces, the first operator and the witness.

    `service_logins`: PostgreSQL logins that servers use, beside this one.

    A step that ends the work of older programs goes in this order (docs/issuance.md): nobody else may work on the
    database, or `servers_are_stopped` says so; the schema, which refuses every change of an older program from then on;
    the identity, in the database and last in the witness. Cut short anywhere, it is completed by running it again.

    `first`: the scheme and the ranges of the first two spaces; what is there never changes (`scheme_fixed`).

    Raises ConfigurationError where a witness of another database lies in the way, where the witness is in the
    database's own PostgreSQL, and where somebody still works on the database.
    """
    path = Database(settings.database).path
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
    database = Database(settings.database, as_owner=True, create=True)
    witness = open_witness(settings.witness, database_path=database.path)
    try:
        database.check_durability()
        require_apart(database, witness)
        before = None if path is not None and not path.exists() else current(database)
        require_known(before)
        _require_fitting(database, witness, first, before=before)
        if ends_older_programs(before) and not servers_are_stopped:
            refuse_others(database, what=f"no program that works on the schema {before} can work on the next one")
        notes = provide_key(settings, database, witness, before=before)
        roles.make_role(database)
        upgrade(database)
        warnings = roles.grant(database, service_logins)
        service = assemble(settings, database, witness)
        try:
            key = _completed(service, first, before, warnings)
            return SetUp(before is None, before, key, warnings, notes, service.registry.spaces())
        finally:
            service.close()
    finally:
        database.close()
        witness.close()


def _completed(service: Service, first: Wish, before: str | None, warnings: list[str]) -> ApiKey | None:
    """Make what is missing; on a database that was set back, whose schema and grants are right, say what comes next."""
    try:
        return _first_content(service, first, fresh=before is None)
    except UnavailableError as error:
        if error.code != "witness_behind" or before != newest():
            raise
        warnings.append(f"{error.message}: run npn recover, then npn admin init again")
        return None


def _require_fitting(database: Database, witness: Witness, first: Wish, *, before: str | None) -> None:
    """Refuse what does not fit before anything is made: other first spaces, another database's witness."""
    if before is not None:
        with database.read() as connection:
            require_same(connection, first)
        return
    first.spaces()
    if witness.exists():
        raise ConfigurationError(
            "a witness of another database lies there already; a new database beside it could grant its numbers again",
            hint="restore the database it belongs to and run `npn recover`, or name another --witness",
        )


def _first_content(service: Service, first: Wish, *, fresh: bool) -> ApiKey | None:
    """Make what a new database needs; on one that has it, nothing."""
    ledger = service.ledger
    pair(ledger)
    with service.database.read() as connection:
        unfinished = not systems_store.has_operator(connection)  # new, or an init that was cut short
    known = service.registry.spaces()
    for space in first.beside(known).spaces() if unfinished else ():
        if all(each.name != space.name for each in known):
            service.registry.add_space(
                by="init",
                name=space.name,
                environment=space.environment,
                scheme=space.scheme,
                first=space.first,
                last=space.last,
            )
    key = _first_operator(ledger)
    adopt_rules(ledger, by="init")
    seal_clear(ledger, fresh=fresh)
    return key


def _first_operator(ledger: Ledger) -> ApiKey | None:
    try:
        with ledger.transaction() as tx:
            if systems_store.has_operator(tx.connection):
                return None
            make_key(tx, by="init")
            return add_key(tx, by="init", caller=Caller(Role.OPERATOR, OPERATOR, None, ""))
    except sa_exc.IntegrityError as error:
        raise ConfigurationError("another init is under way", hint="wait for it") from error
