"""Guards against statements by hand: hidden row ids, numbers that are none, and withheld ranges that are split."""

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Nothing yet."""
