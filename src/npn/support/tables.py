"""The tables of cases, private links, refusals by day, questions to contacts, and standard answers."""

import sqlalchemy as sa

from npn.db.types import Timestamp, metadata

support_case = sa.Table(
    "support_case",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("system_id", sa.Text, sa.ForeignKey("connected_system.id"), index=True),
    sa.Column("requester_name", sa.Text, nullable=False),
    sa.Column("requester_email", sa.Text, nullable=False),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("assigned", sa.Text, nullable=False),
    sa.Column("token", sa.Text, nullable=False),
    sa.Column("opened_at", Timestamp, nullable=False),
    sa.Column("changed_at", Timestamp, nullable=False),
    sa.Column("closed_at", Timestamp),
    sa.CheckConstraint("kind IN ('connection', 'support')", name="kind"),
    sa.CheckConstraint("state IN ('open', 'waiting', 'closed')", name="state"),
    sa.CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed"),
)

case_entry = sa.Table(
    "case_entry",
    metadata,
    sa.Column("case_number", sa.Integer, sa.ForeignKey("support_case.number"), primary_key=True),
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", Timestamp, nullable=False),
    sa.Column("direction", sa.Text, nullable=False),
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("known", sa.Boolean(create_constraint=False), nullable=False),
    sa.Column("message_id", sa.Text),
    sa.Column("attachments", sa.Text, nullable=False),
    sa.UniqueConstraint("message_id"),
    sa.CheckConstraint("direction IN ('in', 'out', 'note', 'event')", name="direction"),
)

case_link = sa.Table(
    "case_link",
    metadata,
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("case_number", sa.Integer, sa.ForeignKey("support_case.number"), nullable=False),
    sa.Column("expires_at", Timestamp, nullable=False),
)

refused_calls = sa.Table(
    "refused_calls",
    metadata,
    sa.Column("system_id", sa.Text, sa.ForeignKey("connected_system.id"), primary_key=True),
    sa.Column("day", sa.Text, primary_key=True),
    sa.Column("code", sa.Text, primary_key=True),
    sa.Column("count", sa.Integer, nullable=False),
    sa.Column("last_at", Timestamp, nullable=False),
)

contact_check = sa.Table(
    "contact_check",
    metadata,
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("system_id", sa.Text, sa.ForeignKey("connected_system.id"), nullable=False, index=True),
    sa.Column("sent_to", sa.Text, nullable=False),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("sent_at", Timestamp, nullable=False),
    sa.Column("expires_at", Timestamp, nullable=False),
    sa.Column("answered_at", Timestamp),
    sa.Column("answer", sa.Text),
    sa.CheckConstraint("(answered_at IS NULL) = (answer IS NULL)", name="answered"),
)

standard_answer = sa.Table(
    "standard_answer",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text),
    sa.Column("label_da", sa.Text, nullable=False),
    sa.Column("label_en", sa.Text, nullable=False),
    sa.Column("danish", sa.Text, nullable=False),
    sa.Column("english", sa.Text, nullable=False),
    sa.Column("updated_at", Timestamp, nullable=False),
    sa.Column("retired_at", Timestamp),
    sa.CheckConstraint("kind IN ('connection', 'support')", name="kind"),
)
