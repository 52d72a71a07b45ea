"""Pages of `npn.stock`."""
