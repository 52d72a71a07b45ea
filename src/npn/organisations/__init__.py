"""Organisations with all that is theirs: rename, merge, close."""
