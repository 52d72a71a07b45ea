"""What every handler works with: the service, and the ways into it that don't hold up the event loop."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Concatenate, ParamSpec, TypeVar

import structlog
from litestar.types import HTTPScope

from npn.api.arrivals import Arrivals
from npn.api.auth import Gatekeeper
from npn.api.exchange import exchange_of
from npn.api.metrics import Metrics
from npn.api.requests import Asked
from npn.api.threads import Threads
from npn.api.verdict import Verdict
from npn.errors import NotFoundError, NpnError, UnavailableError
from npn.numbers.scheme import NumberScheme
from npn.registry.draws import Granted
from npn.registry.model import Draw
from npn.systems.clients import Presented
from npn.systems.model import Caller, CallerName
from npn.wire.problems import INTERNAL
from npn.wiring import Reading, Service

_P = ParamSpec("_P")
_T = TypeVar("_T")
_log = structlog.get_logger("npn.api")


@dataclass(frozen=True, slots=True)
class Rest:
    """The service as REST uses it, on one event loop."""

    service: Service
    metrics: Metrics
    threads: Threads
    gate: Gatekeeper
    arrivals: Arrivals[Granted]
    readiness: Verdict = field(default_factory=Verdict)

    async def draw(self, draw: Draw) -> Granted:
        """Draw. Raises what refused it, or UnavailableError `draw_timeout`: the repeat finds what was granted."""
        seconds = self.service.settings.draw_deadline_seconds
        try:
            granted = await self.arrivals.wait(self.service.allocator.draw(draw), seconds=seconds)
        except TimeoutError as error:
            raise UnavailableError("the draw was not answered in time", code="draw_timeout") from error
        self.metrics.granted(granted)
        return granted

    async def look(
        self, scope: HTTPScope, work: Callable[Concatenate[Reading, _P], _T], *a: _P.args, **k: _P.kwargs
    ) -> _T:
        """Read what may be a little old: from a standby where the operator named one; the answer says its age.

        What a standby does not know yet, the primary is asked for.
        """
        found, exchange_of(scope).age = await self.looked(work, *a, **k)
        return found

    async def looked(
        self, work: Callable[Concatenate[Reading, _P], _T], *a: _P.args, **k: _P.kwargs
    ) -> tuple[_T, float | None]:
        """Read what may be a little old, and give its age in seconds; None where the primary was asked."""
        reading = await self.threads.read(self.service.reading)
        if reading.age is not None:
            with suppress(NotFoundError, UnavailableError):
                return await self.threads.read_now(work, reading, *a, **k), reading.age
            reading = self.service.here()
        return await self.threads.read(work, reading, *a, **k), None

    async def warning(self, system: str) -> Mapping[str, str]:
        """Give the headers by which a draw's answer warns its system; nothing for most."""
        warnings = self.service.warnings
        if not warnings.fresh:
            with suppress(NpnError):  # the draw is granted: it is answered, warned or not
                await self.threads.read(warnings.look)
        return warnings.of(system)

    async def read(self, work: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Read in a thread."""
        return await self.threads.read(work, *args, **kwargs)

    async def write(self, work: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Change something, in the writer."""
        return await self.threads.write(work, *args, **kwargs)

    async def holder(self, key: str, *, address: str, may_be_remembered: bool) -> Caller:
        """Give who holds a key that came otherwise than in a header."""
        return await self.gate.holder(key, address=address, may_be_remembered=may_be_remembered)

    def admit(self, caller: Caller, shown: Presented | None = None) -> None:
        """Count the request of a caller that was known otherwise than by a key; `shown`: its TLS certificate."""
        self.gate.admit(caller)
        if shown is not None:
            self.gate.note(shown, caller)

    async def refuse_plain(self, system: str, *, drawing: bool) -> None:
        """Hold a call over plain HTTP against what was announced."""
        await self.gate.refuse_plain(system, drawing=drawing)

    def note(self, scope: HTTPScope, *, caller: CallerName | None, code: str) -> None:
        """Record who called and the code of a refusal, for the access log and the counts."""
        exchange = exchange_of(scope)
        exchange.caller, exchange.code = caller, code

    async def scheme(self, space: str) -> NumberScheme:
        """Give a space's scheme."""
        spaces = await self.threads.read(self.service.registry.spaces)
        return next(found.scheme for found in spaces if found.name == space)

    def later(self, work: Callable[_P, object], *args: _P.args, **kwargs: _P.kwargs) -> None:
        """Have something written that nobody waits for."""
        self.threads.later(work, *args, **kwargs)

    def failed(self, scope: HTTPScope, error: Exception) -> None:
        """Log whole what should not have happened."""
        exchange = exchange_of(scope)
        exchange.code = INTERNAL
        _log.error("failure", request_id=exchange.request_id, exc_info=error)

    def close(self) -> None:
        """Answer what was accepted, then let go."""
        self.threads.close()
        self.service.close()


def rest_of(request: Asked) -> Rest:
    """Give what the application was started with."""
    rest: Rest = request.app.state.rest
    return rest
