"""`npn admin case`: support cases."""

from typing import TYPE_CHECKING

import click

from npn.cli.database import opened, who, works_on_database
from npn.cli.errors import escaped
from npn.cli.lazy import LazyGroup
from npn.cli.printing import as_json, json_line, record, remark, table
from npn.cli.typed import read_standard_input
from npn.config import Settings
from npn.instants import iso_day, iso_time

if TYPE_CHECKING:
    from npn.support.facts import SystemFacts
    from npn.support.model import Case, CaseEntry

COMMANDS = {
    "list": ("npn.cli.support.case:list_", "List the cases, those that changed last first."),
    "show": ("npn.cli.support.case:show", "Show a case whole, with its system's live facts."),
    "open": ("npn.cli.support.case:open_", "Open a case, for somebody who called."),
    "reply": ("npn.cli.support.case:reply", "Answer: it is sent by mail."),
    "note": ("npn.cli.support.case:note", "Keep a note that nobody else sees."),
    "link": ("npn.cli.support.case:link", "Say which system a case is about."),
    "close": ("npn.cli.support.case:close", "Close a case."),
    "reopen": ("npn.cli.support.case:reopen", "Open a closed case again."),
}


@click.group(cls=LazyGroup, commands_table=COMMANDS)
def case() -> None:
    """Support cases. Mail that comes in opens them, or is added to them: npn admin mail receive."""


@click.command("list")
@click.option("--all", "all_", is_flag=True, help="The closed ones too.")
@click.option("--system", metavar="ID", help="Only those about this system.")
@as_json
@works_on_database
def list_(settings: Settings, *, all_: bool, system: str | None, json_: bool) -> None:
    """List the cases; `open` are the operator's turn, `waiting` the other side's."""
    from npn.support.model import CaseState

    states = () if all_ else (CaseState.OPEN, CaseState.WAITING)
    with opened(settings) as service:
        rows = [shown(case) for case in service.cases.some(states=states, systems=None if system is None else [system])]
    if json_:
        for row in rows:
            json_line(row)
    elif rows:
        table(rows, ("number", "state", "kind", "subject", "system", "requester", "changed_at"))
    else:
        remark("No case is open.")


@click.command()
@click.argument("number", type=int)
@as_json
@works_on_database
def show(settings: Settings, *, number: int, json_: bool) -> None:
    """Show a case with what was said in it, and the live facts of the system it is about."""
    with opened(settings) as service:
        case = service.cases.get(number)
        rows = service.cases.entries(number)
        facts = service.facts.of(case.system) if case.system else None
    facts_document = None if facts is None else facts_shown(facts)
    if json_:
        json_line({**shown(case), "entries": [entry(row) for row in rows], "facts": facts_document})
        return
    record(shown(case))
    for row in rows:
        sender = f"{row.author} <{row.address}>" if row.address else row.author
        text = escaped(row.text, lines=True)
        click.echo(f"\n{iso_time(row.at)} {row.direction.value} {escaped(sender)}\n{text}")
    if facts_document is not None:
        click.echo("\nlive facts")
        record(facts_document)


@click.command("open")
@click.argument("subject")
@click.option("--text", required=True, help="What it is about; - reads standard input.")
@click.option("--name", required=True, help="Who asked.")
@click.option("--email", default="", help="Their address; they are then written to.")
@click.option("--system", metavar="ID", help="The system it is about.")
@click.option("--language", type=click.Choice(["da", "en"]), default="da", show_default=True)
@as_json
@works_on_database
def open_(settings: Settings, /, *, subject: str, text: str, system: str | None, json_: bool, **requester: str) -> None:
    """Open a case, for somebody who called; prints its number."""
    from npn.support.model import Requester

    with opened(settings) as service:
        case = service.cases.open(
            by=who(),
            subject=subject,
            text=_text(text),
            requester=Requester(**requester),
            system=system,
        )
    if json_:
        json_line(shown(case))
    else:
        click.echo(case.number)


