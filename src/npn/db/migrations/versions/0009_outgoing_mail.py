"""The outbox."""

import sqlalchemy as sa
from alembic import op

from npn.db.engine import SERVICE_ROLE
from npn.db.types import Timestamp

revision = "0009"
down_revision = "0008"
compatible_since = "0007"  # a table added, nothing else


def upgrade() -> None:
    """Make the table, and let the service's role use it."""
    op.create_table(
        "outgoing_mail",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("to_address", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("thread", sa.Text),
        sa.Column("automatic", sa.Boolean(create_constraint=False), nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("created_at", Timestamp, nullable=False),
        sa.Column("due_at", Timestamp, nullable=False),
        sa.Column("settled_at", Timestamp),
        sa.Column("error", sa.Text, nullable=False),
        sa.CheckConstraint("state IN ('waiting', 'sent', 'failed')", name="ck_outgoing_mail_state"),
        sa.CheckConstraint("(state = 'waiting') = (settled_at IS NULL)", name="ck_outgoing_mail_settled"),
    )
    op.create_index("ix_outgoing_mail_due", "outgoing_mail", ["state", "due_at"])
    bind = op.get_bind()
    if bind.dialect.name == "postgresql" and bind.scalar(
        sa.text("SELECT 1 FROM pg_roles WHERE rolname = :r"), {"r": SERVICE_ROLE}
    ):
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON outgoing_mail TO {SERVICE_ROLE}")
