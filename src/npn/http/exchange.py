"""One request and its answer, as the log and the figures see it: kept in the ASGI scope under one name."""

import re
import secrets
from dataclasses import dataclass

from litestar.types import Scope

from npn.systems.model import CallerName

_NAME = "npn"
_SANE = re.compile(r"[A-Za-z0-9._:-]{8,64}\Z", re.ASCII)


@dataclass(slots=True)
class HttpExchange:
    """What is known so far.

    `caller`: None until somebody is known; `code` of the problem answered, where one was; `error`: what the log says.
    """

    request_id: str
    caller: CallerName | None = None
    code: str = ""
    error: str = ""
    status: int = 0
    age: float | None = None  # seconds that what was read may be behind; None: not read from a standby


def begin(scope: Scope) -> HttpExchange:
    """Start an exchange: with the caller's request id where it is sane, else with a new one."""
    exchange = HttpExchange(_given(scope) or new_request_id())
    scope[_NAME] = exchange  # type: ignore[literal-required]  # ASGI lets a server add its own
    return exchange


def new_request_id() -> str:
    """Make a request id: 96 random bits."""
    return secrets.token_hex(12)


def exchange_of(scope: Scope) -> HttpExchange:
    """Return the exchange that this scope belongs to."""
    exchange = scope.get(_NAME)
    return exchange if isinstance(exchange, HttpExchange) else begin(scope)


def _given(scope: Scope) -> str | None:
    for name, value in scope.get("headers", ()):
        if name == b"x-request-id":
            text = value.decode("latin-1")
            return text if _SANE.match(text) else None
    return None
