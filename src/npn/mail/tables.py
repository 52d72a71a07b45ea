"""The table of e-mails to be sent."""

import sqlalchemy as sa

from npn.db.types import Timestamp, metadata

outgoing_mail = sa.Table(
    "outgoing_mail",
    metadata,
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
    sa.CheckConstraint("state IN ('waiting', 'sent', 'failed')", name="state"),
    sa.CheckConstraint("(state = 'waiting') = (settled_at IS NULL)", name="settled"),
    sa.Index("ix_outgoing_mail_due", "state", "due_at"),
)
