"""`npn draw`, `npn series`, `npn release`, `npn lookup`: the number service from the command line."""

import sys
import uuid

import click
import msgspec

from npn import wire
from npn.cli.errors import ANSWER_IS_NO, DONE
from npn.cli.printing import as_json, json_line, record, remark
from npn.cli.rest_client import RestClient, calls_service, part, understood
from npn.instants import iso_time
from npn.numbers.check import compact

FORMS = {"text": "text/plain", "csv": "text/csv", "jsonl": "application/jsonl"}
_PAGE = 500


@click.command()
@click.argument("count", type=click.IntRange(min=1))
@click.option("--usable", is_flag=True, help="COUNT usable numbers: the smallest series that holds that many.")
@click.option("--request-id", metavar="ID", help="Repeat a draw with its id: the same series again, never another.")
@click.option("--purpose", metavar="TEXT", help="A note for people.")
@click.option("--space", metavar="NAME", help="The number space; your own where nothing is said.")
@as_json
@calls_service
def draw(
    service: RestClient,
    *,
    count: int,
    usable: bool,
    request_id: str | None,
    purpose: str | None,
    space: str | None,
    json_: bool,
) -> None:
    """Draw a series of COUNT numbers.

    Without --request-id one is made and shown. Where the network or the service fails, the draw is repeated a few
    times under the same id, so that nothing is drawn twice; repeat it yourself with --request-id.
    """
    if request_id is None:
        request_id = str(uuid.uuid4())
        remark(f"Request id: {request_id}")
    wanted: dict[str, object] = {"usable" if usable else "count": count, "purpose": purpose, "space": space}
    body = {name: value for name, value in wanted.items() if value is not None}
    answer = service.call("POST", "/v1/series", body=body, headers={"Idempotency-Key": request_id})
    _show_series(understood(answer, wire.Series), json_=json_)


@click.group()
def series() -> None:
    """Show the series that were drawn."""


@series.command("list")
@click.option("--limit", type=click.IntRange(min=1), help="Show only the newest N.")
@as_json
@calls_service
def list_(service: RestClient, *, limit: int | None, json_: bool) -> None:
    """List series, newest first: your own, or everybody's for an operator. With --json, one document a line."""
    left = limit if limit is not None else sys.maxsize
    cursor: str | None = None
    heading = sys.stdout.isatty() and not json_
    while left > 0:
        after = f"&cursor={part(cursor)}" if cursor else ""
        page = understood(service.call("GET", f"/v1/series?limit={min(left, _PAGE)}{after}"), wire.SeriesPage)
        for row in page.items:
            if json_:
                json_line(row)
            else:
                if heading:
                    columns = (
                        ("ID", len(row.id)),
                        ("FIRST", len(row.first)),
                        ("LAST", len(row.last)),
                        ("STATE", 15),
                    )
                    click.echo(
                        "  ".join([*(name.ljust(wide) for name, wide in columns), "DRAWN                   SYSTEM"])
                    )
                    heading = False
                drawn = iso_time(row.drawn_at)
                click.echo(f"{row.id}  {row.first}  {row.last}  {row.state:15}  {drawn}  {row.system}")
        left -= len(page.items)
        cursor = page.next
        if cursor is None:
            return


@series.command()
@click.argument("series_id", metavar="ID")
@click.option("--format", "form", type=click.Choice(["csv", "json"]), help="A file to load by hand, or JSON.")
@as_json
@calls_service
def show(service: RestClient, *, series_id: str, form: str | None, json_: bool) -> None:
    """Show one series."""
    path = f"/v1/series/{part(series_id)}"
    if form == "csv":
        sys.stdout.buffer.write(service.call("GET", path, headers={"Accept": "text/csv"}))
        return
    _show_series(understood(service.call("GET", path), wire.Series), json_=json_ or form == "json")


@series.command()
@click.argument("series_id", metavar="ID")
@click.option(
    "--format", "form", type=click.Choice(list(FORMS)), default="text", help="One number a line, or CSV, or JSON lines."
)
@as_json
@calls_service
def numbers(service: RestClient, *, series_id: str, form: str, json_: bool) -> None:
    """Write the usable numbers of a series, as they come. --json is --format jsonl."""
    accept = FORMS["jsonl" if json_ else form]
    with service.stream(f"/v1/series/{part(series_id)}/numbers", accept=accept) as blocks:
        for block in blocks:
            sys.stdout.buffer.write(block)


@click.command()
@click.argument("series_id", metavar="SERIES")
@click.option("--from", "from_", metavar="NUMBER", help="The tail from NUMBER on; else the whole series.")
@as_json
@calls_service
def release(service: RestClient, *, series_id: str, from_: str | None, json_: bool) -> None:
    """Release a series, or its tail. Released numbers can't be taken again."""
    body = {} if from_ is None else {"from": from_}
    answer = service.call("POST", f"/v1/series/{part(series_id)}/release", body=body)
    _show_series(understood(answer, wire.Series), json_=json_)


@click.command()
@click.argument("number")
@as_json
@calls_service
def lookup(service: RestClient, *, number: str, json_: bool) -> int:
    """Show a number's whole history, and what may have been meant where it is not usable.

    Spaces and hyphens within the number are ignored. Exit status 1 if it is not usable.
    """
    answer = service.call("GET", f"/v1/numbers/{part(compact(number))}")
    information = understood(answer, wire.NumberInformation)
    status = DONE if information.usable else ANSWER_IS_NO
    if json_:
        json_line(information)
        return status
    check = "usable" if information.usable else "not usable: it fails the check"
    click.echo(f"{information.number} is {information.state.replace('_', ' ')}; {check}")
    owner = {"space": information.space, "series": information.series, "system": information.system}
    if any(owner.values()):
        record({name: value for name, value in owner.items() if value})
    for entry in information.history:
        who = f" by {entry.system}" if entry.system else ""
        more = f", {entry.detail}" if entry.detail else ""
        click.echo(f"{iso_time(entry.at, seconds=True)}  {entry.event}{who}{more}")
    if information.suggestions:
        click.echo("Did you mean:")
    for guess in information.suggestions:
        click.echo(f"  {guess.number}  {guess.state.replace('_', ' ')}  ({guess.mistake.replace('_', ' ')})")
    return status


def _show_series(found: wire.Series, *, json_: bool) -> None:
    if json_:
        json_line(found)
    else:
        record(msgspec.to_builtins(found))
