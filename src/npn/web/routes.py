"""THE table of pages: every route with its rule. A page whose path says too little of who may see it fails here."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from npn.http.answers import Reply
from npn.web.rules import AccessRule, unguarded
from npn.web.visit import Visit

Method = Literal["GET", "POST"]
Handler = Callable[[Visit], Awaitable[Reply]]

RESERVED = ("/v1", "/openapi.json", "/healthz", "/readyz", "/metrics", "/soap", "/.well-known")  # for programs
_PARAMETER = re.compile(r"\{([a-z_]+)\}")
_PATH = re.compile(r"/(?:(?:[a-z0-9.-]+|\{[a-z_]+\})(?:/(?:[a-z0-9.-]+|\{[a-z_]+\}))*)?\Z")


@dataclass(frozen=True, slots=True)
class Route:
    """One page: its method, path (`/systems/{system}`), rule and handler. `largest`: bytes that its form may have.

    `files`: the form may bring files along.
    """

    method: Method
    path: str
    rule: AccessRule
    handler: Handler
    largest: int
    files: bool = False

    @property
    def parameters(self) -> frozenset[str]:
        """Names of the path's parameters."""
        return frozenset(_PARAMETER.findall(self.path))

    @property
    def name(self) -> str:
        """As tests and logs call it."""
        return f"{self.method} {self.path}"


TABLE: dict[tuple[Method, str], Route] = {}


def get(path: str, rule: AccessRule) -> Callable[[Handler], Handler]:
    """Make a handler the page at `path`, for whom `rule` says."""
    return _route("GET", path, rule, largest=0)


def post(path: str, rule: AccessRule, *, largest: int = 65_536, files: bool = False) -> Callable[[Handler], Handler]:
    """Make a handler what a form sent to `path` does, for whom `rule` says; `largest` bytes at most."""
    return _route("POST", path, rule, largest=largest, files=files)


def _route(
    method: Method, path: str, rule: AccessRule, *, largest: int, files: bool = False
) -> Callable[[Handler], Handler]:
    if not isinstance(rule, AccessRule):
        raise TypeError(f"{method} {path} has no rule: say who may use it")

    def add(handler: Handler) -> Handler:
        route = Route(method, path, rule, handler, largest, files)
        wrong = unguarded(rule, route.parameters)
        if not _PATH.match(path) or any(path == r or path.startswith(f"{r}/") for r in RESERVED):
            wrong = "not an address for a page"
        if (method, path) in TABLE:
            wrong = "it is in the table already"
        if wrong:
            raise TypeError(f"{route.name}: {wrong}")
        TABLE[method, path] = route
        return handler

    return add
