"""Commands of `npn.numbers`."""
