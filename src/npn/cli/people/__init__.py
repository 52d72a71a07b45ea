"""Commands of `npn.people`."""
