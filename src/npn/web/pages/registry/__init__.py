"""Pages of `npn.registry`."""
