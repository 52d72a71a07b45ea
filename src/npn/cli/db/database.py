"""`npn admin database`: who the service is to its database."""

import click

from npn.cli.database import opened, works_on_database
from npn.cli.printing import as_json, json_line, remark, table
from npn.config import Settings


@click.group()
def database() -> None:
    """The database: which login works as whom, and what it may do."""


@database.command()
@as_json
@works_on_database
def show(settings: Settings, *, json_: bool) -> None:
    """Show the schema, the login, the role it works as, and whether the login could take the guards away."""
    from npn.db.migrate import current
    from npn.db.standing import OWNS, standing

    with opened(settings) as service:
        access = standing(service.database)
        facts: dict[str, object] = {
            "database": service.database.url.render_as_string(hide_password=True),
            "schema": current(service.database),
            "login": access.login,
            "works_as": access.works_as,
            "login_owns_tables": access.owns,
            "pooled": access.pooled,
        }
    if json_:
        json_line(facts)
        return
    table([{"": name.replace("_", " "), "is": value} for name, value in facts.items()], ("", "is"))
    if access.owns:
        remark(OWNS)
