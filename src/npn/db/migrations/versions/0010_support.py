"""Regions' units, support cases, contacts kept current, requests to be connected."""

import sqlalchemy as sa
from alembic import op

from npn.db.engine import SERVICE_ROLE
from npn.db.types import Timestamp

revision = "0010"
down_revision = "0009"
compatible_since = "0007"  # tables added, nothing else

TABLES = (
    "regional_unit",
    "system_care",
    "support_case",
    "case_entry",
    "case_link",
    "refused_calls",
    "contact_check",
    "connection_request",
    "key_handover",
)


def upgrade() -> None:
    """Make the tables, and let the service's role use them."""
    _regions()
    _cases()
    _contacts()
    _requests()
    bind = op.get_bind()
    if bind.dialect.name == "postgresql" and bind.scalar(
        sa.text("SELECT 1 FROM pg_roles WHERE rolname = :r"), {"r": SERVICE_ROLE}
    ):
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {', '.join(TABLES)} TO {SERVICE_ROLE}")


def _regions() -> None:
    op.create_table(
        "regional_unit",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("region_id", sa.Text, sa.ForeignKey("organisation.id"), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("telephone", sa.Text, nullable=False),
        sa.Column("hours", sa.Text, nullable=False),
        sa.Column("updated_at", Timestamp, nullable=False),
        sa.UniqueConstraint("region_id", "name", name="uq_regional_unit_region_id_name"),
    )
    op.create_table(
        "system_care",
        sa.Column("system_id", sa.Text, sa.ForeignKey("connected_system.id"), primary_key=True),
        sa.Column("unit_id", sa.Text, sa.ForeignKey("regional_unit.id")),
        sa.Column("manager_name", sa.Text, nullable=False),
        sa.Column("manager_email", sa.Text, nullable=False),
        sa.Column("manager_telephone", sa.Text, nullable=False),
        sa.Column("updated_at", Timestamp, nullable=False),
    )


def _cases() -> None:
    op.create_table(
        "support_case",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("system_id", sa.Text, sa.ForeignKey("connected_system.id")),
        sa.Column("requester_name", sa.Text, nullable=False),
        sa.Column("requester_email", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("assigned", sa.Text, nullable=False),
        sa.Column("token", sa.Text, nullable=False),
        sa.Column("opened_at", Timestamp, nullable=False),
        sa.Column("changed_at", Timestamp, nullable=False),
        sa.Column("closed_at", Timestamp),
        sa.CheckConstraint("kind IN ('connection', 'support')", name="ck_support_case_kind"),
        sa.CheckConstraint("state IN ('open', 'waiting', 'closed')", name="ck_support_case_state"),
        sa.CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="ck_support_case_closed"),
    )
    op.create_index("ix_support_case_system_id", "support_case", ["system_id"])
    op.create_table(
        "case_entry",
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
        sa.UniqueConstraint("message_id", name="uq_case_entry_message_id"),
        sa.CheckConstraint("direction IN ('in', 'out', 'note', 'event')", name="ck_case_entry_direction"),
    )
    op.create_table(
        "case_link",
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("case_number", sa.Integer, sa.ForeignKey("support_case.number"), nullable=False),
        sa.Column("expires_at", Timestamp, nullable=False),
    )
    op.create_table(
        "refused_calls",
        sa.Column("system_id", sa.Text, sa.ForeignKey("connected_system.id"), primary_key=True),
        sa.Column("day", sa.Text, primary_key=True),
        sa.Column("code", sa.Text, primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("last_at", Timestamp, nullable=False),
    )


def _contacts() -> None:
    op.create_table(
        "contact_check",
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("system_id", sa.Text, sa.ForeignKey("connected_system.id"), nullable=False),
        sa.Column("sent_to", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("sent_at", Timestamp, nullable=False),
        sa.Column("expires_at", Timestamp, nullable=False),
        sa.Column("answered_at", Timestamp),
        sa.Column("answer", sa.Text),
        sa.CheckConstraint("(answered_at IS NULL) = (answer IS NULL)", name="ck_contact_check_answered"),
    )
    op.create_index("ix_contact_check_system_id", "contact_check", ["system_id"])


def _requests() -> None:
    op.create_table(
        "connection_request",
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
        sa.UniqueConstraint("confirm_digest", name="uq_connection_request_confirm_digest"),
        sa.UniqueConstraint("case_number", name="uq_connection_request_case_number"),
        sa.CheckConstraint(
            "state IN ('unconfirmed', 'under_way', 'connected', 'refused')", name="ck_connection_request_state"
        ),
        sa.CheckConstraint("(state = 'unconfirmed') = (case_number IS NULL)", name="ck_connection_request_case"),
    )
    op.create_table(
        "key_handover",
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("system_id", sa.Text, sa.ForeignKey("connected_system.id"), nullable=False),
        sa.Column("sent_to", sa.Text, nullable=False),
        sa.Column("offered_at", Timestamp, nullable=False),
        sa.Column("expires_at", Timestamp, nullable=False),
        sa.Column("collected_at", Timestamp),
        sa.Column("ended_at", Timestamp),
    )
    op.create_index("ix_key_handover_system_id", "key_handover", ["system_id"])
