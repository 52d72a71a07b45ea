"""Accounts that one person made, reset or promoted for another, and who vouched."""

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Nothing yet."""
