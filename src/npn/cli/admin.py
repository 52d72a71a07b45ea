"""`npn admin`: what an operator does to the database itself. Each noun's commands are in a module of their own."""

import click

from npn.cli.database import works_on_database
from npn.cli.lazy import LazyGroup
from npn.cli.printing import as_json, json_line, remark, secret
from npn.config import Settings

COMMANDS = {
    "init": ("npn.cli.admin:init", "Create or migrate the schema, the two spaces, the first operator."),
    "system": ("npn.cli.systems.system:system", "Connected systems: add, list, suspend, keys, limits, import."),
    "organisation": (
        "npn.cli.organisations.organisation:organisation",
        "Vendors, owners and regions: list, rename, merge, close.",
    ),
    "account": ("npn.cli.people.account:account", "Who may sign in to the pages: add, list, link, suspend."),
    "approval": ("npn.cli.people.approval:approval", "What two operators must agree on: propose, approve, refuse."),
    "clock": ("npn.cli.ledger.clock:clock", "The clocks: show the difference, accept a time that the ledger holds."),
    "agreement": (
        "npn.cli.agreements.agreement:agreement",
        "The connection agreement: publish, accept, status, policy.",
    ),
    "pool": ("npn.cli.pools.pool:pool", "Agents' pools: list, with what is suspect after a copy."),
    "transport": ("npn.cli.transport.transport:transport", "Plain HTTP and TLS: who calls how, sunset, certificates."),
    "space": ("npn.cli.registry.space:space", "Number spaces: add, list."),
    "stock": ("npn.cli.stock.stock:stock", "How long each system's stock lasts, by the six months' rule."),
    "import": ("npn.cli.registry.ranges:import_", "Record ranges already in use elsewhere."),
    "reregister": ("npn.cli.registry.ranges:reregister", "Take series back by their receipts after a recovery."),
    "secrets": ("npn.cli.ledger.secrets:secrets", "The key under which secrets in the database are encrypted."),
    "key": ("npn.cli.ledger.keys:key", "The key that signs receipts and checkpoints."),
    "operator": ("npn.cli.ledger.keys:operator", "The operator's own key."),
    "request": ("npn.cli.onboarding.request:request", "Requests to be connected, step by step."),
    "case": ("npn.cli.support.case:case", "Support cases."),
    "contacts": ("npn.cli.support.contacts:contacts", "Contacts: those in doubt, and the question to them."),
    "standard": ("npn.cli.standards.lists:standard", "Standards, and MedCom's list of approvals: import, export."),
    "product": ("npn.cli.standards.installed:product", "Products: add, set, list."),
    "release": ("npn.cli.standards.installed:release", "Releases of products."),
    "fault": ("npn.cli.standards.installed:fault", "Known faults of product releases."),
    "installation": ("npn.cli.standards.installed:installation", "Products in operation: add, set, list."),
    "capability": ("npn.cli.standards.installed:capability", "What an installation can send and receive."),
    "region": ("npn.cli.regions.region:region", "Regions: their units, and who answers a system's users."),
    "mail": ("npn.cli.mail.mail:mail", "Mail: the outbox, and what comes in."),
    "witness": ("npn.cli.ledger.witness:witness", "The witness: show it, move it to another place."),
    "database": ("npn.cli.db.database:database", "The database: who works on it as whom."),
    "backup": ("npn.cli.db.backup:backup", "Copy an SQLite database while it is in use; note that a backup was taken."),
}


SCHEMES = "npn10, npn14, or LENGTH:WEIGHTS[:MODULUS[:REMAINDER]]"
RANGE = "FIRST-LAST"


@click.group(cls=LazyGroup, commands_table=COMMANDS)
def admin() -> None:
    """Set up and run the service's database. No server is needed, and one may be running."""


@click.command()
@click.option("--scheme", default="", metavar="S", help=f"Of the first two spaces: {SCHEMES}.  [default: npn10]")
@click.option("--production", default="", metavar=RANGE, help="Of production.  [default: leading digit 1 to 8]")
@click.option("--test", default="", metavar=RANGE, help="Of test.  [default: leading digit 9]")
@click.option(
    "--service-login",
    "service_logins",
    multiple=True,
    metavar="LOGIN",
    help="On PostgreSQL, a login that servers use and that owns nothing; may be given several times.",
)
@click.option("--servers-are-stopped", is_flag=True, help="Don't look whether anybody still works on the database.")
@as_json
@works_on_database
def init(
    settings: Settings, /, *, service_logins: tuple[str, ...], servers_are_stopped: bool, json_: bool, **of_spaces: str
) -> None:
    """Create or migrate the schema, the spaces `production` and `test`, the first operator.

    Prints the operator's key once, alone on a line, when it is made. May be run again: it migrates an older schema,
    and says what it did. The scheme and the ranges of the two spaces are chosen the first time and never change:
    another scheme than the database has is refused (`scheme_fixed`). Refuses beside the witness of another database,
    with a witness in the database's own PostgreSQL, and, where older programs can't work on the new schema, while
    servers still run.
    """
    from npn.db.migrate import newest
    from npn.numbers.notation import write_scheme
    from npn.registry.first_spaces import Wish
    from npn.wiring.setup import initialise

    first = Wish(**of_spaces)
    setup = initialise(settings, servers_are_stopped=servers_are_stopped, service_logins=service_logins, first=first)
    for note in setup.notes:
        remark(f"{note[0].upper()}{note[1:]}.")
    for warning in setup.warnings:
        remark(f"Warning: {warning}")
    migrated = not setup.created and setup.migrated_from != newest()
    if json_:
        json_line(
            {
                "created": setup.created,
                "migrated_from": setup.migrated_from if migrated else None,
                "schema": newest(),
                "operator_key": None if setup.operator_key is None else str(setup.operator_key),
                "schemes": {space.name: write_scheme(space.scheme) for space in setup.spaces},
            }
        )
        return
    if setup.created:
        remark(f"Created the database (schema {newest()}).")
    elif migrated:
        remark(f"Migrated the schema from {setup.migrated_from} to {newest()}.")
    else:
        remark(f"The schema is up to date ({newest()}).")
    for space in setup.spaces if setup.created or of_spaces["scheme"] else ():
        of = space.scheme
        bounds = f"{of.format(space.first)} to {of.format(space.last)}"
        remark(f"The space {space.name}: {bounds}, scheme {of.name} ({write_scheme(of)}). It never changes.")
    if setup.operator_key is None:
        remark("An operator's key was made before; `npn admin operator rotate-key` makes another.")
    else:
        remark("The operator's key, shown this once:")
        secret(str(setup.operator_key))
