"""The rules as `npn message validate` runs them: chosen, with the receiver's limit, with the number service."""

import atexit
from collections.abc import Callable
from datetime import datetime
from functools import cache, partial

from npn.cli.messages.environment import from_environment
from npn.cli.messages.schemes import schemes_of, service_schemes
from npn.cli.rest_client import RestClient, part, understood
from npn.errors import RefusedError, codes
from npn.messages import PartValidator
from npn.messages.rules import Options, select
from npn.wire.documents import NumberInformation

NEVER_ISSUED = "never_issued"


@cache
def check_of(
    patterns: tuple[str, ...], *, limit: int | None, service: bool, show_persons: bool, scheme: tuple[str, ...] = ()
) -> Callable[[], PartValidator]:
    """Return what makes a validator, settled once in a process. Raises InvalidInputError for an unknown rule."""
    lookup = None
    if service:
        called = from_environment()
        atexit.register(called.close)
        called.call("GET", "/v1/me")  # so that a refused key is said once, before any of many files
        lookup = asked_once(called)
        scheme = scheme or service_schemes(called)
    options = Options(
        limit=limit,
        schemes=schemes_of(scheme),
        stated=bool(scheme),
        lookup=lookup,
        now=datetime.now().astimezone().replace(tzinfo=None),  # messages state local time without a zone
        show_persons=show_persons,
    )
    return partial(PartValidator, rules=select(patterns), options=options)


def asked_once(service: RestClient) -> Callable[[str], str]:
    """Ask for a number's state, each number once."""

    @cache
    def state(number: str) -> str:
        try:
            answer = service.call("GET", f"/v1/numbers/{part(number)}")
        except RefusedError as error:
            if error.code != codes.NOT_A_NUMBER:
                raise
            return NEVER_ISSUED  # none of the service's spaces has numbers of that form
        return str(understood(answer, NumberInformation).state)

    return state
