"""`npn admin approval`: what two people must agree on, from the shell; who decides proves who they are."""

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from npn.allowance import LARGEST_TEXT, QUOTA_TEXT, SMALLEST_TEXT
from npn.cli.database import opened, works_on_database
from npn.cli.lazy import LazyGroup
from npn.cli.printing import as_json, json_line, record, remark, table
from npn.config import Settings
from npn.errors import codes

if TYPE_CHECKING:
    from npn.people.approvals import Approval
    from npn.wiring.service import Service

COMMANDS = {
    "list": ("npn.cli.people.approval:list_", "List the proposals, those that wait first."),
    "released": ("npn.cli.people.approval:released", "List released numbers, and until when they are in quarantine."),
    "regrant": ("npn.cli.people.approval:regrant", "Propose that released numbers be granted again."),
    "limits": ("npn.cli.people.approval:limits", "Propose a system's limits beyond the usual."),
    "policy": ("npn.cli.people.approval:policy", "Propose another policy: how long released numbers wait."),
    "recovery": ("npn.cli.people.approval:recovery", "Propose to skip ahead to what the witness knows."),
    "approve": ("npn.cli.people.approval:approve", "Approve what somebody else proposed; it is done at once."),
    "refuse": ("npn.cli.people.approval:refuse", "Refuse what somebody else proposed."),
    "withdraw": ("npn.cli.people.approval:withdraw", "Withdraw what one has proposed oneself."),
    "carry-out": ("npn.cli.people.approval:carry_out", "Do what was approved, and failed or was cut short."),
}
COLUMNS = ("id", "state", "kind", "wish", "reason", "proposed_by", "decided_by", "outcome")


@click.group(cls=LazyGroup, commands_table=COMMANDS)
def approval() -> None:
    """What two operators must agree on: numbers granted again, limits beyond the usual, a recovery.

    Whoever proposes or decides names their account with --as, and gives its password and the code of its second
    factor: at the terminal, or as the first and the second line of standard input.
    """


def _as_somebody(command: click.decorators.FC) -> click.decorators.FC:
    return click.option("--as", "email", required=True, metavar="EMAIL", help="The operator's account that does it.")(
        command
    )


def _reasoned(command: click.decorators.FC) -> click.decorators.FC:
    return click.option("--reason", required=True, help="Why; it stays in the ledger, so name no persons.")(command)


@click.command("list")
@as_json
@works_on_database
def list_(settings: Settings, *, json_: bool) -> None:
    """List the proposals, those that wait for a second person first."""
    with opened(settings) as service:
        rows = [_shown(service, approval) for approval in service.approvals.list()]
    if json_:
        for row in rows:
            json_line(row)
    elif rows:
        table([_in_words(row) for row in rows], COLUMNS)
    else:
        remark("Nothing was ever proposed.")


@click.command()
@as_json
@works_on_database
def released(settings: Settings, *, json_: bool) -> None:
    """List released numbers that were not given free to be granted again, and when their quarantine ends."""
    columns = ("series", "system", "space", "first", "last", "quarantine_until")
    with opened(settings) as service:
        rows = [{name: getattr(row, name) for name in columns} for row in service.regrants.returned()]
    if json_:
        for row in rows:
            json_line(row)
    elif rows:
        table(rows, columns)
    else:
        remark("Nothing was released.")


@click.command()
@click.argument("series")
@click.argument("first")
@click.argument("last")
@_reasoned
@_as_somebody
@as_json
@works_on_database
def regrant(  # click gives each option as an argument
    settings: Settings, *, series: str, first: str, last: str, reason: str, email: str, json_: bool
) -> None:
    """Propose that FIRST to LAST of a SERIES, released and out of quarantine, be granted again.

    Once another operator has approved it, the numbers are drawn like any others, once, by other systems than those
    that had them before.
    """
    propose(
        settings, "regrant", {"series": series, "first": first, "last": last}, reason=reason, email=email, json_=json_
    )


@click.command()
@click.argument("system")
@click.option("--smallest-draw", type=click.IntRange(1), default=1, show_default=True, help=SMALLEST_TEXT)
@click.option("--largest-draw", type=click.IntRange(1), required=True, help=LARGEST_TEXT)
@click.option("--quota", type=click.IntRange(1), help=f"{QUOTA_TEXT} Without it: no quota.")
@click.option("--quota-days", type=click.IntRange(1), help="Days of the quota.")
@_reasoned
@_as_somebody
@as_json
@works_on_database
def limits(  # click gives each option as an argument
    settings: Settings, /, *, system: str, reason: str, email: str, json_: bool, **limits: int | None
) -> None:
    """Propose the limits of a SYSTEM, all of them."""
    propose(settings, "limits", {"system": system, **limits}, reason=reason, email=email, json_=json_)


POLICIES = {
    "quarantine": ("npn.cli.people.approval:quarantine", "Propose how many days released numbers wait."),
}


@click.group(cls=LazyGroup, commands_table=POLICIES)
def policy() -> None:
    """Policies that are kept in the ledger and changed by two people."""


@click.command()
@click.option("--days", type=int, required=True, help="Days that numbers released from then on wait: 365 or more.")
@click.option("--reason", default="", help="Why; it is kept in the ledger, so name no persons.")
@_as_somebody
@as_json
@works_on_database
def quarantine(settings: Settings, *, days: int, reason: str, email: str, json_: bool) -> None:
    """Propose how many days released numbers wait before two people may have them granted again."""
    from npn.registry.quarantine import checked_days

    wish: dict[str, object] = {"days": checked_days(days)}
    propose(settings, "quarantine", wish, reason=reason or f"a quarantine of {days} days", email=email, json_=json_)


