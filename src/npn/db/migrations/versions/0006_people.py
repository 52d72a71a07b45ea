"""The people behind the pages: accounts, sessions, approvals; and which region an organisation belongs to."""

import sqlalchemy as sa
from alembic import op

from npn.db.engine import SERVICE_ROLE
from npn.db.types import Timestamp

revision = "0006"
down_revision = "0005"
_TABLES = (
    "account", "account_link", "recovery_code", "openid_subject", "person_session", "approval", "organisation_region",
)  # fmt: skip


def upgrade() -> None:
    """Make the tables, and let the service's role use them."""
    op.create_table(
        "organisation_region",
        sa.Column("organisation_id", sa.Text, sa.ForeignKey("organisation.id"), primary_key=True),
        sa.Column("region_id", sa.Text, sa.ForeignKey("organisation.id"), nullable=False, index=True),
    )
    _account()
    _ways_in()
    op.create_table(
        "approval",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("wish", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False, index=True),
        sa.Column("proposed_by", sa.Text, nullable=False),
        sa.Column("proposed_at", Timestamp, nullable=False),
        sa.Column("decided_by", sa.Text),
        sa.Column("decided_at", Timestamp),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.CheckConstraint("state IN ('open', 'approved', 'rejected', 'withdrawn')", name="ck_approval_state"),
        sa.CheckConstraint("(state = 'open') = (decided_by IS NULL)", name="ck_approval_decided"),
        sa.CheckConstraint("(state = 'open') = (decided_at IS NULL)", name="ck_approval_when_decided"),
        sa.CheckConstraint("state <> 'approved' OR decided_by <> proposed_by", name="ck_approval_two_people"),
    )
    bind = op.get_bind()
    if bind.dialect.name == "postgresql" and bind.scalar(
        sa.text("SELECT 1 FROM pg_roles WHERE rolname = :r"), {"r": SERVICE_ROLE}
    ):
        for table in _TABLES:
            op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {SERVICE_ROLE}")


def _account() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("organisation_id", sa.Text, sa.ForeignKey("organisation.id")),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("password", sa.Text),
        sa.Column("totp_secret", sa.Text),
        sa.Column("totp_step", sa.BigInteger, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("locked_until", Timestamp),
        sa.Column("created_at", Timestamp, nullable=False),
        sa.Column("signed_in_at", Timestamp),
        sa.UniqueConstraint("email", name="uq_account_email"),
        sa.CheckConstraint(
            "role IN ('operator', 'region', 'owner', 'vendor', 'group', 'auditor')", name="ck_account_role"
        ),
        sa.CheckConstraint("state IN ('active', 'suspended')", name="ck_account_state"),
        sa.CheckConstraint(
            "(role IN ('region', 'owner', 'vendor')) = (organisation_id IS NOT NULL)", name="ck_account_organisation"
        ),
    )


def _ways_in() -> None:
    op.create_table(
        "account_link",
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("account_id", sa.Text, sa.ForeignKey("account.id"), nullable=False, index=True),
        sa.Column("expires_at", Timestamp, nullable=False),
        sa.Column("used_at", Timestamp),
    )
    op.create_table(
        "recovery_code",
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("account_id", sa.Text, sa.ForeignKey("account.id"), nullable=False, index=True),
        sa.Column("used_at", Timestamp),
    )
    op.create_table(
        "openid_subject",
        sa.Column("issuer", sa.Text, primary_key=True),
        sa.Column("subject", sa.Text, primary_key=True),
        sa.Column("account_id", sa.Text, sa.ForeignKey("account.id"), nullable=False, index=True),
        sa.Column("bound_at", Timestamp, nullable=False),
    )
    op.create_table(
        "person_session",
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("account_id", sa.Text, sa.ForeignKey("account.id"), nullable=False, index=True),
        sa.Column("step", sa.Text, nullable=False),
        sa.Column("created_at", Timestamp, nullable=False),
        sa.Column("seen_at", Timestamp, nullable=False),
        sa.CheckConstraint("step IN ('code', 'enrol', 'in')", name="ck_person_session_step"),
    )
