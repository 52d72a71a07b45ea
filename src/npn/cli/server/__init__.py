"""Commands of `npn.server`."""