@click.command()
@_reasoned
@_as_somebody
@as_json
@works_on_database
def recovery(settings: Settings, *, reason: str, email: str, json_: bool) -> None:
    """Propose a recovery: skip ahead to what the witness knows. `npn recover` shows what that would withhold."""
    propose(settings, "recovery", {}, reason=reason, email=email, json_=json_)


@click.command()
@click.argument("proposal")
@_as_somebody
@as_json
@works_on_database
def approve(settings: Settings, *, proposal: str, email: str, json_: bool) -> None:
    """Approve a PROPOSAL of somebody else; it is carried out at once."""
    _decide(settings, "approved", proposal, email=email, json_=json_)


@click.command()
@click.argument("proposal")
@_as_somebody
@as_json
@works_on_database
def refuse(settings: Settings, *, proposal: str, email: str, json_: bool) -> None:
    """Refuse a PROPOSAL of somebody else."""
    _decide(settings, "rejected", proposal, email=email, json_=json_)


@click.command()
@click.argument("proposal")
@_as_somebody
@as_json
@works_on_database
def withdraw(settings: Settings, *, proposal: str, email: str, json_: bool) -> None:
    """Withdraw a PROPOSAL of one's own."""
    _decide(settings, "withdrawn", proposal, email=email, json_=json_)


@click.command("carry-out")
@click.argument("proposal")
@_as_somebody
@as_json
@works_on_database
def carry_out(settings: Settings, *, proposal: str, email: str, json_: bool) -> None:
    """Do what a PROPOSAL says that was approved, and failed or was cut short; what was done stays as it is."""
    _settle(settings, lambda service, _by: service.approvals.carry_out(proposal), email=email, json_=json_)


def propose(settings: Settings, kind: str, wish: dict[str, object], *, reason: str, email: str, json_: bool) -> None:
    """Propose something as an operator who proves who they are, and show the proposal."""

    def work(service: "Service", by: str) -> "Approval":
        return service.approvals.propose(kind, wish, by=by, reason=reason)  # type: ignore[arg-type]  # text, figures or nothing

    _settle(settings, work, email=email, json_=json_)


def _decide(settings: Settings, decision: str, proposal: str, *, email: str, json_: bool) -> None:
    from npn.people.approvals import Decision

    def work(service: "Service", by: str) -> "Approval":
        return service.approvals.decide(proposal, Decision(decision), by=by)

    _settle(settings, work, email=email, json_=json_)


def _settle(settings: Settings, work: Callable[["Service", str], "Approval"], *, email: str, json_: bool) -> None:
    from npn.errors import RefusedError
    from npn.people.approvals import DONE

    with opened(settings) as service:
        approval = work(service, _proved(service, email))
        document = _shown(service, approval)
    if json_:
        json_line(document)
    else:
        record(_in_words(document))
    if approval.state == "approved" and not approval.outcome.startswith(DONE):
        raise RefusedError(
            f"approved, and not done: {approval.outcome}", code=codes.NOT_CARRIED_OUT, hint="mend it, then carry-out"
        )


def _proved(service: "Service", email: str) -> str:
    """Return the operator's name in the ledger, once password and second factor were right."""
    from npn.errors import RefusedError

    attempt = service.sessions.shell_attempt(email)
    session = service.sessions.settle(attempt, right=attempt.fits(_asked("Password")))
    visitor = service.sessions.visitor(session.token)
    if visitor is None:
        raise RefusedError("the session is over", code=codes.SIGN_IN_FAILED)
    try:
        if visitor.step == "code":
            service.sessions.check_code(visitor.person.id, _asked("Code"), tried=attempt.tried)
        elif visitor.step != "in":
            hint = "sign in to the pages once and set it up"
            raise RefusedError("the account has no second factor yet", code=codes.SECOND_FACTOR_MISSING, hint=hint)
        if not visitor.person.is_operator:
            raise RefusedError("only an operator proposes and decides", code=codes.NOT_OPERATOR)
        return visitor.person.by
    finally:
        service.sessions.end(visitor.digest)


def _asked(what: str) -> str:
    if sys.stdin.isatty():
        return str(click.prompt(what, hide_input=True, err=True))
    return sys.stdin.readline().removeprefix("\ufeff").rstrip("\r\n")


def _in_words(shown: dict[str, object]) -> dict[str, object]:
    """Write the wish as one text, with whom it is about."""
    whom: dict[str, object] = {name: shown[name] for name in ("name", "email") if name in shown}
    return {**{name: value for name, value in shown.items() if name not in whom}, "wish": _wish(shown["wish"], whom)}


def _wish(wish: object, whom: dict[str, object]) -> str:
    wish = {**dict(wish), **whom}  # type: ignore[call-overload]  # a mapping
    return " ".join(f"{name}={value}" for name, value in wish.items() if value is not None)


def _shown(service: "Service", found: "Approval") -> dict[str, object]:
    """Return a proposal as JSON; `name` and `email` where it is about a person."""
    names = (
        "id",
        "kind",
        "wish",
        "reason",
        "state",
        "proposed_by",
        "proposed_at",
        "decided_by",
        "decided_at",
        "outcome",
    )
    whom = service.operators.whom(found)
    about = {} if whom is None else {"name": whom.name, "email": whom.email}
    return {**{name: getattr(found, name) for name in names}, "state": found.state.value, **about}
