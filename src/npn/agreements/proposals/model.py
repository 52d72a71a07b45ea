"""What a change proposal is made of."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from npn.agreements.model import Language, VersionNumber
from npn.agreements.requirements import Check
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
    """What the coming version means for one system: what it does not meet, or can't be told, and what was said."""

    system: ConnectedSystem
    checks: tuple[Check, ...]
    need: Need | None

    @property
    def vendor(self) -> str:
        """Give who makes the system."""
        return self.system.vendor


@dataclass(frozen=True, slots=True)
class Change:
    """One section before and after; one of the two None where it is new or gone. Titles are part of the texts."""

    number: str
    before: str | None
    after: str | None
