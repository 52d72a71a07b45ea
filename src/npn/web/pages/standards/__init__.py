"""Pages of `npn.standards`."""
