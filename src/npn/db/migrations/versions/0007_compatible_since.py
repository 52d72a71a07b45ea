"""Rolling upgrades: which programs may work on a schema that is newer than they are."""

import sqlalchemy as sa
from alembic import op

from npn.db.engine import SERVICE_ROLE

revision = "0007"
down_revision = "0006"
compatible_since = "0007"  # the first program that looks


def upgrade() -> None:
    """Make the table with its one row; what it says is written after every migration."""
    op.create_table(
        "schema_compatibility",
        sa.Column("one", sa.Integer, primary_key=True),
        sa.Column("compatible_since", sa.Text, nullable=False),
        sa.CheckConstraint("one = 1", name="one"),
    )
    op.execute(f"INSERT INTO schema_compatibility (one, compatible_since) VALUES (1, '{revision}')")
    bind = op.get_bind()
    known = sa.text("SELECT 1 FROM pg_roles WHERE rolname = :role")
    if bind.dialect.name == "postgresql" and bind.scalar(known, {"role": SERVICE_ROLE}):
        op.execute(f"GRANT SELECT ON schema_compatibility TO {SERVICE_ROLE}")
