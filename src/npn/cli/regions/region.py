"""`npn admin region`: regions, their units, and who answers the users of each system."""

import click

from npn.cli.database import opened, who, works_on_database
from npn.cli.lazy import LazyGroup
from npn.cli.printing import as_json, json_line, remark, table
from npn.cli.systems.system import NEW_ORGANISATION
from npn.config import Settings

COMMANDS = {
    "units": ("npn.cli.regions.region:units", "List the regions' units."),
    "set-unit": ("npn.cli.regions.region:set_unit", "Add a unit to a region, or change one."),
    "set-owner": ("npn.cli.regions.region:set_owner", "Say which region an owner belongs to."),
    "set-care": ("npn.cli.regions.region:set_care", "Say which unit answers a system's users."),
}


@click.group(cls=LazyGroup, commands_table=COMMANDS)
def region() -> None:
    """Regions: their IT units, and who answers the users of each system."""


@click.command()
@click.option("--region", metavar="REGION", help="Only this region's.")
@as_json
@works_on_database
def units(settings: Settings, *, region: str | None, json_: bool) -> None:
    """List the regions' units and how they are reached."""
    with opened(settings) as service:
        rows = [
            {
                "id": u.id,
                "region": u.region_name,
                "name": u.name,
                "email": u.email,
                "telephone": u.telephone,
                "hours": u.hours,
            }
            for u in service.regions.units(region)
        ]
    if json_:
        for row in rows:
            json_line(row)
    elif rows:
        table(rows, ("id", "region", "name", "email", "telephone", "hours"))
    else:
        remark("No unit is known yet; npn admin region set-unit adds one.")


@click.command("set-unit")
@click.argument("region")
@click.argument("name")
@click.option("--email", required=True)
@click.option("--telephone", default="")
@click.option("--hours", default="", help="When it answers, in its own words.")
@click.option("--id", "unit_id", default="", help="The unit to change; a new one where nothing is said.")
@NEW_ORGANISATION
@as_json
@works_on_database
def set_unit(settings: Settings, /, *, region: str, new_organisation: bool, json_: bool, **given: str) -> None:
    """Add a unit to a region (its name, made where it is not known), or change the one of that id; prints its id."""
    from npn.systems.model import OrganisationKind

    with opened(settings) as service:
        region_id = service.systems.organisation(OrganisationKind.REGION, region, new_organisation=new_organisation)
        unit = service.regions.set_unit(by=who(), region=region_id, **given)
    if json_:
        json_line({"id": unit.id, "region": unit.region, "name": unit.name})
    else:
        click.echo(unit.id)


@click.command("set-owner")
@click.argument("owner")
@click.argument("region")
@NEW_ORGANISATION
@as_json
@works_on_database
def set_owner(settings: Settings, *, owner: str, region: str, new_organisation: bool, json_: bool) -> None:
    """Set which region an owner belongs to: the region's people see and act for the owner's systems."""
    from npn.systems.model import OrganisationKind

    with opened(settings) as service:
        owner_id = service.systems.organisation(OrganisationKind.OWNER, owner)
        region_id = service.systems.organisation(OrganisationKind.REGION, region, new_organisation=new_organisation)
        service.systems.set_region(owner_id, region_id, by=who())
    if json_:
        json_line({"owner": owner_id, "region": region_id})
    else:
        click.echo(f"{owner_id} belongs to {region_id}")


@click.command("set-care")
@click.argument("system_id", metavar="SYSTEM")
@click.option("--unit", "unit_id", help="The unit that answers its users; nobody where nothing is said.")
@click.option("--manager", "name", default="", help="The local system manager.")
@click.option("--email", default="")
@click.option("--telephone", default="")
@as_json
@works_on_database
def set_care(settings: Settings, /, *, system_id: str, unit_id: str | None, json_: bool, **manager: str) -> None:
    """Set which unit answers a system's users, and who manages it locally."""
    from npn.regions.service import Manager

    with opened(settings) as service:
        care = service.regions.set_care(system_id, by=who(), unit_id=unit_id, manager=Manager(**manager))
    named = care.unit.name if care.unit else None
    if json_:
        json_line({"system": system_id, "unit": named, "manager": care.manager_name or None})
    else:
        click.echo(f"{system_id}: {named or 'nobody'} answers its users")
