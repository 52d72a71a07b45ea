"""Commands of `npn.db`."""
