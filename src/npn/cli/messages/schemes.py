"""Which numbers count as NPN for the message commands: by the schemes named, else the service's, else those known."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from npn.cli.rest_client import RestClient
    from npn.numbers.scheme import NumberScheme


def scheme_option(command: Callable[..., int]) -> Callable[..., int]:
    """Add `--scheme`, which may be given several times; the command gets the texts as `scheme`, checked."""
    option = click.option(
        "--scheme",
        multiple=True,
        metavar="SCHEME",
        callback=_checked,
        help="Numbers of this scheme count as NPN: npn10, npn14, or LENGTH:WEIGHT,...:MODULUS:REMAINDER; may be "
        "given several times.  [default: the service's with --service, else all known, which are assumed]",
    )
    return option(command)


def _checked(_ctx: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    schemes_named(values)
    return values


def schemes_named(texts: tuple[str, ...]) -> "tuple[NumberScheme, ...]":
    """Return the schemes that were named, each once. Raises InvalidInputError `unknown_scheme`."""
    from npn.numbers.notation import named_scheme

    return tuple(dict.fromkeys(map(named_scheme, texts)))


def schemes_of(texts: tuple[str, ...]) -> "tuple[NumberScheme, ...]":
    """Return the schemes that were named; where none was, all known."""
    from npn.messages.model.number_forms import KNOWN_SCHEMES

    return schemes_named(texts) or KNOWN_SCHEMES


def service_schemes(service: "RestClient") -> tuple[str, ...]:
    """Return the schemes of the service's number spaces, written out."""
    from npn.cli.rest_client import understood
    from npn.numbers.notation import write_scheme
    from npn.numbers.scheme import NumberScheme
    from npn.wire.documents import SpaceList

    spaces = understood(service.call("GET", "/v1/spaces"), SpaceList).items
    schemes = (
        NumberScheme(
            space.scheme.name,
            space.scheme.length,
            tuple(space.scheme.weights),
            space.scheme.modulus,
            space.scheme.remainder,
        )
        for space in spaces
    )
    return tuple(dict.fromkeys(map(write_scheme, schemes)))


def asked(texts: tuple[str, ...], *, service: bool) -> tuple[str, ...]:
    """Return the texts of the schemes that count: those named, else with `service` those that the service answers."""
    if texts or not service:
        return texts
    from npn.cli.messages.environment import from_environment

    client = from_environment()
    try:
        return service_schemes(client)
    finally:
        client.close()
