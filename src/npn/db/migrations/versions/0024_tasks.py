"""Tasks: what people decided about them, what is open, what happened; the daily mail; the set-up checklist's notes."""

import sqlalchemy as sa
from alembic import op

from npn.db.engine import SERVICE_ROLE
from npn.db.types import Timestamp

revision = "0024"
down_revision = "0023"
compatible_since = "0021"  # tables added, nothing else

TABLES = ("task_handling", "task_open", "task_history", "task_mailing", "task_mailing_link", "setup_note")


def upgrade() -> None:
    """Make the tables, and let the service's role use them."""
    _tasks()
    _mailing()
    op.create_table(
        "setup_note",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("at", Timestamp, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
    )
    bind = op.get_bind()
    if bind.dialect.name == "postgresql" and bind.scalar(
        sa.text("SELECT 1 FROM pg_roles WHERE rolname = :r"), {"r": SERVICE_ROLE}
    ):
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {', '.join(TABLES)} TO {SERVICE_ROLE}")


def _tasks() -> None:
    op.create_table(
        "task_handling",
        sa.Column("scope", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("subject", sa.Text, primary_key=True),
        sa.Column("assigned_to", sa.Text),
        sa.Column("snoozed_until", sa.Date),
        sa.Column("snoozed_by", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("members", sa.Text, nullable=False),
    )
    op.create_table(
        "task_open",
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("subject", sa.Text, primary_key=True),
        sa.Column("system_id", sa.Text),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("since", Timestamp, nullable=False),
    )
    op.create_table(
        "task_history",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("at", Timestamp, nullable=False),
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("system_id", sa.Text),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("assigned_to", sa.Text),
        sa.Column("until", sa.Date),
        sa.Column("reason", sa.Text, nullable=False),
    )
    op.create_index("ix_task_history_kind_at", "task_history", ["kind", "at"])


def _mailing() -> None:
    op.create_table(
        "task_mailing",
        sa.Column("account_id", sa.Text, sa.ForeignKey("account.id"), primary_key=True),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("handled_on", sa.Date, nullable=False),
    )
    op.create_table(
        "task_mailing_link",
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("account_id", sa.Text, sa.ForeignKey("account.id"), nullable=False),
        sa.Column("expires_at", Timestamp, nullable=False),
    )
