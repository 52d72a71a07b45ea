"""Transport: calls counted by day, the sunset of plain HTTP, release rhythms, bindings by subject, warnings given."""

import sqlalchemy as sa
from alembic import op

from npn.db.engine import SERVICE_ROLE
from npn.db.types import Timestamp

revision = "0008"
down_revision = "0007"
compatible_since = "0007"  # it only adds tables


def upgrade() -> None:
    """Make the tables, and let the service's role use them."""
    _make_bindings()
    _make_sunset()
    _make_figures()
    bind = op.get_bind()
    known = sa.text("SELECT 1 FROM pg_roles WHERE rolname = :r")
    if bind.dialect.name == "postgresql" and bind.scalar(known, {"r": SERVICE_ROLE}):
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON system_subject, release_rhythm TO {SERVICE_ROLE}")
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON call_day TO {SERVICE_ROLE}")
        op.execute(f"GRANT SELECT, INSERT, UPDATE ON sunset, brown_out, transport_exception TO {SERVICE_ROLE}")
        op.execute(f"GRANT SELECT, INSERT ON certificate_warning TO {SERVICE_ROLE}")


def _make_bindings() -> None:
    op.create_table(
        "system_subject",
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("system_id", sa.Text, sa.ForeignKey("connected_system.id"), nullable=False, index=True),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("issuer", sa.Text, nullable=False),
        sa.Column("bound_at", Timestamp, nullable=False),
        sa.Column("ended_at", Timestamp),
        sa.Column("shown_fingerprint", sa.Text),
        sa.Column("shown_not_after", Timestamp),
        sa.Column("shown_at", Timestamp),
    )
    op.create_table(
        "certificate_warning",
        sa.Column("fingerprint", sa.Text, primary_key=True),
        sa.Column("days", sa.Integer, primary_key=True),
        sa.Column("system_id", sa.Text, sa.ForeignKey("connected_system.id"), nullable=False),
        sa.Column("warned_at", Timestamp, nullable=False),
    )


def _make_sunset() -> None:
    op.create_table(
        "sunset",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("cut_off", Timestamp, nullable=False),
        sa.Column("announced_at", Timestamp, nullable=False),
        sa.Column("announced_by", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("withdrawn_at", Timestamp),
    )
    op.create_table(
        "brown_out",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("starts_at", Timestamp, nullable=False),
        sa.Column("ends_at", Timestamp, nullable=False),
        sa.Column("announced_at", Timestamp, nullable=False),
        sa.Column("announced_by", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("cancelled_at", Timestamp),
        sa.CheckConstraint("starts_at < ends_at", name="window"),
    )
    op.create_table(
        "transport_exception",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("system_id", sa.Text, sa.ForeignKey("connected_system.id"), nullable=False, index=True),
        sa.Column("until", Timestamp, nullable=False),
        sa.Column("granted_at", Timestamp, nullable=False),
        sa.Column("granted_by", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("ended_at", Timestamp),
    )


def _make_figures() -> None:
    op.create_table(
        "call_day",
        sa.Column("system_id", sa.Text, sa.ForeignKey("connected_system.id"), primary_key=True),
        sa.Column("day", sa.Date, primary_key=True, index=True),
        sa.Column("channel", sa.Text, primary_key=True),
        sa.Column("plain", sa.BigInteger, nullable=False),
        sa.Column("secure", sa.BigInteger, nullable=False),
        sa.Column("certified", sa.BigInteger, nullable=False),
        sa.Column("refused", sa.BigInteger, nullable=False),
        sa.Column("plain_at", Timestamp),
        sa.Column("plain_from", sa.Text),
        sa.CheckConstraint("channel IN ('rest', 'soap')", name="channel"),
    )
    op.create_table(
        "release_rhythm",
        sa.Column("vendor_id", sa.Text, sa.ForeignKey("organisation.id"), primary_key=True),
        sa.Column("first_release", sa.Date, nullable=False),
        sa.Column("every_months", sa.Integer, nullable=False),
        sa.Column("freeze_months", sa.Integer, nullable=False),
        sa.Column("work_weeks", sa.Integer, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("stated_at", Timestamp, nullable=False),
        sa.Column("stated_by", sa.Text, nullable=False),
        sa.CheckConstraint("every_months BETWEEN 1 AND 60", name="every"),
        sa.CheckConstraint("freeze_months BETWEEN 0 AND 24", name="freeze"),
        sa.CheckConstraint("work_weeks BETWEEN 0 AND 260", name="work"),
    )
