"""What whoever decides a proposal says of it, beside the proposal: for people, and no evidence."""

import sqlalchemy as sa
from alembic import op

from npn.db.engine import SERVICE_ROLE

revision = "0023"
down_revision = "0022"
compatible_since = "0021"  # a program before it keeps no comments, and decides as it did


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "approval_comment",
        sa.Column("approval_id", sa.Text, sa.ForeignKey("approval.id"), primary_key=True),
        sa.Column("text", sa.Text, nullable=False),
    )
    bind = op.get_bind()
    known = sa.text("SELECT 1 FROM pg_roles WHERE rolname = :r")
    if bind.dialect.name == "postgresql" and bind.scalar(known, {"r": SERVICE_ROLE}):
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON approval_comment TO {SERVICE_ROLE}")
