"""The command line. Subcommands are imported only when called, so that `npn --help` is quick."""

import sys

import click

from npn.cli.lazy import LazyGroup

COMMANDS = {
    # name: (module:attribute, one line of help shown by `npn --help` without importing the module)
    "check": ("npn.cli.numbers.commands:check", "Is each number usable?"),
    "numbers": ("npn.cli.numbers.commands:numbers", "List, count or pick the usable numbers of a range."),
    "agent": ("npn.cli.agent.commands:agent", "The agent at the laboratory: a durable local pool that refills itself."),
    "simulate": ("npn.cli.agent.simulate:simulate", "A stock policy against a consumption pattern, before it is used."),
    "suggest": ("npn.cli.numbers.commands:suggest", "Usable numbers one mistake away from NUMBER."),
    "label": ("npn.cli.labels.label:label", "Labels and forms with numbers, read back before they are written."),
    "message": ("npn.cli.messages.commands:message", "Read, check and convert laboratory messages."),
    "standard": ("npn.cli.standards.standard:standard", "Standards: who sends and receives what."),
    "serve": ("npn.cli.server.serve:serve", "Run the service."),
    "draw": ("npn.cli.registry.series:draw", "Draw a series of COUNT numbers."),
    "series": ("npn.cli.registry.series:series", "Show the series that were drawn."),
    "release": ("npn.cli.registry.series:release", "Give back a series, or its tail."),
    "lookup": ("npn.cli.registry.series:lookup", "Show a number's whole history."),
    "admin": ("npn.cli.admin:admin", "Set up and run the service's database."),
    "ledger": ("npn.cli.ledger.export:ledger", "Export the ledger, and prove an export offline."),
    "recover": ("npn.cli.registry.recover:recover", "After a restore: skip ahead to what the witness knows."),
}


@click.group(cls=LazyGroup, commands_table=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="npn-platform", prog_name="npn")
def cli() -> None:
    """Sample numbers for every laboratory in a country: draw, hand out, check, look up, prove."""


def main() -> None:
    """Run the command line; every error becomes one line, a hint and an exit status, never a traceback."""
    from npn.cli.errors import tell

    try:
        status = cli.main(prog_name="npn", standalone_mode=False)
        sys.stdout.flush()  # here, where what goes wrong can still be told
    except BaseException as error:  # noqa: BLE001  # the last door: `tell` raises again what it must
        if _is_check(sys.argv[1:]) and not isinstance(error, SystemExit):
            from npn.cli.agent.commands import unknown

            sys.exit(unknown(error))
        sys.exit(tell(error))
    sys.exit(status if isinstance(status, int) else 0)


def _is_check(arguments: list[str]) -> bool:
    """Whether it is `npn agent status --check`, which answers monitoring in its own statuses, its misuse too."""
    return arguments[:1] == ["agent"] and "status" in arguments and "--check" in arguments
