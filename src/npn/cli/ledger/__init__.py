"""Commands of `npn.ledger`."""
