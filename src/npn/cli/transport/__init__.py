"""Commands of `npn.transport`."""
