"""Names of people, by what the ledger knows of them."""

from npn.wiring.service import Service


def names_of(service: Service) -> dict[str, str]:
    """Return the names of all accounts by what the ledger calls them."""
    return {account.by: account.name for account in service.accounts.list()}
