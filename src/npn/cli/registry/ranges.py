"""`npn admin import` and `npn admin reregister`: ranges that come from elsewhere than a draw."""

import click

from npn.cli.database import opened, who, works_on_database
from npn.cli.errors import show
from npn.cli.printing import as_json, json_line, remark
from npn.cli.typed import read_input
from npn.config import Settings
from npn.errors import ConflictError, InvalidInputError, NpnError, codes

FILE = click.Path(exists=True, dir_okay=False, readable=True, allow_dash=True)


@click.command("import")
@click.argument("file", type=FILE)
@as_json
@works_on_database
def import_(settings: Settings, *, file: str, json_: bool) -> None:
    """Record ranges already in use elsewhere, so that they are never granted: all of FILE or nothing.

    FILE is CSV, UTF-8 or UTF-16, with the columns space,system,first,last,drawn_at. Every conflict is listed;
    then the exit status is 3. `-` reads standard input.
    """
    from npn.registry.importing import ImportConflictError, import_ranges, read_lines

    text = read_input(file, field="file")
    with opened(settings) as service:
        try:
            count = import_ranges(service.ledger, read_lines(text), by=who())
        except ImportConflictError as error:
            for conflict in error.conflicts:
                remark(conflict)
            if json_:
                json_line({"imported": 0, "conflicts": error.conflicts})
            raise
    if json_:
        json_line({"imported": count, "conflicts": []})
    else:
        click.echo(f"{count} range{'' if count == 1 else 's'} imported")


@click.command()
@click.argument("receipt_file", nargs=-1, required=True, type=FILE)
@click.option("--jwks", type=FILE, help="Keys beside the database's own, for receipts signed after the backup.")
@as_json
@works_on_database
def reregister(settings: Settings, *, receipt_file: tuple[str, ...], jwks: str | None, json_: bool) -> None:
    """Take series back by the receipts their systems hold, into the ranges that a recovery withheld.

    A file holds one receipt a line. What is taken back already stays so; each receipt is answered by itself, and
    where any is refused the exit status is 3.
    """
    from npn.ledger.keys import read_jwks
    from npn.registry.recovery import re_register

    keys = None if jwks is None else read_jwks(read_input(jwks, field="jwks"))
    refused = 0
    with opened(settings) as service:
        for file, receipt in _receipts(receipt_file):
            try:
                series = re_register(service.ledger, receipt, by=who(), keys=keys)
            except (InvalidInputError, ConflictError) as error:
                refused += 1
                _refused(file, error, json_=json_)
                continue
            first, last = series.text(series.first), series.text(series.last)
            if json_:
                json_line({"file": file, "series": series.id, "system": series.system, "first": first, "last": last})
            else:
                click.echo(f"{series.id}: {first} to {last} is {series.system}'s again")
    if refused:
        raise ConflictError(
            f"{refused} receipt{'' if refused == 1 else 's'} refused", code=codes.NOT_RE_REGISTERED, hint="see above"
        )


def _receipts(files: tuple[str, ...]) -> list[tuple[str, str]]:
    """Read every file before anything is changed: the file's name and one receipt."""
    receipts = []
    for file in files:
        lines = read_input(file, field="receipt_file").split()
        if not lines:
            raise InvalidInputError(f"{file} holds no receipt", field="receipt_file")
        receipts += [(file, line) for line in lines]
    return receipts


def _refused(file: str, error: NpnError, *, json_: bool) -> None:
    if json_:
        json_line({"file": file, "code": error.code, "detail": error.message})
    else:
        remark(f"{file}:")
        show(error)
