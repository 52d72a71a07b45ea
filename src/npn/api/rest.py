"""What every handler works with: the service, and the ways into it that don't hold up the event loop."""

from dataclasses import dataclass

from npn.api.arrivals import Arrivals
from npn.api.auth import Gatekeeper
from npn.api.metrics import Metrics
from npn.api.requests import Asked
from npn.api.threads import Threads
from npn.errors import UnavailableError
from npn.numbers.scheme import NumberScheme
from npn.registry.draws import Granted
from npn.registry.model import Draw
from npn.wiring import Service


@dataclass(frozen=True, slots=True)
class Rest:
    """The service as REST uses it, on one event loop."""

    service: Service
    metrics: Metrics
    threads: Threads
    gate: Gatekeeper
    arrivals: Arrivals[Granted]

    async def draw(self, draw: Draw) -> Granted:
        """Draw. Raises what refused it, or UnavailableError `draw_timeout`: the repeat finds what was granted."""
        seconds = self.service.settings.draw_deadline_seconds
        try:
            granted = await self.arrivals.wait(self.service.allocator.draw(draw), seconds=seconds)
        except TimeoutError as error:
            raise UnavailableError("the draw was not answered in time", code="draw_timeout") from error
        self.metrics.granted(granted)
        return granted

    async def scheme(self, space: str) -> NumberScheme:
        """Give a space's scheme."""
        spaces = await self.threads.read(self.service.registry.spaces)
        return next(found.scheme for found in spaces if found.name == space)

    def close(self) -> None:
        """Answer what was accepted, then let go."""
        self.threads.close()
        self.service.close()


def rest_of(request: Asked) -> Rest:
    """Give what the application was started with."""
    rest: Rest = request.app.state.rest
    return rest
