"""What every command that works on a database shares: its two options, and the service put together on it.

None of them needs a running server, and all of them may be used beside one: they go through the same
transactions, file locks and witness.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

import click

from npn.config import DEFAULT_DATABASE, Settings, read_settings

if TYPE_CHECKING:
    from npn.wiring.service import Service

P = ParamSpec("P")
R = TypeVar("R")


def works_on_database(command: Callable[Concatenate[Settings, P], R]) -> Callable[P, R]:
    """Add to a command `--database`, `--witness` and `--config`; it gets the settings made of them first."""

    @click.option(
        "--config",
        envvar="NPN_CONFIG",
        show_envvar=True,
        type=click.Path(path_type=Path),
        help="The service's settings, a TOML file; the two options above win over it.",
    )
    @click.option(
        "--database",
        envvar="NPN_DATABASE",
        show_envvar=True,
        metavar="URL",
        help=f"sqlite:///PATH or postgresql://…  [default: {DEFAULT_DATABASE}]",
    )
    @click.option(
        "--witness",
        envvar="NPN_WITNESS",
        show_envvar=True,
        metavar="W",
        help="Where the witness is kept: a file, postgresql://… of another server, or etcd://host,host,host/npn."
        "  [default with SQLite: beside the database]",
    )
    @wraps(command)
    def with_settings(*args: P.args, **kwargs: P.kwargs) -> R:
        options = {"database": kwargs.pop("database"), "witness": kwargs.pop("witness")}
        options["secrets_key_file"] = os.environ.get("NPN_SECRETS_KEY_FILE") or None
        file = kwargs.pop("config")
        return command(read_settings(file if isinstance(file, Path) else None, {}, options), *args, **kwargs)

    return with_settings


@contextmanager
def opened(settings: Settings, *, key_is_lost: bool = False) -> Iterator["Service"]:
    """Put a service together for one command, and let go of it afterwards."""
    from npn.wiring.assembly import build

    service = build(settings, key_is_lost=key_is_lost)
    try:
        yield service
    finally:
        service.close()


def who() -> str:
    """Return the user of the operating system, as the ledger records who changed something by a command."""
    from npn.ledger.attribution import ADMIN, system_user

    return f"{ADMIN}{system_user()}"
