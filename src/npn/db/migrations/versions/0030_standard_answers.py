"""The answers that operators begin with: texts of their own, and shipped ones that they have changed or retired."""

import sqlalchemy as sa
from alembic import op

from npn.db.engine import SERVICE_ROLE
from npn.db.types import Timestamp

revision = "0030"
down_revision = "0029"
compatible_since = "0021"  # a program before it offers the shipped ones


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "standard_answer",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("kind", sa.Text),
        sa.Column("label_da", sa.Text, nullable=False),
        sa.Column("label_en", sa.Text, nullable=False),
        sa.Column("danish", sa.Text, nullable=False),
        sa.Column("english", sa.Text, nullable=False),
        sa.Column("updated_at", Timestamp, nullable=False),
        sa.Column("retired_at", Timestamp),
        sa.PrimaryKeyConstraint("id", name="pk_standard_answer"),
        sa.CheckConstraint("kind IN ('connection', 'support')", name="ck_standard_answer_kind"),
    )
    bind = op.get_bind()
    known = sa.text("SELECT 1 FROM pg_roles WHERE rolname = :r")
    if bind.dialect.name == "postgresql" and bind.scalar(known, {"r": SERVICE_ROLE}):
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON standard_answer TO {SERVICE_ROLE}")
