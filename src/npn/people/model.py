"""Who uses the pages: accounts with a role, and the person of one visit with the systems that are theirs."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from npn.errors import InvalidInputError, codes, details
from npn.systems.model import CallerKind, CallerName
from npn.wording import checked_line, hidden_in

MAX_REASON_CHARACTERS = 400
_EMAIL = re.compile(r"[^\s@<>\"',;:\\()\[\]]{1,64}@[a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])\Z", re.ASCII)


class AccountRole(StrEnum):
    """What a person may do in the pages."""

    OPERATOR = "operator"
    REGION = "region"
    OWNER = "owner"
    VENDOR = "vendor"
    GROUP = "group"
    AUDITOR = "auditor"


ALL = frozenset(AccountRole)
OF_ORGANISATIONS = frozenset({AccountRole.REGION, AccountRole.OWNER, AccountRole.VENDOR})
SEES_EVERY_SYSTEM = frozenset({AccountRole.OPERATOR, AccountRole.AUDITOR})


def account_name(account: str) -> CallerName:
    """Return how logs, counts and the ledger name an account: by its id, which holds no personal data."""
    return CallerName(CallerKind.ACCOUNT, account)


class AccountState(StrEnum):
    """Whether somebody may sign in."""

    ACTIVE = "active"
    SUSPENDED = "suspended"


@dataclass(frozen=True, slots=True)
class OrganisationRole:
    """A role with whom it acts for. `organisation`: its id, None where the role has none."""

    role: AccountRole
    organisation: str | None


@dataclass(frozen=True, slots=True)
class AccountDetails:
    """What an operator decides of an account. `organisation`: the id of the one it acts for."""

    name: str
    role: AccountRole
    organisation: str | None
    state: AccountState


@dataclass(frozen=True, slots=True)
class Account:
    """An account. `organisation` is the id of the region, owner or vendor it acts for, None for the other roles."""

    id: str
    email: str
    name: str
    role: AccountRole
    organisation: str | None
    organisation_name: str | None
    state: AccountState
    has_password: bool
    has_second_factor: bool
    created_at: datetime
    signed_in_at: datetime | None

    @property
    def by(self) -> str:
        """As the ledger names who did something: a word of ours, no personal data."""
        return str(account_name(self.id))


@dataclass(frozen=True, slots=True)
class Person:
    """Who visits, and which connected systems are theirs (by id); None: every system there is.

    An operator sees and acts for all, an auditor sees all. A region or an owner sees and acts for its own. A vendor
    sees the systems it made, and acts for those in test: keys of production belong to whoever runs the system.
    """

    id: str
    name: str
    email: str
    role: AccountRole
    organisation: str | None
    organisation_name: str | None
    sees: frozenset[str] | None
    acts_for: frozenset[str] | None

    @property
    def called(self) -> CallerName:
        """The account as logs and counts name it: by its id, which says nothing of a person."""
        return account_name(self.id)

    @property
    def by(self) -> str:
        """As the ledger names who did something."""
        return str(self.called)

    @property
    def is_operator(self) -> bool:
        """Whether it is one of those who run the service."""
        return self.role is AccountRole.OPERATOR

    def may_see(self, system: str) -> bool:
        """Whether the system is one of those the person may look at."""
        return self.sees is None or system in self.sees

    def may_act_for(self, system: str) -> bool:
        """Whether the person may draw, rotate keys and so on for the system."""
        return self.acts_for is None or system in self.acts_for


@dataclass(frozen=True, slots=True)
class NamedAccount:
    """Whom a proposal is about, as the pages show it; nothing of it is in the ledger."""

    name: str
    email: str


def checked_email(text: str) -> str:
    """Accept an e-mail address, in lower case as accounts have it. Raises InvalidInputError."""
    address = text.strip().lower()
    if len(address) > 254 or hidden_in(address) is not None or not _EMAIL.match(address) or ".." in address:
        raise InvalidInputError(details.NOT_AN_EMAIL, field="email", hint="as anna@example.dk")
    return address


def checked_reason(text: str) -> str:
    """Accept why something is proposed or vouched for, as the ledger keeps it. Raises InvalidInputError."""
    reason = checked_line(text, "reason", least=0, most=MAX_REASON_CHARACTERS)
    if not reason:
        raise InvalidInputError(
            "a reason is needed: it is kept in the ledger", field="reason", code=codes.REASON_MISSING
        )
    return reason
