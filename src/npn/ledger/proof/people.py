"""The accounts of those who work in the pages, as the ledger tells of them: known by an id, never by a name."""

from npn.ledger import people_events as events
from npn.ledger.proof.parties import Parties
from npn.ledger.proof.wrong import WrongError

_OF_ORGANISATIONS = ("region", "owner", "vendor")


class People:
    """Accounts, and what was changed about them."""

    def __init__(self, parties: Parties) -> None:
        """`parties` know the organisations."""
        self._parties = parties
        self._accounts: set[str] = set()

    def account_added(self, event: events.AccountAdded) -> None:
        """Hold its id to be new, and its organisation to fit its role."""
        if event.account in self._accounts:
            raise WrongError(f"the account {event.account} is there already")
        self._fits(event.role, event.organisation)
        self._accounts.add(event.account)

    def account_changed(self, event: events.AccountChanged) -> None:
        """Hold the account to be known, and its organisation to fit its role."""
        self._known(event.account)
        self._fits(event.role, event.organisation)

    def credential_set(self, event: events.AccountCredentialSet) -> None:
        """Hold the account to be known."""
        self._known(event.account)

    def email_changed(self, event: events.AccountEmailChanged) -> None:
        """Hold the account to be known."""
        self._known(event.account)

    def vouched(self, event: events.AccountVouched) -> None:
        """Hold the account to be known."""
        self._known(event.account)

    def _known(self, account: str) -> None:
        if account not in self._accounts:
            raise WrongError(f"the account {account} was never added")

    def _fits(self, role: str, organisation: str | None) -> None:
        if (role in _OF_ORGANISATIONS) != (organisation is not None):
            raise WrongError(f"an account of role {role} with organisation {organisation!r}")
        if organisation is not None:
            self._parties.organisation_known(organisation, role)
