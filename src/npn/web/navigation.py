"""The menu: where entry role's work begins. A page that belongs here adds its line."""

from collections.abc import Sequence
from dataclasses import dataclass

from npn.people.model import ALL, OF_ORGANISATIONS, AccountRole, Person
from npn.web.texts import _

_OPERATOR = frozenset({AccountRole.OPERATOR})


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """A line of the menu, and who has it."""

    path: str
    label: str
    roles: frozenset[AccountRole]


@dataclass(frozen=True, slots=True)
class MenuLine:
    """A line as it is shown. `current`: the page is this one, or below it."""

    path: str
    label: str
    current: bool


MENU: Sequence[MenuEntry] = (
    MenuEntry("/overview", _("Overview"), ALL),
    MenuEntry("/systems", _("Systems"), ALL - {AccountRole.GROUP}),
    MenuEntry("/stock", _("Stock"), ALL - {AccountRole.GROUP}),
    MenuEntry("/forecast", _("Forecast"), frozenset({AccountRole.OPERATOR, AccountRole.AUDITOR, AccountRole.GROUP})),
    MenuEntry("/transport", _("Transport"), _OPERATOR | {AccountRole.AUDITOR}),
    MenuEntry("/transport/planner", _("Notice planner"), frozenset({AccountRole.GROUP})),
    MenuEntry("/agreement", _("Agreement"), OF_ORGANISATIONS),
    MenuEntry("/agreements", _("Agreements"), ALL - OF_ORGANISATIONS),
    MenuEntry("/agreements/proposals", _("Change proposals"), OF_ORGANISATIONS),
    MenuEntry("/lookup", _("Look a number up"), ALL),
    MenuEntry("/ledger", _("Ledger"), _OPERATOR | {AccountRole.AUDITOR}),
    MenuEntry("/spaces", _("Number spaces"), _OPERATOR | {AccountRole.AUDITOR, AccountRole.GROUP}),
    MenuEntry("/approvals", _("Approvals"), _OPERATOR | {AccountRole.AUDITOR}),
    MenuEntry("/requests", _("Requests"), frozenset({AccountRole.OPERATOR, AccountRole.AUDITOR})),
    MenuEntry("/cases", _("Cases"), ALL - {AccountRole.GROUP}),
    MenuEntry("/units", _("Units"), frozenset({AccountRole.OPERATOR, AccountRole.REGION})),
    MenuEntry("/accounts", _("Accounts"), _OPERATOR),
    MenuEntry("/settings", _("Settings"), _OPERATOR),
)


def entries(person: Person | None, path: str) -> list[MenuLine]:
    """Return the menu of somebody at a path."""
    if person is None:
        return []
    return [
        MenuLine(entry.path, entry.label, path == entry.path or path.startswith(f"{entry.path}/"))
        for entry in MENU
        if person.role in entry.roles
    ]
