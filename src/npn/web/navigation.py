"""The menu: where each role's work begins. A page that belongs here adds its line."""

from collections.abc import Sequence
from dataclasses import dataclass

from npn.people.model import ALL, OF_ORGANISATIONS, AccountRole, Person
from npn.web.texts import _

_OPERATOR = frozenset({AccountRole.OPERATOR})


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the menu, and who has it."""

    path: str
    label: str
    roles: frozenset[AccountRole]


@dataclass(frozen=True, slots=True)
class Shown:
    """A line as it is shown. `current`: the page is this one, or below it."""

    path: str
    label: str
    current: bool


MENU: Sequence[Entry] = (
    Entry("/overview", _("Overview"), ALL),
    Entry("/systems", _("Systems"), ALL - {AccountRole.GROUP}),
    Entry("/stock", _("Stock"), ALL - {AccountRole.GROUP}),
    Entry("/forecast", _("Forecast"), frozenset({AccountRole.OPERATOR, AccountRole.AUDITOR, AccountRole.GROUP})),
    Entry("/transport", _("Transport"), _OPERATOR | {AccountRole.AUDITOR}),
    Entry("/transport/planner", _("Notice planner"), frozenset({AccountRole.GROUP})),
    Entry("/agreement", _("Agreement"), OF_ORGANISATIONS),
    Entry("/agreements", _("Agreements"), ALL - OF_ORGANISATIONS),
    Entry("/agreements/proposals", _("Change proposals"), OF_ORGANISATIONS),
    Entry("/lookup", _("Look a number up"), ALL),
    Entry("/ledger", _("Ledger"), _OPERATOR | {AccountRole.AUDITOR}),
    Entry("/spaces", _("Number spaces"), _OPERATOR | {AccountRole.AUDITOR, AccountRole.GROUP}),
    Entry("/approvals", _("Approvals"), _OPERATOR | {AccountRole.AUDITOR}),
    Entry("/requests", _("Requests"), frozenset({AccountRole.OPERATOR, AccountRole.AUDITOR})),
    Entry("/cases", _("Cases"), ALL - {AccountRole.GROUP}),
    Entry("/units", _("Units"), frozenset({AccountRole.OPERATOR, AccountRole.REGION})),
    Entry("/accounts", _("Accounts"), _OPERATOR),
    Entry("/settings", _("Settings"), _OPERATOR),
)


def entries(person: Person | None, path: str) -> list[Shown]:
    """Return the menu of somebody at a path."""
    if person is None:
        return []
    return [
        Shown(each.path, each.label, path == each.path or path.startswith(f"{each.path}/"))
        for each in MENU
        if person.role in each.roles
    ]
