"""Pages of `npn.server`."""
