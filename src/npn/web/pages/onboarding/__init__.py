"""Pages of `npn.onboarding`."""
