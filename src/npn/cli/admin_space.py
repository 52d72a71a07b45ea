"""`npn admin space`: number spaces, their schemes and ranges."""

from typing import TYPE_CHECKING

import click

from npn.cli.database import opened, who, works_on_database
from npn.cli.lazy import LazyGroup
from npn.cli.printing import as_json, json_line, table
from npn.config import Settings

if TYPE_CHECKING:
    from npn.registry.service import SpaceUse

COMMANDS = {
    "add": ("npn.cli.admin_space:add", "Open a space; nothing of it ever changes afterwards."),
    "list": ("npn.cli.admin_space:list_", "List the spaces, with their use and share."),
}


@click.group(cls=LazyGroup, commands_table=COMMANDS)
def space() -> None:
    """Number spaces: one scheme each, with its own range and cursor."""


@click.command()
@click.argument("name")
@click.option("--length", type=int, required=True, help="Digits of a number, 6 to 18.")
@click.option("--weights", required=True, help="One for each digit, from the leading one: 4,3,2,7,6,5,4,3,2,1")
@click.option("--modulus", type=int, default=11, show_default=True)
@click.option("--remainder", type=int, default=0, show_default=True)
@click.option("--first", required=True, help="The first number, with its leading zeros.")
@click.option("--last", required=True, help="The last number.")
@click.option("--environment", type=click.Choice(["test", "production"]), default="test", show_default=True)
@click.option("--scheme", default="", help="The scheme's name.  [default: the space's]")
@click.option("--recovering", is_flag=True, help="Bring back a space that a restored backup lacks, before npn recover.")
@as_json
@works_on_database
def add(settings: Settings, /, *, name: str, json_: bool, recovering: bool, **given: str | int) -> None:
    """Open a space. Its scheme and range are chosen now and never changed.

    Spaces of one length have ranges that share no number; the database refuses any other.
    """
    from npn.numbers.scheme import NumberScheme
    from npn.systems.model import Environment

    length, modulus, remainder = int(given["length"]), int(given["modulus"]), int(given["remainder"])
    weights = _weights(str(given["weights"]))
    scheme = NumberScheme(str(given["scheme"]) or name, length, weights, modulus, remainder)
    first, last = (_number(str(given[bound]), bound, length) for bound in ("first", "last"))
    with opened(settings) as service:
        service.registry.add_space(
            by=who(),
            name=name,
            environment=Environment(str(given["environment"])),
            scheme=scheme,
            first=first,
            last=last,
            recovering=recovering,
        )
        made = next(use for use in service.registry.use() if use.space.name == name)
    if json_:
        json_line(shown(made))
    else:
        usable = scheme.count(first, last)
        click.echo(f"{name}: {scheme.format(first)} to {scheme.format(last)}, {usable} of them usable")


@click.command("list")
@as_json
@works_on_database
def list_(settings: Settings, *, json_: bool) -> None:
    """List the spaces: scheme, range, what was granted, the share passed, what is left and the day it ends.

    The day is foretold from what was drawn in the last year; it is left out while nothing is drawn.
    """
    from npn.stock.forecast import forecast_space

    with opened(settings) as service:
        rows = [shown(use) for use in service.registry.use()]
        for row in rows:
            told = forecast_space(service.database, str(row["name"]), now=service.ledger.clock())
            row |= {"left": told.left, "ends": told.ends}
    if json_:
        for row in rows:
            json_line(row)
        return
    for row in rows:
        row["share"] = f"{row['share']:.4%}"
    table(
        rows,
        (
            "name",
            "environment",
            "scheme",
            "first",
            "last",
            "cursor",
            "series",
            "granted",
            "usable",
            "share",
            "left",
            "ends",
        ),
    )


def shown(use: "SpaceUse") -> dict[str, object]:
    """Give a space's members as JSON has them: numbers are text; `cursor` is null once the space is used up."""
    space, scheme = use.space, use.space.scheme
    return {
        "name": space.name,
        "environment": space.environment.value,
        "scheme": scheme.name,
        "length": scheme.length,
        "weights": list(scheme.weights),
        "modulus": scheme.modulus,
        "remainder": scheme.remainder,
        "first": scheme.format(space.first),
        "last": scheme.format(space.last),
        "cursor": scheme.format(space.cursor) if space.cursor <= space.last else None,
        "series": use.series,
        "granted": use.granted,
        "usable": use.usable_granted,
        "passed": use.passed,
        "share": use.share,
    }


def _weights(text: str) -> tuple[int, ...]:
    from npn.errors import InvalidInputError

    try:
        return tuple(int(part) for part in text.replace(",", " ").split())
    except ValueError:
        raise InvalidInputError(
            "weights are whole numbers", field="weights", hint="--weights 4,3,2,7,6,5,4,3,2,1"
        ) from None


def _number(text: str, field: str, length: int) -> int:
    from npn.errors import InvalidInputError

    if len(text) != length or not (text.isascii() and text.isdigit()):
        raise InvalidInputError(f"{field} is a number of {length} digits", code="not_a_number", field=field)
    return int(text)
