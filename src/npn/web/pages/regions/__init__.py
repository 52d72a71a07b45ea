"""Pages of `npn.regions`."""
