"""What this front needs of whoever mounts it: ways to the service that don't hold up the event loop.

The server gives the ones that REST uses, so keys are checked, failures counted and draws folded in one place.
"""

from collections.abc import Callable, Mapping
from typing import ParamSpec, Protocol, TypeVar

from litestar.types import HTTPScope

from npn.registry.draws import Granted
from npn.registry.model import Draw
from npn.systems.clients import Presented
from npn.systems.model import Caller, CallerName

_P = ParamSpec("_P")
_T = TypeVar("_T")


class Ways(Protocol):
    """The ways into the service."""

    async def read(self, work: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Read in a thread."""

    async def write(self, work: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Change something, in the process's one writing thread."""

    async def draw(self, draw: Draw) -> Granted:
        """Draw through the allocator. Raises NpnError."""

    async def warning(self, system: str) -> Mapping[str, str]:
        """Give the headers by which a draw's answer warns its system; nothing for most."""

    async def holder(self, key: str, *, address: str, may_be_remembered: bool) -> Caller:
        """Give who holds a key (`npn_<system>_<secret>`). Raises UnauthenticatedError, RefusedError `rate_limited`.

        `may_be_remembered`: the answer may be a second old, as for draws, which ask again in their transaction.
        """

    def admit(self, caller: Caller, shown: Presented | None = None) -> None:
        """Count a request of a caller known otherwise, by `shown` perhaps. Raises RefusedError `rate_limited`."""

    async def refuse_plain(self, system: str, *, drawing: bool) -> None:
        """Hold a call over plain HTTP against what was announced. Raises RefusedError `insecure_transport`."""


class Mounted(Ways, Protocol):
    """The ways, and the access log's view of one exchange."""

    def note(self, scope: HTTPScope, *, caller: CallerName | None, code: str) -> None:
        """Say who called and, for a refusal, with which code it ended."""
