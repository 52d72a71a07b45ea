"""The menu: five groups, and in each the places where a role's work begins. A page that belongs here adds its line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from npn.people.model import ALL, OF_ORGANISATIONS, AccountRole, Person
from npn.web.texts import Msgid, _

_OPERATOR = frozenset({AccountRole.OPERATOR})
_WATCHERS = _OPERATOR | {AccountRole.AUDITOR}
_SEE_SYSTEMS = ALL - {AccountRole.GROUP}


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """A place of the menu, and who has it. `below`: further beginnings of paths that belong to it."""

    path: str
    label: Msgid
    roles: frozenset[AccountRole]
    below: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MenuGroup:
    """What belongs together. Its own link leads to the first of its places that the visitor has."""

    label: Msgid
    entries: tuple[MenuEntry, ...]


@dataclass(frozen=True, slots=True)
class MenuLine:
    """A place as it is shown. `current`: the page is this one, or below it. `count`: what waits there."""

    path: str
    label: Msgid
    current: bool
    count: int | None = None


@dataclass(frozen=True, slots=True)
class MenuGroupLine:
    """A group as it is shown."""

    path: str
    label: Msgid
    current: bool
    lines: tuple[MenuLine, ...]

    @property
    def count(self) -> int | None:
        """Return what waits in the whole group."""
        return sum(line.count or 0 for line in self.lines) or None


MENU: Sequence[MenuGroup] = (
    MenuGroup(
        _("Overview"),
        (
            MenuEntry("/overview", _("Your tasks"), ALL),
            MenuEntry("/setup", _("Set-up checklist"), _OPERATOR),
        ),
    ),
    MenuGroup(
        _("Systems"),
        (
            MenuEntry("/systems", _("Connected systems"), _SEE_SYSTEMS, ("/series", "/add-system")),
            MenuEntry("/stock", _("Stock"), _SEE_SYSTEMS),
            MenuEntry("/forecast", _("Forecast"), _WATCHERS | {AccountRole.GROUP}),
            MenuEntry("/transport", _("Transport"), _WATCHERS),
            MenuEntry("/lookup", _("Look a number up"), ALL),
            MenuEntry("/messages", _("Messages"), ALL),
            MenuEntry("/standards", _("Standards"), ALL),
            MenuEntry("/organisations", _("Organisations"), _WATCHERS),
        ),
    ),
    MenuGroup(
        _("Cases"),
        (
            MenuEntry("/cases", _("Cases"), _SEE_SYSTEMS),
            MenuEntry("/requests", _("Requests"), _WATCHERS),
            MenuEntry("/contacts", _("Contacts"), _OPERATOR),
            MenuEntry("/standard-answers", _("Standard answers"), _OPERATOR),
            MenuEntry("/units", _("Units"), frozenset({AccountRole.OPERATOR, AccountRole.REGION})),
            MenuEntry("/mail", _("E-mails"), _OPERATOR),
        ),
    ),
    MenuGroup(
        _("Agreements"),
        (
            MenuEntry("/agreement", _("Agreement"), OF_ORGANISATIONS),
            MenuEntry("/agreements", _("Agreements"), ALL - OF_ORGANISATIONS),
            MenuEntry("/agreements/proposals", _("Change proposals"), ALL),
            MenuEntry("/transport/planner", _("Notice planner"), _WATCHERS | {AccountRole.GROUP}),
        ),
    ),
    MenuGroup(
        _("Operation"),
        (
            MenuEntry("/state", _("State of the service"), _WATCHERS),
            MenuEntry("/approvals", _("Approvals"), _WATCHERS),
            MenuEntry("/ledger", _("Ledger"), _WATCHERS),
            MenuEntry("/spaces", _("Number spaces"), _WATCHERS | {AccountRole.GROUP}),
            MenuEntry("/released", _("Released numbers"), _WATCHERS),
            MenuEntry("/accounts", _("Accounts"), _OPERATOR),
            MenuEntry("/settings", _("Settings"), _OPERATOR),
        ),
    ),
)


def groups(person: Person | None, path: str, counts: Mapping[str, int] | None = None) -> list[MenuGroupLine]:
    """Return the menu of somebody at a path; `counts` says by a place's path what waits there."""
    if person is None:
        return []
    own = [(group, tuple(entry for entry in group.entries if person.role in entry.roles)) for group in MENU]
    nearest = _nearest([entry for _group, entries in own for entry in entries], path)
    menu = []
    for group, entries in own:
        if not entries:
            continue
        lines = tuple(
            MenuLine(entry.path, entry.label, entry is nearest, (counts or {}).get(entry.path) or None)
            for entry in entries
        )
        menu.append(MenuGroupLine(entries[0].path, group.label, nearest in entries, lines))
    return menu


def _nearest(entries: Sequence[MenuEntry], path: str) -> MenuEntry | None:
    """Return the place that a page belongs to: that with the longest beginning of its path."""
    fitting = [
        (len(beginning), entry)
        for entry in entries
        for beginning in (entry.path, *entry.below)
        if path == beginning or path.startswith(f"{beginning}/")
    ]
    return max(fitting, key=lambda pair: pair[0])[1] if fitting else None
