"""Who is connected: organisations, connected systems, callers and their keys."""

import re
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from npn.allowance import Allowance
from npn.errors import InvalidInputError, details
from npn.tokens import digest_of

OPERATOR = "operator"
USUAL_LARGEST_DRAW = 10_000_000

_KEY = re.compile(r"npn_([a-z0-9-]{1,64})_([A-Za-z0-9_-]{20,128})\Z", re.ASCII)
_DANISH = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa", "ß": "ss", "&": " og "})


class Environment(StrEnum):
    """Production and test never meet: neither spaces nor systems."""

    PRODUCTION = "production"
    TEST = "test"


class SystemState(StrEnum):
    """Whether a system may draw: now, not for the moment, or never again."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    CLOSED = "closed"


class OrganisationKind(StrEnum):
    """What an organisation is to the service."""

    OPERATOR = "operator"
    REGION = "region"
    VENDOR = "vendor"
    OWNER = "owner"


class ContactKind(StrEnum):
    """Whom one reaches: for technical or administrative matters, or at any hour."""

    TECHNICAL = "technical"
    ADMINISTRATIVE = "administrative"
    ON_CALL = "on_call"


def contact_kind(text: str) -> ContactKind:
    """Return the kind of contact of that name. Raises InvalidInputError naming the kinds."""
    try:
        return ContactKind(text)
    except ValueError:
        kinds = ", ".join(ContactKind)
        raise InvalidInputError(details.NO_SUCH_CONTACT_KIND, field="kind", hint=f"one of {kinds}") from None


class Role(StrEnum):
    """What a caller may do."""

    SYSTEM = "system"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class ConnectedSystem:
    """A system allowed to draw. `quota` numbers in `quota_days` days, None for no limit.

    `space`: where its draws go that name none: the space of its first draw, or the one it was moved to at
    `space_set_at`; None before either, when they go to the default of its environment.
    """

    id: str
    name: str
    environment: Environment
    state: SystemState
    vendor: str
    owner: str
    system_type: str
    smallest_draw: int
    largest_draw: int
    quota: int | None
    quota_days: int | None
    created_at: datetime
    space: str | None = None
    space_set_at: datetime | None = None

    @property
    def allowance(self) -> Allowance:
        """Return what the system may draw."""
        return Allowance(self.smallest_draw, self.largest_draw, self.quota, self.quota_days)


@dataclass(frozen=True, slots=True)
class Organisation:
    """A vendor, an owner, a region. `region`: the id of the region that an owner belongs to.

    `merged_into`: the id of the organisation that it was merged into, whose everything is now.
    """

    id: str
    name: str
    kind: OrganisationKind
    region: str | None
    closed_at: datetime | None = None
    merged_into: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether systems may be given to it."""
        return self.closed_at is None and self.merged_into is None


@dataclass(frozen=True, slots=True)
class Limits:
    """What one draw of a system, and all its draws in a period of days, may be; no quota where it is None."""

    system: str
    smallest_draw: int
    largest_draw: int
    quota: int | None
    quota_days: int | None

    def is_wider_than_usual(self, before: ConnectedSystem) -> bool:
        """Whether two people must agree: a draw beyond the usual largest, or a quota that lets more be had in a day."""
        beyond = self.largest_draw > max(USUAL_LARGEST_DRAW, before.largest_draw)
        return beyond or self.allowance.lets_more_be_had_than(before.allowance)

    @property
    def allowance(self) -> Allowance:
        """Return what the system may draw under these limits."""
        return Allowance(self.smallest_draw, self.largest_draw, self.quota, self.quota_days)


class CallerKind(StrEnum):
    """What sort of caller it is: a connected system, the operator by key, or an account on the pages."""

    SYSTEM = "system"
    OPERATOR = "operator"
    ACCOUNT = "account"


@dataclass(frozen=True, slots=True)
class CallerName:
    """Who called, as logs, figures and counts name them. Which kind it is is known, never guessed from the text."""

    kind: CallerKind
    id: str

    @property
    def system(self) -> str | None:
        """The system's id; None for anybody who is no connected system."""
        return self.id if self.kind is CallerKind.SYSTEM else None

    def __str__(self) -> str:
        """Return it as the log and the ledger's `by` spell it."""
        return f"account:{self.id}" if self.kind is CallerKind.ACCOUNT else self.id


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is calling, as far as their key tells. `system` is None for an operator."""

    role: Role
    name: str
    system: str | None
    key: str

    @property
    def is_operator(self) -> bool:
        """Operators see everything and draw nothing."""
        return self.role is Role.OPERATOR

    @property
    def called(self) -> CallerName:
        """The caller as logs and counts name it."""
        if self.system is None:
            return CallerName(CallerKind.OPERATOR, self.name)
        return CallerName(CallerKind.SYSTEM, self.system)


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate bound to a system. `fingerprint`: SHA-256 of `der`, hexadecimal; `ended_at` None while in force."""

    fingerprint: str
    system: str
    der: bytes
    subject: str
    not_before: datetime
    not_after: datetime
    bound_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Subject:
    """A subject of an issuer, bound to a system: who shows a certificate of that name stands for it.

    `digest` is that of the pair; `shown_…`: the certificate last seen under it, None before the first.
    """

    digest: str
    system: str
    subject: str
    issuer: str
    bound_at: datetime
    ended_at: datetime | None = None
    shown_fingerprint: str | None = None
    shown_not_after: datetime | None = None
    shown_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as its holder has it: `npn_<system>_<secret>`; only its hash is kept."""

    holder: str
    secret: str

    @classmethod
    def make(cls, holder: str) -> "ApiKey":
        """Make one with 256 random bits."""
        return cls(holder, secrets.token_urlsafe(32))

    @classmethod
    def parse(cls, text: str) -> "ApiKey | None":
        """Parse a key; None where it is invalid."""
        match = _KEY.match(text)
        return cls(match[1], match[2]) if match else None

    def __str__(self) -> str:
        """Return the key whole: to be shown once."""
        return f"npn_{self.holder}_{self.secret}"

    def __repr__(self) -> str:
        """Without the secret, so that no log has it by accident."""
        return f"ApiKey({self.holder!r})"

    @property
    def digest(self) -> str:
        """SHA-256 of the whole key, hexadecimal; the secret is 256 random bits, so no salt is needed."""
        return digest_of(str(self))


def slug(name: str) -> str:
    """Make a stable id of a name: `Labka II (Aarhus)` gives `labka-ii-aarhus`.

    Raises InvalidInputError where nothing is left of it.
    """
    plain = name.casefold().translate(_DANISH)
    plain = unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode("ascii")
    short = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:48].strip("-")
    if not short:
        raise InvalidInputError(details.NAME_WITHOUT_LETTERS.of(name=name), field="name")
    return short
