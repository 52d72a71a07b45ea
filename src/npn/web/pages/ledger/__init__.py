"""Pages of `npn.ledger`."""
