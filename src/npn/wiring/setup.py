"""How a new database gets what it needs, and an old one what it lacks."""

from collections.abc import Sequence
from dataclasses import dataclass

from npn.config import Settings
from npn.db import Database, roles
from npn.db.errors import IntegrityError
from npn.db.migrate import current, ends_older_programs, newest, require_known, upgrade
from npn.db.others import refuse_others
from npn.errors import ConfigurationError, UnavailableError, codes
from npn.ledger.keys import make_key
from npn.ledger.pairing import pair
from npn.ledger.places import require_apart
from npn.ledger.secrets import provide_key, seal_clear
from npn.ledger.service import Ledger
from npn.ledger.witness import Witness, open_witness
from npn.registry.first_spaces import Wish, require_same
from npn.registry.model import Space
from npn.registry.quarantine import adopt_rules
from npn.systems import store as systems_store
from npn.systems.model import OPERATOR, ApiKey, Caller, Role
from npn.systems.service import add_key
from npn.wiring.assembly import assemble
from npn.wiring.service import Service

USUAL = Wish()  # the first two spaces where nobody says otherwise


@dataclass(frozen=True, slots=True)
class SetupResult:
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
) -> SetupResult:
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
            key = _completed(service, first, before, warnings=warnings)
            return SetupResult(before is None, before, key, warnings, notes, service.registry.spaces())
        finally:
            service.close()
    finally:
        database.close()
        witness.close()


def _completed(service: Service, first: Wish, before: str | None, *, warnings: list[str]) -> ApiKey | None:
    """Make what is missing; on a database that was set back, whose schema and grants are right, say what comes next."""
    try:
        return _first_content(service, first, fresh=before is None)
    except UnavailableError as error:
        if error.code != codes.WITNESS_BEHIND or before != newest():
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
    spaces = service.registry.spaces()
    for space in first.beside(spaces).spaces() if unfinished else ():
        if all(existing.name != space.name for existing in spaces):
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
    except IntegrityError as error:
        raise ConfigurationError("another init is under way", hint="wait for it") from error
