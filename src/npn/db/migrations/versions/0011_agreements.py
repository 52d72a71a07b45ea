"""Connection agreements: versions that never change, acceptances, dates, what was shown, change proposals."""

import sqlalchemy as sa
from alembic import op

from npn.db.engine import SERVICE_ROLE
from npn.db.types import Timestamp

revision = "0011"
down_revision = "0010"
compatible_since = "0007"  # only adds; a program before it grants without asking who accepted what
_FOREVER = "a published version stays as it is"
_OF_A_VERSION = ["agreement", "version"], ["agreement_version.agreement", "agreement_version.version"]
_CHANGING = (
    "agreement_acceptance",
    "agreement_dates",
    "agreement_respite",
    "requirement_shown",
    "other_numbers",
    "agreement_proposal",
    "agreement_need",
)
_ADDED_TO = ("agreement_version", "agreement_draft", "agreement_comment")


def upgrade() -> None:
    """Make the tables, and have the database itself keep versions as they are."""
    _versions()
    _systems()
    _shown()
    _proposals()
    _said()
    bind = op.get_bind()
    if bind.dialect.name == "sqlite":
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER agreement_version_no_{change.lower()} BEFORE {change} ON agreement_version"
                f" BEGIN SELECT RAISE(ABORT, '{_FOREVER}'); END"
            )
    elif bind.scalar(sa.text("SELECT 1 FROM pg_roles WHERE rolname = :r"), {"r": SERVICE_ROLE}):
        op.execute(f"GRANT SELECT, INSERT ON {', '.join(_ADDED_TO)} TO {SERVICE_ROLE}")
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {', '.join(_CHANGING)} TO {SERVICE_ROLE}")


def _versions() -> None:
    op.create_table(
        "agreement_version",
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
    op.create_table(
        "agreement_dates",
        sa.Column("agreement", sa.Text, primary_key=True),
        sa.Column("version", sa.Text, primary_key=True),
        sa.Column("inform_from", sa.Date),
        sa.Column("warn_from", sa.Date),
        sa.Column("refuse_from", sa.Date),
        sa.ForeignKeyConstraint(*_OF_A_VERSION),
    )


def _systems() -> None:
    op.create_table(
        "agreement_acceptance",
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
    op.create_table(
        "agreement_respite",
        sa.Column("agreement", sa.Text, primary_key=True),
        sa.Column("system_id", sa.Text, sa.ForeignKey("connected_system.id"), primary_key=True),
        sa.Column("until", sa.Date, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("granted_by", sa.Text, nullable=False),
    )


def _shown() -> None:
    op.create_table(
        "requirement_shown",
        sa.Column("system_id", sa.Text, sa.ForeignKey("connected_system.id"), primary_key=True),
        sa.Column("requirement", sa.Text, primary_key=True),
        sa.Column("met", sa.Boolean(create_constraint=False), nullable=False),
        sa.Column("how", sa.Text, nullable=False),
        sa.Column("shown_on", sa.Date, nullable=False),
        sa.Column("expires_on", sa.Date),
        sa.Column("recorded_by", sa.Text, nullable=False),
    )
    op.create_table(
        "other_numbers",
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
            "kind IN ('local_numbers', 'internal_numbers', 'unreadable_labels', 'preprinted_rolls', 'other')",
            name="ck_other_numbers_kind",
        ),
    )


def _proposals() -> None:
    op.create_table(
        "agreement_proposal",
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
        sa.CheckConstraint("forum IN ('user_group', 'steering_group')", name="ck_agreement_proposal_forum"),
        sa.CheckConstraint(
            "state IN ('open', 'adopted', 'rejected', 'withdrawn')", name="ck_agreement_proposal_state"
        ),
        sa.CheckConstraint("(state = 'open') = (decided_on IS NULL)", name="ck_agreement_proposal_decided"),
    )
    op.create_table(
        "agreement_draft",
        sa.Column("proposal", sa.Text, sa.ForeignKey("agreement_proposal.id"), primary_key=True),
        sa.Column("revision", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("text_da", sa.Text, nullable=False),
        sa.Column("text_en", sa.Text, nullable=False),
        sa.Column("at", Timestamp, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
    )


def _said() -> None:
    op.create_table(
        "agreement_comment",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("proposal", sa.Text, sa.ForeignKey("agreement_proposal.id"), nullable=False, index=True),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("section", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("at", Timestamp, nullable=False),
    )
    op.create_table(
        "agreement_need",
        sa.Column("proposal", sa.Text, sa.ForeignKey("agreement_proposal.id"), primary_key=True),
        sa.Column("system_id", sa.Text, sa.ForeignKey("connected_system.id"), primary_key=True),
        sa.Column("needs", sa.Text, nullable=False),
        sa.Column("ready_on", sa.Date),
        sa.Column("said_by", sa.Text, nullable=False),
        sa.Column("at", Timestamp, nullable=False),
    )
