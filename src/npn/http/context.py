"""What every handler of REST, SOAP and the pages works with: threads, who calls, draws, where to read."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Concatenate, ParamSpec, TypeVar

import structlog
from litestar.types import HTTPScope

from npn.errors import NotFoundError, NpnError, UnavailableError, codes
from npn.http.arrivals import Arrivals
from npn.http.authentication import Authenticator
from npn.http.exchange import exchange_of
from npn.http.metrics import Metrics
from npn.http.requests import Asked
from npn.http.services import HttpServices
from npn.http.threads import Threads
from npn.http.verdict import SharedVerdict
from npn.numbers.scheme import NumberScheme
from npn.reading import Reading
from npn.registry.draws import GrantedSeries
from npn.registry.model import Draw
from npn.systems.model import CallerName
from npn.wire.problems import INTERNAL

_P = ParamSpec("_P")
_T = TypeVar("_T")
_log = structlog.get_logger("npn.http")


@dataclass(frozen=True, slots=True)
class Context:
    """The application on one event loop. `threads` reads and changes without holding it up.

    `services` are for this room alone; each front lists what it uses itself.
    """

    services: HttpServices
    metrics: Metrics
    threads: Threads
    authenticator: Authenticator
    arrivals: Arrivals[GrantedSeries]
    readiness: SharedVerdict = field(default_factory=SharedVerdict)

    async def draw(self, draw: Draw) -> GrantedSeries:
        """Draw. Raises what refused it, or UnavailableError `draw_timeout`: the repeat finds what was granted."""
        seconds = self.services.settings.draw_deadline_seconds
        try:
            granted = await self.arrivals.wait(self.services.allocator.draw(draw), seconds=seconds)
        except TimeoutError as error:
            raise UnavailableError("the draw was not answered in time", code=codes.DRAW_TIMEOUT) from error
        self.metrics.granted(granted)
        return granted

    async def look(
        self, scope: HTTPScope, work: Callable[Concatenate[Reading, _P], _T], *a: _P.args, **k: _P.kwargs
    ) -> _T:
        """Read what may be a little old: from a standby where the operator named one; the answer says its age.

        What a standby does not know yet, the primary is asked for.
        """
        value, exchange_of(scope).age = await self.looked(work, *a, **k)
        return value

    async def looked(
        self, work: Callable[Concatenate[Reading, _P], _T], *a: _P.args, **k: _P.kwargs
    ) -> tuple[_T, float | None]:
        """Read what may be a little old, and give its age in seconds; None where the primary was asked."""
        reading = await self.threads.read(self.services.readings.choose)
        if reading.age is not None:
            with suppress(NotFoundError, UnavailableError):
                return await self.threads.read_now(work, reading, *a, **k), reading.age
            reading = self.services.readings.primary
        return await self.threads.read(work, reading, *a, **k), None

    async def warning(self, system: str) -> Mapping[str, str]:
        """Return the headers by which a draw's answer warns its system; nothing for most."""
        warnings = self.services.warnings
        if not warnings.fresh:
            with suppress(NpnError):  # the draw is granted: it is answered, warned or not
                await self.threads.read(warnings.look)
        return warnings.of(system)

    def note(self, scope: HTTPScope, *, caller: CallerName | None, code: str) -> None:
        """Record who called and the code of a refusal, for the access log and the counts."""
        exchange = exchange_of(scope)
        exchange.caller, exchange.code = caller, code

    async def scheme(self, space: str) -> NumberScheme:
        """Return a space's scheme."""
        spaces = await self.threads.read(self.services.registry.spaces)
        return next(candidate.scheme for candidate in spaces if candidate.name == space)

    def failed(self, scope: HTTPScope, error: Exception) -> None:
        """Log whole what should not have happened."""
        exchange = exchange_of(scope)
        exchange.code = INTERNAL
        _log.error("failure", request_id=exchange.request_id, exc_info=error)

    def close(self) -> None:
        """Answer what was accepted, then let go."""
        self.threads.close()
        self.services.close()


def context_of(request: Asked) -> Context:
    """Return what the application was started with."""
    context: Context = request.app.state.context
    return context
