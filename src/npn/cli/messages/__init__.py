"""Commands of `npn.messages`."""
