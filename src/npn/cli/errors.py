"""How an error looks on the command line, and its exit status: one line, then a hint, never a traceback."""

import os
import sys

import click

from npn.cli.extras import is_foreign, not_installed
from npn.errors import ConfigurationError, InvalidInputError, NpnError, UnavailableError

DONE = 0
ANSWER_IS_NO = 1
WRONG_USAGE = 2
REFUSED = 3
UNREACHABLE = 4
INTERNAL = 70  # a fault of ours: sysexits.h, EX_SOFTWARE
STOPPED = 130  # by the user: 128 and the signal's number, as shells say it


def tell(error: BaseException) -> int:
    """Print what ended the command, and return the exit status that says the same."""
    settle_output()
    if isinstance(error, ImportError) and is_foreign(error):
        error = not_installed(error)
    if isinstance(error, NpnError):
        show(error)
        return exit_status(error)
    if isinstance(error, click.ClickException):
        show_usage(error)
        return WRONG_USAGE
    if isinstance(error, click.Abort | KeyboardInterrupt):
        say("stopped")
        return STOPPED
    if isinstance(error, BrokenPipeError):
        return DONE  # the reader has what it wanted
    if isinstance(error, OSError):
        say(f"{error} [system]", "check the disk, and the files and rights that the command needs")
        return WRONG_USAGE
    if not isinstance(error, Exception) or os.environ.get("NPN_TRACEBACK"):
        raise error
    say(f"{type(error).__name__}: {error} [internal]", "NPN_TRACEBACK=1 shows where; please report it")
    return INTERNAL


def settle_output() -> None:
    """Write what is still buffered; where that fails, send it nowhere: the interpreter would try again."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def exit_status(error: NpnError) -> int:
    """Two for wrong usage or configuration, four where waiting may help, else three: refused."""
    if isinstance(error, ConfigurationError | InvalidInputError):
        return WRONG_USAGE
    if isinstance(error, UnavailableError):
        return WRONG_USAGE if error.lasting else UNREACHABLE
    return REFUSED


def show(error: NpnError) -> None:
    """One line, then a hint, on standard error."""
    where = f" ({error.field})" if error.field else ""
    say(f"{error.message}{where} [{error.code}]", error.hint)


def show_usage(error: click.ClickException) -> None:
    """Show what is wrong with the call; the hint is the command whose help says how to call it."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        error.show()  # nothing was asked for: the help itself is the answer
        return
    context = getattr(error, "ctx", None)
    say(error.format_message(), f"{context.command_path} --help" if context else "npn --help")


def say(message: str, hint: str = "") -> None:
    """Write the line and the hint to standard error."""
    click.echo(f"Error: {one_line(message)}", err=True)
    if hint:
        click.echo(f"Hint: {one_line(hint)}", err=True)


def one_line(text: str) -> str:
    """Put the text on one line; characters that a terminal would obey instead of show are escaped."""
    return escaped(" ".join(text.split()))


def escaped(text: str, *, lines: bool = False) -> str:
    """Return a text with what a terminal would obey instead of show escaped; `lines`: its lines are kept."""
    allowed = "\n\t" if lines else ""
    return "".join(c if c.isprintable() or c in allowed else c.encode("unicode_escape").decode("ascii") for c in text)
