"""The agent's dealings with the number service."""
