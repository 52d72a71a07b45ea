"""`npn admin system`: connected systems, their keys, limits and contacts."""

from typing import TYPE_CHECKING, cast

import click

from npn.allowance import LARGEST_TEXT, QUOTA_TEXT, SMALLEST_TEXT
from npn.cli.database import opened, who, works_on_database
from npn.cli.lazy import LazyGroup
from npn.cli.printing import as_json, json_line, record, remark, secret, table
from npn.config import Settings

if TYPE_CHECKING:
    from npn.systems.model import ConnectedSystem

COMMANDS = {
    "add": ("npn.cli.systems.system:add", "Connect a system; prints its id and, once, its key."),
    "list": ("npn.cli.systems.system:list_", "List the systems."),
    "show": ("npn.cli.systems.system:show", "Show one system whole."),
    "suspend": ("npn.cli.systems.system:suspend", "Stop a system's draws; its numbers stay its own."),
    "resume": ("npn.cli.systems.system:resume", "Let a suspended system draw again."),
    "close": ("npn.cli.systems.changes:close", "Close a system for good: keys end, numbers stay its own."),
    "rename": ("npn.cli.systems.changes:rename", "Rename it; its id stays."),
    "rotate-key": ("npn.cli.systems.system:rotate_key", "Make a system a further key, shown once."),
    "set-space": ("npn.cli.registry.system_space:set_space", "Move it to another number space."),
    "set-limits": ("npn.cli.systems.system:set_limits", "Set its smallest and largest draw and its quota."),
    "set-owner": ("npn.cli.systems.changes:set_owner", "Say who runs it."),
    "set-vendor": ("npn.cli.systems.changes:set_vendor", "Say who makes it."),
    "set-contact": ("npn.cli.systems.system:set_contact", "Set whom to call."),
    "bind-certificate": ("npn.cli.systems.certificates:bind", "Let a certificate stand for a system."),
    "unbind-certificate": ("npn.cli.systems.certificates:unbind", "End a certificate."),
    "security-levels": ("npn.cli.systems.certificates:security_levels", "Say which DGWS security levels it may use."),
    "import": ("npn.cli.systems.register:import_", "Take systems from MedCom's public list."),
}
NEW_ORGANISATION = click.option(
    "--new-organisation", is_flag=True, help="A name that is nearly that of a known organisation is another's."
)
ENVIRONMENTS = click.Choice(["test", "production"])


@click.group(cls=LazyGroup, commands_table=COMMANDS)
def system() -> None:
    """Connected systems: who may draw."""


@click.command()
@click.argument("name")
@click.option("--vendor", required=True, help="Who makes the system.")
@click.option("--owner", required=True, help="Who runs it, such as a region.")
@click.option("--environment", type=ENVIRONMENTS, default="test", show_default=True, help="Which space it draws from.")
@click.option("--type", "system_type", default="", help="What kind of system it is, such as Laboratoriesystemer.")
@NEW_ORGANISATION
@as_json
@works_on_database
def add(
    settings: Settings, /, *, name: str, environment: str, new_organisation: bool, json_: bool, **given: str
) -> None:
    """Connect a system, past the onboarding.

    Prints its id and then, alone on a line, its API key. The key is shown this once: only its hash is kept. A vendor
    or owner whose name is nearly that of one that is known is asked about: it may be a slip.
    """
    from npn.systems.model import Environment

    with opened(settings) as service:
        system, key = service.systems.add(
            by=who(),
            name=name,
            environment=Environment(environment),
            new_organisations=new_organisation,
            **given,
        )
    if json_:
        json_line({**shown(system), "key": str(key)})
        return
    remark(f"Connected {system.name} ({system.environment}). Its id, and its key, shown this once:")
    click.echo(system.id)
    secret(str(key))


@click.command("list")
@as_json
@works_on_database
def list_(settings: Settings, *, json_: bool) -> None:
    """List the systems, by id; with --json one line a system."""
    with opened(settings) as service:
        rows = [shown(system) for system in service.systems.list(closed=True)]
    if json_:
        for row in rows:
            json_line(row)
    elif rows:
        table(rows, ("id", "name", "environment", "state", "vendor", "owner", "system_type"))
    else:
        remark("No system is connected yet; npn admin system add connects one.")


@click.command()
@click.argument("system_id", metavar="ID")
@as_json
@works_on_database
def show(settings: Settings, *, system_id: str, json_: bool) -> None:
    """Show a system with its limits, contacts, other names, and when its keys were made and used."""
    with opened(settings) as service:
        document = shown(service.systems.get(system_id))
        details = cast("dict[str, list[dict[str, object]]]", service.systems.details(system_id))
    if json_:
        json_line(document | details)
        return
    record(document)
    for heading, rows, columns in (
        ("keys in force", details["keys"], ("created_at", "last_used_at")),
        ("contacts", details["contacts"], ("kind", "name", "email", "telephone")),
        ("also known as", [{"name": alias} for alias in details["aliases"]], ("name",)),
    ):
        click.echo(f"\n{heading}")
        if rows:
            table(rows, columns)
        else:
            click.echo("none")


