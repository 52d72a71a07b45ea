"""Commands of `npn.registry`."""
