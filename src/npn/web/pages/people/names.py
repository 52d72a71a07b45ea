"""Names of people, by what the ledger knows of them."""

from npn.people.accounts import Accounts


def names_of(accounts: Accounts) -> dict[str, str]:
    """Return the names of all accounts by what the ledger calls them."""
    return {account.by: account.name for account in accounts.list()}
