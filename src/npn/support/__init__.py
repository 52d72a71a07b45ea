"""Support: cases with their mail, the facts that answer them, and contacts that are kept current."""
