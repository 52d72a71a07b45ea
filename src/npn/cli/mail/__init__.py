"""Commands of `npn.mail`."""
