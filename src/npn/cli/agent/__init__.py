"""Commands of `npn.agent`."""
