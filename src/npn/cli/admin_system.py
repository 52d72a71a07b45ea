"""`npn admin system`: connected systems, their keys, limits and contacts."""

from typing import TYPE_CHECKING

import click

from npn.cli.database import opened, who, works_on_database
from npn.cli.lazy import LazyGroup
from npn.cli.printing import as_json, json_line, remark, secret
from npn.config import Settings

if TYPE_CHECKING:
    from npn.systems.model import ConnectedSystem

COMMANDS = {
    "add": ("npn.cli.admin_system:add", "Connect a system; prints its id and, once, its key."),
}
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
@as_json
@works_on_database
def add(
    settings: Settings, *, name: str, vendor: str, owner: str, environment: str, system_type: str, json_: bool
) -> None:
    """Connect a system, past the onboarding.

    Prints its id and then, alone on a line, its API key. The key is shown this once: only its hash is kept.
    """
    from npn.systems.model import Environment

    with opened(settings) as service:
        made, key = service.systems.add(
            by=who(),
            name=name,
            vendor=vendor,
            owner=owner,
            environment=Environment(environment),
            system_type=system_type,
        )
    if json_:
        json_line({**shown(made), "key": str(key)})
        return
    remark(f"Connected {made.name} ({made.environment}). Its id, and its key, shown this once:")
    click.echo(made.id)
    secret(str(key))


def shown(system: "ConnectedSystem") -> dict[str, object]:
    """Give a system's members as JSON has them."""
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
        "created_at": system.created_at,
    }
