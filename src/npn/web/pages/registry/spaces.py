"""Number spaces, and how much of each is used."""

import threading
import time
from collections.abc import Callable, Sequence

from npn.http.answers import Answer
from npn.people.model import AccountRole
from npn.registry.service import SpaceUse
from npn.web.routes import get
from npn.web.rules import only
from npn.web.visit import Visit


@get("/spaces", only(AccountRole.OPERATOR, AccountRole.AUDITOR, AccountRole.GROUP))
async def list_spaces(visit: Visit) -> Answer:
    """Show every number space and how much of it is used."""
    spaces = await visit.read(_uses(visit).latest)
    return await visit.page("registry/spaces.html", spaces=spaces)


class Uses:
    """How much of each space is used: counted again, but where that takes long, no more than one part in twenty of it.

    So a small service shows what is true now, and with millions of series a page still comes at once.
    """

    def __init__(self, count: Callable[[], Sequence[SpaceUse]]) -> None:
        """`count` is what may take long."""
        self._count = count
        self._counting = threading.Lock()
        self._good_until = 0.0
        self._latest: Sequence[SpaceUse] = ()

    def latest(self) -> Sequence[SpaceUse]:
        """Return it; who comes while it is counted waits for that."""
        with self._counting:
            began = time.monotonic()
            if began >= self._good_until:
                self._latest = self._count()
                ended = time.monotonic()
                self._good_until = ended + min(20 * (ended - began), 60.0)
            return self._latest


def _uses(visit: Visit) -> Uses:
    state = visit.request.app.state
    uses = state.get("uses")
    if not isinstance(uses, Uses):
        uses = state.uses = Uses(visit.services.registry.use)
    return uses
