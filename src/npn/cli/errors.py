"""How an error looks on the command line, and its exit status."""

import click

from npn.errors import ConfigurationError, InvalidInputError, NpnError, UnavailableError

ANSWER_IS_NO = 1
WRONG_USAGE = 2
REFUSED = 3
UNREACHABLE = 4


def exit_status(error: NpnError) -> int:
    """Two for wrong usage or configuration, four where nobody answers, else three: refused."""
    if isinstance(error, ConfigurationError | InvalidInputError):
        return WRONG_USAGE
    if isinstance(error, UnavailableError):
        return UNREACHABLE
    return REFUSED


def show(error: NpnError) -> None:
    """One line, then a hint, on standard error."""
    where = f" ({error.field})" if error.field else ""
    click.echo(f"Error: {error.message}{where} [{error.code}]", err=True)
    if error.hint:
        click.echo(f"Hint: {error.hint}", err=True)
