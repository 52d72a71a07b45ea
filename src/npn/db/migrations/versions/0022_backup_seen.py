"""The last backup that somebody noted: one row, so that its age is read without the ledger, which has them all."""

import sqlalchemy as sa
from alembic import op

from npn.db.engine import SERVICE_ROLE
from npn.db.types import Timestamp

revision = "0022"
down_revision = "0021"
compatible_since = "0021"  # a program before it notes no backups


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "backup_seen",
        sa.Column("one", sa.Integer, sa.CheckConstraint("one = 1", name="one_row"), primary_key=True, autoincrement=False),
        sa.Column("taken_at", Timestamp, nullable=False),
        sa.Column("noted_at", Timestamp, nullable=False),
        sa.Column("noted_by", sa.Text, nullable=False),
    )
    bind = op.get_bind()
    known = sa.text("SELECT 1 FROM pg_roles WHERE rolname = :r")
    if bind.dialect.name == "postgresql" and bind.scalar(known, {"r": SERVICE_ROLE}):
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON backup_seen TO {SERVICE_ROLE}")
