"""`npn admin request`: requests to be connected."""

from typing import TYPE_CHECKING

import click

from npn.cli.database import opened, who, works_on_database
from npn.cli.lazy import LazyGroup
from npn.cli.printing import as_json, json_line, record, remark, table
from npn.config import Settings
from npn.instants import iso_time

if TYPE_CHECKING:
    from npn.onboarding.model import Request, Step, StepName
    from npn.wiring.service import Service

COMMANDS = {
    "list": ("npn.cli.onboarding.request:list_", "List the requests, with who must do what next."),
    "show": ("npn.cli.onboarding.request:show", "Show a request with its steps."),
    "give-test": ("npn.cli.onboarding.request:give_test", "Make the test system; its key's link is sent."),
    "bind-certificate": ("npn.cli.onboarding.request:bind_certificate", "Bind the certificate that was sent."),
    "waive": ("npn.cli.onboarding.request:waive", "Go on without a step, for a reason."),
    "give-production": (
        "npn.cli.onboarding.request:give_production",
        "Make the production system; its key's link is sent.",
    ),
    "send-link": ("npn.cli.onboarding.request:send_link", "Send a new link to a step that waits."),
    "offer-key": ("npn.cli.onboarding.request:offer_key", "Send a new link for the key that is due."),
    "refuse": ("npn.cli.onboarding.request:refuse", "Say no, with the reason."),
}


@click.group(cls=LazyGroup, commands_table=COMMANDS)
def request() -> None:
    """Requests to be connected, from the public page /apply to the first draw of production."""


@click.command("list")
@click.option("--all", "all_", is_flag=True, help="Include unconfirmed, connected and refused requests.")
@as_json
@works_on_database
def list_(settings: Settings, *, all_: bool, json_: bool) -> None:
    """List the requests, newest first, each with its next step and who must take it."""
    with opened(settings) as service:
        rows = [whole(service, request) for request in service.onboarding.requests(all_=all_)]
    if json_:
        for row in rows:
            json_line(row)
    elif rows:
        table(rows, ("id", "state", "system", "owner", "case", "next", "who", "created_at"))
    else:
        remark("Nobody waits to be connected.")


@click.command()
@click.argument("request_id", metavar="ID")
@as_json
@works_on_database
def show(settings: Settings, *, request_id: str, json_: bool) -> None:
    """Show a request with its steps: what is done, how the service knows, and who must do what."""
    with opened(settings) as service:
        request = service.onboarding.get(request_id)
        row = whole(service, request)
        steps = [step(entry) for entry in service.onboarding.steps(request)]
    if json_:
        json_line({**row, "steps": steps})
        return
    record(row)
    click.echo("\nsteps")
    table(steps, ("step", "done", "evidence", "at", "todo", "who"))


@click.command("give-test")
@click.argument("request_id", metavar="ID")
@as_json
@works_on_database
def give_test(settings: Settings, *, request_id: str, json_: bool) -> None:
    """Make the test system and send its technical contact a link to the key, good once and for three days."""
    with opened(settings) as service:
        _done(service, service.onboarding.give_test(request_id, by=who()), json_=json_)


@click.command("bind-certificate")
@click.argument("request_id", metavar="ID")
@as_json
@works_on_database
def bind_certificate(settings: Settings, *, request_id: str, json_: bool) -> None:
    """Bind the certificate that was sent on the private page to the test system."""
    with opened(settings) as service:
        _done(service, service.onboarding.bind_proposed(request_id, by=who()), json_=json_)


@click.command()
@click.argument("request_id", metavar="ID")
@click.argument("step_name", metavar="STEP")
@click.option("--reason", required=True, help="Why; kept in the ledger.")
@as_json
@works_on_database
def waive(settings: Settings, *, request_id: str, step_name: str, reason: str, json_: bool) -> None:
    """Go on without a step: agreement_accepted, certificate_in_place or test_shown."""
    with opened(settings) as service:
        waived = service.onboarding.waive(request_id, _step_named(step_name), reason=reason, by=who())
        _done(service, waived, json_=json_)


