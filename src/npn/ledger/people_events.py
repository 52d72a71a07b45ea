"""The shape of the events about those who sign in to the pages: docs/ledger.md in types, as `events.py`.

`approval`: the proposal of the kind `operator` by which two people agreed to it; absent where none was needed.
"""

from typing import Literal

from npn.ledger.events import Claimed, Event, Id, Name400, Text

PersonRole = Literal["operator", "region", "owner", "vendor", "group", "auditor"]


class AccountAdded(Event, frozen=True):
    """Somebody may sign in to the pages. Names and addresses stay out of the ledger."""

    free = ("role", "organisation")

    account: Id
    role: PersonRole
    organisation: Id | None
    by: Text
    approval: Id | None = None
    claimed: Claimed = ""


class AccountChanged(Event, frozen=True):
    """What an account is from here on."""

    free = ("role", "organisation", "state")

    account: Id
    role: PersonRole
    organisation: Id | None
    state: Literal["active", "suspended"]
    by: Text
    approval: Id | None = None
    claimed: Claimed = ""


class AccountCredentialSet(Event, frozen=True):
    """How an account signs in was changed."""

    free = ("credential",)

    account: Id
    credential: Literal["link", "password", "second_factor", "recovery_codes", "openid"]
    by: Text
    approval: Id | None = None
    claimed: Claimed = ""


class AccountEmailChanged(Event, frozen=True):
    """The address that an account's mail goes to is another one; the address stays out of the ledger."""

    free = ("account",)

    account: Id
    by: Text
    claimed: Claimed = ""


class AccountVouched(Event, frozen=True):
    """A third operator, or the shell, stands for it that an account is a person of its own."""

    free = ("account", "reason")

    account: Id
    reason: Name400
    by: Text
    claimed: Claimed = ""


TYPES: dict[str, type[Event]] = {
    "account_added": AccountAdded,
    "account_changed": AccountChanged,
    "account_credential_set": AccountCredentialSet,
    "account_email_changed": AccountEmailChanged,
    "account_vouched": AccountVouched,
}
