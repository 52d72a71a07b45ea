"""What a register outside says of a system: the standards it is listed with, by which a renamed one is known again."""

import sqlalchemy as sa
from alembic import op

from npn.db.engine import SERVICE_ROLE

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the table, and let the service's role use it."""
    op.create_table(
        "system_standard",
        sa.Column("system_id", sa.Text, sa.ForeignKey("connected_system.id"), primary_key=True),
        sa.Column("source", sa.Text, primary_key=True),
        sa.Column("standard", sa.Text, primary_key=True),
    )
    bind = op.get_bind()
    if bind.dialect.name == "postgresql" and bind.scalar(
        sa.text("SELECT 1 FROM pg_roles WHERE rolname = :r"), {"r": SERVICE_ROLE}
    ):
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON system_standard TO {SERVICE_ROLE}")
