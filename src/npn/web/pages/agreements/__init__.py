"""Pages of `npn.agreements`."""
