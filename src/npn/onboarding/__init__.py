"""Onboarding: from a public request to the first draw of production, each step with who must do what next."""
