"""Links that are sent to whoever must take a step of a request, and since when steps wait for somebody."""

import sqlalchemy as sa
from alembic import op

from npn.db.types import Timestamp

revision = "0029"
down_revision = "0028"
compatible_since = "0021"  # a program before it sends no such links


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "step_link",
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("request_id", sa.Text, sa.ForeignKey("connection_request.id"), nullable=False),
        sa.Column("step", sa.Text, nullable=False),
        sa.Column("sent_to", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("sent_at", Timestamp, nullable=False),
        sa.Column("expires_at", Timestamp, nullable=False),
        sa.Column("used_at", Timestamp),
        sa.Column("ended_at", Timestamp),
    )
    op.create_index("ix_step_link_request_id", "step_link", ["request_id"])
    op.create_table(
        "step_wait",
        sa.Column("request_id", sa.Text, sa.ForeignKey("connection_request.id"), primary_key=True),
        sa.Column("step", sa.Text, primary_key=True),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("todo", sa.Text, nullable=False),
        sa.Column("since", Timestamp, nullable=False),
        sa.Column("reminders", sa.Integer, nullable=False),
    )
