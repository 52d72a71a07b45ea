"""Organisations are renamed, merged and closed, and systems are closed; every name leads to its organisation for good.

A closed system is suspended too, in the column that programs before this one look at.
"""

import sqlalchemy as sa
from alembic import op

from npn.db.engine import SERVICE_ROLE
from npn.db.types import Timestamp

revision = "0025"
down_revision = "0024"
compatible_since = "0025"  # a program before it makes a new organisation of a former name, and resumes what is closed


def upgrade() -> None:
    """Add the columns and the table of former names."""
    op.add_column("organisation", sa.Column("closed_at", Timestamp))
    op.add_column("organisation", sa.Column("merged_into", sa.Text))
    op.add_column("connected_system", sa.Column("closed_at", Timestamp))
    op.create_table(
        "organisation_alias",
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("organisation_id", sa.Text, sa.ForeignKey("organisation.id"), nullable=False),
        sa.Column("since", Timestamp, nullable=False),
    )
    op.create_index("ix_organisation_alias_organisation_id", "organisation_alias", ["organisation_id"])
    bind = op.get_bind()
    known = sa.text("SELECT 1 FROM pg_roles WHERE rolname = :r")
    if bind.dialect.name == "postgresql" and bind.scalar(known, {"r": SERVICE_ROLE}):
        op.execute(f"GRANT SELECT, INSERT, UPDATE ON organisation_alias TO {SERVICE_ROLE}")
