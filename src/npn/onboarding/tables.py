"""The tables of requests to be connected, and of keys on their way to those who are to have them."""

import sqlalchemy as sa

from npn.db.types import Timestamp, metadata

connection_request = sa.Table(
    "connection_request",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("asked", sa.Text, nullable=False),
    sa.Column("requester_name", sa.Text, nullable=False),
    sa.Column("requester_email", sa.Text, nullable=False),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("remote", sa.Text, nullable=False),
    sa.Column("confirm_digest", sa.Text),
    sa.Column("case_number", sa.Integer, sa.ForeignKey("support_case.number")),
    sa.Column("test_system", sa.Text, sa.ForeignKey("connected_system.id")),
    sa.Column("production_system", sa.Text, sa.ForeignKey("connected_system.id")),
    sa.Column("proposed_certificate", sa.Text, nullable=False),
    sa.Column("waived", sa.Text, nullable=False),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("confirmed_at", Timestamp),
    sa.Column("settled_at", Timestamp),
    sa.Column("reason", sa.Text, nullable=False),
    sa.UniqueConstraint("confirm_digest"),
    sa.UniqueConstraint("case_number"),
    sa.CheckConstraint("state IN ('unconfirmed', 'under_way', 'connected', 'refused')", name="state"),
    sa.CheckConstraint("(state = 'unconfirmed') = (case_number IS NULL)", name="case"),
)

step_link = sa.Table(
    "step_link",
    metadata,
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("request_id", sa.Text, sa.ForeignKey("connection_request.id"), nullable=False, index=True),
    sa.Column("step", sa.Text, nullable=False),
    sa.Column("sent_to", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("sent_at", Timestamp, nullable=False),
    sa.Column("expires_at", Timestamp, nullable=False),
    sa.Column("used_at", Timestamp),
    sa.Column("ended_at", Timestamp),
)

step_wait = sa.Table(
    "step_wait",
    metadata,
    sa.Column("request_id", sa.Text, sa.ForeignKey("connection_request.id"), primary_key=True),
    sa.Column("step", sa.Text, primary_key=True),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("todo", sa.Text, nullable=False),
    sa.Column("since", Timestamp, nullable=False),
    sa.Column("reminders", sa.Integer, nullable=False),
)

key_handover = sa.Table(
    "key_handover",
    metadata,
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("system_id", sa.Text, sa.ForeignKey("connected_system.id"), nullable=False, index=True),
    sa.Column("sent_to", sa.Text, nullable=False),
    sa.Column("offered_at", Timestamp, nullable=False),
    sa.Column("expires_at", Timestamp, nullable=False),
    sa.Column("collected_at", Timestamp),
    sa.Column("ended_at", Timestamp),
)
