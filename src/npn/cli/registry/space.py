"""`npn admin space`: number spaces, their schemes and ranges."""

from typing import TYPE_CHECKING

import click

from npn.cli.database import opened, who, works_on_database
from npn.cli.lazy import LazyGroup
from npn.cli.printing import as_json, json_line, table
from npn.config import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from npn.numbers.scheme import NumberScheme
    from npn.registry.service import SpaceUse
    from npn.wiring.service import Service

COMMANDS = {
    "add": ("npn.cli.registry.space:add", "Open a space; nothing of it ever changes afterwards."),
    "default": ("npn.cli.registry.space:default", "Choose the space for systems that have drawn nothing yet."),
    "close": ("npn.cli.registry.space:close", "Grant nothing more from a space; all else works."),
    "open": ("npn.cli.registry.space:open_", "Grant from a space again that was closed."),
    "list": ("npn.cli.registry.space:list_", "List the spaces, with their use and share."),
}


@click.group(cls=LazyGroup, commands_table=COMMANDS)
def space() -> None:
    """Number spaces: one scheme each, with its own range and cursor."""


@click.command()
@click.argument("name")
@click.option("--length", type=int, help="Digits of a number, 6 to 18, where --scheme does not say it.")
@click.option("--weights", help="One for each digit, from the leading one: 4,3,2,7,6,5,4,3,2,1")
@click.option("--modulus", type=int, help="With --length and --weights.  [default: 11]")
@click.option("--remainder", type=int, help="With --length and --weights.  [default: 0]")
@click.option("--first", required=True, help="The first number, with its leading zeros.")
@click.option("--last", required=True, help="The last number.")
@click.option("--environment", type=click.Choice(["test", "production"]), default="test", show_default=True)
@click.option(
    "--scheme",
    default="",
    metavar="S",
    help="npn10, npn14, or LENGTH:WEIGHTS[:MODULUS[:REMAINDER]]; with --length and --weights: the scheme's name.",
)
@click.option("--recovering", is_flag=True, help="Bring back a space that a restored backup lacks, before npn recover.")
@as_json
@works_on_database
def add(settings: Settings, /, *, name: str, json_: bool, recovering: bool, **given: str | int | None) -> None:
    """Open a space. Its scheme and range are chosen now and never changed.

    Spaces of one length have ranges that share no number; the database refuses any other.
    """
    from npn.numbers.digits import parse_digits
    from npn.systems.model import Environment

    scheme = _scheme(name, given)
    first, last = (parse_digits(str(given[bound]), scheme.length, field=bound) for bound in ("first", "last"))
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
        usage = next(use for use in service.registry.use() if use.space.name == name)
    if json_:
        json_line(shown(usage))
    else:
        usable = scheme.count(first, last)
        click.echo(f"{name}: {scheme.format(first)} to {scheme.format(last)}, {usable} of them usable")


@click.command()
@click.argument("name")
@as_json
@works_on_database
def default(settings: Settings, *, name: str, json_: bool) -> None:
    """Let draws that name no space go to NAME, of systems of its environment that have drawn nothing yet.

    A system that has drawn keeps its space: npn admin system set-space moves it. No server needs a restart.
    """
    with opened(settings) as service:
        service.spaces.set_default(name, by=who())
        _tell(service, name, json_=json_)


@click.command()
@click.argument("name")
@as_json
@works_on_database
def close(settings: Settings, *, name: str, json_: bool) -> None:
    """Grant nothing more from the space NAME (`space_closed`); look-ups, repeats and releases go on."""
    with opened(settings) as service:
        service.spaces.set_open(name, is_open=False, by=who())
        _tell(service, name, json_=json_)


@click.command("open")
@click.argument("name")
@as_json
@works_on_database
def open_(settings: Settings, *, name: str, json_: bool) -> None:
    """Grant from the space NAME again."""
    with opened(settings) as service:
        service.spaces.set_open(name, is_open=True, by=who())
        _tell(service, name, json_=json_)


def _tell(service: "Service", name: str, *, json_: bool) -> None:
    usage = next(use for use in service.registry.use() if use.space.name == name)
    if json_:
        json_line(shown(usage))
        return
    space = usage.space
    state = "open" if space.is_open else "closed"
    what = f", the default of {space.environment.value}" if space.is_default else ""
    click.echo(f"{name}: {state}{what}")


@click.command("list")
@as_json
@works_on_database
def list_(settings: Settings, *, json_: bool) -> None:
    """List the spaces: scheme, range, what was granted, the share passed, what is left and the day it ends.

    The day is a forecast from what was drawn in the last year; it is left out while nothing is drawn, and where it is
    more than a hundred years away.
    """
    from npn.stock.forecast import forecast_space

    with opened(settings) as service:
        rows = [shown(use) for use in service.registry.use()]
        for row in rows:
            forecast = forecast_space(service.database, str(row["name"]), now=service.ledger.clock())
            row |= {"left": forecast.left, "ends": forecast.ends}
    if json_:
        for row in rows:
            json_line(row)
        return
    for row in rows:
        row["share"] = f"{row['share']:.4%}"
        row |= {name: "yes" if row[name] else "no" for name in ("default", "open")}
    table(
        rows,
        (
            "name",
            "environment",
            "default",
            "open",
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
    """Return a space's members as JSON has them: numbers are text; `cursor` is null once the space is used up."""
    space, scheme = use.space, use.space.scheme
    return {
        "name": space.name,
        "environment": space.environment.value,
        "default": space.is_default,
        "open": space.is_open,
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


def _scheme(name: str, given: "Mapping[str, str | int | None]") -> "NumberScheme":
    """Read --scheme alone, or --length and --weights, whose scheme --scheme names."""
    from npn.numbers.notation import named_scheme
    from npn.numbers.scheme import NumberScheme

    notation = str(given["scheme"] or "")
    if given["length"] is None and given["weights"] is None:
        if not notation or given["modulus"] is not None or given["remainder"] is not None:
            raise click.UsageError("give --scheme, or --length and --weights")
        return named_scheme(notation)
    if given["length"] is None or given["weights"] is None:
        raise click.UsageError("--length and --weights go together")
    modulus = 11 if given["modulus"] is None else int(given["modulus"])
    scheme = NumberScheme(
        notation or name, int(given["length"]), _weights(str(given["weights"])), modulus, int(given["remainder"] or 0)
    )
    _refuse_false_name(scheme)
    return scheme


def _refuse_false_name(scheme: "NumberScheme") -> None:
    """Refuse the name of a known scheme for another one."""
    from npn.errors import InvalidInputError
    from npn.numbers.notation import KNOWN, same_scheme

    named = KNOWN.get(scheme.name)
    if named is not None and not same_scheme(named, scheme):
        raise InvalidInputError(
            f"{scheme.name} is another scheme", field="scheme", hint="choose another name, or leave --weights out"
        )


def _weights(text: str) -> tuple[int, ...]:
    from npn.errors import InvalidInputError

    try:
        return tuple(int(part) for part in text.replace(",", " ").split())
    except ValueError:
        raise InvalidInputError(
            "weights are whole numbers", field="weights", hint="--weights 4,3,2,7,6,5,4,3,2,1"
        ) from None
