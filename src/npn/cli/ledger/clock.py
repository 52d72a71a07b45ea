"""`npn admin clock`: whether this machine's clock and the database's agree."""

from typing import TYPE_CHECKING

import click

from npn.cli.database import opened, who, works_on_database
from npn.cli.lazy import LazyGroup
from npn.cli.printing import as_json, json_line, record
from npn.config import Settings

if TYPE_CHECKING:
    from npn.ledger.clock import Clocks

COMMANDS = {
    "show": ("npn.cli.ledger.clock:show", "Show both clocks and the ledger's newest time."),
    "accept": ("npn.cli.ledger.clock:accept", "Record that the clocks are right although the ledger is ahead."),
}


@click.group(cls=LazyGroup, commands_table=COMMANDS)
def clock() -> None:
    """The clocks on which a quarantine hangs: this machine's, the database's, and the newest time in the ledger.

    Releases and regrants are refused (`clock_wrong`) while they differ by more than a minute. Draws never are.
    """


@click.command()
@as_json
@works_on_database
def show(settings: Settings, *, json_: bool) -> None:
    """Show both clocks, the newest time in the ledger, and whether they agree."""
    from npn.ledger.clock import current_clocks

    with opened(settings) as service:
        clocks = current_clocks(service.ledger)
    _say(clocks, json_=json_)


@click.command()
@click.option("--reason", required=True, help="Why; it is kept in the ledger, so name no persons.")
@as_json
@works_on_database
def accept(settings: Settings, *, reason: str, json_: bool) -> None:
    """Record that the clocks are right although the ledger holds a later time.

    A server whose clock was wrong wrote it. Check this machine's clock first (`npn admin clock show`): from now on the
    times before this entry no longer count.
    """
    from npn.ledger.clock import accept as accept_clock
    from npn.ledger.clock import current_clocks

    with opened(settings) as service:
        accept_clock(service.ledger, by=who(), reason=reason)
        clocks = current_clocks(service.ledger)
    _say(clocks, json_=json_)


def _say(found: "Clocks", *, json_: bool) -> None:
    row = {
        "here": found.here,
        "database": found.database,
        "newest": found.newest,
        "difference_seconds": round(found.difference.total_seconds(), 3),
        "agree": found.agree,
    }
    if json_:
        json_line(row)
    else:
        record(row)
