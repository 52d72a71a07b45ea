"""Connection agreements: versioned texts, what of them the platform can see, who accepted which, and what follows."""
