"""Commands of `npn.regions`."""
