"""Policies: small frozen values that look at one draw and answer with a reason, or with nothing.

Each is asked inside the draw's own transaction, after repeats were answered and before a range is computed.
Rooms above this one (transport, stock, agreements) make policies of this shape from what they know: each has a
`PolicySource`, and the wiring puts it in.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import msgspec

from npn.errors import NpnError
from npn.ledger.service import Transaction
from npn.registry.model import Draw, Space
from npn.systems import permissions
from npn.systems.model import ConnectedSystem
from npn.systems.permissions import Act
from npn.wire.requests import space_closed, unfit_purpose, wrong_space
from npn.wording import hidden_in


class DrawFacts(msgspec.Struct, frozen=True):
    """What a policy may know of one draw. `drawn`: when and how much within the quota's days."""

    draw: Draw
    system: ConnectedSystem
    space: Space
    at: datetime
    drawn: Sequence[tuple[datetime, int]] = ()
    size: int = 0


class Policy(Protocol):
    """A rule about draws."""

    def verify(self, facts: DrawFacts) -> NpnError | None:
        """Return the refusal, or None where there is nothing against the draw."""


class PolicySource(Protocol):
    """What a room above the registry has to say about the draws of one batch."""

    def policies(self, tx: Transaction, systems: Collection[str]) -> Sequence[Policy]:
        """Return policies that hold the facts they need of these systems; none where nothing was set.

        Every batch waits for this, so it asks the database once at most, and not at all where a recent answer
        will do. It is asked only where a draw is new: a batch of repeats costs nothing.
        """


@dataclass(frozen=True, slots=True)
class NotSuspended:
    """A suspended system draws nothing."""

    def verify(self, facts: DrawFacts) -> NpnError | None:
        """Refuse with `system_suspended`."""
        return permissions.refusal(facts.system, Act.DRAW)


@dataclass(frozen=True, slots=True)
class RightSpace:
    """A test system can't draw from the production space, nor the reverse."""

    def verify(self, facts: DrawFacts) -> NpnError | None:
        """Refuse with `wrong_space`."""
        if facts.space.environment is facts.system.environment:
            return None
        return wrong_space(facts.system.environment, facts.space.environment, facts.space.name)


@dataclass(frozen=True, slots=True)
class OpenSpace:
    """Nothing is drawn from a closed space; what was drawn from it stays as it is."""

    def verify(self, facts: DrawFacts) -> NpnError | None:
        """Refuse with `space_closed`."""
        if facts.space.is_open:
            return None
        return space_closed(facts.space.name)


@dataclass(frozen=True, slots=True)
class WithinBounds:
    """Each system has a smallest and a largest draw (`npn.allowance`)."""

    def verify(self, facts: DrawFacts) -> NpnError | None:
        """Refuse with `count_too_small` or `count_too_large`."""
        return facts.system.allowance.refusal(facts.draw.asked, facts.draw.unit)


@dataclass(frozen=True, slots=True)
class WithinQuota:
    """So many numbers in a period of days (`npn.allowance`); asked once the size of the series is known."""

    def verify(self, facts: DrawFacts) -> NpnError | None:
        """Refuse with `quota_exceeded`, with the time at which enough will have left the window."""
        if facts.system.quota is None:  # as of most systems: a draw is not held up by what was not agreed
            return None
        draw, allowance = facts.draw, facts.system.allowance
        return allowance.refusal(draw.asked, draw.unit, size=facts.size, drawn=facts.drawn, at=facts.at)


@dataclass(frozen=True, slots=True)
class VisiblePurpose:
    """A new draw's purpose can be seen whole; a repeat of an older one is answered whatever it said."""

    def verify(self, facts: DrawFacts) -> NpnError | None:
        """Refuse with `invalid_field`."""
        purpose = facts.draw.purpose
        return None if not purpose or hidden_in(purpose) is None else unfit_purpose()


BEFORE_RANGE: tuple[Policy, ...] = (VisiblePurpose(), NotSuspended(), RightSpace(), OpenSpace(), WithinBounds())
AFTER_RANGE: tuple[Policy, ...] = (WithinQuota(),)


@dataclass(frozen=True, slots=True)
class Policies:
    """Everything that draws are checked against: before a range is computed, and once its size is known."""

    before: Sequence[Policy] = BEFORE_RANGE
    after: Sequence[Policy] = AFTER_RANGE
    sources_before: Sequence[PolicySource] = ()
    sources_after: Sequence[PolicySource] = ()

    def of(self, tx: Transaction, systems: Collection[str]) -> "Policies":
        """Ask the sources for this batch; what comes back has none left to ask."""
        if not (self.sources_before or self.sources_after):
            return self
        more = [
            [p for s in sources for p in s.policies(tx, systems)]
            for sources in (self.sources_before, self.sources_after)
        ]
        return Policies((*self.before, *more[0]), (*self.after, *more[1]))