@click.command()
@click.argument("number", type=int)
@click.option("--text", required=True, help="The answer; - reads standard input.")
@as_json
@works_on_database
def reply(settings: Settings, *, number: int, text: str, json_: bool) -> None:
    """Answer a case: whoever asked gets it by mail with a new private link, and it is their turn."""
    with opened(settings) as service:
        _done(shown(service.cases.reply(number, _text(text), by=who(), author="NPN")), json_=json_)


@click.command()
@click.argument("number", type=int)
@click.option("--text", required=True, help="The note; - reads standard input.")
@as_json
@works_on_database
def note(settings: Settings, *, number: int, text: str, json_: bool) -> None:
    """Keep a note in a case; nobody but the operator sees it."""
    with opened(settings) as service:
        _done(shown(service.cases.note(number, _text(text), by=who(), author=who())), json_=json_)


@click.command()
@click.argument("number", type=int)
@click.argument("system", required=False)
@as_json
@works_on_database
def link(settings: Settings, *, number: int, system: str | None, json_: bool) -> None:
    """Set which system a case is about, or none: its owner and region then see it."""
    with opened(settings) as service:
        _done(shown(service.cases.set_system(number, system, by=who())), json_=json_)


@click.command()
@click.argument("number", type=int)
@as_json
@works_on_database
def close(settings: Settings, *, number: int, json_: bool) -> None:
    """Close a case; an answer to it opens it again."""
    _set_state(settings, number, "closed", json_=json_)


@click.command()
@click.argument("number", type=int)
@as_json
@works_on_database
def reopen(settings: Settings, *, number: int, json_: bool) -> None:
    """Open a closed case again."""
    _set_state(settings, number, "open", json_=json_)


def _set_state(settings: Settings, number: int, state: str, *, json_: bool) -> None:
    from npn.support.model import CaseState

    with opened(settings) as service:
        _done(shown(service.cases.set_state(number, CaseState(state), by=who())), json_=json_)


def _done(found: dict[str, object], *, json_: bool) -> None:
    if json_:
        json_line(found)
    else:
        click.echo(f"case {found['number']} is {found['state']}")


def _text(given: str) -> str:
    return read_standard_input(field="text") if given == "-" else given


def shown(found: "Case") -> dict[str, object]:
    """Return a case's members as JSON has them."""
    return {
        "number": found.number,
        "kind": found.kind.value,
        "subject": found.subject,
        "state": found.state.value,
        "system": found.system,
        "requester": found.requester.name,
        "email": found.requester.email,
        "assigned": found.assigned,
        "mark": str(found.thread),
        "opened_at": found.opened_at,
        "changed_at": found.changed_at,
        "closed_at": found.closed_at,
    }


def entry(said: "CaseEntry") -> dict[str, object]:
    """Return an entry's members as JSON has them."""
    return {
        "at": said.at,
        "direction": said.direction.value,
        "author": said.author,
        "address": said.address,
        "known": said.known,
        "text": said.text,
        "attachments": [{"name": a.name, "kind": a.kind, "size": a.size} for a in said.attachments],
    }


def facts_shown(facts: "SystemFacts") -> dict[str, object]:
    """Return a system's live facts as JSON has them."""
    drawn = facts.last_draw
    return {
        "system": facts.system.id,
        "state": facts.system.state.value,
        "last_draw_at": None if drawn is None else drawn.drawn_at,
        "last_draw_size": None if drawn is None else drawn.size,
        "cover_days": facts.cover.days,
        "cover": facts.cover.colour.value,
        "last_called_at": facts.last_called_at,
        "keys": facts.keys,
        "certificates": [f"{c.subject} until {iso_day(c.not_after)}" for c in facts.certificates],
        "refusals": {code: count for code, count, _ in facts.refusals},
        "notices": [notice.text for notice in facts.notices],
        "answers_users": facts.care.unit.name if facts.care and facts.care.unit else None,
    }
