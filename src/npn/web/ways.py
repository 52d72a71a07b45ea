"""What the pages need of whoever mounts them: ways to the service that don't hold up the event loop."""

from collections.abc import Callable
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from litestar.types import HTTPScope

from npn.registry.draws import Granted
from npn.registry.model import Draw
from npn.systems.model import CallerName
from npn.wiring import Reading

_P = ParamSpec("_P")
_T = TypeVar("_T")


class Mounted(Protocol):
    """The ways into the service, and the access log's view of one exchange."""

    async def read(self, work: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Read in a thread."""

    async def looked(
        self, work: Callable[Concatenate[Reading, _P], _T], *a: _P.args, **k: _P.kwargs
    ) -> tuple[_T, float | None]:
        """Read what may be a little old, and give its age in seconds; None where the primary was asked."""

    async def write(self, work: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Change something, in the process's one writing thread."""

    def later(self, work: Callable[_P, object], *args: _P.args, **kwargs: _P.kwargs) -> None:
        """Have something written that nobody waits for."""

    async def draw(self, draw: Draw) -> Granted:
        """Draw through the allocator. Raises NpnError."""

    def note(self, scope: HTTPScope, *, caller: CallerName | None, code: str) -> None:
        """Say who called and, for a refusal, with which code it ended."""

    def failed(self, scope: HTTPScope, error: Exception) -> None:
        """Log whole what should not have happened, and let the figures count it."""
