"""What the service is made of: number spaces, and the settings as they are."""

from collections.abc import Sequence
from dataclasses import dataclass

from npn.config import Settings
from npn.people.model import AccountRole
from npn.registry.service import SpaceUse
from npn.web.answers import Answer
from npn.web.routes import get
from npn.web.rules import only
from npn.web.visit import Visit

_SECRETS = ("secret", "password", "key_file")  # in a setting's name: what it holds is never shown


@get("/spaces", only(AccountRole.OPERATOR, AccountRole.AUDITOR, AccountRole.GROUP))
async def list_spaces(visit: Visit) -> Answer:
    """Show every number space and how much of it is used."""
    found: Sequence[SpaceUse] = await visit.read(visit.service.registry.use)
    return await visit.page("spaces.html", spaces=found)


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting as it is shown. `default`: nobody has set it."""

    name: str
    value: str
    default: bool


@get("/settings", only(AccountRole.OPERATOR))
async def show_settings(visit: Visit) -> Answer:
    """Show the settings that the service runs with; they are changed where it is started."""
    return await visit.page("settings.html", settings=shown(visit.service.settings))


def shown(settings: Settings) -> list[Setting]:
    """Give every setting; of what may hold a secret only whether it is set."""
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
