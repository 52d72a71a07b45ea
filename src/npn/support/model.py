"""Cases, what was said in them, and the facts of a system that most answers are made of."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from npn.bilingual import DANISH
from npn.mail.incoming import Attachment
from npn.mail.model import Thread

LONGEST = 20_000  # characters of one entry


class CaseKind(StrEnum):
    """What a case is about."""

    CONNECTION = "connection"
    SUPPORT = "support"


class CaseState(StrEnum):
    """Whose turn it is: `open` the operator's, `waiting` the other side's."""

    OPEN = "open"
    WAITING = "waiting"
    CLOSED = "closed"


class Direction(StrEnum):
    """Where an entry comes from: `note` is the operator's own, `event` what the service has to say."""

    IN = "in"
    OUT = "out"
    NOTE = "note"
    EVENT = "event"


@dataclass(frozen=True, slots=True)
class Requester:
    """Who asked. `email` is empty where the mail named no sender: nothing is then sent."""

    name: str
    email: str
    language: str = "da"


@dataclass(frozen=True, slots=True)
class Case:
    """A case. `thread` is its mark in mail; `system` None where nobody has said which it is about."""

    number: int
    kind: CaseKind
    subject: str
    state: CaseState
    system: str | None
    requester: Requester
    assigned: str
    opened_at: datetime
    changed_at: datetime
    closed_at: datetime | None
    thread: Thread


@dataclass(frozen=True, slots=True)
class CaseEntry:
    """Something said in a case. `author` as shown; `known`: the mail names an address that the case knows.

    That an address is known proves nothing: whoever sends a mail writes what they like into it.
    """

    id: int
    case: int
    at: datetime
    direction: Direction
    author: str
    address: str
    text: str
    known: bool
    attachments: tuple[Attachment, ...]


@dataclass(frozen=True, slots=True)
class ContactCheck:
    """A question to a system's contacts whether they are still right."""

    sent_at: datetime
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class StaleContacts:
    """A system whose contacts are in doubt. `reasons`: `never`, `old`, `unanswered`, `bounced`, `missing:<kind>`."""

    system: str
    name: str
    reasons: tuple[str, ...]
    since: datetime | None


@dataclass(frozen=True, slots=True)
class StandardText:
    """A standard answer in one language: what it is chosen by, and what it says. Both are data, never templates."""

    label: str
    body: str


@dataclass(frozen=True, slots=True)
class StandardAnswer:
    """A text that an answer in a case may begin with. `case_kind`: None for every kind.

    `updated_at`: None while a shipped one is as it was shipped. `retired_at`: since when it is not offered.
    """

    id: str
    case_kind: CaseKind | None
    danish: StandardText
    english: StandardText
    updated_at: datetime | None = None
    retired_at: datetime | None = None

    def text(self, language: str) -> StandardText:
        """Return it in a language."""
        return self.danish if language == DANISH else self.english

    @property
    def is_retired(self) -> bool:
        """Whether it is offered no longer."""
        return self.retired_at is not None
