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
FindPage = Callable[[Visit], Awaitable[str]]

RESERVED = ("/v1", "/openapi.json", "/healthz", "/readyz", "/metrics", "/soap", "/.well-known")  # for programs
_PARAMETER = re.compile(r"\{([a-z_]+)\}")
_PATH = re.compile(r"/(?:(?:[a-z0-9.-]+|\{[a-z_]+\})(?:/(?:[a-z0-9.-]+|\{[a-z_]+\}))*)?\Z")


@dataclass(frozen=True, slots=True)
class Route:
    """One page: its method, path (`/systems/{system}`), rule and handler. `largest`: bytes that its form may have.

    `files`: the form may bring files along.
    `again`: a form that was not taken is shown again by this handler, which then changes nothing.
    `page`: of a form, the page it is on, where that is neither at its path nor at the path's beginning: a path with the
    same parameters, or what finds it.
    """

    method: Method
    path: str
    rule: AccessRule
    handler: Handler
    largest: int = 0
    files: bool = False
    page: "str | FindPage" = ""
    again: bool = True

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
    return _route("GET", path, rule)


def post(
    path: str,
    rule: AccessRule,
    *,
    largest: int = 65_536,
    files: bool = False,
    page: str | FindPage = "",
    again: bool = True,
) -> Callable[[Handler], Handler]:
    """Make a handler what a form sent to `path` does, for whom `rule` says; `largest` bytes at most.

    `page`: the page that the form is on; `again`: whether the form may be shown again (`Route`).
    """
    return _route("POST", path, rule, largest=largest, files=files, page=page, again=again)


def page_of(route: Route) -> str:
    """Return the path of the page that a form is on: as the route says, else the longest beginning that is a page."""
    if isinstance(route.page, str) and route.page:
        return route.page
    path = route.path
    while path and ("GET", path) not in TABLE:
        path = path.rpartition("/")[0]
    return path or "/"


def _route(
    method: Method,
    path: str,
    rule: AccessRule,
    *,
    largest: int = 0,
    files: bool = False,
    page: str | FindPage = "",
    again: bool = True,
) -> Callable[[Handler], Handler]:
    if not isinstance(rule, AccessRule):
        raise TypeError(f"{method} {path} has no rule: say who may use it")

    def add(handler: Handler) -> Handler:
        route = Route(method, path, rule, handler, largest, files, page, again)
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
