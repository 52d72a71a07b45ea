"""What accounts search lists for again and again: a name and a query, theirs alone."""

import sqlalchemy as sa
from alembic import op

from npn.db.engine import SERVICE_ROLE
from npn.db.types import Timestamp

revision = "0028"
down_revision = "0027"
compatible_since = "0021"  # a program before it keeps no searches


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "saved_filter",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("account_id", sa.Text, sa.ForeignKey("account.id", name="fk_saved_filter_account_id"), nullable=False),
        sa.Column("list", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("query", sa.Text, nullable=False),
        sa.Column("created_at", Timestamp, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_saved_filter"),
        sa.UniqueConstraint("account_id", "list", "name", name="uq_saved_filter_account_id_list_name"),
    )
    bind = op.get_bind()
    known = sa.text("SELECT 1 FROM pg_roles WHERE rolname = :r")
    if bind.dialect.name == "postgresql" and bind.scalar(known, {"r": SERVICE_ROLE}):
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON saved_filter TO {SERVICE_ROLE}")
