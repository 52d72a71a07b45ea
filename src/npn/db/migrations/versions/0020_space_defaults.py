"""Default and closed number spaces, and the space that a system draws from."""

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Nothing yet."""
