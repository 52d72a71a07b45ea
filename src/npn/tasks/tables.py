"""The tables of tasks: what people decided about them, what is open, and what happened; none of it is evidence."""

import sqlalchemy as sa

from npn.db.types import Timestamp, metadata

task_handling = sa.Table(
    "task_handling",
    metadata,
    sa.Column("scope", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("assigned_to", sa.Text),
    sa.Column("snoozed_until", sa.Date),
    sa.Column("snoozed_by", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("members", sa.Text, nullable=False),
)

task_open = sa.Table(
    "task_open",
    metadata,
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("system_id", sa.Text),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("since", Timestamp, nullable=False),
)

task_history = sa.Table(
    "task_history",
    metadata,
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
    sa.Index("ix_task_history_kind_at", "kind", "at"),
)

# Who wants the daily mail, in which language; `handled_on`: the last day that is settled, in Denmark.
task_mailing = sa.Table(
    "task_mailing",
    metadata,
    sa.Column("account_id", sa.Text, sa.ForeignKey("account.id"), primary_key=True),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("handled_on", sa.Date, nullable=False),
)

task_mailing_link = sa.Table(
    "task_mailing_link",
    metadata,
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("account_id", sa.Text, sa.ForeignKey("account.id"), nullable=False),
    sa.Column("expires_at", Timestamp, nullable=False),
)

# What the set-up checklist remembers: that it was dismissed, and the test mail.
setup_note = sa.Table(
    "setup_note",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("at", Timestamp, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("value", sa.Text, nullable=False),
)
