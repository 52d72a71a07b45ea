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
        pools = [document(pool) for pool in service.pools.list(contested=contested)]
    if json_:
        for pool in pools:
            json_line(pool)
        return
    rows = [{"pool": pool.id, "system": pool.system, "state": pool.state, "contact": pool.contact_at} for pool in pools]
    table(rows, ("pool", "system", "state", "contact"))
    for pool in pools:
        for suspect in pool.suspects:
            click.echo(f"suspect in {pool.id}: {suspect.first} to {suspect.last} ({suspect.space}, {suspect.series})")
