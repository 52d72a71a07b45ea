"""Pages of `npn.systems`."""
