"""Organisations, connected systems, their keys and contacts."""
