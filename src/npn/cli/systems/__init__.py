"""Commands of `npn.systems`."""
