"""`npn standard`: who can take what, asked of a service; what is public needs no key."""

import csv
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any  # Any: members of a JSON document

import click
import msgspec

from npn import wire
from npn.cli.errors import ANSWER_IS_NO, DONE
from npn.cli.lazy import LazyGroup
from npn.cli.printing import as_json, json_line, remark, table
from npn.cli.standards.source import CapabilityQuery, StandardSource, reads_standards
from npn.cli.typed import DAY
from npn.errors import InvalidInputError
from npn.instants import iso_day

if TYPE_CHECKING:
    from npn.standards.model import VersionReference
    from npn.standards.questions import Blocker

COMMANDS = {
    "list": ("npn.cli.standards.standard:list_", "List the standards and their versions."),
    "show": ("npn.cli.standards.standard:show", "Show a standard: its versions, and what the toolkit knows of them."),
    "matrix": ("npn.cli.standards.standard:matrix", "Who can take a standard, with what says so."),
    "diff": ("npn.cli.standards.standard:diff", "What differs since a day."),
    "who": ("npn.cli.standards.standard:who_", "Who sends a version, or takes more than a number of results."),
    "blockers": ("npn.cli.standards.standard:blockers", "Who stands in the way of retiring a version."),
}
_COLUMNS = ("system", "vendor", "system_type", "installation", "version", "direction", "state", "features", "since")
_CSV = (*_COLUMNS, "evidence", "standard", "region", "disagreement")


@click.group(cls=LazyGroup, commands_table=COMMANDS)
def standard() -> None:
    """Standards: their versions, and which systems send and receive them."""


@click.command("list")
@as_json
@reads_standards
def list_(source: StandardSource, *, json_: bool) -> None:
    """List the standards, each with its versions."""
    catalogue = source.catalogue()
    if json_:
        for one in catalogue.items:
            json_line(one)
        return
    rows = [
        {
            "code": one.code,
            "name": one.name,
            "format": one.format,
            "versions": ", ".join(v.version for v in one.versions),
        }
        for one in catalogue.items
    ]
    if rows:
        table(rows, ("code", "name", "format", "versions"))
    else:
        remark("No standard is known yet; npn admin standard import takes MedCom's list.")


@click.command()
@click.argument("code")
@as_json
@reads_standards
def show(source: StandardSource, *, code: str, json_: bool) -> None:
    """Show a standard: its versions with their days, how many send and receive each, and what the toolkit knows."""
    one = source.standard(code)
    toolkit = _of_toolkit()
    versions = [
        {**msgspec.to_builtins(version), **toolkit.get(version.version, {"toolkit": False, "bridges_to": []})}
        for version in one.versions
    ]
    if json_:
        json_line({**msgspec.to_builtins(one), "versions": versions})
        return
    click.echo(f"{one.code}  {one.name} ({one.format})")
    table(
        [{**version, "bridges_to": ", ".join(version["bridges_to"])} for version in versions],
        ("version", "valid_from", "phase_out_from", "valid_to", "senders", "receivers", "toolkit", "bridges_to"),
    )


def _of_toolkit() -> dict[str, dict[str, Any]]:
    """Return the versions that the message toolkit knows, where it is installed, with the bridges that start there."""
    try:
        from npn.messages.profiles import known
    except ModuleNotFoundError:
        return {}
    versions: dict[str, dict[str, Any]] = {}
    for one in known():
        for name in (one.name.partition("-")[0], one.peer or one.name):
            bridges = [*versions.get(name, {}).get("bridges_to", []), *one.bridges_to]
            versions[name] = {"toolkit": True, "bridges_to": bridges}
    return versions


@click.command()
@click.argument("code")
@click.option("--version", default="", metavar="V", help="Only this version.")
@click.option("--feature", default="", metavar="CONDITION", help="State of a feature, such as 'max_results>20'.")
@click.option("--region", default="", metavar="R", help="Only installations of this region.")
@click.option("--at", type=DAY, metavar="DATE", help="As it was that day, YYYY-MM-DD.  [default: today]")
@click.option("--csv", "csv_", is_flag=True, help="Print CSV.")
@as_json
@reads_standards
def matrix(
    source: StandardSource,
    /,
    *,
    code: str,
    version: str,
    feature: str,
    region: str,
    at: date | None,
    csv_: bool,
    json_: bool,
) -> None:
    """Show who sends and receives a standard: the state, what says so, and since when."""
    if csv_ and json_:
        raise InvalidInputError("--json and --csv exclude each other", field="csv", hint="leave one out")
    lines = source.capabilities(code, CapabilityQuery(version, region, feature, at)).items
    if csv_:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(_CSV)
        writer.writerows([_cells(line)[name] for name in _CSV] for line in lines)
    elif json_:
        for line in lines:
            json_line(line)
    else:
        _table([_cells(line) for line in lines], ("system", "vendor", "version", "direction", "state", "evidence"))


def _cells(line: wire.CapabilityRow) -> dict[str, str]:
    """Return a line as a table has it."""
    plain = {name: getattr(line, name) or "" for name in _CSV}
    return {
        **plain,
        "features": "; ".join(f"{name}={value}" for name, value in sorted(line.features.items())),
        "since": "" if line.since is None else iso_day(line.since),
        "evidence": _evidence(line.evidence),
    }


def _evidence(evidence: wire.CapabilityEvidence | None) -> str:
    if evidence is None:
        return ""
    statement = f"{evidence.kind} by {evidence.by}, {iso_day(evidence.at)}"
    recorded = " (recorded by the operator)" if evidence.recorded_by_operator else ""
    return f"{statement}{recorded}{': ' if evidence.note else ''}{evidence.note}"


