"""`npn admin contacts`: whom to call, kept current."""

import click

from npn.cli.database import opened, who, works_on_database
from npn.cli.lazy import LazyGroup
from npn.cli.printing import as_json, json_line, remark, table
from npn.config import Settings

COMMANDS = {
    "stale": ("npn.cli.support.contacts:stale", "List the systems whose contacts are in doubt, and why."),
    "ask": ("npn.cli.support.contacts:ask", "Ask a system's contacts now whether they are still right."),
}


@click.group(cls=LazyGroup, commands_table=COMMANDS)
def contacts() -> None:
    """Contacts of systems. The service asks once a year by itself; npn admin system set-contact sets one."""


@click.command()
@as_json
@works_on_database
def stale(settings: Settings, *, json_: bool) -> None:
    """List the systems whose contacts are in doubt.

    missing: there is none of that kind; old: nobody has said for a year that they are right; unanswered: the question
    has waited for a month; bounced: the last e-mail to one could not be delivered.
    """
    with opened(settings) as service:
        rows = [
            {"system": row.system, "name": row.name, "reasons": ", ".join(row.reasons), "since": row.since}
            for row in service.contacts.stale()
        ]
    if json_:
        for row in rows:
            json_line(row)
    elif rows:
        table(rows, ("system", "name", "reasons", "since"))
    else:
        remark("Every contact was confirmed within the year.")


@click.command()
@click.argument("system_id", metavar="ID")
@click.option("--language", type=click.Choice(["da", "en"]), default="da", show_default=True)
@as_json
@works_on_database
def ask(settings: Settings, *, system_id: str, language: str, json_: bool) -> None:
    """Write to a system's administrative contact (else the technical, else on call) with a page to answer on."""
    with opened(settings) as service:
        addresses = service.contacts.ask(system_id, by=who(), language=language)
    if json_:
        json_line({"system": system_id, "sent_to": addresses})
    else:
        click.echo(f"{system_id}: asked {', '.join(addresses)}")
