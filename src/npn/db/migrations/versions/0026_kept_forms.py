"""Forms that were sent after their session had ended, kept for an hour for the person whose session it was."""

import sqlalchemy as sa
from alembic import op

from npn.db.engine import SERVICE_ROLE
from npn.db.types import Timestamp

revision = "0026"
down_revision = "0025"
compatible_since = "0022"  # a program before it keeps no forms, and loses nothing by that


def upgrade() -> None:
    """Make the table; its rows come and go."""
    op.create_table(
        "kept_form",
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("account_id", sa.Text, sa.ForeignKey("account.id"), nullable=False),
        sa.Column("sealed_form", sa.Text, nullable=False),
        sa.Column("expires_at", Timestamp, nullable=False),
    )
    op.create_index("ix_kept_form_account_id", "kept_form", ["account_id"])
    bind = op.get_bind()
    known = sa.text("SELECT 1 FROM pg_roles WHERE rolname = :r")
    if bind.dialect.name == "postgresql" and bind.scalar(known, {"r": SERVICE_ROLE}):
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON kept_form TO {SERVICE_ROLE}")
