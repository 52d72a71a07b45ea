"""Commands of `npn.standards`."""
