"""How commands print what they found: JSON for programs, aligned columns for people."""

import sys
from collections.abc import Mapping, Sequence
from datetime import date, datetime

import click
import msgspec

from npn.cli.errors import escaped
from npn.instants import iso_day, iso_time

as_json = click.option("--json", "json_", is_flag=True, help="Print JSON.")


def json_line(value: object) -> None:
    """Print one JSON document on one line."""
    click.echo(msgspec.json.encode(value, enc_hook=str).decode("utf-8"))


def secret(text: str) -> None:
    """Print a key alone on a line of standard output, unwrapped and uncoloured: it is shown this once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def remark(text: str) -> None:
    """Print a remark on standard error, so that standard output holds only what was asked for."""
    click.echo(text, err=True)


def table(rows: Sequence[Mapping[str, object]], columns: Sequence[str]) -> None:
    """Print rows in aligned columns under a heading; nothing is cut."""
    cells = [[_cell(row.get(column)) for column in columns] for row in rows]
    heading = [column.replace("_", " ").upper() for column in columns]
    widths = [max(len(line[i]) for line in (heading, *cells)) for i in range(len(columns))]
    for line in (heading, *cells):
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def record(values: Mapping[str, object]) -> None:
    """Print one thing, a line for each of its members."""
    width = max(len(name) for name in values)
    for name, value in values.items():
        click.echo(f"{name.replace('_', ' ').ljust(width)}  {_cell(value)}")


def _cell(value: object) -> str:
    if value is None or value == "":
        return "-"
    if isinstance(value, datetime):
        return iso_time(value)
    if isinstance(value, date):
        return iso_day(value)
    return escaped(str(value))