@click.command()
@click.argument("system_id", metavar="ID")
@click.option("--reason", default="", help="Why; kept in the ledger.")
@as_json
@works_on_database
def suspend(settings: Settings, *, system_id: str, reason: str, json_: bool) -> None:
    """Stop a system's draws from now on; the numbers it holds stay its own."""
    _set_state(settings, system_id, "suspended", reason=reason, json_=json_)


@click.command()
@click.argument("system_id", metavar="ID")
@click.option("--reason", default="", help="Why; kept in the ledger.")
@as_json
@works_on_database
def resume(settings: Settings, *, system_id: str, reason: str, json_: bool) -> None:
    """Let a suspended system draw again."""
    _set_state(settings, system_id, "active", reason=reason, json_=json_)


def _set_state(settings: Settings, system_id: str, state: str, *, reason: str, json_: bool) -> None:
    from npn.systems.model import SystemState

    with opened(settings) as service:
        system = service.systems.set_state(system_id, SystemState(state), by=who(), reason=reason)
    if json_:
        json_line(shown(system))
    else:
        click.echo(f"{system.id} is {system.state}")


@click.command("rotate-key")
@click.argument("system_id", metavar="ID")
@click.option("--revoke-old", is_flag=True, help="End every older key at once.")
@as_json
@works_on_database
def rotate_key(settings: Settings, *, system_id: str, revoke_old: bool, json_: bool) -> None:
    """Make a further key and print it once, alone on a line.

    The key before it stays in force, so that the system can be changed over; a third key ends the oldest.
    """
    from npn.errors import NotFoundError
    from npn.systems.model import OPERATOR

    if system_id == OPERATOR:
        raise NotFoundError("the operator is not a system", field="system", hint="npn admin operator rotate-key")
    with opened(settings) as service:
        key = service.systems.rotate_key(system_id, by=who(), revoke_old=revoke_old)
    new_key(system_id, str(key), revoke_old=revoke_old, json_=json_)


def new_key(holder: str, key: str, *, revoke_old: bool, json_: bool) -> None:
    """Show a rotated key this once."""
    if json_:
        json_line({"holder": holder, "key": key, "revoked_old": revoke_old})
        return
    older = "Every older key has ended." if revoke_old else "The key before it stays in force."
    remark(f"The new key of {holder}, shown this once. {older}")
    secret(key)


@click.command("set-limits")
@click.argument("system_id", metavar="ID")
@click.option("--smallest", type=int, help=SMALLEST_TEXT)
@click.option("--largest", type=int, help=LARGEST_TEXT)
@click.option("--quota", type=int, help=QUOTA_TEXT)
@click.option("--quota-days", type=int, help="Days of the quota.")
@click.option("--no-quota", is_flag=True, help="Remove the quota.")
@as_json
@works_on_database
def set_limits(settings: Settings, /, *, system_id: str, no_quota: bool, json_: bool, **given: int | None) -> None:
    """Set what one draw, and all draws in a period of days, may be. What is not given stays as it is.

    Where there are two operators with accounts, more than before needs both: `npn admin approval limits`.
    """
    if no_quota and (given["quota"] is not None or given["quota_days"] is not None):
        raise click.UsageError("--no-quota takes the quota away: leave --quota and --quota-days out")
    if not no_quota and all(value is None for value in given.values()):
        raise click.UsageError("nothing to set: give at least one limit")
    with opened(settings) as service:
        old = service.systems.get(system_id)
        system = service.systems.set_limits(
            system_id,
            by=who(),
            smallest_draw=old.smallest_draw if given["smallest"] is None else given["smallest"],
            largest_draw=old.largest_draw if given["largest"] is None else given["largest"],
            quota=old.quota if given["quota"] is None and not no_quota else given["quota"],
            quota_days=old.quota_days if given["quota_days"] is None and not no_quota else given["quota_days"],
            agreed=not service.accounts.has_two_operators(),
        )
    if json_:
        json_line(shown(system))
    else:
        record({name: shown(system)[name] for name in ("id", "smallest_draw", "largest_draw", "quota", "quota_days")})


@click.command("set-contact")
@click.argument("system_id", metavar="ID")
@click.option(
    "--kind", type=click.Choice(["technical", "administrative", "on_call"]), default="technical", show_default=True
)
@click.option("--name", required=True, help="The person or the group.")
@click.option("--email", default="")
@click.option("--telephone", default="")
@as_json
@works_on_database
def set_contact(settings: Settings, /, *, system_id: str, json_: bool, **contact: str) -> None:
    """Set whom to call about a system; the contact of that kind before is replaced.

    The ledger keeps that the contact changed, never the person.
    """
    with opened(settings) as service:
        service.systems.set_contact(system_id, by=who(), **contact)
    if json_:
        json_line({"system": system_id, **contact})
    else:
        click.echo(f"{system_id}: the {contact['kind']} contact is {contact['name']}")


def shown(system: "ConnectedSystem") -> dict[str, object]:
    """Return a system's members as JSON has them."""
    return {
        "id": system.id,
        "name": system.name,
        "environment": system.environment.value,
        "state": system.state.value,
        "vendor": system.vendor,
        "owner": system.owner,
        "system_type": system.system_type,
        "smallest_draw": system.smallest_draw,
        "largest_draw": system.largest_draw,
        "quota": system.quota,
        "quota_days": system.quota_days,
        "space": system.space,
        "created_at": system.created_at,
    }
