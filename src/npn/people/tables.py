"""The tables of accounts, of how they sign in, and of what two people must agree on."""

import sqlalchemy as sa

from npn.db.types import Timestamp, metadata

account = sa.Table(
    "account",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("email", sa.Text, nullable=False, unique=True),
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
    sa.Column("password_reset_at", Timestamp),
    sa.CheckConstraint("role IN ('operator', 'region', 'owner', 'vendor', 'group', 'auditor')", name="role"),
    sa.CheckConstraint("state IN ('active', 'suspended')", name="state"),
    sa.CheckConstraint("(role IN ('region', 'owner', 'vendor')) = (organisation_id IS NOT NULL)", name="organisation"),
)

account_link = sa.Table(
    "account_link",
    metadata,
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("account_id", sa.Text, sa.ForeignKey("account.id"), nullable=False, index=True),
    sa.Column("expires_at", Timestamp, nullable=False),
    sa.Column("used_at", Timestamp),
)

recovery_code = sa.Table(
    "recovery_code",
    metadata,
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("account_id", sa.Text, sa.ForeignKey("account.id"), nullable=False, index=True),
    sa.Column("used_at", Timestamp),
)

openid_subject = sa.Table(
    "openid_subject",
    metadata,
    sa.Column("issuer", sa.Text, primary_key=True),
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("account_id", sa.Text, sa.ForeignKey("account.id"), nullable=False, index=True),
    sa.Column("bound_at", Timestamp, nullable=False),
)

person_session = sa.Table(
    "person_session",
    metadata,
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("account_id", sa.Text, sa.ForeignKey("account.id"), nullable=False, index=True),
    sa.Column("step", sa.Text, nullable=False),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("seen_at", Timestamp, nullable=False),
    sa.CheckConstraint("step IN ('code', 'enrol', 'in')", name="step"),
)

approval = sa.Table(
    "approval",
    metadata,
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
    sa.CheckConstraint("state IN ('open', 'approved', 'rejected', 'withdrawn')", name="state"),
    sa.CheckConstraint("(state = 'open') = (decided_by IS NULL)", name="decided"),
    sa.CheckConstraint("(state = 'open') = (decided_at IS NULL)", name="when_decided"),
    sa.CheckConstraint("state <> 'approved' OR decided_by <> proposed_by", name="two_people"),
)

# Accounts that may be one person; these four are added to and never changed (`npn.db.guards`).
account_tie = sa.Table(
    "account_tie",
    metadata,
    sa.Column("account_id", sa.Text, sa.ForeignKey("account.id"), primary_key=True),
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("tied_to", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("at", Timestamp, nullable=False),
    sa.Column("until", Timestamp),
    sa.Column("approval", sa.Text, index=True),
    sa.CheckConstraint("kind IN ('made', 'reset', 'promoted', 'changed')", name="kind"),
    sa.CheckConstraint("(kind = 'changed') = (until IS NOT NULL)", name="until"),
)

account_vouch = sa.Table(
    "account_vouch",
    metadata,
    sa.Column("account_id", sa.Text, sa.ForeignKey("account.id"), primary_key=True),
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("vouched_by", sa.Text, nullable=False),
    sa.Column("at", Timestamp, nullable=False),
)

openid_binding = sa.Table(
    "openid_binding",
    metadata,
    sa.Column("issuer", sa.Text, primary_key=True),
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("account_id", sa.Text, sa.ForeignKey("account.id"), primary_key=True),
    sa.Column("at", Timestamp, nullable=False),
)

operator_ever = sa.Table(
    "operator_ever",
    metadata,
    sa.Column("account_id", sa.Text, sa.ForeignKey("account.id"), primary_key=True),
    sa.Column("at", Timestamp, nullable=False),
)

operator_wish = sa.Table(
    "operator_wish",
    metadata,
    sa.Column("approval_id", sa.Text, sa.ForeignKey("approval.id"), primary_key=True),
    sa.Column("email", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
)

approval_comment = sa.Table(
    "approval_comment",
    metadata,
    sa.Column("approval_id", sa.Text, sa.ForeignKey("approval.id"), primary_key=True),
    sa.Column("text", sa.Text, nullable=False),
)

# How an account signs in, for a while: on which devices, what failed lately, which binding to a provider is under way.
account_device = sa.Table(
    "account_device",
    metadata,
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("account_id", sa.Text, sa.ForeignKey("account.id"), primary_key=True, index=True),
    sa.Column("seen_at", Timestamp, nullable=False),
)

sign_in_failure = sa.Table(
    "sign_in_failure",
    metadata,
    sa.Column("tried", sa.Text, primary_key=True),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("last_at", Timestamp, nullable=False, index=True),
)

password_reset = sa.Table(
    "password_reset",
    metadata,
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("account_id", sa.Text, sa.ForeignKey("account.id"), nullable=False, index=True),
    sa.Column("expires_at", Timestamp, nullable=False),
)

kept_form = sa.Table(
    "kept_form",
    metadata,
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("account_id", sa.Text, sa.ForeignKey("account.id"), nullable=False, index=True),
    sa.Column("sealed_form", sa.Text, nullable=False),
    sa.Column("expires_at", Timestamp, nullable=False),
)

openid_start = sa.Table(
    "openid_start",
    metadata,
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("account_id", sa.Text, sa.ForeignKey("account.id"), nullable=False),
    sa.Column("expires_at", Timestamp, nullable=False),
    sa.Column("issuer", sa.Text),
    sa.Column("subject", sa.Text),
)

saved_filter = sa.Table(
    "saved_filter",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("account_id", sa.Text, sa.ForeignKey("account.id"), nullable=False),
    sa.Column("list", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("query", sa.Text, nullable=False),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.UniqueConstraint("account_id", "list", "name"),
)
