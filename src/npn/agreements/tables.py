"""The tables of agreements: versions, acceptances, dates, what was shown, where NPN is not used, change proposals."""

import sqlalchemy as sa

from npn.db.types import Timestamp, metadata

agreement_version = sa.Table(
    "agreement_version",
    metadata,
    sa.Column("agreement", sa.Text, primary_key=True),
    sa.Column("version", sa.Text, primary_key=True),
    sa.Column("text_da", sa.Text, nullable=False),
    sa.Column("text_en", sa.Text, nullable=False),
    sa.Column("digest_da", sa.Text, nullable=False),
    sa.Column("digest_en", sa.Text, nullable=False),
    sa.Column("notice_days", sa.Integer, nullable=False),
    sa.Column("effective_from", sa.Date, nullable=False),
    sa.Column("published_at", Timestamp, nullable=False),
    sa.Column("published_by", sa.Text, nullable=False),
    sa.Column("proposal", sa.Text),
    sa.Column("signed", sa.Text, nullable=False),
)

_OF_A_VERSION = ("agreement", "version"), ("agreement_version.agreement", "agreement_version.version")

agreement_acceptance = sa.Table(
    "agreement_acceptance",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("agreement", sa.Text, nullable=False),
    sa.Column("version", sa.Text, nullable=False),
    sa.Column("system_id", sa.Text, sa.ForeignKey("connected_system.id"), nullable=False, index=True),
    sa.Column("accepted_by", sa.Text, nullable=False),
    sa.Column("capacity", sa.Text, nullable=False),
    sa.Column("evidence", sa.Text),
    sa.Column("evidence_digest", sa.Text),
    sa.Column("accepted_at", Timestamp, nullable=False),
    sa.Column("recorded_by", sa.Text, nullable=False),
    sa.Column("signed", sa.Text, nullable=False),
    sa.Column("ended_at", Timestamp),
    sa.Column("ended_reason", sa.Text),
    sa.ForeignKeyConstraint(*_OF_A_VERSION),
)

agreement_dates = sa.Table(
    "agreement_dates",
    metadata,
    sa.Column("agreement", sa.Text, primary_key=True),
    sa.Column("version", sa.Text, primary_key=True),
    sa.Column("inform_from", sa.Date),
    sa.Column("warn_from", sa.Date),
    sa.Column("refuse_from", sa.Date),
    sa.ForeignKeyConstraint(*_OF_A_VERSION),
)

agreement_respite = sa.Table(
    "agreement_respite",
    metadata,
    sa.Column("agreement", sa.Text, primary_key=True),
    sa.Column("system_id", sa.Text, sa.ForeignKey("connected_system.id"), primary_key=True),
    sa.Column("until", sa.Date, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("granted_by", sa.Text, nullable=False),
)

requirement_shown = sa.Table(
    "requirement_shown",
    metadata,
    sa.Column("system_id", sa.Text, sa.ForeignKey("connected_system.id"), primary_key=True),
    sa.Column("requirement", sa.Text, primary_key=True),
    sa.Column("met", sa.Boolean(create_constraint=False), nullable=False),
    sa.Column("how", sa.Text, nullable=False),
    sa.Column("shown_on", sa.Date, nullable=False),
    sa.Column("expires_on", sa.Date),
    sa.Column("recorded_by", sa.Text, nullable=False),
)

requirement_exemption = sa.Table(
    "requirement_exemption",
    metadata,
    sa.Column("system_id", sa.Text, sa.ForeignKey("connected_system.id"), primary_key=True),
    sa.Column("requirement", sa.Text, primary_key=True),
    sa.Column("until", sa.Date, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("granted_by", sa.Text, nullable=False),
)

other_numbers = sa.Table(
    "other_numbers",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("system_id", sa.Text, sa.ForeignKey("connected_system.id"), nullable=False, index=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("place", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("sends_onward", sa.Boolean(create_constraint=False)),
    sa.Column("review_on", sa.Date),
    sa.Column("noted_at", Timestamp, nullable=False),
    sa.Column("noted_by", sa.Text, nullable=False),
    sa.Column("ended_at", Timestamp),
    sa.CheckConstraint(
        "kind IN ('local_numbers', 'internal_numbers', 'unreadable_labels', 'preprinted_rolls', 'other')", name="kind"
    ),
)

agreement_proposal = sa.Table(
    "agreement_proposal",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("agreement", sa.Text, nullable=False),
    sa.Column("base", sa.Text),
    sa.Column("version", sa.Text, nullable=False),
    sa.Column("forum", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("comments_until", sa.Date),
    sa.Column("proposed_at", Timestamp, nullable=False),
    sa.Column("proposed_by", sa.Text, nullable=False),
    sa.Column("decided_on", sa.Date),
    sa.Column("minutes", sa.Text),
    sa.Column("effective_from", sa.Date),
    sa.CheckConstraint("forum IN ('user_group', 'steering_group')", name="forum"),
    sa.CheckConstraint("state IN ('open', 'adopted', 'rejected', 'withdrawn')", name="state"),
    sa.CheckConstraint("(state = 'open') = (decided_on IS NULL)", name="decided"),
)

agreement_draft = sa.Table(
    "agreement_draft",
    metadata,
    sa.Column("proposal", sa.Text, sa.ForeignKey("agreement_proposal.id"), primary_key=True),
    sa.Column("revision", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("text_da", sa.Text, nullable=False),
    sa.Column("text_en", sa.Text, nullable=False),
    sa.Column("at", Timestamp, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
)

agreement_comment = sa.Table(
    "agreement_comment",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("proposal", sa.Text, sa.ForeignKey("agreement_proposal.id"), nullable=False, index=True),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("section", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("at", Timestamp, nullable=False),
)

agreement_need = sa.Table(
    "agreement_need",
    metadata,
    sa.Column("proposal", sa.Text, sa.ForeignKey("agreement_proposal.id"), primary_key=True),
    sa.Column("system_id", sa.Text, sa.ForeignKey("connected_system.id"), primary_key=True),
    sa.Column("needs", sa.Text, nullable=False),
    sa.Column("ready_on", sa.Date),
    sa.Column("said_by", sa.Text, nullable=False),
    sa.Column("at", Timestamp, nullable=False),
)
