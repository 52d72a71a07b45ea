"""Events about accounts of the pages, and about what two people agree on.

Names and addresses stay outside the ledger. `approval`: the proposal of the kind `operator` by which two people
agreed; absent where none was needed.
"""

from typing import Annotated, Literal

from msgspec import Meta

from npn.ledger.event import Claimed, Event, Id, Name400, Text
from npn.people.model import AccountRole, AccountState

Outcome = Literal["approved", "rejected", "withdrawn"]
Credential = Literal["link", "password", "second_factor", "recovery_codes", "openid", "password_reset"]


class AccountAdded(Event, frozen=True):
    """Somebody may sign in to the pages. Names and addresses stay out of the ledger."""

    tag = "account_added"
    free = ("role", "organisation")

    account: Id
    role: AccountRole
    organisation: Id | None
    by: Text
    approval: Id | None = None
    claimed: Claimed = ""


class AccountChanged(Event, frozen=True):
    """What an account is from here on."""

    tag = "account_changed"
    free = ("role", "organisation", "state")

    account: Id
    role: AccountRole
    organisation: Id | None
    state: AccountState
    by: Text
    approval: Id | None = None
    claimed: Claimed = ""


class AccountCredentialSet(Event, frozen=True):
    """How an account signs in was changed."""

    tag = "account_credential_set"
    free = ("credential",)

    account: Id
    credential: Credential
    by: Text
    approval: Id | None = None
    claimed: Claimed = ""


class AccountEmailChanged(Event, frozen=True):
    """The address that an account's mail goes to is another one; the address stays out of the ledger."""

    tag = "account_email_changed"
    free = ("account",)

    account: Id
    by: Text
    claimed: Claimed = ""


class AccountVouched(Event, frozen=True):
    """A third operator, or the shell, vouches that an account belongs to a separate person."""

    tag = "account_vouched"
    free = ("account", "reason")

    account: Id
    reason: Name400
    by: Text
    claimed: Claimed = ""


class ApprovalProposed(Event, frozen=True):
    """Something that two people must agree on was proposed by one. `wish` is JSON: what is to be done."""

    tag = "approval_proposed"
    free = ("kind", "reason", "wish")

    approval: Id
    kind: Id
    wish: Annotated[str, Meta(max_length=4000)]
    reason: Text
    by: Text
    claimed: Claimed = ""


class ApprovalDecided(Event, frozen=True):
    """A proposal was decided by another, or withdrawn by who made it."""

    tag = "approval_decided"
    free = ("decision",)

    approval: Id
    decision: Outcome
    by: Text
    claimed: Claimed = ""
