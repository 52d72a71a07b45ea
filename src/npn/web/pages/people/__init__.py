"""Pages of `npn.people`."""
