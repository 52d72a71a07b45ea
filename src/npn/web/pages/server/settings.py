"""The settings as they are."""

from dataclasses import dataclass

from npn.config import Settings
from npn.http.answers import Answer
from npn.people.model import AccountRole
from npn.web.routes import get
from npn.web.rules import only
from npn.web.visit import Visit

_SECRETS = ("secret", "password", "key_file")  # in a setting's name: what it holds is never shown


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting as it is shown. `default`: nobody has set it."""

    name: str
    value: str
    default: bool


@get("/settings", only(AccountRole.OPERATOR))
async def show_settings(visit: Visit) -> Answer:
    """Show the settings that the service runs with; they are changed where it is started."""
    return await visit.page("server/settings.html", settings=settings_shown(visit.services.settings))


def settings_shown(settings: Settings) -> list[Setting]:
    """Return every setting; of what may hold a secret only whether it is set."""
    standard = Settings()
    rows = []
    for name in Settings.__struct_fields__:
        value, usual = getattr(settings, name), getattr(standard, name)
        rows.append(Setting(name, _display(name, value), value == usual))
    return rows


def _written(value: object) -> str:
    """Write a value as the file has it; nothing where nothing is set."""
    if value is None or value == ():
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ", ".join(str(item) for item in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _display(name: str, value: object) -> str:
    text = _written(value)
    if any(word in name for word in _SECRETS):
        return "•••" if text else ""
    scheme, mark, rest = text.partition("://")
    if mark and "@" in rest:  # a database's address may hold a password
        user, _, host = rest.rpartition("@")
        return f"{scheme}://{user.partition(':')[0]}@{host}"
    return text
