"""`npn admin standard`: the catalogue of standards, and MedCom's list imported and exported."""

import csv
import io
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from npn.cli.database import opened, who, works_on_database
from npn.cli.lazy import LazyGroup
from npn.cli.printing import as_json, json_line, remark
from npn.cli.typed import DAY
from npn.config import Settings
from npn.errors import ConfigurationError, InvalidInputError, details

if TYPE_CHECKING:
    from npn.standards.importing import ListImport

COMMANDS = {
    "import": ("npn.cli.standards.lists:import_", "Import MedCom's list of approvals as of a day."),
    "export": ("npn.cli.standards.lists:export", "Write the newest list to a file, in MedCom's columns."),
    "set": ("npn.cli.standards.lists:set_", "Say when a version is valid, and what it holds."),
}
_SHOWN = 20  # changed capabilities; --json has them all


@click.group(cls=LazyGroup, commands_table=COMMANDS)
def standard() -> None:
    """Standards and versions, and MedCom's list of approvals."""


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--as-of", type=DAY, help="Day of the list, YYYY-MM-DD.  [default: today]")
@click.option("--same", multiple=True, metavar="ID=NAME", help="The product ID is the one the list now calls NAME.")
@click.option("--new", multiple=True, metavar="NAME", help="NAME is a new product.")
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@as_json
@works_on_database
def import_(
    settings: Settings,
    /,
    *,
    file: Path,
    as_of: date | None,
    same: tuple[str, ...],
    new: tuple[str, ...],
    dry_run: bool,
    json_: bool,
) -> None:
    """Import MedCom's list of tested systems as of a day, and say what is new, changed, renamed, gone and back.

    May be run again whenever the list changes, in the order of its days; the same day may be imported again. Every row
    is kept word for word. Products keep their ids whatever the list calls them. Where it is unclear whether a name is
    new or a known product's, its rows are kept without a product: say which with --same or --new. No connected
    system is made: npn admin system import does that.
    """
    from npn.standards.listing import read_list
    from npn.systems.matching import ResolvedMatches

    rows = read_list(_text_of(file))
    pairs = [_assigned(text, "same", "ID=NAME") for text in same]
    with opened(settings) as service:
        report = service.standards.import_list(
            rows,
            by=who(),
            as_of=as_of,
            resolved=ResolvedMatches(same=dict(pairs), new=new),
            dry_run=dry_run,
        )
    if json_:
        json_line({"dry_run": dry_run, **report.document})
    else:
        _show(report, dry_run=dry_run)


def _text_of(file: Path) -> str:
    """Return the text of a list, which MedCom also publishes as Windows-1252."""
    from npn.text import decode_text

    data = file.read_bytes()
    try:
        return decode_text(data, name=str(file), field="file")
    except InvalidInputError as error:
        try:
            return decode_text(data.decode("cp1252").encode())
        except UnicodeDecodeError:
            raise error from None


def _assigned(text: str, option: str, wanted: str) -> tuple[str, str]:
    one, mark, other = text.partition("=")
    if not (one and mark and other):
        raise InvalidInputError(f"--{option} is written {wanted}", field=option)
    return one, other


def _show(done: "ListImport", *, dry_run: bool) -> None:
    figures, plan = done.figures, done.plan
    for item in plan.new:
        click.echo(f"new      {item.name} ({item.vendor})")
    for pair in plan.renamed:
        click.echo(f"renamed  {pair.known.id}: {pair.known.name} is now {pair.listed.name}")
    for system in plan.gone:
        click.echo(f"gone     {system.id}: {system.name} is no longer listed; it is kept")
    for system in plan.back:
        click.echo(f"back     {system.id}: {system.name} is listed again")
    for unclear in plan.unclear:
        click.echo(
            f"unclear  {unclear.known.id}: {unclear.known.name} is no longer listed; is it now "
            f"{' or '.join(unclear.candidates)}? Say --same ID=NAME or --new NAME"
        )
    for cell in done.changed[:_SHOWN]:
        click.echo(
            f"changed  {cell.system} {cell.standard} {cell.version} {cell.direction}: "
            f"{cell.before or 'nothing'} is now {cell.after or 'nothing'}"
        )
    if len(done.changed) > _SHOWN:
        remark(f"{len(done.changed) - _SHOWN} more changed; --json has them all.")
    for one in figures.contradictory:
        states = " and ".join(one.states)
        click.echo(f"contradictory  {one.system} {one.standard} {one.version} {one.direction}: {states}")
    for status in figures.unread:
        remark(f"Warning: the status {status!r} is not known, and is read as unknown.")
    contradictory, trial = len(figures.contradictory), " (dry run)" if dry_run else ""
    click.echo(
        f"{figures.rows} rows of {figures.systems} systems and {figures.vendors} vendors, "
        f"{figures.duplicates} duplicate keys, {contradictory} contradictory{trial}"
    )


