"""Which accounts may be one person: who made, reset, promoted or changed whom, who vouched, which subjects they share.

The rule, and why it is drawn so, stands in docs/adr/0054-two-people.md. The database holds it too (migration 0017);
what is asked here comes first, so that whoever is refused reads why.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

CHANGED_FOR = timedelta(days=30)
RESET_WAIT = timedelta(days=1)  # after a password was set by e-mail, until its account approves or vouches again
SHELL = "admin:"
ACCOUNT = "account:"


class Tie(StrEnum):
    """What somebody did to an account."""

    MADE = "made"
    RESET = "reset"
    PROMOTED = "promoted"
    CHANGED = "changed"  # its role, state or e-mail address


@dataclass(frozen=True, slots=True)
class TieRow:
    """A tie as pages show it."""

    tied_to: str
    kind: Tie
    at: datetime
    until: datetime | None


def is_shell(by: str) -> bool:
    """Return whether it was done from the shell of the database's owner, the root of trust."""
    return by.startswith(SHELL)


def people(by: str) -> list[str]:
    """Return the accounts that are named in `by`: none for the shell, two where two people agreed."""
    return [name for name in by.split(", ") if name.startswith(ACCOUNT)]
