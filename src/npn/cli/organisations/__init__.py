"""Commands of `npn.organisations`."""
