"""`npn admin mail`: the outbox, and mail that comes in."""

from typing import TYPE_CHECKING

import click

from npn.cli.database import opened, works_on_database
from npn.cli.lazy import LazyGroup
from npn.cli.printing import as_json, json_line, remark, table
from npn.config import Settings
from npn.errors import codes

if TYPE_CHECKING:
    from npn.mail.model import OutgoingEmail

COMMANDS = {
    "list": ("npn.cli.mail.mail:list_", "Show the outbox, newest first."),
    "send": ("npn.cli.mail.mail:send", "Send what is due now, as the running service does by itself."),
    "receive": ("npn.cli.mail.mail:receive", "Take a mail from standard input into its case."),
    "retry": ("npn.cli.mail.mail:retry", "Send an e-mail again that waits or was given up."),
}


@click.group(cls=LazyGroup, commands_table=COMMANDS)
def mail() -> None:
    """Mail: the outbox, and what comes in. The mail server is named in the settings (`--config`)."""


@click.command("list")
@click.option("--state", type=click.Choice(["waiting", "sent", "failed"]), help="Only e-mails in this state.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=200, show_default=True)
@as_json
@works_on_database
def list_(settings: Settings, *, state: str | None, limit: int, json_: bool) -> None:
    """Show the outbox, newest first; with --json one line an e-mail. Never the text: it may hold a private link."""
    from npn.mail.model import MailState

    with opened(settings) as service:
        emails = service.outbox.emails(state=None if state is None else MailState(state), limit=limit)
        has_server = service.outbox.smtp is not None
    if not has_server and any(email.state is MailState.WAITING for email in emails):
        remark("No mail server is named in these settings (smtp_host; --config FILE).")
    rows = [shown(email) for email in emails]
    if json_:
        for row in rows:
            json_line(row)
    elif rows:
        table(rows, ("id", "state", "to", "subject", "attempts", "due_at", "settled_at", "error"))
    else:
        remark("The outbox is empty.")


@click.command()
@as_json
@works_on_database
def send(settings: Settings, *, json_: bool) -> None:
    """Send what is due now and say how it went."""
    from npn.errors import ConfigurationError

    with opened(settings) as service:
        if service.outbox.smtp is None:
            hint = "name smtp_host and mail_from in a file, and give it with --config"
            raise ConfigurationError("no mail server is named", field="smtp_host", hint=hint)
        delivery = service.outbox.send_due()
    if json_:
        json_line({"sent": delivery.sent, "postponed": delivery.postponed, "failed": delivery.failed})
    else:
        click.echo(f"{delivery.sent} sent, {delivery.postponed} postponed, {delivery.failed} failed")


@click.command()
@click.argument("mail_id", metavar="ID")
@as_json
@works_on_database
def retry(settings: Settings, *, mail_id: str, json_: bool) -> None:
    """Make an e-mail due now, whether it waits or was given up; the running service sends it."""
    with opened(settings) as service:
        email = service.outbox.retry(mail_id)
    if json_:
        json_line(shown(email))
    else:
        click.echo(f"{email.id} is due")


@click.command()
@click.option("--sysexits", is_flag=True, help="Exit statuses that mail servers know: 75 try again, 65 refused.")
@as_json
@works_on_database
def receive(settings: Settings, *, sysexits: bool, json_: bool) -> None:
    """Take a mail from standard input, as a mail server hands it over, into its case.

    The case is found by its mark (NPN-1042-…) in the address, the subject or what the mail answers; without one a new
    case is opened. Nothing in a mail is believed: it adds words to a case. See the operator's guide for the line that
    Postfix or another server needs.
    """
    import sys

    from npn.errors import NpnError, UnavailableError
    from npn.mail.incoming import LARGEST, read
    from npn.support.receiving import receive as put_in

    try:
        mail = read(sys.stdin.buffer.read(LARGEST + 1))
        with opened(settings) as service:
            outcome = put_in(service.cases, mail)
    except NpnError as error:
        if not sysexits:
            raise
        remark(f"{error.message} [{error.code}]")
        again = isinstance(error, UnavailableError) or error.code in (codes.TOO_MUCH_MAIL, codes.CONFIGURATION)
        raise SystemExit(75 if again else 65) from error
    if json_:
        json_line({"outcome": outcome.outcome.value, "case": outcome.case})
    else:
        click.echo(f"{outcome.outcome.value}{'' if outcome.case is None else f' case {outcome.case}'}")


def shown(email: "OutgoingEmail") -> dict[str, object]:
    """Return an e-mail's members as JSON has them, its text left out."""
    return {
        "id": email.id,
        "state": email.state.value,
        "to": email.to,
        "subject": email.subject,
        "attempts": email.attempts,
        "created_at": email.created_at,
        "due_at": email.due_at,
        "settled_at": email.settled_at,
        "error": email.error,
    }