def _table(rows: Sequence[Mapping[str, object]], columns: Sequence[str]) -> None:
    if rows:
        table(rows, columns)
    else:
        remark("Nobody.")


@click.command()
@click.argument("code")
@click.option(
    "--since", type=DAY, required=True, metavar="DATE", help="Day to compare with, such as the last meeting's."
)
@as_json
@reads_standards
def diff(source: StandardSource, *, code: str, since: date, json_: bool) -> None:
    """Show what differs in a standard's matrix since a day."""
    from npn.standards.questions import differences

    before = source.capabilities(code, CapabilityQuery(at=since)).items
    rows = [
        {"change": one.change, **msgspec.to_builtins(one)}
        for one in differences(before, source.capabilities(code).items)
    ]
    if json_:
        for row in rows:
            json_line(row)
    elif rows:
        table(rows, ("change", "system", "vendor", "version", "direction", "before", "after"))
    else:
        remark(f"Nothing differs since {iso_day(since)}.")


@click.command("who")
@click.option("--sends", default="", metavar="V", help="Who sends this version.")
@click.option("--not-approved-for", default="", metavar="W", help="Of them, who may not send this one.")
@click.option("--takes-more-than", type=click.IntRange(min=0), metavar="N", help="Who receives more results than N.")
@click.option("--of", default="", metavar="CODE", help="Standard of --takes-more-than.")
@as_json
@reads_standards
def who_(
    source: StandardSource, /, *, sends: str, not_approved_for: str, takes_more_than: int | None, of: str, json_: bool
) -> None:
    """Answer a question in names: who sends V and is not approved for W; who takes more than N results of CODE."""
    if bool(sends) == (takes_more_than is not None) or (takes_more_than is not None) != bool(of):
        raise InvalidInputError(
            "give exactly one of --sends V and --takes-more-than N --of CODE",
            field="sends",
            hint="npn standard who --sends RPT02 --not-approved-for XRPT05/XR0532M",
        )
    if not_approved_for and not sends:
        raise InvalidInputError("--not-approved-for goes with --sends", field="not_approved_for")
    if takes_more_than is not None:
        from npn.standards.questions import takers_of_more

        rows = [_row(line) for line in takers_of_more(source.capabilities(of).items, takes_more_than)]
    else:
        rows = _senders(source, sends, not_approved_for)
    if json_:
        for row in rows:
            json_line(row)
    else:
        _table(rows, ("system", "vendor", "installation", "version", "state"))


def _senders(source: StandardSource, sends: str, other: str) -> list[dict[str, object]]:
    from npn.standards.questions import not_approved, senders

    wanted = _reference(source, sends, "sends")
    lines = senders(source.capabilities(wanted.standard).items, wanted)
    if not other:
        return [_row(line) for line in lines]
    successor = _reference(source, other, "not_approved_for")
    unapproved = not_approved(lines, source.capabilities(successor.standard).items, successor)
    return [{**_row(line), "not_approved_for": str(successor), "state": state} for line, state in unapproved]


def _row(line: wire.CapabilityRow) -> dict[str, object]:
    return {
        "system": line.system,
        "vendor": line.vendor,
        "installation": line.installation,
        "standard": line.standard,
        "version": line.version,
        "direction": line.direction,
        "state": line.state,
        "features": line.features,
    }


def _reference(source: StandardSource, text: str, field: str) -> "VersionReference":
    """Read `CODE`, `CODE/V`, or `V` where one standard alone has that version."""
    from npn.standards.model import VersionReference

    reference = VersionReference.parse(text, field)
    if reference.version is None:
        standards = source.catalogue().items
        having = [one.code for one in standards if any(version.version == text for version in one.versions)]
        if len(having) == 1 and all(one.code != text for one in standards):
            return VersionReference(having[0], text)
    else:
        source.capabilities(reference.standard, CapabilityQuery(reference.version))  # refuses one that is not there
    return reference


@click.command()
@click.option("--retire", required=True, metavar="CODE[/V]", help="What is to end.")
@click.option("--for", "successor", required=True, metavar="CODE[/V]", help="What takes over.")
@as_json
@reads_standards
def blockers(source: StandardSource, *, retire: str, successor: str, json_: bool) -> int:
    """Name who sends or receives what is to end and is not approved for what takes over; exit 1 where somebody is."""
    from npn.standards.model import Direction
    from npn.standards.questions import blockers as find

    retired, follows = _reference(source, retire, "retire"), _reference(source, successor, "for")
    lists = [source.capabilities(code) for code in dict.fromkeys((retired.standard, follows.standard))]
    lines = [line for answer in lists for line in answer.items]
    sending, receiving = (
        find(lines, retire=retired, successor=follows, direction=direction)
        for direction in (Direction.SEND, Direction.RECEIVE)
    )
    as_of = lists[0].list_as_of
    if json_:
        json_line(
            {
                "retire": str(retired),
                "for": str(follows),
                "as_of": as_of,
                "senders": [one.document for one in sending],
                "receivers": [one.document for one in receiving],
                "clear": not (sending or receiving),
            }
        )
    else:
        _tell("sends", sending, follows)
        _tell("receives", receiving, follows)
        if not (sending or receiving):
            click.echo(f"Nothing blocks: everybody who can {retired} can {follows}.")
    return ANSWER_IS_NO if sending or receiving else DONE


def _tell(what: str, found: "Iterable[Blocker]", follows: "VersionReference") -> None:
    for one in found:
        place = f", {one.installation}" if one.installation else ""
        click.echo(f"{what:8}  {one.system} ({one.vendor}{place}): {follows} {one.state}")
