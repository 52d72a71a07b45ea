"""The rules as `npn message validate` runs them: chosen, with the receiver's limit, with the number service."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from functools import cache, partial

from npn.cli.service import Service, part, understood
from npn.errors import ConfigurationError
from npn.messages import Finding, Interchange, validate
from npn.messages.rules import Options, select
from npn.wire.documents import NumberInformation

Check = Callable[[Interchange], list[Finding]]


@contextmanager
def checker(patterns: tuple[str, ...], *, limit: object, service: object, show_persons: object) -> Iterator[Check]:
    """Give the check of one interchange. Raises InvalidInputError where a pattern names no rule."""
    rules = select(patterns)
    with ExitStack() as open_ones:
        lookup = None
        if service:
            called = from_environment()
            open_ones.callback(called.close)
            lookup = asked_once(called)
        options = Options(
            limit=limit if isinstance(limit, int) else None,
            lookup=lookup,
            now=datetime.now().astimezone().replace(tzinfo=None),  # messages state local time without a zone
            show_persons=bool(show_persons),
        )
        yield partial(validate, rules=rules, options=options)


def from_environment() -> Service:
    """The number service that the environment names. Raises ConfigurationError where it names none."""
    given = {name: os.environ.get(name, "").strip() for name in ("NPN_URL", "NPN_KEY")}
    for name, value in given.items():
        if not value:
            raise ConfigurationError(f"--service needs {name}", field=name, hint=f"set {name} in the environment")
    return Service(given["NPN_URL"], given["NPN_KEY"])


def asked_once(service: Service) -> Callable[[str], str]:
    """Ask for a number's state, each number once."""

    @cache
    def state(number: str) -> str:
        answer = service.call("GET", f"/v1/numbers/{part(number)}")
        return str(understood(answer, NumberInformation).state)

    return state
