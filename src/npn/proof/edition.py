"""Which rules hold: those that every program kept, and from `rules_adopted` on those that an older one could break.

What an honest ledger of an older program may hold is counted before that entry and named in the summary; after it, it
is an error.
"""

from collections import Counter
from enum import StrEnum

from npn.ledger.event import Event
from npn.proof.wrong import WrongError
from npn.registry.events import RulesAdopted

RULES = 2  # the newest edition that this program knows
YEAR_DAYS = 365


class Breach(StrEnum):
    """What an older program could do, as the summary names it."""

    TIED_APPROVAL = "approvals by an account that may be the proposer's own"
    LONE_OPERATOR = "operators made, promoted, reset or activated again by one person"
    SUSPENDED_RELEASE = "releases by a suspended system"
    IDLE_RECOVERY = "recoveries in which the witness knew no more than the database"


SHORT_QUARANTINE = f"numbers granted again after a quarantine of less than {YEAR_DAYS} days"


def is_shell(by: str) -> bool:
    """Whether an act was done at the machine itself: the root of trust."""
    return by == "init" or by.startswith("admin:")


class Edition:
    """The edition of the rules in force, the policy of quarantine, and what was broken before."""

    def __init__(self) -> None:
        """Start with the oldest rules and no policy."""
        self.adopted = False
        self.quarantine_days: int | None = None
        self._breaches: Counter[Breach] = Counter()
        self._short = 0

    def rules_adopted(self, event: RulesAdopted) -> None:
        """Adopt the rules, once, at the shell."""
        if event.rules != RULES:
            raise WrongError(f"the rules of edition {event.rules} are not known; a newer npn may know them")
        if self.adopted:
            raise WrongError(f"the rules of edition {event.rules} were adopted before")
        if not is_shell(event.by):
            raise WrongError(f"the rules were adopted by {event.by!r}, and not at the shell")
        self.adopted = True

    def needs_rules(self, event: Event) -> None:
        """Refuse what only a program writes that adopts the rules first."""
        if not self.adopted:
            raise WrongError(f"a {type(event).__name__} before any rules were adopted")

    def breach(self, breach: Breach, reason: str) -> None:
        """Count what an older program could do; raise WrongError where the rules forbid it."""
        if self.adopted:
            raise WrongError(reason)
        self._breaches[breach] += 1

    def short_quarantine(self, regrant: str) -> None:
        """Count a regrant after less than a year; raise WrongError once there is a policy."""
        if self.quarantine_days is not None:
            raise WrongError(f"the numbers of the regrant {regrant} were released less than {YEAR_DAYS} days before")
        self._short += 1

    @property
    def remarks(self) -> list[str]:
        """Return what the summary must name."""
        older = [f"under the older rules: {breach}: {self._breaches[breach]}" for breach in Breach]
        older = [remark for breach, remark in zip(Breach, older, strict=True) if self._breaches[breach]]
        return [*older, *([f"{SHORT_QUARANTINE}: {self._short}"] if self._short else [])]
