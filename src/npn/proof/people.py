"""The accounts of those who work in the pages, as the ledger tells of them: known by an id, never by a name.

Two accounts are two people unless ties lead from both up to one account: an account is tied to whoever made, promoted
or reset it, for they can sign in as it, and for thirty days to whoever changed its role, state or address.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from npn.people.events import AccountAdded, AccountChanged, AccountVouched
from npn.proof.edition import Edition, is_shell
from npn.proof.parties import Parties
from npn.proof.wrong import WrongError

OPERATOR = "operator"
_OF_ORGANISATIONS = ("region", "owner", "vendor")
_JUST_CHANGED = timedelta(days=30)
_JUST_RESET = timedelta(days=1)
_ACCOUNT = re.compile(r"account:([a-z0-9][a-z0-9-]{0,79})")
_LIKE_AN_ACCOUNT = re.compile(r"account[ \t]*:", re.IGNORECASE)


@dataclass(slots=True)
class AccountRecord:
    """An account at one point of the ledger.

    `tied_to`: accounts that made, promoted or reset it since somebody vouched for it; `changed_at`: when each account
    last changed its role, state or address.
    """

    role: str
    active: bool = True
    tied_to: set[str] = field(default_factory=set)
    changed_at: dict[str, datetime] = field(default_factory=dict)
    reset_at: datetime | None = None  # its password was set by a link in an e-mail


def account_of(by: str) -> str:
    """Return the one account that `by` names, or raise WrongError."""
    match = _ACCOUNT.fullmatch(by)
    if match is None:
        raise WrongError(f"{by!r} is not the name of one account")
    return match[1]


class People:
    """Accounts, and what was changed about them."""

    def __init__(self, parties: Parties, edition: Edition) -> None:
        """`parties` know the organisations."""
        self._parties = parties
        self._edition = edition
        self._accounts: dict[str, AccountRecord] = {}
        self._ever_operators: set[str] = set()

    def names(self, by: str) -> tuple[str, ...]:
        """Return the accounts that `by` names: none, one, or two. Each has one spelling and was added before."""
        if is_shell(by) or not _LIKE_AN_ACCOUNT.search(by):
            return ()
        names = tuple(account_of(part) for part in by.split(", "))
        if len(names) > 2 or len(set(names)) != len(names):  # one person, or two
            raise WrongError(f"{by!r} names neither one account nor two")
        for name in names:
            self.known(name)
        return names

    def known(self, account: str) -> AccountRecord:
        """Return an account that was added before."""
        person = self._accounts.get(account)
        if person is None:
            raise WrongError(f"the account {account} was never added")
        return person

    def operator(self, account: str) -> None:
        """Check that an account is an active operator's."""
        person = self.known(account)
        if person.role != OPERATOR or not person.active:
            raise WrongError(f"the account {account} is not an active operator's")

    def may_be_one(self, first: str, second: str, at: datetime) -> bool:
        """Whether one person may be behind both accounts."""
        return not self._above(first, at).isdisjoint(self._above(second, at))

    def _above(self, account: str, at: datetime) -> set[str]:
        """Return the account, and all that its ties lead up to."""
        above, ahead = {account}, [account]
        while ahead:
            person = self.known(ahead.pop())
            recent = {name for name, changed in person.changed_at.items() if at - changed < _JUST_CHANGED}
            new = (person.tied_to | recent) - above
            above |= new
            ahead += new
        return above

    @property
    def needs_two(self) -> bool:
        """Whether two operators have ever been active."""
        return len(self._ever_operators) > 1

    def add(self, event: AccountAdded) -> None:
        """Check that its id is new, and that its organisation fits its role."""
        if event.account in self._accounts:
            raise WrongError(f"the account {event.account} is there already")
        self._fits(event.role, event.organisation)
        self._accounts[event.account] = AccountRecord(event.role)
        self._note_operator(event.account)

    def change(self, event: AccountChanged) -> None:
        """Check that the account is known, and that its organisation fits its role."""
        person = self.known(event.account)
        self._fits(event.role, event.organisation)
        person.role, person.active = event.role, event.state == "active"
        self._note_operator(event.account)

    def tie(self, account: str, by: str) -> None:
        """Tie an account to whoever made, promoted or reset it."""
        self.known(account).tied_to |= {name for name in self.names(by) if name != account}

    def tie_for_now(self, account: str, by: str, at: datetime) -> None:
        """Tie an account for thirty days to whoever changed it."""
        changed = self.known(account).changed_at
        for name in self.names(by):
            if name != account:
                changed[name] = max(at, changed.get(name, at))

    def reset(self, account: str, at: datetime) -> None:
        """Note that an account's password was set by a link in an e-mail."""
        person = self.known(account)
        person.reset_at = max(at, person.reset_at or at)

    def signs_in_as_before(self, account: str, at: datetime) -> None:
        """Check that an account's password was not set by e-mail within a day before."""
        reset_at = self.known(account).reset_at
        if reset_at is not None and at - reset_at < _JUST_RESET:
            raise WrongError(f"the account {account} decided within a day after its password was set by e-mail")

    def vouched(self, event: AccountVouched, *, at: datetime) -> None:
        """Let the shell, or an operator who is certainly another person, vouch for an account: its ties are lifted."""
        self._edition.needs_rules(event)
        person = self.known(event.account)
        if not is_shell(event.by):
            voucher = account_of(event.by)
            self.operator(voucher)
            self.signs_in_as_before(voucher, at)
            if self.may_be_one(event.account, voucher, at):
                raise WrongError(f"{event.by} vouched for {event.account}, which may be the same person's")
        person.tied_to.clear()

    def _note_operator(self, account: str) -> None:
        person = self._accounts[account]
        if person.role == OPERATOR and person.active:
            self._ever_operators.add(account)

    def _fits(self, role: str, organisation: str | None) -> None:
        if (role in _OF_ORGANISATIONS) != (organisation is not None):
            raise WrongError(f"an account of role {role} with organisation {organisation!r}")
        if organisation is not None:
            self._parties.organisations.required(organisation, role)
