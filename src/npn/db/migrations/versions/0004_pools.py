"""The agents' pools, and which series each drew."""

import sqlalchemy as sa
from alembic import op

from npn.db.engine import SERVICE_ROLE
from npn.db.types import Timestamp

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the tables, and let the service's role use them."""
    op.create_table(
        "pool",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("system_id", sa.Text, sa.ForeignKey("connected_system.id"), nullable=False),
        sa.Column("held", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("first_at", Timestamp, nullable=False),
        sa.Column("contact_at", Timestamp, nullable=False),
        sa.Column("contested_at", Timestamp),
        sa.Column("contested_by", sa.Text),
        sa.CheckConstraint("state IN ('active', 'contested')", name="ck_pool_state"),
        sa.CheckConstraint("(state = 'contested') = (contested_at IS NOT NULL)", name="ck_pool_contested"),
    )
    op.create_table(
        "pool_series",
        sa.Column("series_id", sa.Text, sa.ForeignKey("live_range.id"), primary_key=True),
        sa.Column("pool_id", sa.Text, sa.ForeignKey("pool.id"), nullable=False),
    )
    op.create_index("ix_pool_series_pool_id", "pool_series", ["pool_id"])
    bind = op.get_bind()
    if bind.dialect.name == "postgresql" and bind.scalar(
        sa.text("SELECT 1 FROM pg_roles WHERE rolname = :r"), {"r": SERVICE_ROLE}
    ):
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON pool, pool_series TO {SERVICE_ROLE}")
