"""`npn admin system set-space`: a system moved to another number space, in production by two people."""

import click

from npn.cli.database import opened, who, works_on_database
from npn.cli.people.approval import propose
from npn.cli.printing import as_json, json_line
from npn.config import Settings


@click.command("set-space")
@click.argument("system_id", metavar="SYSTEM")
@click.argument("name")
@click.option(
    "--as", "email", default="", metavar="EMAIL", help="In production: the operator's account that proposes it."
)
@click.option("--reason", default="", help="In production: why; it is kept in the ledger, so name no persons.")
@as_json
@works_on_database
def set_space(settings: Settings, *, system_id: str, name: str, email: str, reason: str, json_: bool) -> None:
    """Let the draws of a SYSTEM that name no space go to the space NAME of its environment.

    A test system is moved at once. For a production system this proposes it, and another operator approves it (`npn
    admin approval approve`). `GET /v1/me` tells the system for half a year.
    """
    if email:
        wish: dict[str, object] = {"system": system_id, "space": name}
        propose(settings, "space", wish, reason=reason or f"{system_id} to {name}", email=email, json_=json_)
        return
    with opened(settings) as service:
        system = service.spaces.move(system_id, name, by=who())
    if json_:
        json_line({"system": system.id, "space": system.space})
    else:
        click.echo(f"{system.id} draws from {system.space}")
