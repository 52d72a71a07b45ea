"""Commands of `npn.agreements`."""
