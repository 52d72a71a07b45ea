"""Pages of `npn.transport`."""