@click.command()
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), required=True, help="F.csv or F.json.")
@works_on_database
def export(settings: Settings, *, output: Path) -> None:
    """Write the newest list: as CSV in MedCom's own columns, row for row; as JSON, every standard's matrix with it."""
    import msgspec

    form = output.suffix.lower()
    if form not in (".csv", ".json"):
        raise ConfigurationError("the file's name says its form", field="output", hint="-o list.csv or -o list.json")
    with opened(settings) as service:
        rows = service.standards.listed()
        if form == ".csv":
            output.write_text(_csv(rows), encoding="utf-8", newline="")
        else:
            matrices = [service.standards.capabilities(one.code) for one in service.standards.catalogue()]
            whole = {"standards": service.standards.overview(), "listed": rows, "capabilities": matrices}
            output.write_bytes(msgspec.json.encode(whole))
    remark(f"{len(rows)} rows written to {output}.")


def _csv(rows: list[dict[str, str]]) -> str:
    from npn.systems.register import COLUMNS

    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


@click.command("set")
@click.argument("version", metavar="CODE/VERSION")
@click.option("--name", default="", help="Name of the standard, where it is new.")
@click.option("--valid-from", type=DAY, help="First day, YYYY-MM-DD.")
@click.option("--phase-out-from", type=DAY, help="Day from which it is phased out.")
@click.option("--valid-to", type=DAY, help="Last day.")
@click.option("--replaces", metavar="VERSION", help="Version that it replaces.")
@click.option("--feature", "features", multiple=True, metavar="N=V", help="What it holds, such as max_results=20.")
@click.option("--required-of", multiple=True, metavar="TYPE", help="Type of system that must have it.")
@as_json
@works_on_database
def set_(
    settings: Settings,
    /,
    *,
    version: str,
    name: str,
    features: tuple[str, ...],
    required_of: tuple[str, ...],
    replaces: str | None,
    json_: bool,
    **days: date | None,
) -> None:
    """Add a version of a standard, or say when it is valid and what it holds; what is left out is not stated."""
    from npn.standards.model import StandardVersion, VersionReference

    wanted = VersionReference.parse(version, "version")
    if wanted.version is None:
        raise InvalidInputError(details.VERSION_REFERENCE, field="version", hint="such as XRPT06/XR0631M")
    with opened(settings) as service:
        version_set = service.standards.set_version(
            StandardVersion(
                standard=wanted.standard,
                version=wanted.version,
                valid_from=days["valid_from"],
                phase_out_from=days["phase_out_from"],
                valid_to=days["valid_to"],
                replaces=replaces,
                features=read_features(features),
                required_of=required_of,
            ),
            by=who(),
            name=name,
        )
    if json_:
        json_line(version_set)
    else:
        click.echo(f"{version_set.standard}/{version_set.version}")


def read_features(texts: tuple[str, ...]) -> dict[str, str]:
    """Read features as they are given: `max_results=20`. Raises InvalidInputError."""
    features = {}
    for text in texts:
        name, mark, value = text.partition("=")
        if not (name.strip() and mark and value.strip()):
            raise InvalidInputError(details.FEATURE_VALUE, field="feature", hint="such as max_results=20")
        features[name.strip()] = value.strip()
    return features
