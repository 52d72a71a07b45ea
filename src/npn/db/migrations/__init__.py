"""Alembic migrations, oldest first; each is complete in itself and imports no tables."""
