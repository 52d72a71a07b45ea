"""Stock reports: what systems say of their own stock."""

import sqlalchemy as sa
from alembic import op

from npn.db.engine import SERVICE_ROLE
from npn.db.types import Timestamp

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the table, and let the service's role use it."""
    op.create_table(
        "stock_report",
        sa.Column("system_id", sa.Text, sa.ForeignKey("connected_system.id"), primary_key=True),
        sa.Column("as_of", Timestamp, primary_key=True),
        sa.Column("free", sa.BigInteger, nullable=False),
        sa.Column("used_per_day", sa.Float, nullable=False),
        sa.Column("received_at", Timestamp, nullable=False),
        sa.CheckConstraint("free >= 0 AND used_per_day >= 0", name="ck_stock_report_figures"),
    )
    bind = op.get_bind()
    if bind.dialect.name == "postgresql" and bind.scalar(
        sa.text("SELECT 1 FROM pg_roles WHERE rolname = :r"), {"r": SERVICE_ROLE}
    ):
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON stock_report TO {SERVICE_ROLE}")
