"""`npn admin pool`: the agents' pools, and which numbers are suspect where one was copied or restored."""

import click

from npn.cli.database import opened, works_on_database
from npn.cli.lazy import LazyGroup
from npn.cli.printing import as_json, json_line, table
from npn.config import Settings

COMMANDS = {"list": ("npn.cli.pools.pool:list_", "List the agents' pools, contested ones with their suspect series.")}


@click.group(cls=LazyGroup, commands_table=COMMANDS)
def pool() -> None:
    """The agents' pools."""


@click.command("list")
@click.option("--contested", is_flag=True, help="Only those that were copied or restored.")
@as_json
@works_on_database
def list_(settings: Settings, *, contested: bool, json_: bool) -> None:
    """List the agents' pools, newest contact first.

    A contested pool was copied or restored, and two copies spoke to the service. The series under it may have been
    handed out from twice: tell the laboratory. Its agents go on by themselves, under new pools.
    """
    from npn.api.documents import pool as document

    with opened(settings) as service:
        found = [document(each) for each in service.pools.list(contested=contested)]
    if json_:
        for each in found:
            json_line(each)
        return
    rows = [{"pool": each.id, "system": each.system, "state": each.state, "contact": each.contact_at} for each in found]
    table(rows, ("pool", "system", "state", "contact"))
    for each in found:
        for suspect in each.suspects:
            click.echo(f"suspect in {each.id}: {suspect.first} to {suspect.last} ({suspect.space}, {suspect.series})")
