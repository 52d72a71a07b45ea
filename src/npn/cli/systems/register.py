"""`npn admin system import`: systems from MedCom's public list."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from npn.cli.database import opened, who, works_on_database
from npn.cli.errors import WRONG_USAGE
from npn.cli.printing import as_json, json_line, remark, table
from npn.config import Settings
from npn.errors import InvalidInputError
from npn.text import read_text

if TYPE_CHECKING:
    from npn.systems.matching import ImportPlan, ListedSystem


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--type", "types", multiple=True, help="Take the systems of this type; may be given several times.")
@click.option("--environment", type=click.Choice(["test", "production"]), default="test", show_default=True)
@click.option("--same", multiple=True, metavar="ID=NAME", help="The system ID is the one the list now calls NAME.")
@click.option("--new", multiple=True, metavar="NAME", help="Register NAME as a new system.")
@click.option("--vendor", multiple=True, metavar="LISTED=OURS", help="The list's vendor LISTED is our vendor OURS.")
@click.option("--new-organisation", is_flag=True, help="A vendor whose name is nearly that of a known one is another.")
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@as_json
@works_on_database
def import_(
    settings: Settings,
    /,
    *,
    file: Path,
    types: tuple[str, ...],
    dry_run: bool,
    new_organisation: bool,
    json_: bool,
    **given: tuple[str, ...],
) -> int:
    """Take systems from MedCom's list of tested systems, and say what is new, renamed, gone and back.

    May be run again after the list changed: systems keep their ids. A system that left the list is kept and works
    on. Where it is unclear whether a name is new or a known system's, nothing is done to either: say which with
    --same or --new. Systems of a vendor whose name is nearly that of a known one wait too, for --vendor or
    --new-organisation. No keys are made (npn admin system rotate-key), and the owner is a placeholder until
    npn admin system set-owner. Without --type the list's types are shown.
    """
    from npn.systems.matching import ResolvedMatches
    from npn.systems.model import Environment
    from npn.systems.register import import_register, read_register

    listed = read_register(read_text(file, field="file"))
    if not types:
        return _show_types(listed, json_=json_)
    with opened(settings) as service:
        plan = import_register(
            service.systems,
            listed,
            types=types,
            environment=Environment(str(given["environment"])),
            by=who(),
            resolved=ResolvedMatches(
                same=dict(_pair(text, "same", "labka-ii=LABKA") for text in given["same"]),
                new=given["new"],
                vendors=dict(_pair(text, "vendor", "'CGI Danmark=CGI'") for text in given["vendor"]),
                new_vendors=[item.vendor for item in listed] if new_organisation else (),
            ),
            dry_run=dry_run,
        )
    if json_:
        json_line({"dry_run": dry_run, **plan.document})
    else:
        _show(plan, dry_run=dry_run)
    return 0


def _show_types(listed: "list[ListedSystem]", *, json_: bool) -> int:
    from npn.systems.register import types_of

    counts = types_of(listed)
    if json_:
        json_line({"types": counts})
    else:
        table([{"type": name, "systems": count} for name, count in counts.items()], ("type", "systems"))
    remark("Error: choose at least one type [configuration]\nHint: --type Laboratoriesystemer")
    return WRONG_USAGE


def _pair(text: str, option: str, example: str) -> tuple[str, str]:
    one, mark, other = text.partition("=")
    if not (one and mark and other):
        wanted = "ID=NAME" if option == "same" else "LISTED=OURS"
        raise InvalidInputError(f"--{option} is written {wanted}", field=option, hint=f"--{option} {example}")
    return one, other


def _show(plan: "ImportPlan", *, dry_run: bool) -> None:
    for item in plan.new:
        click.echo(f"new      {item.name} ({item.vendor})")
    for pair in plan.renamed:
        click.echo(f"renamed  {pair.known.id}: {pair.known.name} is now {pair.listed.name}")
    for entry in plan.gone:
        click.echo(f"gone     {entry.id}: {entry.name} is no longer listed; it is kept and works on")
    for entry in plan.back:
        click.echo(f"back     {entry.id}: {entry.name} is listed again")
    for unclear in plan.unclear:
        names = " or ".join(unclear.candidates)
        click.echo(
            f"unclear  {unclear.known.id}: {unclear.known.name} is no longer listed; is it now {names}? "
            "Nothing was done to any of them: say --same ID=NAME or --new NAME"
        )
    for vendor, near in plan.near_vendors.items():
        click.echo(
            f"waits    the systems of {vendor}: did you mean {' or '.join(near)}? "
            f"Say --vendor '{vendor}={near[0]}', or --new-organisation where it is another"
        )
    changes = f"{plan.changes} change{'' if plan.changes == 1 else 's'}"
    click.echo(f"{changes}{' (dry run)' if dry_run else ''}, {plan.unchanged} as before")
