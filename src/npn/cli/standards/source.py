"""Where `npn standard` reads: a service by its address, or a database on this machine; what is public needs no key."""

import functools
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Concatenate, ParamSpec, Protocol, TypeVar
from urllib.parse import urlencode

import click

from npn import wire
from npn.cli.database import opened
from npn.cli.rest_client import CONNECTION_OPTIONS, RestClient, connect, part, understood
from npn.config import read_settings
from npn.errors import ConfigurationError, NpnError
from npn.instants import iso_day
from npn.outgoing import ConnectionOptions

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class CapabilityQuery:
    """Which lines of a standard's matrix are wanted; what is empty is not asked for."""

    version: str = ""
    region: str = ""
    feature: str = ""
    at: date | None = None


class StandardSource(Protocol):
    """What answers."""

    def catalogue(self) -> wire.StandardList:
        """Return every standard."""
        ...

    def standard(self, code: str) -> wire.Standard:
        """Return one standard."""
        ...

    def capabilities(self, code: str, query: CapabilityQuery = ...) -> wire.CapabilityList:
        """Return the lines of a standard's matrix."""
        ...


@dataclass(frozen=True, slots=True)
class _ServiceSource:
    client: RestClient

    def catalogue(self) -> wire.StandardList:
        return understood(self.client.call("GET", "/v1/standards"), wire.StandardList)

    def standard(self, code: str) -> wire.Standard:
        return understood(self.client.call("GET", f"/v1/standards/{part(code)}"), wire.Standard)

    def capabilities(self, code: str, query: CapabilityQuery = CapabilityQuery()) -> wire.CapabilityList:  # frozen
        wanted = {
            "standard": code,
            "version": query.version,
            "region": query.region,
            "feature": query.feature,
            "at": "" if query.at is None else iso_day(query.at),
        }
        query_text = urlencode({name: value for name, value in wanted.items() if value})
        return understood(self.client.call("GET", f"/v1/capabilities?{query_text}"), wire.CapabilityList)


@contextmanager
def _database_source(database: str, witness: str) -> Iterator[StandardSource]:
    from npn.standards.matrix import FeatureCondition, MatrixWish
    from npn.standards.service import Standards

    @dataclass(frozen=True, slots=True)
    class DatabaseSource:
        standards: Standards

        def catalogue(self) -> wire.StandardList:
            return self.standards.overview()

        def standard(self, code: str) -> wire.Standard:
            return self.standards.details(code)

        def capabilities(self, code: str, query: CapabilityQuery = CapabilityQuery()) -> wire.CapabilityList:  # frozen
            wish = MatrixWish(
                version=query.version or None,
                region=query.region or None,
                feature=FeatureCondition.parse(query.feature) if query.feature else None,
            )
            return self.standards.capabilities(code, at=query.at, wish=wish)

    key_file = os.environ.get("NPN_SECRETS_KEY_FILE") or None
    options = {"database": database, "witness": witness or None, "secrets_key_file": key_file}
    with opened(read_settings(None, {}, options)) as service:
        yield DatabaseSource(service.standards)


_DATABASE = (
    click.option(
        "--database", envvar="NPN_DATABASE", show_envvar=True, metavar="URL", help="Read here, without --url."
    ),
    click.option("--witness", envvar="NPN_WITNESS", show_envvar=True, metavar="W", help="The database's witness."),
)


def reads_standards(command: Callable[Concatenate[StandardSource, P], R]) -> Callable[P, R]:
    """Add to a command where it reads; its first argument is the source."""

    @functools.wraps(command)
    def with_source(*args: P.args, **given: P.kwargs) -> R:
        url, key = str(given.pop("url") or ""), str(given.pop("key") or "")
        database, witness = str(given.pop("database") or ""), str(given.pop("witness") or "")
        if url:
            client = connect(url, key, given)
            try:
                return command(_ServiceSource(client), *args, **given)
            except NpnError as error:
                raise error from None
            finally:
                client.close()
        for name in ConnectionOptions.__struct_fields__:
            given.pop(name)
        if not database:
            raise ConfigurationError("no url was given", field="url", hint="set NPN_URL, or use --url or --database")
        with _database_source(database, witness) as source:
            return command(source, *args, **given)

    for option in reversed((*CONNECTION_OPTIONS, *_DATABASE)):
        with_source = option(with_source)
    return with_source
