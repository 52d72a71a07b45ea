"""Commands of `npn.pools`."""
