"""Commands of `npn.stock`."""
