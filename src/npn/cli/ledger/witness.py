"""`npn admin witness`: what the witness knows, and moving it."""

import click

from npn.cli.database import opened, works_on_database
from npn.cli.printing import as_json, json_line, remark, table
from npn.config import Settings


@click.group()
def witness() -> None:
    """The witness: what was granted, known outside the database."""


@witness.command()
@as_json
@works_on_database
def show(settings: Settings, *, json_: bool) -> None:
    """Show where the witness is, and whether it and the database belong together."""
    from npn.ledger.places import is_on_same_device
    from npn.registry.recovery import diagnose

    with opened(settings) as service:
        state = diagnose(service.ledger)
        facts: dict[str, object] = {
            "witness": str(service.ledger.witness),
            "identity": None if state.witness is None else state.witness.identity or None,
            "ledger entries": None if state.witness is None else state.witness.length,
            "database's identity of it": state.database.identity or None,
            "database's ledger entries": state.database.length,
            "state": state.code or "sound",
            "witness_same_device": is_on_same_device(service.database, service.ledger.witness),
        }
    if json_:
        json_line({name.replace("'s", "").replace(" ", "_"): value for name, value in facts.items()})
        return
    table([{"": name, "is": value} for name, value in facts.items()], ("", "is"))
    if state.reason:
        remark(f"Draws are stopped: {state.reason}.")


@witness.command()
@click.option("--to", "place", required=True, metavar="W", help="A file, postgresql://… or etcd://…, as for --witness.")
@as_json
@works_on_database
def move(settings: Settings, *, place: str, json_: bool) -> None:
    """Move the witness to another place, with a new identity.

    Servers refuse draws (witness_wrong) until they are restarted with --witness naming the new place. The old one is
    marked as moved: nothing is granted or recovered by it again. Cut short, it may be run again with the same options.
    """
    from npn.ledger.pairing import move as move_witness
    from npn.ledger.places import require_apart
    from npn.ledger.witness import open_witness

    with opened(settings) as service:
        target = open_witness(place, database_path=None)
        try:
            require_apart(service.database, target)
            moved = move_witness(service.ledger, target)
        finally:
            target.close()
    if json_:
        json_line({"witness": str(target), "identity": moved.state.identity, "old_one_marked": moved.old_is_marked})
        return
    click.echo(f"The witness is at {target} now.")
    remark("Start every server with --witness naming it; until then they refuse draws (witness_wrong).")
    if not settings.secrets_key_file and settings.database.startswith("postgres"):
        remark("The key of the secrets stays where it is: name its file with secrets_key_file, on every server.")
    if not moved.old_is_marked:
        remark("Warning: the one at the old place could not be marked as moved. Remove it, or run this again.")
