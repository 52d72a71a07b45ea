"""What the service is made of: number spaces, and the settings as they are."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from npn.config import Settings
from npn.http.answers import Answer
from npn.people.model import AccountRole
from npn.registry.service import SpaceUse
from npn.web.routes import get
from npn.web.rules import only
from npn.web.visit import Visit

_SECRETS = ("secret", "password", "key_file")  # in a setting's name: what it holds is never shown


@get("/spaces", only(AccountRole.OPERATOR, AccountRole.AUDITOR, AccountRole.GROUP))
async def list_spaces(visit: Visit) -> Answer:
    """Show every number space and how much of it is used."""
    found = await visit.read(_uses(visit).latest)
    return await visit.page("registry/spaces.html", spaces=found)


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
    found = state.get("uses")
    if not isinstance(found, Uses):
        found = state.uses = Uses(visit.service.registry.use)
    return found


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting as it is shown. `default`: nobody has set it."""

    name: str
    value: str
    default: bool


@get("/settings", only(AccountRole.OPERATOR))
async def show_settings(visit: Visit) -> Answer:
    """Show the settings that the service runs with; they are changed where it is started."""
    return await visit.page("server/settings.html", settings=shown(visit.service.settings))


def shown(settings: Settings) -> list[Setting]:
    """Return every setting; of what may hold a secret only whether it is set."""
    standard = Settings()
    made = []
    for name in Settings.__struct_fields__:
        value, usual = getattr(settings, name), getattr(standard, name)
        made.append(Setting(name, _written(name, value), value == usual))
    return made


def _written(name: str, value: object) -> str:
    text = str(value)
    if any(word in name for word in _SECRETS):
        return "•••" if text else ""
    scheme, mark, rest = text.partition("://")
    if mark and "@" in rest:  # a database's address may hold a password
        user, _, host = rest.rpartition("@")
        return f"{scheme}://{user.partition(':')[0]}@{host}"
    return text
