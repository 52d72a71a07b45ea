"""What a change proposal is made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from npn.agreements.model import Language, VersionNumber
from npn.agreements.requirements import Check, Verdict
from npn.systems.model import ConnectedSystem


class Forum(StrEnum):
    """Who decides."""

    USER_GROUP = "user_group"
    STEERING_GROUP = "steering_group"


class ProposalState(StrEnum):
    """An open proposal takes comments; a decided one stays as it is."""

    OPEN = "open"
    ADOPTED = "adopted"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class ProposalSubject:
    """Who puts a change forward, what it is called, and why."""

    forum: Forum
    title: str
    reason: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change put forward. `base`: the version it changes, None for the first; `revision` counts its drafts from 1.

    `minutes`: where the decision is written down.
    """

    id: str
    agreement: str
    base: VersionNumber | None
    number: VersionNumber
    forum: Forum
    title: str
    reason: str
    state: ProposalState
    revision: int
    comments_until: date | None
    proposed_at: datetime
    proposed_by: str
    decided_on: date | None = None
    minutes: str | None = None
    effective_from: date | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A proposal's text at one revision."""

    proposal: str
    revision: int
    texts: Mapping[Language, str]
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Comment:
    """What somebody said about a section of a draft."""

    id: str
    proposal: str
    revision: int
    section: str
    text: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Need:
    """What a system needs before it meets the coming version, and from when it does, as its vendor or owner said."""

    proposal: str
    system: str
    needs: str
    ready_on: date | None
    said_by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Consequence:
    """What the coming version means for one system: each requirement with how it is met today, and what was said.

    `lacking_now`: the requirements of the version it changes that the system does not meet as it is.
    """

    system: ConnectedSystem
    checks: tuple[Check, ...]
    need: Need | None
    lacking_now: frozenset[str] = frozenset()

    @property
    def vendor(self) -> str:
        """Return who makes the system."""
        return self.system.vendor

    @property
    def lacking(self) -> tuple[Check, ...]:
        """Return what the system does not meet of the coming version."""
        return tuple(check for check in self.checks if check.verdict is Verdict.NOT_MET)

    @property
    def untold(self) -> tuple[Check, ...]:
        """Return what nobody can tell yet."""
        return tuple(check for check in self.checks if check.verdict is Verdict.UNKNOWN)

    @property
    def newly(self) -> frozenset[str]:
        """Return the requirements that only the change makes the system fail."""
        return frozenset(check.requirement for check in self.lacking) - self.lacking_now


@dataclass(frozen=True, slots=True)
class VendorConsequences:
    """One vendor's systems: how many there are, fall short, do so because of the change, and have said what they need.

    `ready_on`: the last day on which one of them said to be ready.
    """

    vendor: str
    systems: int
    lacking: int
    newly: int
    said: int
    ready_on: date | None


def by_vendor(found: Sequence[Consequence]) -> list[VendorConsequences]:
    """Add consequences up by vendor, in the vendors' order."""
    vendors: dict[str, list[Consequence]] = {}
    for consequence in found:
        vendors.setdefault(consequence.vendor, []).append(consequence)
    return [
        VendorConsequences(
            vendor=vendor,
            systems=len(theirs),
            lacking=sum(bool(consequence.lacking) for consequence in theirs),
            newly=sum(bool(consequence.newly) for consequence in theirs),
            said=sum(consequence.need is not None for consequence in theirs),
            ready_on=max((e.need.ready_on for e in theirs if e.need and e.need.ready_on), default=None),
        )
        for vendor, theirs in vendors.items()
    ]