@click.command("send-link")
@click.argument("request_id", metavar="ID")
@click.argument("step_name", metavar="STEP")
@click.option("--name", required=True, help="Whom the link is for.")
@click.option("--email", required=True, help="Where it is sent.")
@as_json
@works_on_database
def send_link(settings: Settings, *, request_id: str, step_name: str, name: str, email: str, json_: bool) -> None:
    """Send a new link to a step that waits, such as agreement_accepted to the owner; the one before it ends."""
    with opened(settings) as service:
        link = service.onboarding.send_link(request_id, _step_named(step_name), name=name, email=email, by=who())
    if json_:
        json_line({"request": request_id, "step": step_name, "sent_to": link.sent_to, "until": link.expires_at})
    else:
        click.echo(f"sent to {link.sent_to}")


def _step_named(text: str) -> "StepName":
    from npn.errors import InvalidInputError
    from npn.onboarding.model import StepName

    try:
        return StepName(text)
    except ValueError as error:
        names = ", ".join(name.value for name in StepName)
        raise InvalidInputError(f"there is no step {text!r}", field="step", hint=f"steps: {names}") from error


@click.command("give-production")
@click.argument("request_id", metavar="ID")
@click.option("--despite", default="", help="Why it is given though steps are missing; kept with the request.")
@as_json
@works_on_database
def give_production(settings: Settings, *, request_id: str, despite: str, json_: bool) -> None:
    """Make the production system beside the test one and send the link to its key."""
    with opened(settings) as service:
        system = service.onboarding.give_production(request_id, by=who(), despite=despite)
        _done(service, system, json_=json_)


@click.command("offer-key")
@click.argument("request_id", metavar="ID")
@as_json
@works_on_database
def offer_key(settings: Settings, *, request_id: str, json_: bool) -> None:
    """Send the technical contact a new link for the key that is due; the one before it ends."""
    with opened(settings) as service:
        until = service.onboarding.offer_key(request_id, by=who())
    if json_:
        json_line({"request": request_id, "until": until})
    else:
        click.echo(f"sent; the link works once, until {iso_time(until)}")


@click.command()
@click.argument("request_id", metavar="ID")
@click.option("--reason", required=True, help="Why; it is sent to whoever asked.")
@as_json
@works_on_database
def refuse(settings: Settings, *, request_id: str, reason: str, json_: bool) -> None:
    """Refuse a request. A test system that was made stays; suspend it where it should draw no more."""
    with opened(settings) as service:
        _done(service, service.onboarding.refuse(request_id, reason=reason, by=who()), json_=json_)


def _done(service: "Service", found: "Request", *, json_: bool) -> None:
    row = whole(service, found)
    if json_:
        json_line(row)
    else:
        click.echo(f"{found.id} is {found.state.value}; next: {row['next'] or 'nothing'} ({row['who'] or '-'})")


def whole(service: "Service", found: "Request") -> dict[str, object]:
    """Return a request's members as JSON has them, with whose turn it is."""
    turn = service.onboarding.turn(found)
    return {
        "id": found.id,
        "state": found.state.value,
        "system": found.asked.system,
        "vendor": found.asked.vendor,
        "owner": found.asked.owner,
        "transport": found.asked.transport,
        "expected_per_day": found.asked.expected_per_day,
        "addresses": list(found.asked.addresses),
        "case": found.case,
        "test_system": found.test_system,
        "production_system": found.production_system,
        "requester": found.requester_name,
        "email": found.requester_email,
        "created_at": found.created_at,
        "confirmed_at": found.confirmed_at,
        "reason": found.reason,
        "next": turn.todo or None,
        "who": turn.who[0].value if turn.who else None,
        "waits_for": [actor.value for actor in turn.who],
    }


def step(found: "Step") -> dict[str, object]:
    """Return a step's members as JSON has them."""
    return {
        "step": found.name.value,
        "done": found.done,
        "ready": found.is_ready and not found.done,
        "evidence": found.evidence or None,
        "at": found.at,
        "todo": found.todo or None,
        "who": None if found.done else found.who.value,
    }
