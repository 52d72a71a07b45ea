"""E-mails, addresses, and the mark that leads an answer back to its case."""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from npn.errors import InvalidInputError, codes

LONGEST_SUBJECT = 200
LONGEST_TEXT = 50_000

_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*\Z", re.ASCII)
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\Z", re.ASCII)
_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"  # no letter that is read as another
_THREAD = re.compile(rf"\bNPN-([1-9][0-9]{{0,8}})-([{_ALPHABET}]{{10}})(?![A-Za-z0-9])", re.ASCII | re.IGNORECASE)


class MailState(StrEnum):
    """Where an e-mail is on its way."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Thread:
    """The mark of a case in what is sent about it: `NPN-<number>-<token>`.

    It says to which case an answer belongs, and nothing about who answers.
    """

    number: int
    token: str

    @classmethod
    def make(cls, number: int) -> "Thread":
        """Return a case its mark: fifty random bits, so that nobody writes into a case by counting."""
        return cls(number, "".join(secrets.choice(_ALPHABET) for _ in range(10)))

    @classmethod
    def find(cls, text: str) -> "Thread | None":
        """Return the first mark in a text; None where there is none."""
        match = _THREAD.search(text)
        return cls(int(match[1]), match[2].lower()) if match else None

    def __str__(self) -> str:
        """As it stands in a subject."""
        return f"NPN-{self.number}-{self.token}"


@dataclass(frozen=True, slots=True)
class Email:
    """An e-mail to be sent. `automatic`: written by the service, so that no machine answers it."""

    to: str
    subject: str
    text: str
    thread: Thread | None = None
    automatic: bool = True


@dataclass(frozen=True, slots=True)
class EmailDraft:
    """A mail that is written once and sent to several."""

    subject: str
    text: str

    def to(self, receiver: str) -> Email:
        """Return the mail to one receiver."""
        return Email(receiver, self.subject, self.text)


@dataclass(frozen=True, slots=True)
class OutgoingEmail:
    """An e-mail in the outbox. `text` is empty once it is sent: what was sent is its receiver's."""

    id: str
    to: str
    subject: str
    text: str
    thread: Thread | None
    automatic: bool
    state: MailState
    attempts: int
    created_at: datetime
    due_at: datetime
    settled_at: datetime | None
    error: str


@dataclass(frozen=True, slots=True)
class MailEnvelope:
    """What a list shows of an e-mail in the outbox: all but its text, which is kept encrypted."""

    id: str
    to: str
    subject: str
    state: MailState
    attempts: int
    created_at: datetime
    error: str


def address(text: str, field: str = "email") -> str:
    """Accept one mail address; its domain comes back in small letters, one of other letters as IDNA.

    Raises InvalidInputError for a list, a display name, or what no mail server takes everywhere.
    """
    local, at, domain = text.strip().rpartition("@")
    try:
        ascii_domain = domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        ascii_domain = ""
    labels = ascii_domain.split(".")
    sound = len(labels) > 1 and all(_LABEL.match(label) for label in labels) and not labels[-1].isdigit()
    if not (at and sound and len(local) <= 64 and _LOCAL.match(local)) or len(local) + len(ascii_domain) > 253:
        raise InvalidInputError(
            "not a mail address", code=codes.NOT_AN_ADDRESS, field=field, hint="write it as name@example.dk"
        )
    return f"{local}@{ascii_domain}"


def one_line(text: str, longest: int = LONGEST_SUBJECT) -> str:
    """Put a text on one line of printable characters, cut where it is too long: nothing in it ends a header."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


@dataclass(frozen=True, slots=True)
class MailQueue:
    """What waits to be sent: how many, since when the longest; and how many were given up lately."""

    waiting: int
    oldest: datetime | None
    failed: int
