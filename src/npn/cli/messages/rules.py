"""The rules as `npn message validate` runs them: chosen, with the receiver's limit, with the number service."""

import atexit
import os
from collections.abc import Callable
from datetime import datetime
from functools import cache, partial

from npn.cli.rest_client import RestClient, part, understood
from npn.errors import ConfigurationError
from npn.messages import PartValidator
from npn.messages.rules import Options, select
from npn.outgoing import ConnectionOptions
from npn.wire.documents import NumberInformation


@cache
def check_of(
    patterns: tuple[str, ...], *, limit: int | None, service: bool, show_persons: bool
) -> Callable[[], PartValidator]:
    """Return what makes a validator, settled once in a process. Raises InvalidInputError for an unknown rule."""
    lookup = None
    if service:
        called = from_environment()
        atexit.register(called.close)
        called.call("GET", "/v1/me")  # so that a refused key is said once, before any of many files
        lookup = asked_once(called)
    options = Options(
        limit=limit,
        lookup=lookup,
        now=datetime.now().astimezone().replace(tzinfo=None),  # messages state local time without a zone
        show_persons=show_persons,
    )
    return partial(PartValidator, rules=select(patterns), options=options)


def from_environment() -> RestClient:
    """The number service that the environment names. Raises ConfigurationError where it names none."""
    variables = {name: os.environ.get(name, "").strip() for name in ("NPN_URL", "NPN_KEY")}
    for name, value in variables.items():
        if not value:
            raise ConfigurationError(f"--service needs {name}", field=name, hint=f"set {name} in the environment")
    named = {name: os.environ.get(f"NPN_{name.upper()}", "") for name in ConnectionOptions.__struct_fields__}
    return RestClient(variables["NPN_URL"], variables["NPN_KEY"], ConnectionOptions(**named))


def asked_once(service: RestClient) -> Callable[[str], str]:
    """Ask for a number's state, each number once."""

    @cache
    def state(number: str) -> str:
        answer = service.call("GET", f"/v1/numbers/{part(number)}")
        return str(understood(answer, NumberInformation).state)

    return state
