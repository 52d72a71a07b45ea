"""A system's dated exemptions from single requirements of the connection agreement."""

import sqlalchemy as sa
from alembic import op

from npn.db.engine import SERVICE_ROLE

revision = "0013"
down_revision = "0012"
compatible_since = "0007"  # only adds; a program before it shows such a requirement as not met, and holds nobody to it


def upgrade() -> None:
    """Make the table; the service writes it."""
    op.create_table(
        "requirement_exemption",
        sa.Column("system_id", sa.Text, sa.ForeignKey("connected_system.id"), primary_key=True),
        sa.Column("requirement", sa.Text, primary_key=True),
        sa.Column("until", sa.Date, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("granted_by", sa.Text, nullable=False),
    )
    bind = op.get_bind()
    if bind.dialect.name != "sqlite" and bind.scalar(
        sa.text("SELECT 1 FROM pg_roles WHERE rolname = :r"), {"r": SERVICE_ROLE}
    ):
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON requirement_exemption TO {SERVICE_ROLE}")
