"""The command line. Subcommands are imported only when called, so that `npn --help` is quick."""

import sys

import click

from npn.cli.lazy import LazyGroup
from npn.errors import NpnError

COMMANDS = {
    # name: (module:attribute, one line of help shown by `npn --help` without importing the module)
    "check": ("npn.cli.numbers:check", "Is each number usable?"),
    "numbers": ("npn.cli.numbers:numbers", "List, count or pick the usable numbers of a range."),
    "agent": ("npn.cli.agent:agent", "The agent at the laboratory: a durable local pool that refills itself."),
    "simulate": ("npn.cli.simulate:simulate", "A stock policy against a consumption pattern, before it is used."),
    "suggest": ("npn.cli.numbers:suggest", "Usable numbers one mistake away from NUMBER."),
    "admin": ("npn.cli.admin:admin", "Set up and run the service's database."),
}


@click.group(cls=LazyGroup, commands_table=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="npn-platform", prog_name="npn")
def cli() -> None:
    """Sample numbers for every laboratory in a country: draw, hand out, check, look up, prove."""


def main() -> None:
    """Run the command line; every error becomes one line, a hint and an exit status, never a traceback."""
    from npn.cli.errors import exit_status, show

    try:
        status = cli.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        click.echo("Stopped.", err=True)
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except NpnError as error:
        show(error)
        sys.exit(exit_status(error))
    sys.exit(status if isinstance(status, int) else 0)
