"""Commands of `npn.onboarding`."""
