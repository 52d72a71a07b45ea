"""`npn admin system`: what a system is called, whose it is, and its end."""

import click

from npn.cli.database import opened, who, works_on_database
from npn.cli.printing import as_json, json_line
from npn.cli.systems.system import NEW_ORGANISATION, shown
from npn.config import Settings


@click.command()
@click.argument("system_id", metavar="ID")
@click.argument("name")
@as_json
@works_on_database
def rename(settings: Settings, *, system_id: str, name: str, json_: bool) -> None:
    """Rename a system. Its id stays, and it is found under the name before too."""
    with opened(settings) as service:
        system = service.systems.rename(system_id, name, by=who())
    if json_:
        json_line(shown(system))
    else:
        click.echo(f"{system.id} is called {system.name}")


@click.command("set-owner")
@click.argument("system_id", metavar="ID")
@click.argument("owner")
@NEW_ORGANISATION
@as_json
@works_on_database
def set_owner(settings: Settings, *, system_id: str, owner: str, new_organisation: bool, json_: bool) -> None:
    """Set who runs a system, as for those taken from a list that doesn't say.

    What the owner before had accepted ends: the new one accepts the agreement for itself.
    """
    with opened(settings) as service:
        system = service.systems.set_owner(system_id, owner, by=who(), new_organisation=new_organisation)
    if json_:
        json_line(shown(system))
    else:
        click.echo(f"{system.id} is run by {system.owner}")


@click.command("set-vendor")
@click.argument("system_id", metavar="ID")
@click.argument("vendor")
@NEW_ORGANISATION
@as_json
@works_on_database
def set_vendor(settings: Settings, *, system_id: str, vendor: str, new_organisation: bool, json_: bool) -> None:
    """Set who makes a system: the vendor's people see it from then on, those of the one before no longer do."""
    with opened(settings) as service:
        system = service.systems.set_vendor(system_id, vendor, by=who(), new_organisation=new_organisation)
    if json_:
        json_line(shown(system))
    else:
        click.echo(f"{system.id} is made by {system.vendor}")


@click.command()
@click.argument("system_id", metavar="ID")
@click.option("--reason", required=True, help="Why; kept in the ledger, so name no persons.")
@click.option("--yes", is_flag=True, help="Don't ask.")
@as_json
@works_on_database
def close(settings: Settings, *, system_id: str, reason: str, yes: bool, json_: bool) -> None:
    """Close a system for good: it never draws again, and its keys and certificates end.

    Its numbers stay its own, and may be released in the pages. To stop draws for a while: npn admin system suspend.
    """
    with opened(settings) as service:
        name = service.systems.get(system_id).name
        if not yes:
            click.confirm(f"{name} can't be opened again. Close it?", abort=True, err=True)
        system = service.systems.close(system_id, by=who(), reason=reason)
    if json_:
        json_line(shown(system))
    else:
        click.echo(f"{system.id} is closed")
