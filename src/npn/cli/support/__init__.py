"""Commands of `npn.support`."""
