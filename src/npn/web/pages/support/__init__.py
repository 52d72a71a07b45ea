"""Pages of `npn.support`."""
