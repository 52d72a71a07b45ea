"""The quarantine's floor, its policy, and the clock that it hangs on."""

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Nothing yet."""
