"""The database knows its witness, and every batch is written by a program that may write this schema."""

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Nothing yet."""
