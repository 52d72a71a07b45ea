"""Pages of `npn.mail`."""
